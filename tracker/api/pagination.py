"""Pages of a list: by number, or by a cursor that says after which record to go on."""

from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from tracker.api.ordering import terms
from tracker.api.suggestions import did_you_mean, shown
from tracker.api.walks import Place, Records, Walk

PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
PARAMETERS = ("page", "page_size", "pagination", "count", "cursor")
KINDS = ("page", "cursor")
MOST_RECORDS = 10**12  # more than there are
COUNTS = ("exact", "estimate", "none")
_signer = signing.Signer(salt=__name__)


class Pagination(BasePagination):
    """Numbered pages with a count; with `cursor=` or `pagination=cursor` pages without one, at a cost that does not
    grow with the depth and with an order that records added meanwhile do not shift. `count=` says otherwise.
    """

    def paginate_queryset(self, listed: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows of a page of the list: a `Walk`, or a query."""
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
        self.walk = walk = listed if isinstance(listed, Walk) else self.walked(listed)
        if kind == "page" and count == "exact":
            return self._numbered_and_counted(size)
        if count == "exact":
            self.count = walk.count()
        elif count == "estimate":
            self.count = walk.estimate()
        return self._after_cursor(size) if kind == "cursor" else self._numbered(size)

    def walked(self, queryset: QuerySet[Any]) -> Walk:
        """The records of a query, in the order that the request asks for."""
        return Records(queryset, terms(self.request, queryset.model))

    def get_paginated_response(self, data: Any) -> Response:
        count = {} if self.count is None else {"count": self.count}
        return Response(count | {"next": self.next, "previous": self.previous, "results": data})

    def _numbered_and_counted(self, size: int) -> list[Any]:
        """A page by its number; the count says whether there is a next one."""
        number = self._number()
        beyond = number > MOST_RECORDS
        self.count, rows = (self.walk.count(), []) if beyond else self.walk.counted_rows(*_range(number, size))
        pages = max(1, -(-self.count // size))
        if number > pages:
            raise _no_page(number, _("the last one is %d.") % pages)
        self._link(number, more=number < pages)
        return rows

    def _numbered(self, size: int) -> list[Any]:
        """A page by its number; one row more says whether there is a next one."""
        number = self._number()
        start, stop = _range(number, size)
        rows = [] if number > MOST_RECORDS else self.walk.rows(start, stop + 1)
        if number > 1 and not rows:
            raise _no_page(number, _("the list ends before."))
        self._link(number, more=len(rows) > size)
        return rows[:size]

    def _number(self) -> int:
        return _number(self.request.query_params.get("page", "1"), "page", None)

    def _link(self, number: int, *, more: bool) -> None:
        self.next = replace_query_param(self.address, "page", number + 1) if more else None
        self.previous = None
        if number > 1:
            first = remove_query_param(self.address, "page")
            self.previous = first if number == 2 else replace_query_param(self.address, "page", number - 1)

    def _after_cursor(self, size: int) -> list[Any]:
        backwards, place = False, None
        if text := self.request.query_params.get("cursor"):
            backwards, place = _read(text, self.walk.order)
        rows = self.walk.beyond(place, size + 1, backwards=backwards)
        more, rows = len(rows) > size, rows[:size]
        if backwards:
            rows.reverse()
        before = place is not None and (more if backwards else True)
        after = backwards or more
        self.previous = self._cursor(rows[0], backwards=True) if rows and before else None
        self.next = self._cursor(rows[-1], backwards=False) if rows and after else None
        return rows

    def _cursor(self, row: Any, *, backwards: bool) -> str:
        # Without the time, so that the same page has the same links, and with them the same ETag.
        text = _signer.sign_object([self.walk.order, backwards, self.walk.place(row)])
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


def _range(number: int, size: int) -> tuple[int, int]:
    return (number - 1) * size, number * size


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


def _read(text: str, order: str) -> tuple[bool, Place]:
    try:
        of_order, backwards, place = _signer.unsign_object(text)
    except (signing.BadSignature, ValueError):
        raise _invalid("cursor", _("This is not a cursor from a link `next` or `previous`."), "invalid") from None
    if of_order != order:
        raise _invalid("cursor", _("This cursor belongs to a list in another order."), "invalid")
    return backwards, place
