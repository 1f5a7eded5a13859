"""The pages of records and the rows within them: autocompletes, history, import and export for all alike."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.db.models.functions import Coalesce
from django.forms import ModelChoiceField
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from import_export.admin import ImportExportMixin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from tracker.admin.formats import UnreadableError
from tracker.admin.forms import RecordForm, RowsFormSet
from tracker.admin.keys import is_key, key_of
from tracker.admin.pages import BoundedPaginator, RecordList
from tracker.admin.rights import PageRights, RowRights, offered
from tracker.admin.versions import PageVersions
from tracker.admin.widgets import Autocomplete
from tracker.partial_dates import PartialDateField
from tracker.records.matching import for_page, matching
from tracker.records.search import words_of
from tracker.transfer.resources import resource_for

INLINE_PAGE = 20
GROWING: dict[Any, Any] = {
    models.TextField: {"widget": UnfoldAdminExpandableTextareaWidget}
}  # boxes as long as their text


class Related:
    """What pages and rows share: search boxes on all links, and the linked records read with the rows."""

    # Links that are read in the same query, because rows or their names show them.
    related: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset: models.QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return queryset.select_related(*self.related) if self.related else queryset

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        fields = self.model._meta.fields  # type: ignore[attr-defined]
        return [field.name for field in fields if isinstance(field, models.ForeignKey)]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A record is deleted on its own page, which lists what depends on it; not from a search box elsewhere."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False
        return field

    def formfield_for_foreignkey(
        self, db_field: "models.ForeignKey[Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc,no-any-return]


class RecordAdmin(Related, PageVersions, PageRights, SimpleHistoryAdmin, ImportExportMixin, ModelAdmin):
    """The pages of one kind of record: list, form, history, import and export."""

    form = RecordForm
    formfield_overrides: ClassVar[dict[Any, Any]] = {**GROWING, models.URLField: {"assume_scheme": "https"}}
    compressed_fields = False
    import_form_class = ImportForm
    export_form_class = SelectableFieldsExportForm
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    show_full_result_count = False
    to_encoding = "utf-8-sig"  # Excel takes a CSV file without a mark for its own old encoding
    history_list_display: ClassVar = ["via"]
    warn_unsaved_form = True
    conditional_fields: ClassVar[dict[str, str]] = {}  # templates look for it at every field
    # By which links a search box may narrow its answers to one owner, such as the programme.
    autocomplete_limits: ClassVar[tuple[str, ...]] = ()

    def get_paginator(self, request: HttpRequest, queryset: Any, per_page: int, *args: Any, **kwargs: Any) -> Any:
        """Pages of a list, or of the answers of a search box, for which nothing is counted to its end."""
        asked_for = request.GET.get("p") or request.GET.get("page") or ""
        page = int(asked_for) if asked_for.isascii() and asked_for.isdecimal() and len(asked_for) < 10 else 1
        return BoundedPaginator(queryset, per_page, *args, page=page, **kwargs)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RecordList

    def get_resource_classes(self, request: HttpRequest) -> list[type[Any]]:
        return self.resource_classes or [resource_for(self.model)]

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        """Say why a file cannot be read, in words and not by the name of a Python class."""
        why = (
            str(e) if isinstance(e, UnreadableError) else _("It is not of the kind that was chosen, or it is damaged.")
        )
        form.add_error("import_file", _("This file cannot be read. %(why)s") % {"why": why})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Where only rows below it have changed, the record itself gets no new version."""
        match = request.resolver_match
        # There the form begins with the old version, and what is sent back unchanged is to be restored.
        restores = match is not None and str(match.url_name).endswith("_simple_history")
        if not change or restores or form.has_changed():
            super().save_model(request, obj, form, change)

    def set_history_delta_changes(self, request: HttpRequest, versions: Any, *args: Any, **kwargs: Any) -> None:
        super().set_history_delta_changes(request, versions, *args, **kwargs)
        for version in versions:
            version.history_change_reason = version.history_change_reason or ""  # the page would say "None"

    def via(self, version: Any) -> str:
        """By which way the version came in, for the history."""
        return str(version.get_history_via_display())

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Who imports both adds and changes."""
        return bool(self.has_add_permission(request) and self.has_change_permission(request))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """As in the API: every word, wherever it stands; case and accents do not matter. No row comes twice."""
        if words := words_of(search_term):
            with for_page():
                queryset = queryset.filter(matching(self.model, words, *self.get_search_fields(request)))
        if request.resolver_match is not None and request.resolver_match.url_name == "autocomplete":
            for name in self.autocomplete_limits:
                value = request.GET.get(name, "")
                if value:
                    queryset = self._limited(queryset, name, value)
        return offered(request, queryset), False

    def _limited(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        owner = self.model._meta.get_field(name).related_model
        return queryset.filter(**{name: key_of(owner, value)}) if is_key(owner, value) else queryset.none()

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        if not is_key(self.model, unquote(object_id)):
            raise Http404
        return super().history_view(request, object_id, extra_context)


class RowsMixin(Related, RowRights):
    """Rows of another record on the page of the record that owns them."""

    form = RecordForm
    formset = RowsFormSet
    formfield_overrides: ClassVar = GROWING
    extra = 0
    tab = True
    per_page = INLINE_PAGE
    show_change_link = True


class Table(RowsMixin, TabularInline):
    """Rows as a table, for records of few fields."""

    # Links beside whose search box a new record can be made; in a table there is no room for it at all of them.
    adds: ClassVar[tuple[str, ...]] = ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            if isinstance(field.widget, RelatedFieldWidgetWrapper) and db_field.name not in self.adds:
                field.widget = field.widget.widget
            if isinstance(db_field, PartialDateField):
                field.widget.attrs["placeholder"] = "2016-02"
        return field


class Cards(RowsMixin, StackedInline):
    """Rows that show a summary and open to a whole form, for records of many fields."""

    collapsible = True
    per_page = 10


class Summary:
    """For the forms of cards: what stands on the closed card of a record that is there already."""

    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            parts = (str(part) for part in self.summary(self.instance) if part)
            self.instance.get_inline_title = " · ".join(parts)

    def summary(self, record: Any) -> Iterable[Any]:
        """The parts of the summary; empty ones are left out."""
        raise NotImplementedError


def number_of(model: type[models.Model], link: str, counted: models.Count | None = None) -> Coalesce:
    """How many records of `model` point here by `link`; a statement within, so that the list keeps its order."""
    rows = model._default_manager.filter(**{link: models.OuterRef("pk")}).order_by().values(link)
    return Coalesce(models.Subquery(rows.annotate(number=counted or models.Count("pk")).values("number")), 0)


def registered(model: type[models.Model]) -> RecordAdmin:
    """The pages of a kind of record, for what has to ask them."""
    page = admin.site._registry[model]
    assert isinstance(page, RecordAdmin)  # noqa: S101
    return page
