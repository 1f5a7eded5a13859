"""Totals in which each euro counts once, and their groups.

The one definition, argued in docs/decisions: the total of a selection counts each line whose money no other selected
line holds. Where parts are selected without their whole, the parts count. Where a whole is selected with its parts,
the whole counts; grouped by a property that only the parts carry, it shows as parts and an undivided remainder.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import QuerySet

from programmes.analysis.dimensions import NAMES, UNKNOWN, Key, Split, Spread, Value
from programmes.analysis.labels import labels
from programmes.analysis.money import Sum
from programmes.analysis.summed import Summed, summed
from programmes.models import Budget


class Group(NamedTuple):
    """One group: its values in the order of the dimensions, a sum per currency, and lines without an amount."""

    key: Key
    sums: list[Sum]
    not_stated: int


class Totals(NamedTuple):
    """The groups (none without dimensions), the total per currency that they add up to, and lines without an amount.

    `labels` has for each dimension the names of its codes, in the language of the reader.
    """

    dimensions: tuple[str, ...]
    groups: list[Group]
    total: list[Sum]
    not_stated: int
    labels: dict[str, dict[str, str]]
    split: Split
    spread: Spread

    def label(self, dimension: str, value: Value) -> list[str]:
        """The names of a value's codes, in the language of the reader."""
        return [self.labels[dimension][code] for code in value.codes]


def totals(
    lines: QuerySet[Budget],
    group_by: Sequence[str] = (),
    *,
    split: Split = "stated",
    spread: Spread = "none",
) -> Totals:
    """The total of the lines and its groups by up to two dimensions, each amount in its own currency.

    `split="equal"` divides between countries, themes and organisations in equal parts where no shares are stated;
    `spread` divides a line's period between its years, by days or equally. The groups add up to the total to the
    cent. Lines without an amount add nothing and are counted as not stated.

    Raises KeyError for an unknown dimension.
    """
    check_dimensions(group_by)
    return arranged(group_by, summed(lines, group_by, split=split, spread=spread), split, spread)


def check_dimensions(group_by: Sequence[str]) -> None:
    """Raise KeyError for the first that is unknown."""
    for name in group_by:
        if name not in NAMES:
            raise KeyError(name)


def arranged(group_by: Sequence[str], found: Summed, split: Split, spread: Spread) -> Totals:
    """The groups in their order, with labels."""
    keys = sorted({*found.groups, *found.not_stated}, key=_sort_key) if group_by else []
    codes = [{code for key in keys for code in key[place].codes} for place in range(len(group_by))]
    return Totals(
        tuple(group_by),
        [Group(key, found.groups.get(key, []), found.not_stated.get(key, 0)) for key in keys],
        found.total,
        sum(found.not_stated.values()),
        {name: labels(name, each) for name, each in zip(group_by, codes, strict=True)},
        split,
        spread,
    )


def _sort_key(key: Key) -> list[tuple[int, tuple[str, ...]]]:
    """Single codes first, then what is not divisible, then what is unknown."""
    return [(0 if value.definite else 2 if value == UNKNOWN else 1, value.codes) for value in key]
