"""Which selected budget lines stand for the same money as, or lie inside, another selected line."""

from collections import defaultdict
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from programmes.models import Budget


class Reason(StrEnum):
    """Why a line is left out of a total."""

    PART_OF = "part_of"
    SAME_AS = "same_as"
    REPLACED = "replaced"


class Line(NamedTuple):
    """A selected budget line, as far as totals need it. `amount` is null where it is not stated."""

    id: int
    code: str
    title: str
    programme_id: int
    amount: Decimal | None
    currency: str
    exactness: str
    amount_null_reason: str
    type: str
    status: str
    instrument_id: int | None
    provider_id: int | None
    period_start: str | None
    period_end: str | None
    value_date: str | None
    same_as_id: int | None


class LeftOut(NamedTuple):
    """A line that is not counted, the selected line that holds its money, and why."""

    line: Line
    holder: Line
    reason: Reason


class Selection(NamedTuple):
    """The selected lines, told apart: those that count, those left out, those without an amount."""

    counted: list[Line]
    left_out: list[LeftOut]
    not_stated: list[Line]

    def parts(self) -> dict[int, list[Line]]:
        """By line: the left-out lines directly inside it, or inside a line that it repeats or replaces."""
        holders = {each.line.id: each for each in self.left_out}
        inside: dict[int, list[Line]] = defaultdict(list)
        for line, holder, reason in self.left_out:
            if reason is Reason.PART_OF:
                at = holder
                while at.id in holders and holders[at.id].reason is not Reason.PART_OF:
                    at = holders[at.id].holder
                inside[at.id].append(line)
        return inside


# Ways from a line to the lines that hold its money: the whole, the same line printed elsewhere (either way round) and
# the line that replaces it. Walked from the selected lines through whatever lies between, selected or not.
HOLDERS = """
WITH RECURSIVE selected(id) AS ({selected}),
link(line, holder, reason) AS (
    SELECT id, part_of_id, 'part_of' FROM {budget} WHERE part_of_id IS NOT NULL
    UNION ALL SELECT id, same_as_id, 'same_as' FROM {budget} WHERE same_as_id IS NOT NULL
    UNION ALL SELECT same_as_id, id, 'same_as' FROM {budget} WHERE same_as_id IS NOT NULL
    UNION ALL SELECT revises_id, id, 'replaced' FROM {budget} WHERE revises_id IS NOT NULL
),
up(line, holder, reason) AS (
    SELECT link.line, link.holder, link.reason FROM selected JOIN link ON link.line = selected.id
    UNION
    SELECT up.line, link.holder, CASE WHEN up.reason = 'same_as' THEN link.reason
        WHEN up.reason = 'replaced' AND link.reason = 'part_of' THEN link.reason ELSE up.reason END
    FROM up JOIN link ON link.line = up.holder
)
SELECT DISTINCT up.line, up.holder, up.reason FROM up JOIN selected ON selected.id = up.holder
WHERE up.line <> up.holder
"""


class Containment:
    """The selected lines and, for each, the selected lines that hold its money."""

    def __init__(self, lines: QuerySet[Budget]) -> None:
        ordered = lines.order_by("code", "pk").values_list(*Line._fields)
        self.lines = {row[0]: Line(*row) for row in ordered}
        self._holders: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for line, holder, reason in _holders(lines):
            self._holders[line][holder].add(reason)

    def selection(self, programmes: set[int] | None = None) -> Selection:
        """Tell the lines apart, those of some programmes or all, by the one definition of a total.

        A line is left out where another line of the selection with an amount holds its money. Of lines that hold
        each other's money (the same line, printed twice) the one that the others point at stays, else the first
        entered.
        """
        lines = {key: line for key, line in self.lines.items() if programmes is None or line.programme_id in programmes}
        left_out: dict[int, LeftOut] = {}
        for line in lines.values():
            staying = [
                lines[key]
                for key in self._holders.get(line.id, ())
                if key in lines and lines[key].amount is not None and not self._yields(lines[key], line)
            ]
            if staying:
                holder = self._nearest(staying)
                left_out[line.id] = LeftOut(line, holder, _plainest(self._holders[line.id][holder.id]))
        return Selection(
            counted=[line for line in lines.values() if line.amount is not None and line.id not in left_out],
            left_out=list(left_out.values()),
            not_stated=[line for line in lines.values() if line.amount is None],
        )

    def _yields(self, holder: Line, line: Line) -> bool:
        """Of two lines that hold each other's money: whether `holder` gives way to `line`."""
        if line.amount is None or line.id not in self._holders.get(holder.id, ()):
            return False
        return _precedence(line) < _precedence(holder)

    def _nearest(self, candidates: list[Line]) -> Line:
        """The innermost of several holders: the one that most of the others hold too."""
        ids = {line.id for line in candidates}
        return max(candidates, key=lambda line: (len(ids & self._holders.get(line.id, {}).keys()), -line.id))


def _holders(lines: QuerySet[Budget]) -> list[tuple[int, int, str]]:
    """Pairs of selected lines (line, holder, reason), through any number of steps."""
    connection = connections[lines.db]
    try:
        selected, parameters = lines.order_by().values("pk").query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return []
    sql = HOLDERS.format(selected=selected, budget=connection.ops.quote_name(Budget._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _precedence(line: Line) -> tuple[bool, int]:
    return line.same_as_id is not None, line.id


def _plainest(reasons: set[str]) -> Reason:
    """Of several ways to the holder the plainest one."""
    return next(reason for reason in (Reason.SAME_AS, Reason.REPLACED, Reason.PART_OF) if reason in reasons)
