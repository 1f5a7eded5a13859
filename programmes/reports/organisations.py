"""Organisations and what they do in which programme."""

from django.utils.translation import gettext_lazy as _

from programmes.models import Organisation, ParticipatingOrganisation
from programmes.reports.columns import column, named, programme, sources, stored
from programmes.reports.stored import StoredReport


class Organisations(StoredReport):
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

    order = ("organisation__code", "programme__code", "role", "pk")
