"""The pages of participating countries and of statements on their list, and their rows on the programme's page."""

from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from programmes.admin import texts
from programmes.admin.citing import CitingCards, CitingForm, CitingTable, citation_rows
from programmes.admin.phases import WITHIN_PROGRAMME
from programmes.admin.reports import ReportingAdmin
from programmes.models import CountryListStatement, Participation
from tracker.admin.filters import ChosenRecord
from tracker.admin.forms import RecordForm
from tracker.admin.records import RecordAdmin, Summary


class PhaseOfProgrammeForm(RecordForm):
    """A record of a programme; its phase is searched within that programme."""

    search_within: ClassVar = {"phase": WITHIN_PROGRAMME}


class ParticipationRows(CitingTable):
    """The countries of a programme."""

    model = Participation
    form = PhaseOfProgrammeForm
    verbose_name_plural = _("countries")
    fields = ("country", "phase", "role", "status", "start", "end", "as_of", "percentage", "cited_in")
    related = ("programme", "country", "phase__programme")


class StatementCardForm(Summary, CitingForm, PhaseOfProgrammeForm):
    """A statement on the programme's page."""

    def summary(self, record: CountryListStatement) -> tuple[Any, ...]:
        stated = record.countries_stated
        count = None if stated is None else texts.amount(Decimal(stated), gettext("countries"), record.exactness)
        return record.text, count, record.grouping, record.as_of


STATEMENT = (
    ("text", "order"),
    ("countries_stated", "exactness", "unnamed", "exclusive"),
    ("grouping", "phase"),
    ("start", "end", "as_of"),
)


class StatementCards(CitingCards):
    """What sources say of the list of countries as a whole."""

    model = CountryListStatement
    form = StatementCardForm
    verbose_name_plural = _("country list")
    fields = (*STATEMENT, "cited_in", ("cite_source", "cite_place"))
    related = ("programme", "grouping", "phase__programme")


@admin.register(Participation)
class ParticipationAdmin(ReportingAdmin):
    """Participations in all programmes."""

    form = PhaseOfProgrammeForm
    list_display = ("programme", "country", "status", "role", "phase", "start", "end", "as_of", "percentage")
    list_display_links = ("programme", "country")
    list_filter = (
        ("programme", ChosenRecord),
        ("country", ChosenRecord),
        ("status", ChoicesDropdownFilter),
        ("role", ChoicesDropdownFilter),
    )
    search_fields = ("programme__search_key", "country__search_key")
    related = ("programme", "country", "phase__programme")
    fields = (("programme", "country"), "phase", ("role", "status"), ("start", "end", "as_of"), "percentage")
    inlines = (citation_rows("participation"),)


@admin.register(CountryListStatement)
class CountryListStatementAdmin(RecordAdmin):
    """Statements on the lists of countries of all programmes."""

    form = PhaseOfProgrammeForm
    list_display = ("programme", "order", "text", "countries_stated", "exactness", "unnamed", "exclusive", "as_of")
    list_display_links = ("programme", "order")
    list_filter = (("programme", ChosenRecord), ("grouping", ChosenRecord))
    search_fields = ("programme__search_key", "text")
    related = ("programme", "grouping", "phase__programme")
    fields = ("programme", *STATEMENT)
    inlines = (citation_rows("country_list_statement"),)
