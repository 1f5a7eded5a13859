"""Bilateral projects under the IcSP, in the shape of Table 1 of the European Parliament's briefing of 2017."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from programmes.analysis.division import sums_by_programme
from programmes.analysis.money import ZERO
from programmes.models import Budget, BudgetCountry, Programme
from programmes.reports.base import Report
from programmes.reports.columns import column
from tracker.records.search import normalise

EURO = "EUR"
UMBRELLA = "ICSP-BILATERAL"


class Row(NamedTuple):
    """A programme by its countries, what remains of the total, or the total. Null: not stated."""

    country: str
    funding: Decimal | None
    projects: int | None


class IcspBilateral(Report):
    """One row per programme that holds no other, then the total of all, each euro once."""

    id = "icsp-bilateral"
    title = _("IcSP bilateral projects by country")
    description = _("Funding in euro and number of projects of each programme below an umbrella, totals included.")
    model = Programme
    defaults = {"under": UMBRELLA}
    columns = (
        column("country", title=_("Country"), required=True),
        column("total_funding_eur", "funding", "number", title=_("Total funding (€)")),
        column("number_of_projects", "projects", "integer", title=_("Number of projects")),
    )

    @classmethod
    def everything(cls) -> QuerySet[Any]:
        return Programme.objects.under(Programme.objects.filter(code=UMBRELLA))

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        lines = BudgetCountry.objects.select_related("country").order_by("pk")
        return selection.filter(children__isnull=True).prefetch_related(
            Prefetch("budgets__budget_countries", lines, to_attr="in_order")
        )

    def records(self) -> Iterator[Row]:
        programmes = list(self.queryset(self.selection))
        funding = _euro({each.pk: {each.pk} for each in programmes})
        rows = [Row(_country(each), funding[each.pk], each.components_stated) for each in programmes]
        total = _euro({0: set(self.selection.order_by().values_list("pk", flat=True))})[0]
        yield from sorted(rows, key=lambda row: normalise(row.country))
        rest = (total or ZERO) - sum((row.funding or ZERO for row in rows), ZERO)
        if rest:
            yield Row(gettext("Not in any row above"), rest, None)
        known = [row.projects for row in rows if row.projects is not None]
        yield Row(gettext("Total"), total, sum(known) if len(known) == len(rows) else None)


def _euro(members: dict[int, set[int]]) -> dict[int, Decimal | None]:
    """By key the euro of its programmes, each once; null where no amount is stated."""
    sums = sums_by_programme(Budget.objects.all(), members) if members else {}
    return {
        key: next((each.amount for each in found if each.currency == EURO), None)
        for key, (found, _not_stated) in sums.items()
    }


def _country(programme: Programme) -> str:
    """The first country of the programme's lines with those that share them; its name where they say none."""
    lines: Any = programme.budgets.all()
    names: list[str] = list(dict.fromkeys(row.country.name for line in lines for row in line.in_order))
    if not names:
        return programme.name
    if len(names) == 1:
        return names[0]
    return gettext("%(country)s (shared with %(others)s)") % {"country": names[0], "others": ", ".join(names[1:])}
