"""What is told of what was measured, and whether it is what it is to be."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Verdict(NamedTuple):
    """What is held against a goal; null where it could not be measured."""

    what: str
    found: float | None
    least: float | None = None
    most: float | None = None
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is what it is to be."""
        if self.found is None:
            return False
        return (self.least is None or self.found >= self.least) and (self.most is None or self.found <= self.most)

    @property
    def goal(self) -> str:
        """What it is to be."""
        bound = f"≥ {digits(self.least)}" if self.least is not None else f"≤ {digits(self.most)}"
        return f"{bound} {self.unit}".strip()

    def __str__(self) -> str:
        found = "not measured" if self.found is None else f"{digits(self.found)} {self.unit}".strip()
        return f"{self.what}: {found}, goal {self.goal}"


def digits(value: float | None) -> str:
    """Three digits, or a dash."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Sequence[float]) -> str:
    """The median with the least and the greatest."""
    return f"{statistics.median(values):.2g} ({min(values):.2g}–{max(values):.2g})" if values else "–"


def middle(values: Sequence[float]) -> float | None:
    """The median, null of nothing."""
    return statistics.median(values) if values else None


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; all columns but the first are numbers."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
