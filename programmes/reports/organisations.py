"""Organisations and what they do in which programme."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.models import Organisation, ParticipatingOrganisation
from programmes.reports.base import Report, citations
from programmes.reports.columns import column, named, programme, sources, stored


class Organisations(Report):
    """One row per organisation, programme and role."""

    id = "organisations"
    title = _("Organisations and roles")
    description = _(
        "Who does what in which programme: the standard role, and beside it what the source calls the organisation."
    )
    model = ParticipatingOrganisation
    columns = (
        column("organisation", "organisation.code", title=_("organisation"), required=True),
        column("organisation_name", "organisation.name", title=_("organisation")),
        *stored(Organisation, "acronym", "type", "channel_code", path="organisation"),
        *named("country", "organisation.country", title=_("country")),
        *programme(),
        *stored(ParticipatingOrganisation, "role", "local_role"),
        column("phase", "phase.code", title=_("phase")),
        sources(),
    )

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        return (
            selection.select_related("organisation__country", "programme", "phase")
            .prefetch_related(citations())
            .order_by("organisation__code", "programme__code", "role", "pk")
        )
