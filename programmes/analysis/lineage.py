"""What continues what: phases and programmes after one another, the days between them, and what nothing follows."""

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from programmes.analysis.attention import MONTHS_AHEAD, months_later
from programmes.analysis.spans import Span, life
from programmes.codelists import ActivityStatus
from programmes.models import Phase, Programme, Succession
from tracker.partial_dates import PartialDate

NEEDED = ("code", "start", "end", "known_active_until")
OF_PROGRAMME = ("acronym", "name", *NEEDED)
OF_PHASE = (
    "label",
    "order",
    "status",
    "programme",
    "programme__code",
    "programme__acronym",
    "programme__name",
    *NEEDED,
)


class Kind(TextChoices):
    """What it is that is continued."""

    PHASE = "phase", _("phase")
    PROGRAMME = "programme", _("programme")


class State(TextChoices):
    """What is known of the continuation."""

    CONTINUED = "continued", _("continued")
    ENDED = "ended", _("ended, nothing follows")
    ENDING = "ending", _("ends within 12 months, nothing follows")


class Stage(NamedTuple):
    """A phase or programme; no code where it is not recorded here, no date where none is known."""

    code: str | None
    name: str
    programme: str | None
    start: PartialDate | None
    end: PartialDate | None


class Gap(NamedTuple):
    """The whole days between the end of one stage and the start of the next: at least and at most.

    0 where the next one starts on the day after; negative where they overlap.
    """

    least: int
    most: int


class Link(NamedTuple):
    """A stage and what continues it, wholly or in part; `gap` is null where a date of the two is not known.

    `place` is where it stands among all: by the programme's code, the kind, and the order within.
    """

    kind: Kind
    state: State
    before: Stage
    after: Stage | None
    whole: bool | None
    gap: Gap | None
    place: tuple[Any, ...]


def lineage(programmes: QuerySet[Programme], on: datetime.date) -> list[Link]:
    """The successions in which the programmes stand, and their ends that nothing follows, by code and order.

    A phase is followed by the phase that says so, a programme by what its successions name. Nothing follows a phase
    where no other phase follows it or stands after it in the order, and its programme has no succession; a programme
    without phases, where it has no succession. Such ends are listed where they are certainly over on the day or
    within twelve months; what was cancelled has none.
    """
    keys = programmes.order_by().values("pk")
    return sorted([*_phases(keys, on), *_programmes(keys, on)], key=lambda link: link.place)


def sentence(link: Link, on: datetime.date) -> str:
    """What follows what, when, and with which days between."""
    ended = _ending(link.before, on)
    if link.after is None:
        return _now("%(ended)s; nothing is recorded that follows it.") % {"ended": ended}
    words = {"ended": ended, "after": link.after.name, "start": link.after.start}
    if link.whole is False:
        text = _now("%(ended)s; some of its activities continue under %(after)s") % words
    else:
        text = _now("%(ended)s; %(after)s continues it") % words
    if link.after.start:
        text += _now(", from %(start)s") % words
    return f"{text}. {_between(link)}"


def _ending(stage: Stage, on: datetime.date) -> str:
    words = {"name": stage.name, "end": stage.end}
    if stage.end is None:
        return _now("When %(name)s ends is not known") % words
    if stage.end.latest < on:
        return _now("%(name)s ended %(end)s") % words
    return _now("%(name)s ends %(end)s") % words


def _between(link: Link) -> str:
    if link.gap is None:
        return _now("The days between are not known.")
    least, most = link.gap
    if least == most == 0:
        return _now("No day lies between.")
    if most < 0:
        if least == most:
            return ngettext("They overlap by %(days)d day.", "They overlap by %(days)d days.", -most) % {"days": -most}
        return _now("They overlap by %(least)d to %(most)d days.") % {"least": -most, "most": -least}
    if least == most:
        return ngettext("%(days)d day lies between.", "%(days)d days lie between.", most) % {"days": most}
    if least < 0:
        words = {"overlap": -least, "most": most}
        return _now("They overlap by up to %(overlap)d days, or up to %(most)d days lie between.") % words
    return _now("%(least)d to %(most)d days lie between.") % {"least": least, "most": most}


def gap(before: Stage, after: Stage) -> Gap | None:
    """The days between; null where the end of the one or the start of the other is not known."""
    if before.end is None or after.start is None:
        return None
    return Gap(
        (after.start.earliest - before.end.latest).days - 1,
        (after.start.latest - before.end.earliest).days - 1,
    )


def _phases(keys: QuerySet[Programme, Any], on: datetime.date) -> Iterable[Link]:
    """Phases with the phase that follows, and phases that have none."""
    phases = Phase.objects.filter(programme__in=keys).select_related("programme", "followed_by__programme")
    phases = phases.only(*OF_PHASE, *(f"followed_by__{name}" for name in OF_PHASE))
    later = Phase.objects.filter(programme=OuterRef("programme"), order__gt=OuterRef("order"))
    followed = Q(Exists(later)) | Q(Exists(Succession.objects.filter(predecessor=OuterRef("programme"))))
    for phase in phases.annotate(followed=followed).order_by():
        before = _of_phase(phase)
        after = getattr(phase, "followed_by", None)
        if after is not None:
            yield _continued(Kind.PHASE, before, _of_phase(after), whole=True, rank=phase.order)
        elif not phase.followed and (state := _over(phase, on)) is not None:
            yield Link(Kind.PHASE, state, before, None, None, None, _place(Kind.PHASE, before, "", phase.order))


def _programmes(keys: QuerySet[Programme, Any], on: datetime.date) -> Iterable[Link]:
    """Programmes with what continues them, and programmes without phases that nothing continues."""
    successions = Succession.objects.filter(Q(predecessor__in=keys) | Q(successor__in=keys))
    whom = ("predecessor", "successor")
    shown = successions.select_related(*whom).only(
        "successor_name", "whole", *(f"{each}__{name}" for each in whom for name in OF_PROGRAMME)
    )
    for succession in shown.order_by():
        successor = succession.successor
        after = _of_programme(successor) if successor else Stage(None, succession.successor_name, None, None, None)
        before = _of_programme(succession.predecessor)
        yield _continued(Kind.PROGRAMME, before, after, whole=succession.whole, rank=succession.pk)
    alone = Programme.objects.filter(pk__in=keys, phases__isnull=True, successions__isnull=True, end__isnull=False)
    for programme in alone.only(*OF_PROGRAMME, "status"):
        if (state := _over(programme, on)) is not None:
            before = _of_programme(programme)
            yield Link(Kind.PROGRAMME, state, before, None, None, None, _place(Kind.PROGRAMME, before, "", 0))


def _continued(kind: Kind, before: Stage, after: Stage, *, whole: bool, rank: int) -> Link:
    successor = after.code or "" if kind is Kind.PROGRAMME else ""
    place = _place(kind, before, successor, rank)
    return Link(kind, State.CONTINUED, before, after, whole, gap(before, after), place)


def _place(kind: Kind, before: Stage, successor: str, rank: int) -> tuple[Any, ...]:
    return before.programme or "", kind.value, successor, rank, before.code or ""


def _over(record: Programme | Phase, on: datetime.date) -> State | None:
    """Whether it has certainly ended before the day, or will have within twelve months; null otherwise."""
    end = None if record.status == ActivityStatus.CANCELLED else _span(record).end
    if end is None or end.latest > months_later(on, MONTHS_AHEAD):
        return None
    return State.ENDED if end.latest < on else State.ENDING


def _of_phase(phase: Phase) -> Stage:
    span = _span(phase)
    return Stage(phase.code, str(phase), phase.programme.code, span.start, span.end)


def _of_programme(programme: Programme) -> Stage:
    span = _span(programme)
    return Stage(programme.code, str(programme), programme.code, span.start, span.end)


def _span(record: Programme | Phase) -> Span:
    return life(record.start, record.end, record.known_active_until)
