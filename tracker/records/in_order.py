"""Rows that stand in an order: each has a key, and places by which it is sorted, in one direction or the other."""

from bisect import insort
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from tracker.records.fresh import Rows

DESCENDING = "DESC"


def place(nth: int) -> str:
    """The name of a column with places."""
    return f"place_{nth}"


def sorted_by(directions: Sequence[str]) -> str:
    """The order in SQL."""
    return ", ".join(f"{place(nth)} {direction}" for nth, direction in enumerate(directions))


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
