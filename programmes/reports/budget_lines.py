"""Budget lines, with what each is part of and whether a total counts it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.analysis.containment import Containment
from programmes.analysis.explanation import sentence, sentence_without_amount
from programmes.models import Budget, BudgetCountry
from programmes.reports.base import Report, citations
from programmes.reports.columns import column, countries, named, programme, sources, stored


class Explained(NamedTuple):
    """A line, whether the total of the selection counts it, and why in a sentence."""

    line: Budget
    counted: bool
    reason: str


class BudgetLines(Report):
    """One row per budget line."""

    id = "budget-lines"
    title = _("Budget lines")
    description = _("Every budget line of the selection, and whether the total of the selection counts it.")
    model = Budget
    columns = (
        *stored(Budget, "code", path="line"),
        *programme("line.programme"),
        column("phase", "line.phase.code", title=_("phase")),
        *stored(Budget, "title", "type", "status", path="line"),
        *named("instrument", "line.instrument", title=_("financing instrument")),
        *stored(Budget, "instrument_basis", path="line"),
        *named("provider", "line.provider", title=_("provided by")),
        *stored(Budget, "amount", "currency", "exactness", "amount_null_reason", "value_date", path="line"),
        *stored(Budget, "period_start", "period_end", path="line"),
        *countries(lambda record: [each.country for each in record.line.budget_countries.all()], title=_("countries")),
        column("part_of", "line.part_of.code", title=_("part of")),
        *stored(Budget, "part_of_basis", path="line"),
        column("same_as", "line.same_as.code", title=_("same as")),
        *stored(Budget, "same_as_basis", path="line"),
        column("revises", "line.revises.code", title=_("replaces")),
        column("counted", type="boolean", title=_("counted in the total"), required=True),
        column("counted_reason", "reason", title=_("why it is counted or not"), required=True),
        *stored(Budget, "note", path="line"),
        sources("line"),
    )

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        return (
            selection.select_related("programme", "phase", "instrument", "provider", "part_of", "same_as", "revises")
            .prefetch_related(
                Prefetch("budget_countries", BudgetCountry.objects.select_related("country").order_by("country_id")),
                citations(),
            )
            .order_by("programme__code", "code")
        )

    def records(self) -> Iterator[Explained]:
        left_out = {each.line.id: each for each in Containment(self.selection).selection().left_out}
        for line in super().records():
            out = left_out.get(line.pk)
            if line.amount is None:
                reason = sentence_without_amount(line)
            elif out is not None:
                reason = sentence(out)
            else:
                reason = str(_("Counted: no other selected line holds its money."))
            yield Explained(line, line.amount is not None and out is None, reason)
