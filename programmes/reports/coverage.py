"""Countries by themes: what is active there today, what money is divisible there, and what soon will be empty."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from programmes.analysis.coverage import Cell, Coverage, State, TooManyCellsError, Year, sentence
from programmes.analysis.money import Sum
from programmes.analysis.spans import Certainty
from programmes.codelists import Exactness
from programmes.models import Programme
from programmes.reports.base import Report
from programmes.reports.columns import coded, column, joined
from tracker.tabular.xlsx_writer import TooManyRowsError

EURO = "EUR"


class Row(NamedTuple):
    """A cell in the year of the day."""

    cell: Cell
    day: datetime.date
    sums: list[Sum]

    @property
    def year(self) -> Year:
        return self.cell.years[0]

    @property
    def euro(self) -> Sum | None:
        return next((each for each in self.sums if each.currency == EURO), None)

    def at_work(self, now: Certainty) -> list[str]:
        """The codes of the programmes that are active on the day, or may be."""
        return [each.code for each in self.cell.at_work if each.now is now]


class CoverageReport(Report):
    """One row per country and theme."""

    id = "coverage"
    title = _("Coverage")
    description = _(
        "Countries by themes: what is active there today, the money of this year, what is or will be empty."
    )
    model = Programme
    columns = (
        column("country", "cell.country", title=_("country"), required=True),
        column("country_name", "cell.country_name", title=_("country"), required=True),
        column(
            "theme",
            "cell.theme",
            title=_("theme"),
            description=_("With all below it: rows of nested themes hold the same things and are not to be added."),
            required=True,
        ),
        column("theme_name", "cell.theme_name", title=_("theme"), required=True),
        column("day", type="date", title=_("day"), required=True),
        *coded("state", State.choices, "cell.state", title=_("state"), required=True),
        *coded("active", Certainty.choices, "cell.now", title=_("active on the day"), required=True),
        *coded("in_12_months", Certainty.choices, "cell.then", title=_("active in 12 months"), required=True),
        column("programmes", lambda row: joined(row.at_work(Certainty.YES)), title=_("programmes active on the day")),
        column(
            "programmes_perhaps",
            lambda row: joined(row.at_work(Certainty.UNDETERMINED)),
            title=_("programmes perhaps active on the day"),
        ),
        column("year", "year.year", "integer", title=_("year"), required=True),
        column(
            "budget_eur",
            "euro.amount",
            "number",
            title=_("budget of the year in euro"),
            description=_("What lies wholly in the year and is divisible there, each euro once."),
        ),
        *coded("budget_eur_exactness", Exactness.choices, "euro.exactness", title=_("exactness of the budget")),
        column(
            "budget_other_currencies",
            lambda row: joined(f"{each.amount} {each.currency}" for each in row.sums if each.currency != EURO),
            title=_("budget of the year in other currencies"),
        ),
        column(
            "lines_undivided",
            lambda row: row.year.money.lines_undivided,
            "integer",
            title=_("budget lines not divided"),
            description=_("They touch the row in this year, but no source says how much of them is for it."),
            required=True,
        ),
        column(
            "lines_not_stated",
            lambda row: len(row.year.money.not_stated),
            "integer",
            title=_("budget lines without an amount"),
            required=True,
        ),
        column("sentence", lambda row: sentence(row.cell, row.day), title=_("in words"), required=True),
    )

    def __init__(self, selection: QuerySet[Any] | None = None, day: datetime.date | None = None) -> None:
        super().__init__(selection)
        self.day = day or timezone.localdate()

    def records(self) -> Iterator[Row]:
        try:
            coverage = Coverage(self.selection, on=self.day, years=[self.day.year])
        except TooManyCellsError as error:
            message = _now("More than %d countries and themes. Narrow the report by filters.")
            raise TooManyRowsError(message % error.args[0]) from error
        for cell in coverage.cells(coverage.places).cells:
            yield Row(cell, self.day, cell.years[0].money.sums())
