"""Phases with their dates."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.models import Phase
from programmes.reports.base import Report, citations
from programmes.reports.columns import column, programme, sources, stored


def _followed_by(phase: Phase) -> str | None:
    following = getattr(phase, "followed_by", None)
    return following.code if following else None


class Phases(Report):
    """One row per phase."""

    id = "phases"
    title = _("Phases")
    description = _("Every phase of every programme, its dates as precise as they are known, and what follows it.")
    model = Phase
    columns = (
        *programme(),
        *stored(Phase, "code", "label", "name", "order"),
        column("follows", "follows.code", title=_("follows")),
        column("followed_by", _followed_by, title=_("followed by")),
        *stored(
            Phase,
            "status",
            "status_as_of",
            "announced",
            "planned_start",
            "actual_start",
            "start",
            "planned_end",
            "revised_end",
            "actual_end",
            "end",
        ),
        sources(),
    )

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        return (
            selection.select_related("programme", "follows", "followed_by")
            .prefetch_related(citations())
            .order_by("programme__code", "order", "pk")
        )
