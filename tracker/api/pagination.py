"""Pages of a list: by number, or by a cursor that says after which record to go on."""

import json
import operator
from functools import reduce
from typing import Any

from django.core import signing
from django.db import connections
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from tracker.api.ordering import Term, terms
from tracker.api.suggestions import did_you_mean, shown

PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
KINDS = ("page", "cursor")
MOST_RECORDS = 10**12  # more than there are
COUNTS = ("exact", "estimate", "none")
_signer = signing.Signer(salt=__name__)


class Pagination(BasePagination):
    """Numbered pages with a count; with `cursor=` or `pagination=cursor` pages without one, at a cost that does not
    grow with the depth and with an order that records added meanwhile do not shift. `count=` says otherwise.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.address = request.build_absolute_uri()
        self.count: int | None = None
        parameters = request.query_params
        self.kind = kind = parameters.get("pagination", "cursor" if "cursor" in parameters else "page")
        if kind not in KINDS:
            message = _("“%s” is not a kind of pagination.") % shown(kind) + did_you_mean(kind, KINDS)
            raise _invalid("pagination", message, "unknown_value")
        count = parameters.get("count", "exact" if kind == "page" else "none")
        if count not in COUNTS:
            message = _("“%s” is not a way to count.") % shown(count) + did_you_mean(count, COUNTS)
            raise _invalid("count", message, "unknown_value")
        for other in ("page",) if kind == "cursor" else ("cursor",):
            if other in parameters:
                raise _invalid(other, _("Ask for a page by its number or by a cursor, not by both."), "page_or_cursor")
        size = _number(parameters.get("page_size", str(PAGE_SIZE)), "page_size", MAX_PAGE_SIZE)
        if count == "exact":
            self.count = self.counted(queryset)
        elif count == "estimate":
            self.count = estimated_count(queryset)
        if kind == "cursor":
            return self._after_cursor(queryset, terms(request, queryset.model), size)
        return self._numbered(queryset, size, known=count == "exact")

    def get_paginated_response(self, data: Any) -> Response:
        count = {} if self.count is None else {"count": self.count}
        return Response(count | {"next": self.next, "previous": self.previous, "results": data})

    def counted(self, queryset: Any) -> int:
        """How many rows there are, exactly."""
        return int(queryset.count())

    def rows(self, queryset: QuerySet[Any], start: int, stop: int) -> list[Any]:
        """The rows of a page."""
        return list(queryset[start:stop])

    def _numbered(self, queryset: QuerySet[Any], size: int, *, known: bool) -> list[Any]:
        """A page by its number; whether there is a next one is seen by the count, or by one row more."""
        number = _number(self.request.query_params.get("page", "1"), "page", None)
        if known:
            pages = max(1, -(-(self.count or 0) // size))
            if number > pages:
                raise _no_page(number, _("the last one is %d.") % pages)
        beyond = number > MOST_RECORDS
        rows = [] if beyond else self.rows(queryset, (number - 1) * size, number * size + (0 if known else 1))
        if not known and number > 1 and not rows:
            raise _no_page(number, _("the list ends before."))
        more = number < pages if known else len(rows) > size
        self.next = replace_query_param(self.address, "page", number + 1) if more else None
        self.previous = None
        if number > 1:
            first = remove_query_param(self.address, "page")
            self.previous = first if number == 2 else replace_query_param(self.address, "page", number - 1)
        return rows[:size]

    def _after_cursor(self, queryset: QuerySet[Any], order: list[Term], size: int) -> list[Any]:
        backwards, position = False, None
        if text := self.request.query_params.get("cursor"):
            backwards, position = _read(text, order)
        keys = {f"cursor_{number}": F(term.path) for number, term in enumerate(order)}
        found = queryset.annotate(**keys)
        if position is not None:
            found = found.filter(_beyond(order, position, backwards=backwards))
        found = found.order_by(*(term.expression(backwards=backwards) for term in order))
        rows = self.rows(found, 0, size + 1)
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        before = position is not None and (more if backwards else True)
        after = backwards or more
        self.previous = self._cursor(rows[0], order, backwards=True) if rows and before else None
        self.next = self._cursor(rows[-1], order, backwards=False) if rows and after else None
        return rows

    def _cursor(self, row: Any, order: list[Term], *, backwards: bool) -> str:
        values = [_plain(getattr(row, f"cursor_{number}")) for number in range(len(order))]
        # Without the time, so that the same page has the same links, and with them the same ETag.
        text = _signer.sign_object([_fingerprint(order), backwards, values])
        return replace_query_param(remove_query_param(self.address, "pagination"), "cursor", text)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        number = {"type": "integer", "minimum": 1}
        return [
            _parameter("page", number | {"default": 1}, "The page's number."),
            _parameter(
                "page_size",
                number | {"maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
                "How many records a page holds.",
            ),
            _parameter(
                "pagination",
                {"type": "string", "enum": list(KINDS), "default": "page"},
                "“cursor” starts a walk through the whole list by the links `next` and `previous`, without a count.",
            ),
            _parameter(
                "count",
                {"type": "string", "enum": list(COUNTS)},
                "How the records are counted: exactly (so with numbered pages, without this parameter), about"
                " (PostgreSQL then reads none of them), or not (so with a cursor).",
            ),
            _parameter("cursor", {"type": "string"}, "From a link `next` or `previous`; empty for the start.")
            | {"allowEmptyValue": True},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "How many records there are; not with `count=none`."},
                "next": link | {"description": "The next page; null on the last."},
                "previous": link | {"description": "The page before; null on the first."},
                "results": schema,
            },
        }


def estimated_count(rows: Any) -> int:
    """How many rows there are, about. PostgreSQL: what its planner expects of a query, not reading it; else counted."""
    if not isinstance(rows, QuerySet) or connections[rows.db].vendor != "postgresql":
        return int(rows.count())
    plan = json.loads(rows.order_by().explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def _no_page(number: int, why: str) -> NotFound:
    words = {"page": number if number < 10**12 else "…", "why": why}
    return NotFound({"page": [ErrorDetail(_("There is no page %(page)s: %(why)s") % words, code="not_found")]})


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _number(text: str, name: str, most: int | None) -> int:
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if number < 1:
        raise _invalid(name, _("“%s” is not a whole number from 1.") % shown(text), "invalid_number")
    if most is not None and number > most:
        raise _invalid(name, _("At most %d.") % most, "too_large")
    return number


def _invalid(name: str, message: str, code: str) -> ValidationError:
    return ValidationError({name: [ErrorDetail(message, code=code)]})


def _read(text: str, order: list[Term]) -> tuple[bool, list[Any]]:
    try:
        fingerprint, backwards, values = _signer.unsign_object(text)
    except (signing.BadSignature, ValueError):
        raise _invalid("cursor", _("This is not a cursor from a link `next` or `previous`."), "invalid") from None
    if fingerprint != _fingerprint(order):
        raise _invalid("cursor", _("This cursor belongs to a list in another order."), "invalid")
    return backwards, values


def _fingerprint(order: list[Term]) -> str:
    return ",".join(("-" if term.descending else "") + term.path for term in order)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def _beyond(order: list[Term], position: list[Any], *, backwards: bool) -> Q:
    """Records after (or before) the one whose order fields have the values of `position`."""
    conditions, same = [], Q()
    for term, value in zip(order, position, strict=True):
        if value is not None:
            lookup = "lt" if term.descending != backwards else "gt"
            further = Q(**{f"{term.path}__{lookup}": value})
            if term.nullable and not backwards:
                further |= Q(**{f"{term.path}__isnull": True})
            conditions.append(same & further)
        elif backwards:
            conditions.append(same & Q(**{f"{term.path}__isnull": False}))
        same &= Q(**{f"{term.path}__isnull": True}) if value is None else Q(**{term.path: value})
    return reduce(operator.or_, conditions)
