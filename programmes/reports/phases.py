"""Phases with their dates."""

from django.utils.translation import gettext_lazy as _

from programmes.models import Phase
from programmes.reports.columns import column, programme, sources, stored
from programmes.reports.stored import StoredReport


class Phases(StoredReport):
    """One row per phase."""

    id = "phases"
    title = _("Phases")
    description = _("Every phase of every programme, its dates as precise as they are known, and what follows it.")
    model = Phase
    columns = (
        *programme(),
        *stored(Phase, "code", "label", "name", "order"),
        column("follows", "follows.code", title=_("follows")),
        column("followed_by", "followed_by.code", title=_("followed by")),
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

    order = ("programme__code", "order", "pk")
