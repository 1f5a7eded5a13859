"""Stretches of time whose ends may be vague or unknown, and whether two of them meet."""

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from programmes.models import Phase, Programme
from tracker.partial_dates import PartialDate

ALWAYS, NEVER = datetime.date.min, datetime.date.max
DISTINCT = 10_000  # pairs of dates that are remembered: a portfolio of any size has few


class Certainty(TextChoices):
    """An answer where dates may be vague or missing."""

    YES = "yes", _("yes")
    UNDETERMINED = "undetermined", _("not determinable")
    NO = "no", _("no")


class Span(NamedTuple):
    """The first and the last day on which it may have started, the same of its end, and both dates as stated.

    An unknown day is ALWAYS or NEVER. `start` and `end` are null where not known.
    """

    earliest_start: datetime.date
    latest_start: datetime.date
    earliest_end: datetime.date
    latest_end: datetime.date
    start: PartialDate | None = None
    end: PartialDate | None = None

    def meets(self, other: "Span") -> Certainty:
        """Whether both went on on some same day."""
        if self.earliest_start > other.latest_end or other.earliest_start > self.latest_end:
            return Certainty.NO
        if self.latest_start <= other.earliest_end and other.latest_start <= self.earliest_end:
            return Certainty.YES
        return Certainty.UNDETERMINED


class Course(NamedTuple):
    """A programme's own life and those of its phases; it is active while one of its phases is."""

    own: Span
    phases: tuple[Span, ...] = ()

    def meets(self, other: "Course") -> Certainty:
        """Whether both were active on some same day: as certain as their own lives or any two phases make it."""
        return self.meeting(other)[0]

    def meeting(self, other: "Course") -> tuple[Certainty, Span, Span]:
        """The answer, and the life or phase of each on which it rests."""
        answer = self.own.meets(other.own)
        if answer is not Certainty.YES and (self.phases or other.phases):
            for one, another in product((self.own, *self.phases), (other.own, *other.phases)):
                if one.meets(another) is Certainty.YES:
                    return Certainty.YES, one, another
        return answer, self.own, other.own


@functools.lru_cache(maxsize=DISTINCT)
def life(start: str | None, end: str | None, known_active_until: str | None = None) -> Span:
    """The span of a programme or phase, read as `tracker.partial_dates.periods.activity` reads it.

    A missing date is unknown. An end that lies wholly before a day of known activity had only been planned.
    """
    first, last = _date(start), _date(end)
    active = _date(known_active_until)
    overrun = last is not None and active is not None and last < active[: len(last)]
    known = [date for date in (first, None if overrun else last, active) if date is not None]
    return Span(
        earliest_start=first.earliest if first else ALWAYS,
        latest_start=min((date.latest for date in known), default=NEVER),
        earliest_end=max((date.earliest for date in (first, last, active) if date is not None), default=ALWAYS),
        latest_end=last.latest if last and not overrun else NEVER,
        start=first,
        end=None if overrun else last,
    )


@functools.lru_cache(maxsize=DISTINCT)
def part(start: str | None, end: str | None) -> Span:
    """The span of what belongs to something longer: a missing date is that of the longer one."""
    first, last = _date(start), _date(end)
    return Span(
        earliest_start=first.earliest if first else ALWAYS,
        latest_start=first.latest if first else ALWAYS,
        earliest_end=last.earliest if last else NEVER,
        latest_end=last.latest if last else NEVER,
        start=first,
        end=last,
    )


def days(first: datetime.date, last: datetime.date) -> Span:
    """From one day to another, both included."""
    return Span(first, first, last, last)


def whole_year(number: int) -> Span:
    """From the first of January to the last of December."""
    return days(datetime.date(number, 1, 1), datetime.date(number, 12, 31))


def courses(programmes: QuerySet[Programme]) -> dict[int, Course]:
    """The courses of the programmes by key, in two queries."""
    keys = programmes.order_by().values("pk")
    phases: dict[int, list[Span]] = defaultdict(list)
    dates = ("start", "end", "known_active_until")
    for key, *rest in Phase.objects.filter(programme__in=keys).order_by().values_list("programme_id", *dates):
        phases[key].append(life(*rest))
    rows = Programme.objects.filter(pk__in=keys).order_by().values_list("pk", *dates)
    return {key: Course(life(*rest), tuple(phases.get(key, ()))) for key, *rest in rows}


def surest(answers: Iterable[Certainty]) -> Certainty:
    """Yes if one is yes, else not determinable if one is; no where there is none."""
    found = set(answers)
    return next((each for each in (Certainty.YES, Certainty.UNDETERMINED) if each in found), Certainty.NO)


def _date(text: str | None) -> PartialDate | None:
    return None if text is None else PartialDate.of(text)
