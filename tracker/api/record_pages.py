"""Pages of records: their keys first, and what is shown of them for these keys alone."""

import functools
from collections import namedtuple
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.changed_since import changed_since, deleted_since
from tracker.api.documents import keys
from tracker.api.fresh import fresh
from tracker.api.ordering import terms
from tracker.api.pagination import Pagination

# Parameters that do not say which records there are, nor in which order.
SHOWN = {"page", "page_size", "pagination", "cursor", "count", "fields", "expand", "format"}
ORDERING = "ordering"


class RecordPagination(Pagination):
    """Pages of records; with `changed_since` the first one names the deleted records too.

    While nothing is written, whatever page is asked for, records are counted once, and the filters and the order are
    made into SQL once.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of a page, each with the `pk` of its record. `queryset` may be lazy: it is not always made."""
        self.model = view.queryset.model
        return super().paginate_queryset(queryset, request, view)

    def counted(self, queryset: QuerySet[Any]) -> int:
        """How many records there are."""
        return fresh(("count", self.model, self._asked(SHOWN | {ORDERING})), lambda: queryset.count())  # noqa: PLW0108

    def rows(self, queryset: QuerySet[Any], start: int, stop: int) -> list[Any]:
        """The rows of the records from one place of the order up to another."""
        if self.kind == "cursor":
            return list(queryset.values_list("pk", *queryset.query.annotations, named=True)[start:stop])
        if not self._asked(SHOWN | {ORDERING}):
            return list(keys(self.model, terms(self.request, self.model), start, stop))
        return _page(fresh(("rows", self.model, self._asked(SHOWN)), lambda: _as_sql(queryset)), start, stop)

    def _asked(self, but: set[str]) -> tuple[Any, ...]:
        """The parameters of the request but for some, in one order."""
        return tuple(sorted(item for item in self.request.query_params.items() if item[0] not in but))

    def get_paginated_response(self, data: Any) -> Response:
        response = super().get_paginated_response(data)
        since = changed_since(self.request)
        if since is not None and self.previous is None:
            response.data = {"deleted": deleted_since(self.model, since, self.request), **response.data}
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


def _as_sql(queryset: QuerySet[Any]) -> tuple[Any, ...]:
    """A statement for the keys of the records, its values, and the names of its columns; empty where there are none."""
    names = tuple(queryset.query.annotations)
    try:
        sql, values = queryset.values_list("pk", *names).query.sql_with_params()
    except EmptyResultSet:
        return ()
    return sql, values, ("pk", *names)


def _page(statement: tuple[Any, ...], start: int, stop: int) -> list[Any]:
    if not statement:
        return []
    sql, values, names = statement
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT {stop - start} OFFSET {start}", values)
        return [_row(names)(*row) for row in cursor.fetchall()]


@functools.cache
def _row(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)
