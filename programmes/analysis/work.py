"""Who works where: programmes in their countries, on a day, in twelve months and in some years."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet

from programmes.analysis.attention import MONTHS_AHEAD, months_later
from programmes.analysis.spans import Certainty, Course, Span, courses, days, life, part, surest, whole_year
from programmes.codelists import ActivityStatus
from programmes.models import Participation, Phase, Programme, Succession
from tracker.partial_dates import PartialDate
from tracker.partial_dates.bounds import earliest_not_before
from tracker.records.expressions import keys_given

# What is read of a participation for its time.
SPELL = ("start", "end", "phase_id", "phase__start", "phase__end", "phase__known_active_until")


class Worker(NamedTuple):
    """A programme in a country: whether it is active there on the day, in twelve months, and in each of the years."""

    code: str
    name: str
    end: PartialDate | None
    now: Certainty
    then: Certainty
    years: tuple[Certainty, ...]


def at_work(
    participations: QuerySet[Participation], on: datetime.date, years: Iterable[int]
) -> dict[tuple[int, str], Worker]:
    """The programmes by key and country, where these participations say that they work."""
    spells: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for key, country, *dates in participations.values_list("programme_id", "country_id", *SPELL):
        spells[key, country].append(_spell(*dates))
    programmes = Programme.objects.filter(pk__in=keys_given({key for key, _country in spells}))
    horizon = months_later(on, MONTHS_AHEAD)
    moments = [days(on, on), days(horizon, horizon), *map(whole_year, years)]
    rows = programmes.order_by().values_list("pk", "code", "acronym", "name")
    names = {key: (code, acronym or name) for key, code, acronym, name in rows}
    found, followed = courses(programmes), _followed(programmes, on)
    workers = {}
    for (key, country), each in spells.items():
        now, then, *rest = (_active(found[key], each, moment) for moment in moments)
        if then is Certainty.NO and now is not Certainty.NO and key in followed:
            then = Certainty.UNDETERMINED
        workers[key, country] = Worker(*names[key], _end(found[key], each), now, then, tuple(rest))
    return workers


def _spell(start: str | None, end: str | None, phase: int | None, *of_phase: str | None) -> Span:
    """How long a programme works in a country by a participation: where that is undated, as long as its phase."""
    return life(*of_phase) if phase is not None and not start and not end else part(start, end)


def _active(course: Course, spells: list[Span], moment: Span) -> Certainty:
    """Whether the programme and one of its spells in a country meet the moment; the less certain of the two."""
    answers = {course.meets(Course(moment)), surest(spell.meets(moment) for spell in spells)}
    return next(
        (each for each in (Certainty.NO, Certainty.UNDETERMINED) if each in answers),
        Certainty.YES,
    )


def _end(course: Course, spells: list[Span]) -> PartialDate | None:
    """When it ends there: the last end of the programme or that of its work in the country, whichever is earlier."""
    of_programme = [span.end for span in (course.own, *course.phases) if span.end]
    of_spells = [] if any(spell.end is None for spell in spells) else [spell.end for spell in spells if spell.end]
    lasts = [max(ends, key=lambda end: end.latest) for ends in (of_programme, of_spells) if ends]
    return min(lasts, key=lambda end: end.latest, default=None)


def _followed(programmes: QuerySet[Programme], on: datetime.date) -> set[int]:
    """The programmes that something continues: another one, or a phase that is still to come."""
    tomorrow = on + datetime.timedelta(days=1)
    to_come = Phase.objects.filter(Q(status=ActivityStatus.PIPELINE) | earliest_not_before("start", tomorrow))
    followed = programmes.filter(
        Q(pk__in=Succession.objects.order_by().values("predecessor")) | Q(pk__in=to_come.order_by().values("programme"))
    )
    return set(followed.order_by().values_list("pk", flat=True))
