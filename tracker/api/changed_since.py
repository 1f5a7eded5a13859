"""`changed_since=` on lists, for clients that keep a copy: what changed since a moment, and what was deleted."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access.rules import sees_all
from tracker.api.addresses import key_field
from tracker.api.documents import keys
from tracker.api.fresh import fresh
from tracker.api.history import moment
from tracker.api.ordering import terms
from tracker.api.pagination import Pagination
from tracker.api.past import dates
from tracker.api.values import Instant
from tracker.records.changes import current_at, versions
from tracker.records.past import no_longer_public, ways_to_published
from tracker.records.views import can_be_hidden

NAME = "changed_since"
# Parameters that say which of the records are shown, and how; not which records there are.
SAME_RECORDS = {"page", "page_size", "pagination", "cursor", "count", "ordering", "fields", "expand", "format"}
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
        return queryset if since is None else queryset.filter(_begun(queryset.model, since, request))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [PARAMETER]


class RecordPagination(Pagination):
    """Pages of records; with `changed_since` the first one names the deleted records too."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.model = queryset.model
        return super().paginate_queryset(queryset, request, view)

    def counted(self, queryset: QuerySet[Any]) -> int:
        """How many records there are. It is counted once while nothing is written, on whatever page it is asked for."""
        asked = tuple(sorted(item for item in self.request.query_params.items() if item[0] not in SAME_RECORDS))
        return fresh((self.model, asked), queryset.count)

    def rows(self, queryset: QuerySet[Any], start: int, stop: int) -> list[Any]:
        """The records of a page, as rows with `pk`: what is shown of them is then read for these keys alone."""
        if not queryset.query.annotations and self.request.query_params.keys() <= SAME_RECORDS:
            return keys(self.model, terms(self.request, self.model), start, stop)  # of all, and asked for most often
        return list(queryset.values_list("pk", *queryset.query.annotations, named=True)[start:stop])

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


def _begun(model: Any, since: datetime.datetime, request: Request) -> Q:
    """The condition that the record's version, now or on the day of `known_on`, began at or after the moment.

    To the public it also begins with the publication of what it is a part of.
    """
    current = versions(model).filter(current_at(dates(request).known_on), history_date__gte=since)
    begun = Q(pk__in=current.exclude(history_type="-").values(model._meta.pk.attname))
    if not sees_all(request.user):
        for path in ways_to_published(model):
            begun |= Q(pk__in=model._default_manager.filter(**{f"{path}__gte": since}).order_by().values("pk"))
    return begun


def _deleted(model: Any, since: datetime.datetime, request: Request) -> list[dict[str, Any]]:
    """The deletions since the moment, the earliest first; not of codes that another record has since."""
    key = key_field(model)
    if can_be_hidden(model) and not sees_all(request.user):
        gone = [(name, moment(instant)) for name, instant in no_longer_public(model, key, since)]
        return [{key: name, "deleted_at": instant} for name, instant in gone]
    last = versions(model).filter(current_at(dates(request).known_on), history_date__gte=since, history_type="-")
    found = last.exclude(**{f"{key}__in": model._default_manager.order_by().values(key)})
    rows = found.order_by("history_date", "history_id").values_list(key, "history_date")
    return [{key: name, "deleted_at": moment(instant)} for name, instant in rows]
