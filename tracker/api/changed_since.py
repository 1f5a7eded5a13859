"""`changed_since=` on lists, for clients that keep a copy: what changed since a moment, and what was deleted."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.addresses import key_field
from tracker.api.history import moment
from tracker.api.pagination import Pagination
from tracker.api.past import dates
from tracker.api.values import Instant
from tracker.records.changes import current_at, versions

NAME = "changed_since"
PARAMETER: dict[str, Any] = {
    "name": NAME,
    "in": "query",
    "description": (
        "Only records made or changed at or after this moment; what changed within a child counts for the child. The"
        " first page then names in `deleted` the records deleted since, whatever the other filters."
    ),
    **Instant().describe(),
}


class ChangedSince(BaseFilterBackend):
    """Narrows a list to the records whose current version began at or after the moment."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        since = changed_since(request)
        return queryset if since is None else queryset.filter(pk__in=_begun(queryset.model, since, request))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [PARAMETER]


class RecordPagination(Pagination):
    """Pages of records; with `changed_since` the first one names the deleted records too."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.model = queryset.model
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        since = changed_since(self.request)
        if since is not None and self.previous is None:
            response.data = {"deleted": _deleted(self.model, since, self.request), **response.data}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        key = {"type": ["string", "integer"]}
        deleted = {
            "type": "array",
            "description": "With `changed_since`, on the first page: the records deleted since, by code or number.",
            "items": {
                "type": "object",
                "required": ["deleted_at"],
                "properties": {"code": key, "id": key, "deleted_at": {"type": "string", "format": "date-time"}},
            },
        }
        return page | {"properties": {"deleted": deleted, **page["properties"]}}


def changed_since(request: Request) -> datetime.datetime | None:
    """The moment that the request names, if any. Raises ValidationError."""
    try:
        since: datetime.datetime | None = Instant().clean(request.query_params.get(NAME))
        if since is not None and since > timezone.now():
            raise InvalidValue(_("It lies in the future."), code="in_the_future")
    except InvalidValue as error:
        raise ValidationError({NAME: [ErrorDetail(each, code=error.code) for each in error.messages]}) from None
    return since


def _begun(model: Any, since: datetime.datetime, request: Request) -> QuerySet[Any]:
    """The keys of the records whose version, now or on the day of `known_on`, began at or after the moment."""
    current = versions(model).filter(current_at(dates(request).known_on), history_date__gte=since)
    return current.exclude(history_type="-").values(model._meta.pk.attname)


def _deleted(model: Any, since: datetime.datetime, request: Request) -> list[dict[str, Any]]:
    """The deletions since the moment, the earliest first; not of codes that another record has since."""
    key = key_field(model)
    last = versions(model).filter(current_at(dates(request).known_on), history_date__gte=since, history_type="-")
    gone = last.exclude(**{f"{key}__in": model._default_manager.order_by().values(key)})
    rows = gone.order_by("history_date", "history_id").values_list(key, "history_date")
    return [{key: name, "deleted_at": moment(instant)} for name, instant in rows]
