"""The pages of sources and citations, and all citations of a programme on its page."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter
from unfold.contrib.inlines.admin import NonrelatedStackedInline
from unfold.widgets import UnfoldAdminSelectWidget

from programmes.admin.citing import CITATION_FIELDS, KINDS, CitationCardForm, CitationForm, supported_kind
from programmes.admin.reports import ReportingAdmin
from programmes.models import CITABLE, Citation, Programme, Source
from tracker.admin.filters import ChosenRecord
from tracker.admin.forms import UnrelatedRowsFormSet
from tracker.admin.records import Cards, RecordAdmin, number_of

# How each kind of citable record leads to its programme.
TO_PROGRAMME = {
    "programme": "pk",
    "alias": "programme",
    "objective": "programme",
    "programme_theme": "programme",
    "succession": "predecessor",
    "phase": "programme",
    "participation": "programme",
    "country_list_statement": "programme",
    "participating_organisation": "programme",
    "budget": "programme",
    "transaction": "programme",
    "indicator": "programme",
    "observation": "indicator__programme",
}

# By what a record is chosen from all that belong to a programme; kinds of which there may be very many come last.
NAMES: dict[str, Any] = {
    "programme": F("name"),
    "alias": F("name"),
    "objective": F("text"),
    "programme_theme": F("theme__code"),
    "succession": Coalesce("successor__code", "successor_name"),
    "phase": F("code"),
    "participation": F("country_id"),
    "country_list_statement": F("text"),
    "participating_organisation": F("organisation__code"),
    "indicator": Concat("code", Value(" "), "title"),
    "budget": Concat("code", Value(" "), "title"),
    "transaction": F("code"),
    "observation": Concat(
        "indicator__code", Value(" "), Cast("date", models.TextField()), output_field=models.TextField()
    ),
}
# What is read with a citation to tell the name of the record that it supports.
WITH_NAMES = (
    "programme",
    "alias",
    "objective",
    "programme_theme__theme",
    "succession__predecessor",
    "succession__successor",
    "phase__programme",
    "participation__programme",
    "country_list_statement__programme",
    "participating_organisation__organisation",
    "budget",
    "transaction",
    "indicator",
    "observation__indicator",
)
MOST_OFFERED = 1000
LONGEST_NAME = 80

Records = dict[str, list[tuple[str, str]]]


def records_of(programme: Programme) -> Records:
    """By kind: what a citation on the page of the programme can support, as (kind:key, name); not all of very many."""
    each = [
        CITABLE[kind]
        ._default_manager.filter(**{TO_PROGRAMME[kind]: programme.pk})
        .order_by()
        .annotate(nth_kind=Value(place), its_key=F("pk"), its_name=Cast(name, models.TextField()))
        .values_list("nth_kind", "its_key", "its_name")
        for place, (kind, name) in enumerate(NAMES.items())
    ]
    records: Records = {kind: [] for kind in NAMES}
    for place, key, name in each[0].union(*each[1:], all=True).order_by("nth_kind", "its_key")[:MOST_OFFERED]:
        kind = list(NAMES)[place]
        records[kind].append((f"{kind}:{key}", str(name)[:LONGEST_NAME]))
    return records


def citations_of(programme: int) -> models.QuerySet[Citation]:
    """The citations of the programme with this key and of everything that belongs to it."""
    each = [Citation.objects.filter(**{programme_path(kind): programme}).order_by().values("pk") for kind in CITABLE]
    return Citation.objects.filter(pk__in=each[0].union(*each[1:]))


def programme_path(kind: str) -> str:
    """The way from a citation to the programme."""
    return "programme" if kind == "programme" else f"{kind}__{TO_PROGRAMME[kind]}"


class CitationOfProgrammeForm(CitationCardForm):
    """A citation of the programme or of a record of it; which one is chosen once."""

    records: ClassVar[Records] = {}

    supports = forms.ChoiceField(label=_("Supports"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["supports"]
        chosen = supported(self.instance)
        if chosen:
            field.choices = [(chosen, str(self.instance.cited))]  # type: ignore[attr-defined]
            field.initial = chosen
            field.disabled = True
        else:
            field.choices = [  # type: ignore[attr-defined]
                (capfirst(str(CITABLE[kind]._meta.verbose_name_plural)), each)
                for kind, each in self.records.items()
                if each
            ]

    def summary(self, record: Citation) -> tuple[Any, ...]:
        kind = CITABLE[supported_kind(record)]
        return f"{capfirst(str(kind._meta.verbose_name))}: {record.cited}", *super().summary(record)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        kind, _colon, key = str(self.cleaned_data.get("supports", "")).partition(":")
        if key:
            setattr(self.instance, f"{kind}_id", int(key))
        return cleaned


def supported(citation: Citation) -> str:
    """The record that a citation supports, as kind:key; empty for a new one."""
    return next((f"{kind}:{key}" for kind in CITABLE if (key := getattr(citation, f"{kind}_id")) is not None), "")


class CitationsOfProgramme(Cards, NonrelatedStackedInline):
    """All citations of a programme."""

    model = Citation
    form = CitationOfProgrammeForm
    formset = UnrelatedRowsFormSet
    verbose_name_plural = _("sources")
    fields = ("supports", *CITATION_FIELDS)
    related = ("source", *WITH_NAMES)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        records = records_of(obj) if obj else {}
        form = type("CitationOfProgrammeForm", (self.form,), {"records": records})
        return super().get_formset(request, obj, form=form, **kwargs)

    def get_form_queryset(self, obj: Programme) -> models.QuerySet[Citation]:
        """The rows. Their keys are looked for first, without what is read with them."""
        keys = list(citations_of(obj.pk).order_by().values_list("pk", flat=True))
        return Citation.objects.filter(pk__in=keys).select_related(*self.related)

    def save_new_instance(self, parent: Programme, instance: Citation) -> None:
        """Nothing to link: the form has set which record the citation supports."""


class OfProgramme(ChosenRecord):
    """Citations of a programme and of everything that belongs to it."""

    label = _("programme and what belongs to it")

    def narrow(self, queryset: models.QuerySet[Any], key: Any) -> models.QuerySet[Any]:
        return queryset.filter(pk__in=citations_of(key).values("pk"))


@admin.register(Source)
class SourceAdmin(ReportingAdmin):
    """Documents, and how much rests on each."""

    list_display = ("code", "title", "type", "publisher", "published", "language", "cited")
    list_filter = (("type", ChoicesDropdownFilter), ("publisher", ChosenRecord))
    search_fields = ("search_key",)
    related = ("publisher",)
    fields = (
        ("code", "type", "language"),
        "title",
        ("author", "publisher"),
        ("published", "accessed"),
        "url",
        "note",
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Source]:
        queryset: models.QuerySet[Source] = super().get_queryset(request)
        return queryset.annotate(citation_count=number_of(Citation, "source"))

    @admin.display(description=_("citations"), ordering="citation_count")
    def cited(self, source: Any) -> SafeString:
        """How many citations name it, with the way to them."""
        url = reverse("admin:programmes_citation_changelist")
        return format_html(
            '<a href="{}?source__id__exact={}" class="text-link">{}</a>', url, source.pk, source.citation_count
        )


class CitationPageForm(CitationForm):
    """A citation on a page of its own."""


@admin.register(Citation)
class CitationAdmin(RecordAdmin):
    """Citations of all records."""

    form = CitationPageForm
    list_display = ("source", "place", "supports", "field", "value", "preferred", "as_of")
    list_display_links = ("source", "place")
    list_filter = (
        ("source", ChosenRecord),
        ("preferred", BooleanRadioFilter),
        ("programme", OfProgramme),
    )
    search_fields = ("source__search_key", "place", "field", "value")
    related = ("source", *WITH_NAMES)
    ordering = ("-pk",)  # the last first; their own order, within a record, would sort all that there are
    readonly_fields = ("supports",)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Citations come in with the records that they support, not alone: not all of these have codes."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        citation = (("source", "place"), "quote", ("field", "value", "exactness"), ("preferred", "as_of"), "note")
        if obj is not None:
            return [(None, {"fields": ("supports", *citation)})]
        cited = {"fields": tuple(CITABLE), "description": _("Exactly one.")}
        return [(None, {"fields": citation}), (_("Supports"), cited)]

    @admin.display(description=_("supports"))
    def supports(self, citation: Citation) -> SafeString | str:
        """The record, with the way to its page."""
        cited = citation.cited
        if cited is None:
            return "–"
        kind = KINDS[type(cited)]
        url = reverse(f"admin:programmes_{CITABLE[kind]._meta.model_name}_change", args=[cited.pk])
        name = f"{capfirst(str(cited._meta.verbose_name))}: {cited}"
        return format_html('<a href="{}" class="text-link">{}</a>', url, name)
