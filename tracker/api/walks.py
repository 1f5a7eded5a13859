"""Lists of all kinds that can be walked through: from any place in their order on, forwards and backwards.

A place is what a row is ordered by, as JSON has it. No two rows of a list have the same; so rows that come or go shift
no others.
"""

import operator
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet

from tracker.api.ordering import Term
from tracker.records.fresh import fresh_rows
from tracker.records.statements import asked_once, expected_rows

Place = list[Any]
_Part = tuple[QuerySet[Any], Sequence[Term], Place | None]


class Walk:
    """A list in a total order. `order` tells it from others: a place in one is none in another."""

    order: str

    def count(self) -> int:
        """How many rows there are, exactly."""
        raise NotImplementedError

    def estimate(self) -> int:
        """How many there are, about."""
        return self.count()

    def rows(self, start: int, stop: int) -> list[Any]:
        """The rows from one number up to another."""
        raise NotImplementedError

    def counted_rows(self, start: int, stop: int) -> tuple[int, list[Any]]:
        """How many rows there are, and those from one number up to another."""
        return self.count(), self.rows(start, stop)

    def beyond(self, place: Place | None, number: int, *, backwards: bool) -> list[Any]:
        """So many rows after the place, or before it, the nearest first; those at the beginning without a place."""
        raise NotImplementedError

    def place(self, row: Any) -> Place:
        """Where a row that came from `beyond` stands."""
        raise NotImplementedError


class Records(Walk):
    """What a query finds, in the order of the terms."""

    def __init__(self, queryset: QuerySet[Any], terms: Sequence[Term]) -> None:
        self.queryset, self.terms = queryset, terms
        self.order = _named(terms)

    def count(self) -> int:
        return self.queryset.count()

    def estimate(self) -> int:
        return expected_rows(self.queryset.order_by())

    def rows(self, start: int, stop: int) -> list[Any]:
        return list(self.queryset[start:stop])

    def beyond(self, place: Place | None, number: int, *, backwards: bool) -> list[Any]:
        ordered = self.queryset.annotate(**{f"place_{nth}": F(term.path) for nth, term in enumerate(self.terms)})
        found: list[Any] = []
        for part, terms, at in self._parts(ordered, place, backwards=backwards):
            if len(found) < number:
                further = part if at is None else part.filter(beyond(terms, at, backwards=backwards))
                further = further.order_by(*(term.expression(backwards=backwards) for term in terms))
                found += self.fetched(further[: number - len(found)])
        return found

    def _parts(self, rows: QuerySet[Any], place: Place | None, *, backwards: bool) -> list[_Part]:
        """The rows from the part on in which the place is, with the order of each and the place in it.

        What is not known comes last in either direction, and no index is in that order both ways: it is read apart.
        """
        first, *others = self.terms
        if not first.nullable or first.computed:
            return [(rows, self.terms, place)]
        known = rows.filter(**{f"{first.path}__isnull": False}), [first._replace(nullable=False), *others]
        unknown = rows.filter(**{f"{first.path}__isnull": True}), others
        if place is None:
            found: list[_Part] = [(*known, None), (*unknown, None)]
        elif place[0] is None:
            found = [(*known, None)] * backwards + [(*unknown, place[1:])]
        else:
            found = [(*known, place)] + [(*unknown, None)] * (not backwards)
        return found[::-1] if backwards else found

    def fetched(self, queryset: QuerySet[Any]) -> list[Any]:
        """The rows of a query that is annotated with their places."""
        return list(queryset)

    def place(self, row: Any) -> Place:
        return [_plain(getattr(row, f"place_{nth}")) for nth in range(len(self.terms))]


class Together(Walk):
    """What several queries find, in one order. Their rows are the values by which they are ordered."""

    def __init__(self, parts: Sequence[QuerySet[Any, Any]], terms: Sequence[Term]) -> None:
        self.parts, self.terms = parts, terms
        self.order = _named(terms)

    def count(self) -> int:
        """Counted once while nothing is written of the kinds of record that are read."""
        try:
            selected, parameters = self._joined(self.parts).query.sql_with_params()
        except EmptyResultSet:
            return 0
        statement = f"SELECT COUNT(*) FROM ({selected}) AS counted"  # noqa: S608
        ((found,),) = fresh_rows(statement, parameters, lambda: asked_once(statement, parameters))
        return int(found)

    def estimate(self) -> int:
        return expected_rows(self._joined(self.parts))

    def rows(self, start: int, stop: int) -> list[Any]:
        return list(self._first(self.parts, stop)[start:])

    def beyond(self, place: Place | None, number: int, *, backwards: bool) -> list[Any]:
        further = Q() if place is None else beyond(self.terms, place, backwards=backwards)
        return list(self._first([part.filter(further) for part in self.parts], number, backwards=backwards))

    def place(self, row: Any) -> Place:
        return [_plain(value) for value in row]

    def _first(
        self, parts: Sequence[QuerySet[Any, Any]], number: int, *, backwards: bool = False
    ) -> QuerySet[Any, Any]:
        """The first rows of all: of each query no more than these are looked for. SQLite sees that by itself."""
        order = [term.expression(backwards=backwards) for term in self.terms]
        if len(parts) > 1 and connection.features.supports_slicing_ordering_in_compound:
            parts = [part.order_by(*order)[:number] for part in parts]
        return self._joined(parts).order_by(*order)[:number]

    def _joined(self, parts: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
        return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]


class Computed(Walk):
    """Rows that are all at hand, in the order of their places."""

    def __init__(self, rows: Sequence[Any], place: Callable[[Any], Sequence[Any]], order: str) -> None:
        self._rows, self._place, self.order = rows, place, order

    def count(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[Any]:
        return list(self._rows[start:stop])

    def beyond(self, place: Place | None, number: int, *, backwards: bool) -> list[Any]:
        numbers = range(len(self._rows))
        if backwards:
            stop = len(numbers) if place is None else bisect_left(numbers, place, key=self._place_at)
            return list(self._rows[max(0, stop - number) : stop])[::-1]
        start = 0 if place is None else bisect_right(numbers, place, key=self._place_at)
        return self.rows(start, start + number)

    def place(self, row: Any) -> Place:
        return list(self._place(row))

    def _place_at(self, number: int) -> Place:
        return self.place(self._rows[number])


def beyond(terms: Sequence[Term], place: Place, *, backwards: bool) -> Q:
    """The condition of standing after the place, or before it."""
    conditions, same = [], Q()
    for term, value in zip(terms, place, strict=True):
        if value is not None:
            lookup = "lt" if term.descending != backwards else "gt"
            further = Q(**{f"{term.path}__{lookup}": value})
            if term.nullable and not backwards:
                further |= Q(**{f"{term.path}__isnull": True})
            conditions.append(same & further)
        elif backwards:
            conditions.append(same & Q(**{f"{term.path}__isnull": False}))
        same &= Q(**{f"{term.path}__isnull": True}) if value is None else Q(**{term.path: value})
    return _from(terms[0], place[0], backwards=backwards) & reduce(operator.or_, conditions)


def _from(first: Term, value: Any, *, backwards: bool) -> Q:
    """What follows from the rest, and what an index can be entered by: the rows before are then not looked at."""
    if value is None or (first.nullable and not backwards):
        return Q()
    return Q(**{f"{first.path}__{'lte' if first.descending != backwards else 'gte'}": value})


def ordered_by(*paths: str) -> list[Term]:
    """Terms for values that are never null; “-” before a path for the opposite direction."""
    return [Term(path.removeprefix("-"), path.startswith("-"), nullable=False) for path in paths]


def _named(terms: Sequence[Term]) -> str:
    return ",".join(("-" if term.descending else "") + term.path for term in terms)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int)) else str(value)
