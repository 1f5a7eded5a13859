"""The list and the page of programmes, and the pages of their small parts."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from programmes.admin import texts
from programmes.admin.citing import CitingTable, citation_rows
from programmes.admin.filters import (
    ActiveIn,
    InCountry,
    InGrouping,
    NeedsAttention,
    OnTheme,
    PerhapsActiveIn,
    UnderProgramme,
    WithImplementer,
    WithInstrument,
)
from programmes.admin.finance import BudgetCards
from programmes.admin.history import TakingBack
from programmes.admin.organisations import OrganisationRows
from programmes.admin.participation import ParticipationRows, StatementCards
from programmes.admin.phases import LIFE, PhaseCards
from programmes.admin.reports import ReportingAdmin, addresses
from programmes.admin.results import IndicatorCards, ResultRows
from programmes.admin.sources import CitationsOfProgramme
from programmes.analysis.division import sums_by_programme
from programmes.analysis.money import Sum
from programmes.codelists import ActivityStatus, OrganisationRole, ParticipationStatus
from programmes.models import (
    Alias,
    Budget,
    Objective,
    ParticipatingOrganisation,
    Participation,
    Programme,
    ProgrammeTheme,
    Succession,
)
from tracker.access.rules import adopt
from tracker.admin.filters import ChosenRecord
from tracker.admin.pages import RecordList
from tracker.admin.publication import Publishing
from tracker.admin.records import RecordAdmin
from tracker.admin.sections import Section, Sections
from tracker.records.trees import with_descendants

COUNTRIES_SHOWN = 6


def with_those_below(programmes: list[Programme]) -> dict[int, set[int]]:
    """For each programme its own key and those of all programmes below it, in one statement."""
    keys = [programme.pk for programme in programmes]
    children: dict[int | None, list[int]] = {}
    for key, parent in with_descendants(Programme.objects.filter(pk__in=keys), "parent").items():
        children.setdefault(parent, []).append(key)
    return {key: _below(children, key) for key in keys}


def _below(children: dict[int | None, list[int]], top: int) -> set[int]:
    found, steps = {top}, [top]
    while steps:
        new = set(children.get(steps.pop(), ())) - found
        found |= new
        steps += new
    return found


def total_budgets(programmes: list[Programme]) -> dict[int, tuple[list[Sum], int]]:
    """For each programme the sums of its budget and of those below it, each euro once, and the lines not stated."""
    return sums_by_programme(Budget.objects.all(), with_those_below(programmes)) if programmes else {}


class ProgrammeList(RecordList):
    """A page of programmes; the totals of all its rows are computed together, and their countries read."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        programmes: list[Any] = list(self.result_list)
        countries = Participation.objects.order_by("country_id").only("programme", "country", "status")
        models.prefetch_related_objects(programmes, models.Prefetch("participations", countries))
        totals = total_budgets(programmes)
        for programme in programmes:
            programme.total = totals[programme.pk]
        self.result_list: list[Any] = programmes


class AliasRows(CitingTable):
    """Other names."""

    model = Alias
    fields = ("name", "language", "cited_in")
    related = ("programme",)
    tab = False


class ThemeRows(CitingTable):
    """The themes of a programme."""

    model = ProgrammeTheme
    verbose_name_plural = _("themes")
    fields = ("theme", "percentage", "cited_in")
    adds = ("theme",)
    related = ("theme", "programme")
    tab = False


class ObjectiveRows(CitingTable):
    """The aims of a programme."""

    model = Objective
    fields = ("type", "order", "text", "cited_in")
    related = ("programme",)
    tab = False


class SuccessionRows(CitingTable):
    """What continues a programme."""

    model = Succession
    fk_name = "predecessor"
    fields = ("successor", "successor_name", "whole", "cited_in")
    related = ("predecessor", "successor")
    tab = False


STATUS_COLOURS = {
    "": "default",
    ActivityStatus.CLOSED: "default",
    ActivityStatus.PIPELINE: "info",
    ActivityStatus.IMPLEMENTATION: "success",
    ActivityStatus.FINALISATION: "primary",
    ActivityStatus.CANCELLED: "danger",
    ActivityStatus.SUSPENDED: "warning",
}


@admin.register(Programme)
class ProgrammeAdmin(Sections, Publishing, TakingBack, ReportingAdmin):
    """Programmes: the portfolio."""

    actions_detail: ClassVar[tuple[str, ...]] = ("publish", "withdraw", "take_back")
    list_display = ("short_name", "long_name", "publication", "status_label", "period", "countries", "total_budget")
    list_display_links = ("short_name", "long_name")
    list_filter = (
        ActiveIn,
        PerhapsActiveIn,
        ("publication", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        ("coverage", ChoicesDropdownFilter),
        ("participations__country", InCountry),
        ("participations__country__memberships__grouping", InGrouping),
        ("budgets__instrument", WithInstrument),
        ("programme_themes__theme", OnTheme),
        ("parent", UnderProgramme),
        WithImplementer,
        NeedsAttention,
    )
    search_fields = Programme.SEARCHED
    search_help_text = _("Name, acronym, alias or objective; accents and case do not matter.")
    related = ("parent",)
    fieldsets = (
        (None, {"fields": (("total_budget", "implementers"), ("publication", "published", "withdrawn"))}),
        (
            _("Programme"),
            {
                "fields": (
                    ("acronym", "code"),
                    ("name", "language"),
                    ("kind", "coverage"),
                    ("parent", "parent_basis"),
                    "description",
                    "components_stated",
                    "officers",
                )
            },
        ),
        (_("Life"), {"fields": LIFE}),
    )
    readonly_fields = ("total_budget", "implementers", "publication", "published", "withdrawn")
    own_section = _("programme")
    sections = (
        Section("names", _("names and aims"), (AliasRows, ThemeRows, ObjectiveRows, SuccessionRows)),
        Section("phases", _("phases"), (PhaseCards,)),
        Section("budget", _("budget"), (BudgetCards,)),
        Section("countries", _("countries"), (ParticipationRows, StatementCards)),
        Section("organisations", _("organisations"), (OrganisationRows,)),
        Section("results", _("results"), (ResultRows, IndicatorCards)),
        Section("sources", _("sources"), (CitationsOfProgramme,)),
    )
    needs_saved = (IndicatorCards, CitationsOfProgramme)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who looks after users says who edits what."""
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.has_perm("auth.change_user") else (*fields, "officers")

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        return [*super().get_autocomplete_fields(request), "officers"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProgrammeList

    def get_urls(self) -> list[URLPattern]:
        return [*addresses(), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is not None else fieldsets[1:]  # of a new one nothing is computed

    @admin.display(description=_("acronym"), ordering="acronym")
    def short_name(self, programme: Programme) -> str:
        """The acronym, or the code where there is none."""
        return programme.acronym or programme.code

    @admin.display(description=_("name"), ordering="name")
    def long_name(self, programme: Programme) -> str:
        """The name."""
        return programme.name

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, programme: Programme) -> tuple[str, str]:
        """The status, in a colour of its own."""
        return programme.status, programme.get_status_display() or gettext("not stated")

    @admin.display(description=_("period"), ordering="start")
    def period(self, programme: Programme) -> SafeString:
        """From start to end, as they stand."""
        return format_html('<span class="whitespace-nowrap">{}</span>', texts.period(programme.start, programme.end))

    @admin.display(description=_("countries"))
    def countries(self, programme: Programme) -> str:
        """The codes of the countries that take part; how many more there are, and how many are only expected."""
        by_status: dict[str, set[str]] = {}
        for each in programme.participations.all():
            by_status.setdefault(each.status, set()).add(each.country_id)
        taking_part = sorted(by_status.get(ParticipationStatus.PARTICIPATING, ()))
        parts = [", ".join(taking_part[:COUNTRIES_SHOWN])] if taking_part else []
        if len(taking_part) > COUNTRIES_SHOWN:
            parts.append(gettext("and %(count)s more") % {"count": len(taking_part) - COUNTRIES_SHOWN})
        expected = by_status.get(ParticipationStatus.EXPECTED)
        if expected:
            parts.append(gettext("(expected: %(countries)s)") % {"countries": ", ".join(sorted(expected))})
        return " ".join(parts) or gettext("not stated")

    @admin.display(description=_("total budget"))
    def total_budget(self, programme: Any) -> SafeString:
        """Each euro once, with the programmes below; the list has computed it for all its rows."""
        if not hasattr(programme, "total"):
            programme.total = total_budgets([programme])[programme.pk]
        return texts.right_aligned(texts.sums(*programme.total))

    @admin.display(description=_("published"))
    def published(self, programme: Programme) -> str:
        """When, and by whom."""
        return texts.deed(programme.published_at, programme.published_by)

    @admin.display(description=_("withdrawn"))
    def withdrawn(self, programme: Programme) -> str:
        """When, and by whom."""
        return texts.deed(programme.withdrawn_at, programme.withdrawn_by)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new programme is its officer's."""
        super().save_model(request, obj, form, change)
        if not change:
            adopt(request.user, obj)

    @admin.display(description=_("implemented by"))
    def implementers(self, programme: Any) -> SafeString | str:
        """The implementing organisations, or that none is stated."""
        if not hasattr(programme, "implementing"):
            found = ParticipatingOrganisation.objects.filter(programme=programme, role=OrganisationRole.IMPLEMENTING)
            programme.implementing = sorted({str(each.organisation) for each in found.select_related("organisation")})
        names = ", ".join(programme.implementing)
        return names or texts.missing(gettext("No implementing organisation stated"))


class PartOfProgrammeAdmin(RecordAdmin):
    """A small part of a programme: its page is there for its history and its citations."""

    related: ClassVar[tuple[str, ...]] = ("programme",)


@admin.register(Alias)
class AliasAdmin(PartOfProgrammeAdmin):
    """Other names of programmes."""

    list_display = ("name", "programme", "language")
    list_filter = (("programme", ChosenRecord),)
    search_fields = ("search_key",)
    fields = ("programme", ("name", "language"))
    inlines = (citation_rows("alias"),)


@admin.register(Objective)
class ObjectiveAdmin(PartOfProgrammeAdmin):
    """Aims of programmes."""

    list_display = ("programme", "type", "order", "text")
    list_filter = (("programme", ChosenRecord), ("type", ChoicesDropdownFilter))
    search_fields = ("search_key",)
    fields = ("programme", ("type", "order"), "text")
    inlines = (citation_rows("objective"),)


@admin.register(ProgrammeTheme)
class ProgrammeThemeAdmin(PartOfProgrammeAdmin):
    """Themes of programmes."""

    list_display = ("programme", "theme", "percentage")
    list_filter = (("programme", ChosenRecord), ("theme", ChosenRecord))
    search_fields = ("programme__search_key", "theme__search_key")
    related = ("programme", "theme")
    fields = ("programme", ("theme", "percentage"))
    inlines = (citation_rows("programme_theme"),)


@admin.register(Succession)
class SuccessionAdmin(RecordAdmin):
    """What continues programmes."""

    list_display = ("predecessor", "successor", "successor_name", "whole")
    list_filter = (("predecessor", ChosenRecord),)
    search_fields = ("predecessor__search_key", "successor__search_key", "successor_name")
    related = ("predecessor", "successor")
    fields = ("predecessor", ("successor", "successor_name"), "whole")
    inlines = (citation_rows("succession"),)
