"""Rows that are carried from one moment to the next: of what was written between, only its part is asked for again.

Programmes hardly depend on each other. Where some were written, the sums over all of them are those of before, without
what the written ones gave then, and with what they give now; and a page of a list is the one of before where they stand
in the list as they did. What they gave then is read from the versions, so nothing need be kept but the rows themselves.
"""

import functools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils import timezone

from tracker.records import past, views
from tracker.records.fresh import (
    WORD,
    Kinds,
    Last,
    Rows,
    answered,
    fresh,
    fresh_rows,
    given_of,
    kinds_in,
    last,
    last_versions,
)
from tracker.records.parts import path_to_whole
from tracker.records.written import numbers

# Over how many versions rows are carried: some in any case, and as many as take the time in which all are asked for.
FEW, A_SECOND, MOST_WRITTEN = 10, 1500, 1000

Ask = Callable[[str, Sequence[Any]], Iterable[Sequence[Any]]]
Carry = Callable[[Rows, Rows, Rows], Rows | None]


class Part(NamedTuple):
    """A statement for the part of the rows that what was written has in them; none where it has no part in any.

    It is asked of no other records of the kinds in `only` than those with the keys.
    """

    statement: str = ""
    parameters: Sequence[Any] = ()
    only: Mapping[Any, Sequence[int]] = MappingProxyType({})


class Question(NamedTuple):
    """Rows that can be carried: a statement with its parameters, and how it is asked.

    What is written changes but what the `part` statement has, before as after: it follows from the last versions then
    of the kinds that were written of. Null where it cannot be told. `carry` makes the rows, of those of all then, of
    the part then, and of the part now; null where it cannot. They are kept as `packed`.
    """

    statement: str
    parameters: Sequence[Any]
    ask: Ask
    part: Callable[[Mapping[Any, Last]], Part | None]
    carry: Carry
    packed: Callable[[Rows], Rows] = tuple

    def rows(self) -> Rows:
        """The rows of the moment that is read, carried from before or asked for."""
        moment, kinds = past.moment_read(), kinds_in(self.statement)
        given_of(kinds)
        if moment is None or moment.instant is not None or kinds is None:
            return self._kept()
        if moment.seen.others_write and moment.seen.standby:
            return self._kept()
        read = views.behind(kinds, public=moment.public)
        versions = last_versions(read)
        question = ("carried", self.statement, tuple(self.parameters), moment.public, timezone.localdate())
        before: _Before | None = last(question)
        if before is not None and before.versions == tuple(versions.values()):
            return before.rows
        found = self._carried(before, versions, kinds, moment.schema) if before is not None else None
        if moment.seen.others_write:  # a version may come that is older than the last
            return self._kept() if found is None else found
        taken = 0.0 if before is None else before.taken
        if found is None:
            began = time.perf_counter()
            found = self._all()
            taken = time.perf_counter() - began
        answered(question, _Before(tuple(versions.values()), moment.schema, found, taken))
        return found

    def _kept(self) -> Rows:
        return fresh_rows(self.statement, self.parameters, self._all)

    def _all(self) -> Rows:
        return self.packed(self._rows(self.statement, self.parameters))

    def _carried(self, before: "_Before", versions: dict[Any, Last], kinds: Kinds, schema: str) -> Rows | None:
        then = dict(zip(versions, before.versions, strict=True))
        changed = {kind: then[kind] for kind in versions if versions[kind] != then[kind]}
        number = sum((versions[kind][0] or 0) - (last_then or 0) for kind, (last_then, _time) in changed.items())
        if number > min(FEW + A_SECOND * before.taken, MOST_WRITTEN):
            return None
        part = self.part(changed)
        if part is None:
            return None
        if not part.statement:
            return before.rows
        reader = views.Reader(public=bool(before.schema), last=numbers(changed))
        everything = before.schema != schema
        was = views.reading_as(part.statement, kinds, reader, part.only, everything=everything)
        now = views.reading_as(part.statement, (), views.Reader(public=bool(schema)), part.only)
        return self.carry(before.rows, self._part(was, part.parameters), self._part(now, part.parameters))

    def _part(self, statement: str, parameters: Sequence[Any]) -> Rows:
        """Asked once, where a number and a page have the same part."""
        return fresh(("part", statement, tuple(parameters)), lambda: self._rows(statement, parameters))

    def _rows(self, statement: str, parameters: Sequence[Any]) -> Rows:
        return tuple(map(tuple, self.ask(statement, parameters)))


class _Before(NamedTuple):
    """Rows, the last versions of all kinds that they are made of, from which schema they were read, and how many
    seconds it took when all of them were asked for."""

    versions: tuple[Any, ...]
    schema: str
    rows: Rows
    taken: float


def sums(keys: int) -> Carry:
    """Rows of sums, by their first columns, of which there are so many; where all sums are 0 there is no row."""

    def carry(rows: Rows, then: Rows, now: Rows) -> Rows:
        found: dict[tuple[Any, ...], list[int]] = {}
        for sign, part in ((1, rows), (-1, then), (1, now)):
            for row in part:
                values = found.setdefault(row[:keys], [0] * (len(row) - keys))
                for place, value in enumerate(row[keys:]):
                    values[place] += sign * value
        return tuple((*key, *values) for key, values in found.items() if any(values))

    return carry


def how_many(rows: Rows, then: Rows, now: Rows) -> Rows:
    """The number of all, where the part has a row for each."""
    ((found,),) = rows
    return ((found - len(then) + len(now),),)


def same(rows: Rows, then: Rows, now: Rows) -> Rows | None:
    """The rows of before, where the part is what it was, in whatever order."""
    return rows if Counter(then) == Counter(now) else None


@functools.lru_cache(maxsize=1000)
def crosses(statement: str, whole: Any) -> bool:
    """Whether the statement follows a link that may lead from the parts of one whole to those of another."""
    links = (
        kind._meta.get_field(name).column
        for kind in views.recorded()
        if path_to_whole(kind, whole)
        for name in kind.LINKS_WHOLES
    )
    return not set(WORD.findall(statement)).isdisjoint(links)
