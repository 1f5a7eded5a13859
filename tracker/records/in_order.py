"""Rows that stand in an order: each has a key, and places by which it is sorted, in one direction or the other."""

from bisect import insort
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from tracker.records.fresh import Rows

DESCENDING, UNKNOWN_LAST = "DESC", " NULLS LAST"
LINK = "link"  # the name of a column
FAR = 10_000  # rows before the end of a page: to sort all takes no longer than to read so many by an index


def place(nth: int) -> str:
    """The name of a column with places."""
    return f"place_{nth}"


def sorted_by(directions: Sequence[str]) -> str:
    """The order in SQL."""
    return ", ".join(_each_sorted_by(directions))


def _each_sorted_by(directions: Sequence[str]) -> list[str]:
    return [f"{place(nth)} {direction}" for nth, direction in enumerate(directions)]


def in_order(rows: str, directions: Sequence[str]) -> str:
    """SQL for the keys of rows, in their order."""
    return f"SELECT pk FROM ({rows}) selected ORDER BY {sorted_by(directions)}"  # noqa: S608


class Range(NamedTuple):
    """From one place of an order up to another, and how many that is: numbers, or parameters in SQL.

    Of parameters PostgreSQL expects that they ask for a tenth of all, and sorts all: it is told how many at `most`.
    """

    start: Any
    stop: Any
    number: Any
    most: int | None = None


def page(rows: str, directions: Sequence[str], wanted: Range, *, by_index: bool = True, link: bool = False) -> str:
    """SQL for the keys of some rows in their order, `by_index` where their first place is a column.

    What is not known comes last in either direction, and no index is in that order both ways: the known are read by
    it, and of the others no more than these leave. Where the first place is at the end of a `link`, rows have that
    as well: how many have none PostgreSQL tells by it.
    """
    chosen = f"LIMIT {wanted.number} OFFSET {wanted.start}"
    if not by_index:
        return f"{in_order(rows, directions)} {chosen}"
    if directions[0].endswith(UNKNOWN_LAST):
        return f"{_known_first(rows, directions, wanted, link=link)} {chosen}"
    return f"{in_order(_first(rows, sorted_by(directions), wanted), directions)} {chosen}"


def _known_first(rows: str, directions: Sequence[str], wanted: Range, *, link: bool) -> str:
    first, *others = _each_sorted_by([directions[0].removesuffix(UNKNOWN_LAST), *directions[1:]])
    of_known, of_others = ", ".join([first, *others]), ", ".join(others)
    is_known, is_unknown = f"{place(0)} IS NOT NULL", f"{place(0)} IS NULL"
    if link:
        is_known, is_unknown = f"{is_known} AND {LINK} IS NOT NULL", f"({is_unknown} OR {LINK} IS NULL)"
    selected = f"SELECT {', '.join(['pk', *map(place, range(len(directions)))])} FROM selected WHERE"  # noqa: S608
    known = f"SELECT * FROM ({_first(f'{selected} {is_known}', of_known, wanted)}) known"  # noqa: S608
    return (
        f"WITH selected AS NOT MATERIALIZED ({rows}),"  # noqa: S608
        f" known AS MATERIALIZED ({known} ORDER BY {of_known} LIMIT {wanted.stop}), others AS ({selected} {is_unknown}"
        f" ORDER BY {of_others} LIMIT {wanted.stop} - (SELECT COUNT(*) FROM known))"
        f" {in_order('SELECT * FROM known UNION ALL SELECT * FROM others', directions)}"
    )


def _first(rows: str, order: str, wanted: Range) -> str:
    """The rows, or where it is said how many are wanted at most, so many of them."""
    return f"SELECT * FROM ({rows}) bounded ORDER BY {order} LIMIT {wanted.most}" if wanted.most else rows  # noqa: S608


def placed_anew(rows: Rows, keys: Collection[Any], now: Rows, directions: Sequence[str]) -> Rows | None:
    """The rows, with those of now in place of those with the keys; the same object where nothing is another.

    What is null stands at the end. Null where a place is a text: how these are sorted only the database knows.
    """
    if Counter(row for row in rows if row[0] in keys) == Counter(now):
        return rows
    if any(isinstance(value, str) for row in now for value in row[1:]):
        return None
    found = [row for row in rows if row[0] not in keys]
    for row in now:
        insort(found, row, key=lambda row: _places(row, directions))
    return tuple(found)


def _places(row: Sequence[Any], directions: Sequence[str]) -> tuple[Any, ...]:
    return tuple(
        (value is None, _Backwards(value) if direction.startswith(DESCENDING) else value)
        for value, direction in zip(row[1:], directions, strict=True)
    )


class _Backwards:
    """A value that stands before those that are less."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Backwards) and bool(self.value == other.value)

    def __lt__(self, other: "_Backwards") -> bool:
        return bool(other.value < self.value)

    __hash__ = None  # type: ignore[assignment]
