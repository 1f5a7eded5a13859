"""The history of a record in the API: `history/` for what changed, when, by whom, by which way and why."""

import datetime
from collections.abc import Collection
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api import values
from tracker.api.addresses import code_fields, found_by, not_found
from tracker.api.pagination import Pagination
from tracker.api.permissions import ReadForViewers
from tracker.api.selection import described
from tracker.api.suggestions import shown
from tracker.api.walks import Together, ordered_by
from tracker.records.changes import (
    ORDER,
    TYPES,
    FieldChange,
    RecordChange,
    Scope,
    changes,
    current_at,
    kind_name,
    references,
    versions,
)
from tracker.records.models import Record


class User(values.Value):
    """A user by name; cleans to the key."""

    def read(self, text: str) -> Any:
        user = get_user_model()._default_manager.filter(username=text).first()
        if user is None:
            raise InvalidValue(_("There is no user “%s”.") % shown(text), code="unknown_value")
        return user.pk


OWN: dict[str, tuple[values.Value, str]] = {
    "since": (values.Instant(), "Only changes from this moment on."),
    "until": (values.Instant(), "Only changes up to this moment."),
    "user": (User(), "Only changes by this user."),
    "type": (values.Several(values.Choice(TYPES.values())), "Only changes of these types."),
}

_ANY = {"description": "As the record itself shows it; null where there is none."}
FIELDS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["field", "old", "new"],
        "properties": {"field": {"type": "string"}, "old": _ANY, "new": _ANY},
    },
}
WHAT: dict[str, Any] = {
    "record": {"type": "string", "description": "The kind of record, such as budget_country."},
    "key": {"type": ["string", "integer"], "description": "Its code, or its number."},
    "type": {"type": "string", "enum": list(TYPES.values())},
    "fields": FIELDS,
}
CHANGE: dict[str, Any] = {
    "type": "object",
    "required": ["when", "user", "via", "reason", *WHAT],
    "properties": {
        "when": {"type": "string", "format": "date-time"},
        "user": {"type": ["string", "null"]},
        "via": {"type": "string", "description": "The way in: admin, api, import, fixtures; empty where not known."},
        "reason": {"type": ["string", "null"]},
        **WHAT,
    },
}
ANSWER: dict[str, Any] = Pagination().get_paginated_response_schema({"type": "array", "items": CHANGE})


class HistoryMixin:
    """`history/` of each record of a view set, of deleted ones too."""

    queryset: Any
    serializer_class: Any
    # The kinds of record whose changes are told along with the record's own, itself among them.
    history_kinds: ClassVar[tuple[type[Record], ...]] = ()

    @action(detail=True, methods=["get"], permission_classes=[ReadForViewers])
    def history(self, request: Request, **kwargs: Any) -> Response:
        """The changes, newest first, for those who see what is not published too."""
        asked = _asked(request, self.history_parameters())
        scope = self.history_scope(self.keys_ever(kwargs))
        if asked.get("record"):
            scope = {model: keys for model, keys in scope.items() if kind_name(model) in asked["record"]}
        pages = Pagination()
        walk = Together(references(scope, _condition(asked)), ordered_by(*ORDER))
        page = pages.paginate_queryset(walk, request)
        return pages.get_paginated_response([self._told(each) for each in changes(list(scope), page)])

    @classmethod
    def history_parameters(cls) -> dict[str, tuple[values.Value, str]]:
        """The parameters of the history."""
        if not cls.history_kinds:
            return OWN
        kinds = values.Several(values.Choice(kind_name(model) for model in cls.history_kinds))
        return OWN | {"record": (kinds, "Only changes of these kinds of record.")}

    @classmethod
    def described_history_parameters(cls) -> list[dict[str, Any]]:
        """The same for the OpenAPI document, with those of pages."""
        own = [
            {"name": name, "in": "query", "description": text, **value.describe()}
            for name, (value, text) in cls.history_parameters().items()
        ]
        return own + Pagination().get_schema_operation_parameters(cls)

    def history_scope(self, keys: Collection[Any]) -> Scope:
        """The records whose versions are the history of the records with these keys."""
        return {self.queryset.model: keys}

    def keys_ever(self, kwargs: dict[str, Any]) -> list[Any]:
        """The keys of the records that have the address, or had it when they were deleted; the latest first."""
        model = self.queryset.model
        (key,) = kwargs.values()
        condition = None if "\0" in key else found_by(model, [key])
        if condition is not None and not code_fields(model):
            condition = Q(**{model._meta.pk.attname: int(key)})
        if condition is not None:
            last = versions(model).filter(condition, current_at(None)).order_by("-history_date", "-history_id")
            if keys := list(last.values_list(model._meta.pk.attname, flat=True)):
                return keys
        raise Http404(not_found(self.queryset.all(), key.replace("\0", "")))

    def _told(self, change: RecordChange) -> dict[str, Any]:
        return {
            "when": moment(change.when),
            "user": change.user,
            "via": change.via,
            "reason": change.reason,
            "record": kind_name(change.model),
            "key": change.key,
            "type": change.type,
            "fields": self.told_fields(change.model, change.fields),
        }

    def told_fields(self, model: type[Record], fields: list[FieldChange]) -> list[dict[str, Any]]:
        """The changed fields under the names that they have in the API."""
        names: dict[str, str] = {}
        if model is self.queryset.model:
            names = {field.source: name for name, field in described(self.serializer_class).items()}
        return [each._asdict() | {"field": names.get(each.field, each.field)} for each in fields]


def moment(instant: datetime.datetime) -> str:
    """As the API writes moments."""
    return instant.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def _asked(request: Request, parameters: dict[str, tuple[values.Value, str]]) -> dict[str, Any]:
    asked: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, (value, _text) in parameters.items():
        try:
            asked[name] = value.clean(request.query_params.get(name))
        except InvalidValue as error:
            errors[name] = [ErrorDetail(message, code=error.code) for message in error.messages]
    if not errors and asked["since"] and asked["until"] and asked["until"] < asked["since"]:
        errors["until"] = [ErrorDetail(_("It lies before `since`."), code="before_since")]
    if errors:
        raise ValidationError(errors)
    return asked


def _condition(asked: dict[str, Any]) -> Q:
    marks = {name: mark for mark, name in TYPES.items()}
    wanted = {
        "history_date__gte": asked["since"],
        "history_date__lte": asked["until"],
        "history_user": asked["user"],
        "history_type__in": asked["type"] and [marks[name] for name in asked["type"]],
    }
    return Q(**{lookup: value for lookup, value in wanted.items() if value is not None})
