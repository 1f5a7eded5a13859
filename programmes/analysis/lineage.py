"""What continues what: phases and programmes after one another, the days between them, and what nothing follows."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from programmes.analysis.attention import MONTHS_AHEAD, months_later
from programmes.analysis.spans import Span, life
from programmes.codelists import ActivityStatus
from programmes.models import Phase, Programme, Succession
from tracker.partial_dates import PartialDate
from tracker.partial_dates.bounds import latest_not_after, latest_not_before
from tracker.partial_dates.periods import overrun
from tracker.records.statements import batched

# The programme's code, the numbers of the kind, the code of the programme that follows, the place within the programme,
# the number of the state, the key of the phase, succession or programme.
ORDER = ("link_of", "link_kind", "link_to", "link_order", "link_state", "key")
AT_A_TIME = 1000

NOBODY = Value("", CharField())
# By what the rows of a kind of record are ordered: the paths to the codes of the programme and of the one that follows,
# and the place within the programme.
PLACES: dict[Any, tuple[str, str, Any]] = {
    Phase: ("programme__code", "", F("order")),
    Succession: ("predecessor__code", "successor__code", F("pk")),
    Programme: ("code", "", Value(0)),
}

NEEDED = ("code", "start", "end", "known_active_until")
OF_PROGRAMME = ("acronym", "name", *NEEDED)
OF_PHASE = (
    "label",
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


KINDS, STATES = list(Kind), list(State)


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
    """A stage and what continues it, wholly or in part; `gap` is null where a date of the two is not known."""

    kind: Kind
    state: State
    before: Stage
    after: Stage | None
    whole: bool | None
    gap: Gap | None


def lineage(
    programmes: QuerySet[Programme],
    on: datetime.date,
    *,
    kinds: Iterable[str] = Kind.values,
    states: Iterable[str] = State.values,
) -> list[QuerySet[Any, Any]]:
    """Lists of the places of the successions in which the programmes stand, and of their ends that nothing follows.

    A row has the values of ORDER. A phase is followed by the phase that says so, a programme by what its successions
    name. Nothing follows a phase where no other phase follows it or stands after it in the order, and its programme has
    no succession; a programme without phases, where it has no succession. Such ends are listed where they are certainly
    over on the day or within twelve months; what was cancelled has none.
    """
    keys = programmes.order_by().values("pk")
    lists = {(kind, state): _places(kind, keys, state, on) for kind in Kind for state in State}
    return [each for (kind, state), each in lists.items() if kind in set(kinds) and state in set(states)]


def read(page: Iterable[tuple[Any, ...]]) -> list[Link]:
    """The links of some rows of these lists, in their order: at most three queries."""
    places = [(KINDS[kind], STATES[state], key) for _code, kind, _to, _order, state, key in page]
    keys: dict[Any, list[int]] = defaultdict(list)
    for kind, state, key in places:
        keys[_recorded_as(kind, state)].append(key)
    records = {model: _told_of(model).in_bulk(wanted) for model, wanted in keys.items()}
    return [_link(kind, state, records[_recorded_as(kind, state)][key]) for kind, state, key in places]


def links(programmes: QuerySet[Programme], on: datetime.date) -> Iterator[Link]:
    """All of them, by the programme's code, the kind, and the order within."""
    first, *others = lineage(programmes, on)
    for some in batched(first.union(*others, all=True).order_by(*ORDER).iterator(AT_A_TIME), AT_A_TIME):
        yield from read(some)


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


def _recorded_as(kind: Kind, state: State) -> Any:
    """The kind of record that has the link: the phase or programme that ends, or the succession."""
    if kind is Kind.PHASE:
        return Phase
    return Succession if state is State.CONTINUED else Programme


def _places(kind: Kind, keys: QuerySet[Any, Any], state: State, on: datetime.date) -> QuerySet[Any, Any]:
    programme, to, order = PLACES[_recorded_as(kind, state)]
    rows = _continued(kind, keys) if state is State.CONTINUED else _last(kind, keys).filter(_over(state, on))
    found: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(
            link_of=F(programme),
            link_kind=Value(KINDS.index(kind)),
            link_to=Coalesce(to, NOBODY) if to else NOBODY,
            link_order=order,
            link_state=Value(STATES.index(state)),
            key=F("pk"),
        )
        .values_list(*ORDER)
    )
    return found


def _continued(kind: Kind, keys: QuerySet[Any, Any]) -> QuerySet[Any]:
    """The phases that others follow, or the successions of the programmes."""
    if kind is Kind.PHASE:
        return Phase.objects.filter(_has(Phase, follows="pk"), programme__in=keys)
    return Succession.objects.filter(
        Exists(keys.filter(pk=OuterRef("predecessor"))) | Exists(keys.filter(pk=OuterRef("successor")))
    )


def _last(kind: Kind, keys: QuerySet[Any, Any]) -> QuerySet[Any]:
    """The phases, or programmes without phases, that nothing follows."""
    if kind is Kind.PROGRAMME:
        return Programme.objects.filter(~_has(Phase, programme="pk"), ~_has(Succession, predecessor="pk"), pk__in=keys)
    phases = Phase.objects.filter(~_has(Succession, predecessor="programme"), programme__in=keys)
    return phases.without_following().at_the_end()


def _has(model: Any, **links: str) -> Exists:
    """That there is a record of the kind with these links; asked so, PostgreSQL knows how many have none."""
    return Exists(model.objects.filter(**{name: OuterRef(path) for name, path in links.items()}))


def _over(state: State, on: datetime.date) -> Q:
    """The condition of having certainly ended before the day, or of doing so within twelve months."""
    goes_on = latest_not_before("end", on)
    within = latest_not_after("end", months_later(on, MONTHS_AHEAD)) & ~overrun("end", "known_active_until")
    return within & (goes_on if state is State.ENDING else ~goes_on) & ~Q(status=ActivityStatus.CANCELLED)


def _told_of(model: Any) -> QuerySet[Any]:
    """Such records, with what is told of them."""
    if model is Programme:
        return Programme.objects.only(*OF_PROGRAMME)
    if model is Phase:
        names = *OF_PHASE, *(f"followed_by__{name}" for name in OF_PHASE)
        return Phase.objects.select_related("programme", "followed_by__programme").only(*names)
    whom = ("predecessor", "successor")
    names = "successor_name", "whole", *(f"{each}__{name}" for each in whom for name in OF_PROGRAMME)
    return Succession.objects.select_related(*whom).only(*names)


def _link(kind: Kind, state: State, record: Any) -> Link:
    if isinstance(record, Succession):
        before, heir = _of_programme(record.predecessor), record.successor
        after = _of_programme(heir) if heir else Stage(None, record.successor_name, None, None, None)
        return Link(kind, state, before, after, record.whole, gap(before, after))
    before = _of_phase(record) if kind is Kind.PHASE else _of_programme(record)
    if state is not State.CONTINUED:
        return Link(kind, state, before, None, None, None)
    after = _of_phase(record.followed_by)
    return Link(kind, state, before, after, True, gap(before, after))


def _of_phase(phase: Phase) -> Stage:
    span = _span(phase)
    return Stage(phase.code, str(phase), phase.programme.code, span.start, span.end)


def _of_programme(programme: Programme) -> Stage:
    span = _span(programme)
    return Stage(programme.code, str(programme), programme.code, span.start, span.end)


def _span(record: Programme | Phase) -> Span:
    return life(record.start, record.end, record.known_active_until)
