"""Citations where the record stands: as rows of its page, and as two boxes in its card on the programme's page."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from programmes.models import CITABLE, Citation, Source
from tracker.admin.forms import RecordForm
from tracker.admin.records import Cards, Summary, Table, number_of
from tracker.admin.widgets import Autocomplete
from tracker.records.expressions import Joined

KINDS = {model: name for name, model in CITABLE.items()}


def citable_fields(kind: str) -> list[tuple[str, Any]]:
    """The fields of a kind of record that a citation may name, with their labels."""
    fields = CITABLE[kind]._meta.concrete_fields
    return [(field.name, capfirst(str(field.verbose_name))) for field in fields if field.editable]


def supported_kind(citation: Citation) -> str:
    """The kind of record that a citation supports, without reading that record; empty for a new citation."""
    return next((kind for kind in CITABLE if getattr(citation, f"{kind}_id") is not None), "")


class CitationForm(RecordForm):
    """A citation; its field is chosen from those that the cited record has."""

    kind: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "field" in self.fields:
            self.fields["field"] = forms.ChoiceField(
                label=self.fields["field"].label,
                help_text=self.fields["field"].help_text,
                required=False,
                choices=[("", _("the whole record")), *self.field_choices()],
                widget=UnfoldAdminSelectWidget(),
            )

    def field_choices(self) -> list[tuple[Any, Any]]:
        """The fields to choose from; of all kinds, one under the other, where the record is not chosen yet."""
        kind = self.kind or supported_kind(self.instance)
        if kind:
            return citable_fields(kind)
        return [(capfirst(str(model._meta.verbose_name)), citable_fields(name)) for name, model in CITABLE.items()]


class CitationCardForm(Summary, CitationForm):
    """A citation on the page of the record that it supports."""

    def summary(self, record: Citation) -> tuple[Any, ...]:
        field = dict(citable_fields(supported_kind(record))).get(record.field, "")
        value = _("other value: %(value)s") % {"value": record.value} if not record.preferred else record.value
        return record, field, value, record.quote


CITATION_FIELDS = (
    ("source", "place", "as_of"),
    "quote",
    ("field", "value", "exactness"),
    ("preferred", "note"),
)


def citation_rows(kind: str) -> type[Cards]:
    """The citations on the page of a kind of record."""
    form = type("CitationForm", (CitationCardForm,), {"kind": kind})
    attributes = {
        "__doc__": "The citations on which the record rests.",
        "model": Citation,
        "fk_name": kind,
        "form": form,
        "fields": CITATION_FIELDS,
        "related": ("source",),
        "tab": False,
    }
    return type(f"CitationsOf{CITABLE[kind].__name__}", (Cards,), attributes)


class CitingForm(RecordForm):
    """The form of a citable record, with two boxes that add a citation to it."""

    cite_source = forms.ModelChoiceField(
        label=_("Cite source"),
        queryset=Source.objects.all(),
        required=False,
        widget=Autocomplete(Citation._meta.get_field("source"), admin.site),
        help_text=_("Adds a citation. More of it, and those that are there, under “Sources”."),
    )
    cite_place = forms.CharField(
        label=_("Place in it"),
        required=False,
        max_length=60,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Page, line, table: line 122."),
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("cite_place") and not self.cleaned_data.get("cite_source"):
            self.add_error("cite_source", forms.ValidationError(_("Of which source?"), code="required"))
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """Save; a card in which only a citation was added leaves the record itself, and its history, alone."""
        if commit and self.instance.pk and {"cite_source", "cite_place"}.issuperset(self.changed_data):
            self._save_m2m()
            return self.instance
        return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        source = self.cleaned_data.get("cite_source")
        if source is not None:
            cited = {KINDS[type(self.instance)]: self.instance}
            Citation(source=source, place=self.cleaned_data["cite_place"], **cited).save()


class CitingRows:
    """For rows of citable records: their citations are read with them and shown in short."""

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        place = models.Case(
            models.When(place="", then=models.Value("")), default=Concat(models.Value(", "), models.F("place"))
        )
        model, text = queryset.model, Concat(models.F("source__code"), place)
        rows: models.QuerySet[Any] = queryset.annotate(
            cited_number=number_of(Citation, KINDS[model]),
            cited_texts=Joined.of(model, "citations", text=text, rank=models.F("pk")),
        )
        return rows

    @admin.display(description=_("sources"))
    def cited_in(self, record: Any) -> SafeString | str:
        """How many there are, with the way to the record's own page, where they are kept."""
        if not record.pk:
            return "–"
        count = record.cited_number
        text = ngettext("%(count)s source", "%(count)s sources", count) % {"count": count} if count else _("none yet")
        url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
        return format_html(
            '<a href="{}" class="text-link whitespace-nowrap" title="{}">{}</a>', url, record.cited_texts or "", text
        )


class CitingTable(CitingRows, Table):
    """Rows of citable records; the column of sources leads to their own pages."""

    readonly_fields = ("cited_in",)
    hide_title = True


class CitingCards(CitingRows, Cards):
    """Cards of citable records."""

    readonly_fields = ("cited_in",)
