"""Documents, and how much rests on each."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.models import Source
from programmes.reports.base import Report
from programmes.reports.columns import ReportColumn, column, stored


def _count(name: str, title: Any) -> ReportColumn:
    return column(name, type="integer", title=title, required=True)


class Sources(Report):
    """One row per source."""

    id = "sources"
    title = _("Sources")
    description = _("The documents, with how many figures and other records rest on each.")
    model = Source
    columns = (
        *stored(Source, "code", "title", "type"),
        column("publisher", "publisher.code", title=_("publisher")),
        *stored(Source, "author", "published", "accessed", "language", "url"),
        _count("citation_count", _("citations")),
        _count("figures", _("figures: budgets, transactions and observations")),
        _count("budgets", _("budget lines")),
        _count("transactions", _("transactions")),
        _count("observations", _("observations")),
        _count("competing", _("values that differ from the preferred one")),
    )

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        return (
            Source.objects.filter(pk__in=selection.order_by().values("pk"))
            .select_related("publisher")
            .annotate(
                citation_count=Count("citations"),
                budgets=Count("citations__budget", distinct=True),
                transactions=Count("citations__transaction", distinct=True),
                observations=Count("citations__observation", distinct=True),
                competing=Count("citations", filter=~Q(citations__value="") & Q(citations__preferred=False)),
                figures=F("budgets") + F("transactions") + F("observations"),
            )
            .order_by("code")
        )
