"""Rows that stand in an order, and are placed anew."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.records.in_order import placed_anew

ROWS = ((4, Decimal(900), 4), (1, Decimal(500), 1), (3, Decimal(500), 3), (2, None, 2))
BY_TOTAL = ("DESC NULLS LAST", "ASC")


@pytest.mark.parametrize(
    ("keys", "now", "order"),
    [
        ({3}, [(3, Decimal(1000), 3)], [3, 4, 1, 2]),
        ({3}, [(3, None, 3)], [4, 1, 2, 3]),
        ({4}, [(4, Decimal(500), 4)], [1, 3, 4, 2]),
        ({2, 5}, [(2, Decimal(600), 2), (5, Decimal(500), 5)], [4, 2, 1, 3, 5]),
        ({1, 4}, [], [3, 2]),
    ],
)
def test_rows_stand_where_they_belong(keys: set[int], now: list[Any], order: list[int]) -> None:
    found = placed_anew(ROWS, keys, tuple(now), BY_TOTAL)
    assert found is not None
    assert [row[0] for row in found] == order


def test_rows_that_are_the_same_are_the_same_object() -> None:
    assert placed_anew(ROWS, {1, 9}, (ROWS[1],), BY_TOTAL) is ROWS


def test_texts_are_sorted_by_the_database_alone() -> None:
    rows = ((1, "a"), (2, "b"))
    assert placed_anew(rows, {1}, ((1, "c"),), ("ASC",)) is None
    assert placed_anew(rows, {1}, ((1, "a"),), ("ASC",)) is rows


TOTALS = st.dictionaries(st.integers(1, 9), st.none() | st.integers(0, 3))


@given(TOTALS, TOTALS, st.sampled_from(["ASC NULLS LAST", "DESC NULLS LAST"]))
def test_any_rows_are_sorted_as_all_would_be(before: dict[int, Any], changed: dict[int, Any], direction: str) -> None:
    def sorted_rows(totals: dict[int, Any]) -> tuple[Any, ...]:
        sign = -1 if direction.startswith("DESC") else 1
        rows = ((key, total, key) for key, total in totals.items())
        return tuple(sorted(rows, key=lambda row: (row[1] is None, sign * (row[1] or 0), row[0])))

    now = tuple((key, total, key) for key, total in changed.items())
    assert placed_anew(sorted_rows(before), changed.keys(), now, (direction, "ASC")) == sorted_rows(before | changed)
