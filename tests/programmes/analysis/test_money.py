"""Sums that keep exactness, and splits that lose no cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.analysis.money import combined, remainder_exactness, shared_out
from programmes.codelists import Exactness


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], "exact"),
        (["exact", "exact"], "exact"),
        (["exact", "at_least"], "at_least"),
        (["at_most", "exact"], "at_most"),
        (["at_least", "about"], "about"),
        (["at_least", "at_most"], "about"),
    ],
)
def test_combined_of_terms(terms: list[str], expected: str) -> None:
    assert combined(terms) == Exactness(expected)


@pytest.mark.parametrize(
    ("whole", "parts", "expected"),
    [
        ("exact", ["exact"], "exact"),
        ("exact", ["at_least"], "at_most"),
        ("at_least", ["exact"], "at_least"),
        ("at_least", ["at_least"], "about"),
        ("exact", ["about"], "about"),
    ],
)
def test_remainder_exactness_of_whole_and_parts(whole: str, parts: list[str], expected: str) -> None:
    assert remainder_exactness(whole, parts) == Exactness(expected)


def test_shared_out_gives_the_spare_cent_to_the_first_of_equals() -> None:
    assert shared_out(Decimal("100.00"), [Decimal(1)] * 3) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]


@given(
    st.decimals(min_value=0, max_value=10**15, places=2),
    st.lists(st.decimals(min_value=0, max_value=100, places=4), min_size=1).filter(any),
)
def test_shared_out_adds_up_to_the_cent(amount: Decimal, weights: list[Decimal]) -> None:
    shares = shared_out(amount, weights)
    assert sum(shares) == amount
    assert all(share >= 0 for share in shares)
