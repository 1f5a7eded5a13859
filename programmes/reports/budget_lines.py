"""Budget lines, with what each is part of and whether a total counts it."""

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.analysis.counting import Held, counting, held
from programmes.models import Budget
from programmes.reports.columns import column, countries_of, named, programme, sources, stored
from programmes.reports.stored import StoredReport


class BudgetLines(StoredReport):
    """One row per budget line."""

    id = "budget-lines"
    title = _("Budget lines")
    description = _("Every budget line of the selection, and whether the total of the selection counts it.")
    model = Budget
    columns = (
        *stored(Budget, "code"),
        *programme("programme"),
        column("phase", "phase.code", title=_("phase")),
        *stored(Budget, "title", "type", "status"),
        *named("instrument", "instrument", title=_("financing instrument")),
        *stored(Budget, "instrument_basis"),
        *named("provider", "provider", title=_("provided by")),
        *stored(Budget, "amount", "currency", "exactness", "amount_null_reason", "value_date"),
        *stored(Budget, "period_start", "period_end"),
        *countries_of("budget_countries", title=_("countries")),
        column("part_of", "part_of.code", title=_("part of")),
        *stored(Budget, "part_of_basis"),
        column("same_as", "same_as.code", title=_("same as")),
        *stored(Budget, "same_as_basis"),
        column("revises", "revises.code", title=_("replaces")),
        column("counted", type="boolean", title=_("counted in the total"), required=True),
        column("counted_reason", title=_("why it is counted or not"), required=True),
        *stored(Budget, "note"),
        sources(),
    )

    order = ("programme__code", "code")

    @cached_property
    def _held(self) -> Held:
        return held(self.selection, self.selection)

    def looked_at(self, part: Any, owners: QuerySet[Any, Any] | None) -> Any:
        """What holds their money is looked up for few lines alone; for many once, for all lines of the file."""
        codes = None if owners is None else self._held.codes(of=set(owners.values_list("pk", flat=True)))
        counted, reason = counting(part, self.selection, codes)
        return part.annotate(counted=counted, counted_reason=reason)
