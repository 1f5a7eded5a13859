"""The pages of organisations, of the instruments that finance, and of who does what in a programme."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from programmes.admin.citing import CitingTable, citation_rows
from programmes.admin.participation import PhaseOfProgrammeForm
from programmes.admin.reports import ReportingAdmin
from programmes.models import Instrument, Organisation, ParticipatingOrganisation
from tracker.admin.filters import ChosenRecord
from tracker.admin.records import RecordAdmin, Table


class OrganisationRows(CitingTable):
    """The organisations of a programme."""

    model = ParticipatingOrganisation
    form = PhaseOfProgrammeForm
    verbose_name_plural = _("organisations")
    fields = ("organisation", "role", "local_role", "phase", "cited_in")
    adds = ("organisation",)
    related = ("programme", "organisation", "phase__programme")


class RolesOfOrganisation(Table):
    """The programmes of an organisation."""

    model = ParticipatingOrganisation
    form = PhaseOfProgrammeForm
    verbose_name_plural = _("programmes")
    fields = ("programme", "role", "local_role", "phase")
    related = ("programme", "organisation", "phase__programme")


@admin.register(Organisation)
class OrganisationAdmin(RecordAdmin):
    """Organisations."""

    list_display = ("code", "acronym", "name", "type", "country")
    list_filter = (("type", ChoicesDropdownFilter), ("country", ChosenRecord))
    search_fields = ("search_key",)
    related = ("country",)
    fields = (("code", "acronym"), "name", "name_es", ("type", "channel_code", "country"), "note")
    inlines = (RolesOfOrganisation,)


@admin.register(Instrument)
class InstrumentAdmin(RecordAdmin):
    """Financing instruments and facilities."""

    list_display = ("code", "acronym", "name")
    search_fields = ("search_key",)
    fields = (("code", "acronym"), "name_en", "name_es", "name_fr", "name_pt", "note")

    @admin.display(description=_("name"), ordering="name_en")
    def name(self, instrument: Instrument) -> str:
        """In the language of the reader."""
        return instrument.name


@admin.register(ParticipatingOrganisation)
class ParticipatingOrganisationAdmin(ReportingAdmin):
    """Organisations in programmes."""

    form = PhaseOfProgrammeForm
    list_display = ("programme", "organisation", "role", "local_role", "phase")
    list_display_links = ("programme", "organisation")
    list_filter = (
        ("programme", ChosenRecord),
        ("organisation", ChosenRecord),
        ("role", ChoicesDropdownFilter),
        ("local_role", ChoicesDropdownFilter),
    )
    search_fields = ("programme__search_key", "organisation__search_key")
    related = ("programme", "organisation", "phase__programme")
    fields = (("programme", "phase"), "organisation", ("role", "local_role"))
    inlines = (citation_rows("participating_organisation"),)
