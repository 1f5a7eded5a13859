"""Sums of money that keep their exactness, and splits that lose no cent."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from programmes.codelists import Exactness

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

OPPOSITE = {Exactness.AT_LEAST: Exactness.AT_MOST, Exactness.AT_MOST: Exactness.AT_LEAST}


class Sum(NamedTuple):
    """An amount in one currency, how exact it is, and how many lines went into it."""

    currency: str
    amount: Decimal
    exactness: Exactness
    lines: int


def combined(exactnesses: Iterable[str]) -> Exactness:
    """How exact a sum is: "at least" if a term is and none is vaguer; opposite bounds together are "about"."""
    kinds = set(exactnesses) - {Exactness.EXACT}
    if not kinds:
        return Exactness.EXACT
    if len(kinds) == 1:
        return Exactness(kinds.pop())
    return Exactness.ABOUT


def remainder_exactness(whole: str, parts: Iterable[str]) -> Exactness:
    """How exact "whole minus parts" is: a lower bound taken away leaves an upper bound."""
    return combined([whole, *(OPPOSITE.get(Exactness(part), Exactness(part)) for part in parts)])


def shared_out(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` in proportion to the weights, in cents that add up to it exactly; cents left over go to the largest
    fractions, the earlier first. Weights are not negative and not all zero."""
    whole = sum(weights, Decimal(0))
    exact = [amount * weight / whole for weight in weights]
    shares = [share.quantize(CENT, rounding=ROUND_DOWN) for share in exact]
    left = int((amount - sum(shares, ZERO)) / CENT)
    by_fraction = sorted(range(len(shares)), key=lambda i: (-abs(exact[i] - shares[i]), i))
    for i in by_fraction[: abs(left)]:
        shares[i] += CENT if left > 0 else -CENT
    return shares
