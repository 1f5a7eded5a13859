"""How far indicators have come, one by one and added up over umbrella programmes."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.analysis.progress import (
    Direction,
    Figure,
    LeftOut,
    Percentage,
    Progress,
    RollUp,
    Sum,
    Without,
    progress,
    roll_ups,
    sentence,
    sentence_of_sum,
    umbrellas,
)
from programmes.codelists import Basis, Dimension, Exactness
from programmes.models import Indicator, Programme
from programmes.reports.base import CHUNK, Report
from programmes.reports.columns import ReportColumn, coded, column, getter, programme, stored
from tracker.records.expressions import plain
from tracker.records.statements import batched


class BaselineBasis(TextChoices):
    """Where a baseline comes from."""

    STATED = Basis.STATED.value, Basis.STATED.label
    DEFINITION = "definition", _("0, since it counts from the start")


class Term(TextChoices):
    """What a row of the roll-ups stands for."""

    SUM = "sum", _("sum")
    COUNTED = "counted", _("counted in the sum")
    LEFT_OUT = "left_out", _("left out")


def _figure(name: str, title: str | Promise, *, dated: bool = True) -> Iterator[ReportColumn]:
    """A figure, how exact it is, and the date that it speaks of."""
    get: Callable[[Any], Figure | None] = getter(name)

    def value(record: Any) -> Any:
        figure = get(record)
        return figure and plain(figure.value)

    yield column(name, value, "number", title=title)
    yield from coded(f"{name}_exactness", Exactness.choices, f"{name}.exactness", title=_("exactness"))
    if dated:
        yield column(f"{name}_date", f"{name}.date", "partial_date", title=_("date"))


def _baseline_basis(record: Any) -> BaselineBasis | None:
    if record.baseline is None:
        return None
    return BaselineBasis.STATED if record.baseline.stated else BaselineBasis.DEFINITION


def _category(dimension: str) -> Callable[[Progress], str | None]:
    return lambda each: dict(each.breakdown).get(dimension)


PERCENTAGE = (
    column("percent", "percentage.value", "number", title=_("percent of the way from baseline to target")),
    *coded("percent_exactness", Exactness.choices, "percentage.exactness", title=_("exactness of the percentage")),
    *coded("without_percent", Without.choices, "percentage.without", title=_("why no percentage")),
)
AGE = column(
    "age_in_months",
    "age",
    "integer",
    title=_("age in months"),
    description=_("Whole months until today since the last day that the value may speak of; of several the oldest."),
)


class ProgressReport(Report):
    """One row per indicator and breakdown."""

    id = "progress"
    title = _("Progress")
    description = _(
        "Every indicator from baseline over the latest value to the target, in percent where that makes sense."
    )
    model = Indicator
    columns = (
        *programme("indicator.programme"),
        *stored(Indicator, "code", "title", "measure", "unit", "ascending", "accumulation", path="indicator"),
        *(column(name, _category(name), title=label) for name, label in Dimension.choices),
        *_figure("baseline", _("baseline")),
        *coded("baseline_basis", BaselineBasis.choices, _baseline_basis, title=_("why this baseline")),
        *_figure("target", _("target")),
        *_figure("latest", _("latest value")),
        *PERCENTAGE,
        *coded("direction", Direction.choices, title=_("direction")),
        AGE,
        column("sentence", sentence, title=_("in words"), required=True),
    )

    def __init__(self, selection: QuerySet[Any] | None = None, day: datetime.date | None = None) -> None:
        super().__init__(selection)
        self.day = day or timezone.localdate()

    def records(self) -> Iterator[Any]:
        keys = self.selection.order_by("programme__code", "order", "code").values_list("pk", flat=True)
        for some in batched(keys, CHUNK):
            yield from progress(Indicator.objects.filter(pk__in=some), self.day)


class Row(NamedTuple):
    """A sum of an umbrella programme, an indicator counted in it, or one that is in none."""

    umbrella: Programme
    term: Term
    indicator: Indicator | None
    unit: str
    accumulation: str
    baseline: Figure | None
    target: Figure | None
    latest: Figure | None
    percentage: Percentage | None
    since: str | None
    until: str | None
    age: int | None
    sentence: str


class ProgressRollUps(ProgressReport):
    """One row per sum of an umbrella programme, followed by its terms, then those that are in no sum."""

    id = "progress-roll-ups"
    title = _("Progress of umbrella programmes")
    description = _(
        "Additive indicators of one unit added over all that an umbrella programme holds; the others with why not."
    )
    columns = (
        *programme("umbrella"),
        *coded("row", Term.choices, "term", title=_("row"), required=True),
        column("unit", title=_("unit"), required=True),
        *stored(Indicator, "accumulation"),
        column("indicator", "indicator.code", title=_("indicator"), description=_("Empty in the rows of sums.")),
        column("indicator_title", "indicator.title", title=_("indicator")),
        column("indicator_programme", "indicator.programme.code", title=_("programme of the indicator")),
        *_figure("baseline", _("baseline"), dated=False),
        *coded("baseline_basis", BaselineBasis.choices, _baseline_basis, title=_("why this baseline")),
        *_figure("target", _("target"), dated=False),
        *_figure("latest", _("latest value"), dated=False),
        *PERCENTAGE,
        column("since", type="partial_date", title=_("oldest date of the values")),
        column("until", type="partial_date", title=_("newest date of the values")),
        AGE,
        column("sentence", title=_("in words"), required=True),
    )

    def records(self) -> Iterator[Any]:
        for some in batched(umbrellas(self.selection), CHUNK):
            for each in roll_ups(self.selection, some, self.day):
                yield from _rows(each)


def _rows(roll_up: RollUp) -> Iterator[Row]:
    for total in roll_up.sums:
        yield _of_sum(roll_up.umbrella, total)
        for term in total.terms:
            yield _of_term(roll_up.umbrella, term)
    for each in roll_up.left_out:
        yield _of_left_out(roll_up.umbrella, each)


def _of_sum(umbrella: Programme, each: Sum) -> Row:
    return Row(
        umbrella,
        Term.SUM,
        None,
        each.unit,
        each.accumulation,
        each.baseline,
        each.target,
        each.latest,
        each.percentage,
        each.since,
        each.until,
        each.age,
        sentence_of_sum(each),
    )


def _of_term(umbrella: Programme, each: Progress) -> Row:
    date = each.latest and each.latest.date
    return Row(
        umbrella,
        Term.COUNTED,
        each.indicator,
        each.indicator.unit,
        each.indicator.accumulation,
        each.baseline,
        each.target,
        each.latest,
        each.percentage,
        date,
        date,
        each.age,
        sentence(each),
    )


def _of_left_out(umbrella: Programme, each: LeftOut) -> Row:
    indicator = each.indicator
    return Row(
        umbrella,
        Term.LEFT_OUT,
        indicator,
        indicator.unit,
        indicator.accumulation,
        None,
        None,
        None,
        None,
        None,
        None,
        None,
        each.sentence(),
    )
