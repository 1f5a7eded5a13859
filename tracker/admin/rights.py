"""The rules of who may edit which record, asked by pages, rows, search boxes and forms."""

from typing import Any

from django.apps import apps
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tracker.access.rules import editable, permission
from tracker.admin.keys import looked_up
from tracker.records.publication import Publishable


class PageRights:
    """For the pages of a kind of record."""

    model: Any

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may(request, "change", obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may(request, "delete", obj)  # type: ignore[misc]

    def _may(self, request: HttpRequest, verb: str, record: Any) -> bool:
        if record is not None and not isinstance(record, models.Model):  # unfold's buttons have only the key
            record = looked_up(request, self, record)
        name = permission(verb, self.model)
        return record is None or bool(request.user.has_perm(name, record))

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponseBase:
        """A version is for all who see it; to restore it needs the right to change, or to add what was deleted."""
        if request.method == "POST":
            stored = self.model._default_manager.filter(pk=unquote(object_id)).first()
            allowed = self.has_change_permission(request, stored) if stored else self.has_add_permission(request)  # type: ignore[attr-defined]
            if not allowed:
                raise PermissionDenied
        response: HttpResponseBase = super().history_form_view(request, object_id, version_id, extra_context)  # type: ignore[misc]
        return response

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """To be shown, that of which the rights were asked before; to be changed, it is read under its lock."""
        if request.method == "GET" and from_field is None:
            return looked_up(request, self, object_id)
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form, which knows who fills it in."""
        form: Any = super().get_form(request, obj, change, **kwargs)  # type: ignore[misc]
        form.user = request.user
        return form


class RowRights:
    """For rows on the page of the record that they are part of: who may change the page may change its rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _changes(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _changes(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _changes(request, obj)  # type: ignore[misc]


def _changes(request: HttpRequest, page: Any) -> bool:
    user: Any = request.user
    return page is None or page.pk is None or user.has_perm(permission("change", type(page)), page)


def offered(request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """What a search box offers: for a link to what the record is a part of only what the user may edit."""
    match = request.resolver_match
    if match is None or match.url_name != "autocomplete":
        return queryset
    try:
        model: Any = apps.get_model(request.GET.get("app_label", ""), request.GET.get("model_name", ""))
    except LookupError:
        return queryset
    below = queryset.model is model and issubclass(model, Publishable)
    part_of = getattr(model, "PART_OF", ())
    return editable(request.user, queryset) if below or request.GET.get("field_name") in part_of else queryset
