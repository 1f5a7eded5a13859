"""The pages of phases, and their cards on the programme's page."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from programmes.admin import texts
from programmes.admin.citing import CitingCards, CitingForm, citation_rows
from programmes.admin.filters import ActiveIn, PerhapsActiveIn
from programmes.admin.reports import ReportingAdmin
from programmes.models import Phase
from tracker.admin.filters import ChosenRecord
from tracker.admin.forms import RecordForm
from tracker.admin.records import Summary

WITHIN_PROGRAMME = {"programme": "programme_id"}

LIFE = (
    ("status", "status_as_of", "announced"),
    ("planned_start", "actual_start"),
    ("planned_end", "revised_end", "actual_end"),
)


class PhaseForm(RecordForm):
    """A phase; the one that it follows is searched within its programme."""

    search_within: ClassVar = {"follows": WITHIN_PROGRAMME}


class PhaseCardForm(Summary, CitingForm, PhaseForm):
    """A phase on the programme's page."""

    def summary(self, record: Phase) -> tuple[str, ...]:
        return record.label, record.name, texts.period(record.start, record.end), record.get_status_display()


class PhaseCards(CitingCards):
    """The phases of a programme."""

    model = Phase
    form = PhaseCardForm
    fields = (
        ("label", "order", "follows"),
        ("name", "code"),
        *LIFE,
        "description",
        "cited_in",
        ("cite_source", "cite_place"),
    )
    related = ("programme", "follows__programme")


@admin.register(Phase)
class PhaseAdmin(ReportingAdmin):
    """Phases of all programmes."""

    form = PhaseForm
    list_display = ("code", "programme", "label", "order", "status", "period", "follows")
    list_filter = (
        ("programme", ChosenRecord),
        ("status", ChoicesDropdownFilter),
        ActiveIn,
        PerhapsActiveIn,
    )
    search_fields = ("search_key", "programme__search_key")
    related = ("programme", "follows__programme")
    autocomplete_limits = ("programme",)
    fields = (("programme", "code"), ("label", "order", "follows"), "name", *LIFE, "description")
    inlines = (citation_rows("phase"),)

    @admin.display(description=_("period"), ordering="start")
    def period(self, phase: Phase) -> str:
        """From start to end, as they stand."""
        return texts.period(phase.start, phase.end)
