"""From baseline over latest value to target: in percent where that means something, and added up where it may be."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db.models import F, QuerySet, TextChoices
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from programmes.analysis.money import OPPOSITE, combined
from programmes.codelists import Accumulation, Exactness, IndicatorMeasure, ObservationKind
from programmes.models import Indicator, Observation, Programme
from tracker.partial_dates import PartialDate
from tracker.records.search import normalise

TENTH = Decimal("0.1")
HUNDRED = Decimal(100)
COUNTED = (IndicatorMeasure.UNIT, IndicatorMeasure.PERCENTAGE)

Breakdown = tuple[tuple[str, str], ...]  # pairs of dimension and category; empty for the whole


class Direction(TextChoices):
    """Where the latest value stands to the baseline, by what is good for the indicator."""

    BETTER = "better", _("better than the baseline")
    SAME = "same", _("as the baseline")
    WORSE = "worse", _("worse than the baseline")


class Without(TextChoices):
    """Why there is no percentage."""

    NO_VALUE = "no_value", _("there is no value")
    NO_BASELINE = "no_baseline", _("no baseline is stated, and it does not count since the start")
    NO_TARGET = "no_target", _("no target is stated")
    NO_DISTANCE = "no_distance", _("the target is the baseline")
    AGAINST = "against", _("the target lies against the direction that is good")
    NOT_COUNTED = "not_counted", _("it is not measured in numbers that a percentage could be of")


class LeftOutBecause(TextChoices):
    """Why an indicator is in no sum."""

    NOT_ADDITIVE = "not_additive", _("it is not declared that it may be added across programmes")
    NOT_A_COUNT = "not_a_count", _("only numbers of things are added, not percentages, ranks or words")
    NO_VALUE = "no_value", _("it has no value for the whole")


class Figure(NamedTuple):
    """A value and what it speaks of; `stated` is off for the baseline of 0 that what counts from the start has."""

    value: Decimal
    exactness: Exactness
    date: PartialDate | None
    stated: bool = True


class Percentage(NamedTuple):
    """How much of the way from baseline to target is done, and how exact that is; else why there is none."""

    value: Decimal | None
    exactness: Exactness | None
    without: Without | None


class Progress(NamedTuple):
    """An indicator, or one breakdown of it, on a day. A figure is null where none is stated.

    `age` is the number of whole months since the last day that the latest value may speak of.
    """

    indicator: Indicator
    breakdown: Breakdown
    baseline: Figure | None
    target: Figure | None
    latest: Figure | None
    percentage: Percentage
    direction: Direction | None
    age: int | None


class LeftOut(NamedTuple):
    """An indicator of an umbrella programme that is in none of its sums, and why."""

    indicator: Indicator
    reason: LeftOutBecause

    def sentence(self) -> str:
        """Why it is in no sum."""
        return _now("Not added: %(why)s.") % {"why": self.reason.label}


class Sum(NamedTuple):
    """The latest values of indicators of one unit, added; `baseline` and `target` only where each of them has one.

    `since` and `until` are the oldest and the newest date of the values; null where one has none.
    """

    unit: str
    accumulation: str
    ascending: bool
    latest: Figure
    baseline: Figure | None
    target: Figure | None
    percentage: Percentage
    since: PartialDate | None
    until: PartialDate | None
    age: int | None
    terms: list[Progress]


class RollUp(NamedTuple):
    """An umbrella programme: the sums of the indicators in its whole tree, and those that are in none."""

    umbrella: Programme
    sums: list[Sum]
    left_out: list[LeftOut]


def progress(indicators: QuerySet[Indicator], on: datetime.date, *, past: bool = False) -> list[Progress]:
    """The progress of each indicator and breakdown, by programme, in the order of the indicators.

    Baseline and target are the last ones stated, of the same breakdown. The latest value is the last one observed; in
    the `past`, the last that was certainly observed by the day. What counts since the start begins at 0.
    """
    return [
        _progress(indicator, breakdown, figures.get(breakdown, {}), on)
        for indicator, figures in _loaded(indicators, on if past else None)
        for breakdown in sorted(figures) or [()]
    ]


def umbrellas(indicators: QuerySet[Indicator]) -> dict[int, str]:
    """The programmes that hold others and that have one of the indicators in their tree: key to code, by code."""
    tree = _Tree()
    found = {above for key in _programmes(indicators) for above in tree.above(key) if above in tree.umbrellas}
    return {key: code for key, code in tree.codes.items() if key in found}


def roll_ups(
    indicators: QuerySet[Indicator], of: Collection[int], on: datetime.date, *, past: bool = False
) -> list[RollUp]:
    """For each of the programmes (keys) the sums of the indicators of itself and of all below it.

    Added are the latest values, for the whole, of indicators that are declared additive, count things and have the
    same unit, direction and way of counting. Everything else is left out, with the reason.
    """
    tree = _Tree()
    above = {key: [each for each in tree.above(key) if each in of] for key in _programmes(indicators)}
    below: dict[int, list[Progress]] = defaultdict(list)
    concerned = indicators.filter(programme__in=[key for key, found in above.items() if found])
    for indicator, figures in _loaded(concerned, on if past else None):
        for umbrella in above[indicator.programme_id]:
            below[umbrella].append(_progress(indicator, (), figures.get((), {}), on))
    return [_roll_up(each, below[each.pk], on) for each in Programme.objects.filter(pk__in=of).order_by("code")]


def sentence(each: Progress) -> str:
    """How far the indicator has come, or why that has no percentage."""
    if each.latest is None:
        return _now("No value is stated.")
    words = {"value": written(each.latest), "unit": each.indicator.unit, "date": each.latest.date or _now("no date")}
    return _told(_now("%(value)s %(unit)s (%(date)s)") % words, each)


def sentence_of_sum(each: Sum) -> str:
    """What is added, and how far it has come, or why that has no percentage."""
    text = ngettext(
        "%(value)s %(unit)s, of %(number)d indicator",
        "%(value)s %(unit)s, added from %(number)d indicators",
        len(each.terms),
    )
    return _told(text % {"value": written(each.latest), "unit": each.unit, "number": len(each.terms)}, each)


def _told(latest: str, each: Progress | Sum) -> str:
    if each.percentage.without:
        return _now("%(latest)s; no percentage: %(why)s.") % {"latest": latest, "why": each.percentage.without.label}
    return _now("%(latest)s: %(percent)s %% of the way from %(baseline)s to %(target)s.") % {
        "latest": latest,
        "percent": _with_exactness(f"{each.percentage.value:f}", each.percentage.exactness),
        "baseline": each.baseline and written(each.baseline),
        "target": each.target and written(each.target),
    }


def written(figure: Figure) -> str:
    """The figure as people write it: "at least 400"."""
    return _with_exactness(plain(figure.value), figure.exactness)


def plain(number: Decimal) -> str:
    """The number without zeros after the last decimal that says something."""
    return f"{number.normalize():f}"


def _with_exactness(number: str, exactness: Exactness | None) -> str:
    if exactness in (None, Exactness.EXACT):
        return number
    return f"{Exactness(exactness).label} {number}"


def months_between(first: datetime.date, last: datetime.date) -> int:
    """The whole months from one day to another; 0 where that is not later."""
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    return max(months, 0)


def percentage(
    measure: str, *, ascending: bool, baseline: Figure | None, target: Figure | None, latest: Figure | None
) -> Percentage:
    """How much of the way from baseline to target the latest value has gone, to a tenth.

    Its exactness is that of the three together: a target of at least so much makes it at most so much.
    """
    if measure not in COUNTED:
        return Percentage(None, None, Without.NOT_COUNTED)
    if latest is None:
        return Percentage(None, None, Without.NO_VALUE)
    if target is None:
        return Percentage(None, None, Without.NO_TARGET)
    if baseline is None:
        return Percentage(None, None, Without.NO_BASELINE)
    way, gone = target.value - baseline.value, latest.value - baseline.value
    if way == 0:
        return Percentage(None, None, Without.NO_DISTANCE)
    if (way > 0) != ascending:
        return Percentage(None, None, Without.AGAINST)
    left = way - gone
    # How the share moves when each of the three grows: with it, against it, or not at all.
    moves = [(latest, way), (target, -gone), (baseline, -left)]
    exactness = combined(_turned(figure.exactness, sign) for figure, sign in moves)
    return Percentage((gone / way * HUNDRED).quantize(TENTH, ROUND_HALF_UP), exactness, None)


def _turned(exactness: Exactness, sign: Decimal) -> Exactness:
    """How exact a result is that grows with a figure of this exactness, falls with it, or does not depend on it."""
    if sign == 0:
        return Exactness.EXACT
    return OPPOSITE.get(exactness, exactness) if sign < 0 else exactness


class _Tree:
    """The programmes and what holds them."""

    def __init__(self) -> None:
        rows = list(Programme.objects.order_by("code").values_list("pk", "code", "parent_id"))
        self.codes = {key: code for key, code, _parent in rows}
        self._parents: dict[int, int | None] = {key: parent for key, _code, parent in rows}
        self.umbrellas = set(self._parents.values())

    def above(self, key: int) -> Iterator[int]:
        """The programme and all that hold it."""
        at: int | None = key
        while at is not None:
            yield at
            at = self._parents[at]


def _programmes(indicators: QuerySet[Indicator]) -> list[int]:
    return list(indicators.order_by().values_list("programme_id", flat=True).distinct())


def _loaded(indicators: QuerySet[Indicator], day: datetime.date | None) -> list[tuple[Indicator, dict[Any, Any]]]:
    """The indicators, each with its figures by breakdown and kind; the latest of each kind."""
    of_these = Observation.objects.filter(indicator__in=indicators.order_by().values("pk"))
    aims = of_these.exclude(kind=ObservationKind.ACTUAL).order_by(F("date").asc(nulls_first=True), "pk")
    figures: dict[int, dict[Breakdown, dict[str, Figure]]] = defaultdict(lambda: defaultdict(dict))
    names = ("indicator_id", "disaggregation", "kind", "value", "exactness", "date")
    for rows in (aims, of_these.latest(day).order_by()):
        for key, breakdown, kind, value, exactness, date in rows.values_list(*names):
            of_breakdown = figures[key][tuple(sorted(breakdown.items()))]
            if value is not None:
                of_breakdown[kind] = Figure(value, Exactness(exactness), date and PartialDate.of(date))
    selected = indicators.select_related("programme", "result").order_by("programme__code", "order", "code")
    return [(indicator, figures.get(indicator.pk, {})) for indicator in selected]


def _progress(indicator: Indicator, breakdown: Breakdown, figures: dict[str, Figure], on: datetime.date) -> Progress:
    baseline = figures.get(ObservationKind.BASELINE)
    if baseline is None and indicator.accumulation == Accumulation.CUMULATIVE and indicator.measure in COUNTED:
        baseline = Figure(Decimal(0), Exactness.EXACT, None, stated=False)
    target, latest = figures.get(ObservationKind.TARGET), figures.get(ObservationKind.ACTUAL)
    return Progress(
        indicator,
        breakdown,
        baseline,
        target,
        latest,
        percentage(indicator.measure, ascending=indicator.ascending, baseline=baseline, target=target, latest=latest),
        _direction(indicator, baseline, latest),
        _age(latest and latest.date, on),
    )


def _direction(indicator: Indicator, baseline: Figure | None, latest: Figure | None) -> Direction | None:
    if baseline is None or latest is None or indicator.measure not in COUNTED:
        return None
    if latest.value == baseline.value:
        return Direction.SAME
    return Direction.BETTER if (latest.value > baseline.value) == indicator.ascending else Direction.WORSE


def _age(date: PartialDate | None, on: datetime.date) -> int | None:
    return None if date is None else months_between(date.latest, on)


def _roll_up(umbrella: Programme, found: list[Progress], on: datetime.date) -> RollUp:
    left_out: list[LeftOut] = []
    terms: dict[tuple[str, str, bool], list[Progress]] = defaultdict(list)
    for each in found:
        indicator = each.indicator
        if reason := _left_out(each):
            left_out.append(LeftOut(indicator, reason))
        else:
            key = (normalise(indicator.unit), indicator.accumulation, indicator.ascending)
            terms[key].append(each)
    return RollUp(umbrella, [_sum(each, on) for _key, each in sorted(terms.items())], left_out)


def _left_out(each: Progress) -> LeftOutBecause | None:
    if not each.indicator.additive:
        return LeftOutBecause.NOT_ADDITIVE
    if each.indicator.measure != IndicatorMeasure.UNIT:
        return LeftOutBecause.NOT_A_COUNT
    return LeftOutBecause.NO_VALUE if each.latest is None else None


def _sum(terms: list[Progress], on: datetime.date) -> Sum:
    indicator = terms[0].indicator
    latest = _added(each.latest for each in terms)
    baseline, target = _added(each.baseline for each in terms), _added(each.target for each in terms)
    assert latest is not None  # noqa: S101
    dates = [each.latest.date for each in terms if each.latest and each.latest.date]
    dated = len(dates) == len(terms)
    since = min(dates, key=lambda date: date.latest) if dated else None
    return Sum(
        indicator.unit,
        indicator.accumulation,
        indicator.ascending,
        latest,
        baseline,
        target,
        percentage(indicator.measure, ascending=indicator.ascending, baseline=baseline, target=target, latest=latest),
        since,
        max(dates, key=lambda date: date.latest) if dated else None,
        _age(since, on),
        terms,
    )


def _added(figures: Iterable[Figure | None]) -> Figure | None:
    """The sum of the figures; null where one is not known."""
    found = list(figures)
    known = [figure for figure in found if figure is not None]
    if len(known) < len(found):
        return None
    return Figure(
        sum((figure.value for figure in known), Decimal(0)),
        combined(figure.exactness for figure in known),
        None,
        stated=all(figure.stated for figure in known),
    )
