"""The budget by programme, country, instrument, theme, year and coverage: one report with one dimension each."""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from programmes.analysis.dimensions import UNKNOWN, Value
from programmes.analysis.money import Sum
from programmes.analysis.totals import Totals, totals
from programmes.codelists import Exactness
from programmes.models import Budget
from programmes.reports.base import Report
from programmes.reports.columns import ReportColumn, coded, column, joined


class RowKind(TextChoices):
    """What a row stands for."""

    GROUP = "group", _("group")
    NOT_DIVISIBLE = "not_divisible", _("not divisible between several")
    UNKNOWN = "unknown", _("not stated")
    TOTAL = "total", _("total")


class Row(NamedTuple):
    """A group, or the total, in one currency; `sum` is null where no line of it has an amount."""

    kind: RowKind
    codes: str
    label: str
    sum: Sum | None
    not_stated: int


def _columns(dimension: str, title: str | Promise) -> tuple[ReportColumn, ...]:
    return (
        *coded("row", RowKind.choices, "kind", title=_("row"), required=True),
        column(
            dimension,
            "codes",
            title=title,
            description=_("Empty in the rows for what is not stated and for the total."),
        ),
        column(f"{dimension}_name", "label", title=title, required=True),
        column("currency", "sum.currency", title=_("currency")),
        column("amount", "sum.amount", "number", title=_("amount"), description=_("Empty: no amount is stated.")),
        *coded("exactness", Exactness.choices, "sum.exactness", title=_("exactness")),
        column(
            "lines",
            lambda row: row.sum.lines if row.sum else 0,
            "integer",
            title=_("budget lines counted"),
            required=True,
        ),
        column(
            "lines_not_stated",
            "not_stated",
            "integer",
            title=_("budget lines without an amount"),
            description=_("Whatever their currency: they stand in the group's first row."),
            required=True,
        ),
    )


class BudgetBy(Report):
    """One row per group and currency, then the total per currency."""

    model = Budget
    dimension: ClassVar[str]

    def records(self) -> Iterator[Row]:
        result = totals(self.selection, [self.dimension])
        for group in result.groups:
            (value,) = group.key
            kind, label = _kind(value), self._label(result, value)
            yield from _by_currency(kind, joined(value.codes), label, group.sums, group.not_stated)
        yield from _by_currency(RowKind.TOTAL, "", gettext("Total"), result.total, result.not_stated)

    def _label(self, result: Totals, value: Value) -> str:
        if value == UNKNOWN:
            return str(RowKind.UNKNOWN.label)
        names = result.label(self.dimension, value)
        if value.definite:
            return names[0]
        return gettext("not divisible between: %(names)s") % {"names": ", ".join(names)}


def _kind(value: Value) -> RowKind:
    if value == UNKNOWN:
        return RowKind.UNKNOWN
    return RowKind.GROUP if value.definite else RowKind.NOT_DIVISIBLE


def _by_currency(kind: RowKind, codes: str, label: str, sums: list[Sum], not_stated: int) -> Iterator[Row]:
    for place, each in enumerate(sums or [None]):
        yield Row(kind, codes, label, each, 0 if place else not_stated)


class BudgetByProgramme(BudgetBy):
    """The lines of each programme itself; what lies below it stands in rows of its own."""

    id = "budget-by-programme"
    title = _("Budget by programme")
    description = _("The budget of each programme, each euro once; a part stands with its whole.")
    dimension = "programme"
    columns = _columns("programme", _("programme"))


class BudgetByCountry(BudgetBy):
    """By the countries of the line, else by those of its programme; never in equal parts."""

    id = "budget-by-country"
    title = _("Budget by country")
    description = _("The budget of each country, each euro once. What no source divides stands in a row of its own.")
    dimension = "country"
    columns = _columns("country", _("country"))


class BudgetByInstrument(BudgetBy):
    """By the financing instrument of the line."""

    id = "budget-by-instrument"
    title = _("Budget by instrument")
    description = _("The budget under each financing instrument, each euro once.")
    dimension = "instrument"
    columns = _columns("instrument", _("financing instrument"))


class BudgetByTheme(BudgetBy):
    """By the themes of the line's programme; never in equal parts."""

    id = "budget-by-theme"
    title = _("Budget by theme")
    description = _("The budget of each theme, each euro once. What no source divides stands in a row of its own.")
    dimension = "theme"
    columns = _columns("theme", _("theme"))


class BudgetByYear(BudgetBy):
    """By the line's own period; it is not spread over years."""

    id = "budget-by-year"
    title = _("Budget by year")
    description = _("The budget of each period as the lines state it, each euro once, not spread over years.")
    dimension = "year"
    columns = _columns("period", _("year or period"))


class BudgetByCoverage(BudgetBy):
    """By how far the programme reaches."""

    id = "budget-by-coverage"
    title = _("Budget by coverage")
    description = _("The budget of trans-regional, regional, sub-regional and bilateral programmes, each euro once.")
    dimension = "coverage"
    columns = _columns("coverage", _("coverage"))
