"""Pages of lists, which may be very long: no table is counted for them, and what is unknown comes last."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db.models.expressions import OrderBy
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from tracker.api.ordering import term_of, terms_of
from tracker.api.record_pages import keys_in_order
from tracker.records.statements import counted

MOST_COUNTED = 1000  # records beyond the page that is shown


class AtLeast(int):
    """How many there are at least: who counted stopped there."""

    def __str__(self) -> str:
        return f"{int(self):,}+".replace(",", "\N{THIN SPACE}")


def number(found: int, most: int) -> int:
    """The number, or that there are more than `most`."""
    return AtLeast(most) if found > most else found


class BoundedPaginator(Paginator):
    """Counts no further than some pages after the one that is asked for."""

    def __init__(self, *args: Any, page: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked_for = page

    @cached_property
    def count(self) -> int:
        """How many records there are, or more than how many."""
        most = self.asked_for * self.per_page + MOST_COUNTED
        rows: Any = self.object_list
        (found,) = counted([(rows, most, 0)])
        return number(found.number, most)

    def page(self, number: Any) -> Any:
        """The page; its rows are found as in the API where they are sorted by what may be unknown."""
        page = super().page(number)
        page.object_list = _by_keys(page.object_list)
        return page


class RowsPaginator(Paginator):
    """Reads the first page with one row more: it is counted only what does not end there."""

    @cached_property
    def _first(self) -> list[Any]:
        return list(self.object_list[: self.per_page + 1])

    @cached_property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._first) if len(self._first) <= self.per_page else super().count

    def page(self, number: Any) -> Any:
        """The page; the first has been read already."""
        if self.validate_number(number) == 1:
            return Page(self._first[: self.per_page], 1, self)
        return super().page(number)


class RecordList(ChangeList):
    """A list in which what is not known comes last in either direction, on either database, as in the API."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        return [_unknown_last(self.model, each) for each in super().get_ordering(request, queryset)]


def _by_keys(rows: Any) -> Any:
    """The rows of a page by their keys, where these are found sooner alone.

    By an index, where what they are sorted by may be unknown. And where some are chosen: beside many links PostgreSQL
    looks for those only when it has joined all of them.
    """
    keys = _keys_in_order(rows)
    if keys is None and rows.query.where and rows.query.select_related:
        keys = list(rows.values_list("pk", flat=True))
    return rows if keys is None else _all(rows).filter(pk__in=keys)


def _keys_in_order(rows: Any) -> list[Any] | None:
    order, wanted = rows.query.order_by, (rows.query.low_mark, rows.query.high_mark)
    if order and isinstance(order[0], OrderBy) and order[0].nulls_last:
        with suppress(FieldDoesNotExist):
            return keys_in_order(_all(rows), terms_of(rows.model, order), *wanted)
    return None


def _all(rows: Any) -> Any:
    """The rows of all pages."""
    every = rows.all()
    every.query.clear_limits()
    return every


def _unknown_last(model: Any, order: Any) -> Any:
    """The order by one of the model's own columns, as the API has it; any other as it is."""
    name = order.removeprefix("-") if isinstance(order, str) else ""
    if not any(field.name == name and not field.is_relation for field in model._meta.concrete_fields):
        return order
    return term_of(model, name, descending=order.startswith("-")).expression()
