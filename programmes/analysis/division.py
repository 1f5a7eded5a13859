"""The totals line by line: what each budget line adds to which group, for explanations and conversions.

It reads all lines that it is asked about. For the sums alone `totals` is the same by one statement.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from programmes.analysis.containment import Containment, LeftOut, Line, Selection
from programmes.analysis.dimensions import Dimensions, Key, Shares, Split, Spread, Value
from programmes.analysis.money import ZERO, Sum, combined, remainder_exactness, shared_out
from programmes.analysis.summed import Summed
from programmes.analysis.totals import Totals, arranged, check_dimensions
from programmes.models import Budget


class Portion(NamedTuple):
    """What one line adds to one group: the whole line, a share of it, or what its parts leave over.

    `holder` is the counted line of whose money it is a portion: the line itself, or the whole that it is part of.
    """

    line: Line
    holder: Line
    key: Key
    amount: Decimal
    exactness: str
    remainder: bool = False


class Division(NamedTuple):
    """Totals, and the lines behind them: each portion, what is left out, what is not stated."""

    totals: Totals
    portions: list[Portion]
    selection: Selection
    own_key: Callable[[Line], Key]

    @property
    def left_out(self) -> list[LeftOut]:
        return self.selection.left_out

    @property
    def not_stated(self) -> list[Line]:
        return self.selection.not_stated


def divided(
    lines: QuerySet[Budget],
    group_by: Sequence[str] = (),
    *,
    split: Split = "stated",
    spread: Spread = "none",
) -> Division:
    """The totals of the lines (see `totals`), and what each line adds to them. Raises KeyError as they do."""
    check_dimensions(group_by)
    containment = Containment(lines)
    selection = containment.selection()
    source = Dimensions(list(containment.lines.values()), split=split, spread=spread)
    divider = _Divider(selection, [source.shares(name) for name in group_by])
    portions = [portion for line in selection.counted for portion in divider.divide(line)]
    not_stated: dict[Key, int] = defaultdict(int)
    for line in selection.not_stated:
        not_stated[divider.own_key(line)] += 1
    found = Summed(_total(selection.counted), _sums(portions), dict(not_stated))
    return Division(arranged(group_by, found, split, spread), portions, selection, divider.own_key)


def sums_by_programme(lines: QuerySet[Budget], members: dict[int, set[int]]) -> dict[int, tuple[list[Sum], int]]:
    """For each key of `members` the sums of those programmes' lines, each once, and how many are not stated.

    `members` maps a programme's key to the keys of itself and of all programmes below it; a page of programmes takes
    the same few queries as one. A line that is part of another programme's line counts for its own programme.
    """
    everything = set().union(*members.values())
    containment = Containment(lines.filter(programme__in=everything))
    result = {}
    for key, programmes in members.items():
        selection = containment.selection(programmes)
        result[key] = (_total(selection.counted), len(selection.not_stated))
    return result


class _Divider:
    """Divides counted lines between the values of the dimensions."""

    def __init__(self, selection: Selection, dimensions: list[Callable[[Line], Shares]]) -> None:
        self.dimensions = dimensions
        self.parts = selection.parts()

    def own_key(self, line: Line) -> Key:
        """Where a line stands as a whole: its values, undivided."""
        return tuple(_together(shares_of(line)) for shares_of in self.dimensions)

    def divide(self, line: Line) -> list[Portion]:
        """The portions of a counted line; they add up to it to the cent."""
        assert line.amount is not None  # noqa: S101
        return self._divide(line, line, line.amount, [None] * len(self.dimensions))

    def _divide(self, line: Line, holder: Line, amount: Decimal, inherited: list[Shares | None]) -> list[Portion]:
        """A value that the whole carries holds for its parts; what it does not carry, they may."""
        shares = [
            given if given is not None else shares_of(line)
            for given, shares_of in zip(inherited, self.dimensions, strict=True)
        ]
        parts = self._parts_to_show(line, amount, shares)
        if not parts:
            return [Portion(line, holder, key, share, line.exactness) for key, share in _cells(amount, shares)]
        fixed = [each if _is_definite(each) else None for each in shares]
        portions = [portion for part in parts for portion in self._divide(part, holder, part.amount or ZERO, fixed)]
        rest = amount - sum((part.amount or ZERO for part in parts), ZERO)
        exactness = remainder_exactness(line.exactness, [part.exactness for part in parts])
        if rest or exactness != line.exactness:
            cells = _cells(rest, shares)
            portions += [Portion(line, holder, key, share, exactness, remainder=True) for key, share in cells]
        return portions

    def _parts_to_show(self, line: Line, amount: Decimal, shares: list[Shares]) -> list[Line]:
        """The line's selected parts, where they say more than it does and do not exceed it."""
        if all(_is_definite(each) for each in shares):
            return []
        parts = [part for part in self.parts.get(line.id, ()) if part.amount is not None]
        return parts if sum((part.amount or ZERO for part in parts), ZERO) <= amount else []


def _is_definite(shares: Shares) -> bool:
    return all(value.definite for value, _weight in shares)


def _together(shares: Shares) -> Value:
    return Value(tuple(sorted({code for value, _weight in shares for code in value.codes})))


def _cells(amount: Decimal, shares: list[Shares]) -> list[tuple[Key, Decimal]]:
    """`amount` divided by the first dimension, each part by the second, and so on, to the cent."""
    cells: list[tuple[Key, Decimal]] = [((), amount)]
    for each in shares:
        cells = [
            ((*key, value), share)
            for key, whole in cells
            for (value, _weight), share in zip(
                each, shared_out(whole, [weight for _value, weight in each]), strict=True
            )
        ]
    return cells


def _sums(portions: Iterable[Portion]) -> dict[Key, list[Sum]]:
    by_key: dict[Key, list[Portion]] = defaultdict(list)
    for portion in portions:
        by_key[portion.key].append(portion)
    return {key: sums_of(each) for key, each in by_key.items()}


def sums_of(portions: Iterable[Portion]) -> list[Sum]:
    """The portions added up, by currency."""
    by_currency: dict[str, list[Portion]] = defaultdict(list)
    for portion in portions:
        by_currency[portion.line.currency].append(portion)
    return [
        Sum(
            currency,
            sum((portion.amount for portion in each), ZERO),
            combined(portion.exactness for portion in each),
            len({portion.line.id for portion in each}),
        )
        for currency, each in sorted(by_currency.items())
    ]


def _total(counted: Iterable[Line]) -> list[Sum]:
    by_currency: dict[str, list[Line]] = defaultdict(list)
    for line in counted:
        by_currency[line.currency].append(line)
    return [
        Sum(
            currency,
            sum((line.amount or ZERO for line in lines), ZERO),
            combined(line.exactness for line in lines),
            len(lines),
        )
        for currency, lines in sorted(by_currency.items())
    ]
