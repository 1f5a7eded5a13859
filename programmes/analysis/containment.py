"""Which selected budget lines stand for the same money as, or lie inside, another selected line."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from programmes.models import Budget
from tracker.records.expressions import keys_given
from tracker.records.past import indexed
from tracker.records.statements import batched


class Reason(StrEnum):
    """Why a line is left out of a total."""

    PART_OF = "part_of"
    SAME_AS = "same_as"
    REPLACED = "replaced"


_PLAINEST = (Reason.SAME_AS, Reason.REPLACED, Reason.PART_OF)


class Link(NamedTuple):
    """A line that holds the money of another, and as what."""

    holder: int
    reason: Reason


Links = dict[int, set[Link]]
AT_ONCE = 5000  # keys in a statement


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
    part_of_id: int | None
    same_as_id: int | None
    revises_id: int | None


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


def is_narrow(selection: QuerySet[Any]) -> bool:
    """Whether it may leave any of the records out."""
    return bool(selection.query.where) or selection.query.is_sliced


class Containment:
    """The selected lines and, for each, the selected lines that hold its money.

    `of` has the keys of those that are asked for: besides them, only the lines that hold their money are looked at.
    """

    def __init__(self, lines: QuerySet[Budget], of: Iterable[int] | None = None) -> None:
        ordered, narrow = lines.order_by("code", "pk").values_list(*Line._fields), is_narrow(lines)
        if of is None:
            self.lines = {row[0]: Line(*row) for row in ordered}
            links = links_from(self.lines) if narrow else links_of(Budget.objects.all())
            keys: Iterable[int] = self.lines
        else:
            links = links_from(of)
            keys = links.keys() | {link.holder for each in links.values() for link in each}
            self.lines = {row[0]: Line(*row) for row in ordered.filter(pk__in=keys_given(keys))}
        self._holders = {key: held for key in keys if (held := holders(key, links, self.lines))}

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
                holder = self._nearest(line, staying)
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

    def _nearest(self, line: Line, candidates: list[Line]) -> Line:
        """Of several holders that to which the line itself is linked, else the innermost: most others hold it too."""
        for is_linked in (
            lambda each: each.id == line.same_as_id,
            lambda each: each.revises_id == line.id,
            lambda each: each.id == line.part_of_id,
        ):
            for each in filter(is_linked, candidates):
                return each
        ids = {line.id for line in candidates}
        return max(candidates, key=lambda each: (len(ids & self._holders.get(each.id, {}).keys()), -each.id))


def links_of(lines: QuerySet[Budget]) -> Links:
    """The links of the lines with all whose money they hold or that hold theirs."""
    links: Links = defaultdict(set)
    rows = lines.order_by().filter(Q(part_of__isnull=False) | Q(same_as__isnull=False) | Q(revises__isnull=False))
    for key, part_of, same_as, revises in rows.values_list("pk", "part_of", "same_as", "revises"):
        if part_of is not None:
            links[key].add(Link(part_of, Reason.PART_OF))
        if same_as is not None:
            links[key].add(Link(same_as, Reason.SAME_AS))
            links[same_as].add(Link(key, Reason.SAME_AS))
        if revises is not None:
            links[revises].add(Link(key, Reason.REPLACED))
    return links


def links_from(keys: Iterable[int]) -> Links:
    """The links on all ways that begin at the lines with the keys."""
    links: Links = defaultdict(set)
    for some in batched(keys, AT_ONCE):
        for key, found in links_of(_on_ways_from(some)).items():
            links[key] |= found
    return links


def _on_ways_from(keys: list[int]) -> QuerySet[Budget]:
    """The lines with the keys, and all to which ways lead from them.

    More may be among them: what is seen of the links is told by the lines.
    """
    begun = keys_given(keys)
    return Budget.objects.filter(pk__in=_reached(begun.sql, begun.params, TOWARDS))


def with_all_linked(lines: QuerySet[Budget], some: QuerySet[Any, Any]) -> QuerySet[Budget]:
    """Those of the lines that are among some, which are given by their keys, or linked to one of them in any way: of
    these alone the same is told as of all."""
    try:
        begun, parameters = some.query.sql_with_params()
    except EmptyResultSet:
        return lines.none()
    return lines.filter(pk__in=_reached(begun, parameters, TOWARDS | BACK))


class Step(NamedTuple):
    """A step from a line to another: to that to which the column leads, or to those of which the column leads here."""

    column: str
    back: bool = False


# To what may hold a line's money: its whole, what it repeats, what repeats it, what replaces it. And the way back. (The
# STEP of `own_total` tells the kind as well, and takes two thirds longer.)
TOWARDS = {Step("part_of_id"), Step("same_as_id"), Step("same_as_id", back=True), Step("revises_id", back=True)}
BACK = {Step("part_of_id", back=True), Step("revises_id")}


def _reached(begun: str, parameters: Sequence[Any], steps: Collection[Step]) -> RawSQL:
    """The keys that a statement has, and those to which ways of these steps lead from them."""
    ways = f"WITH RECURSIVE way(id) AS ({begun} UNION {_steps(steps)}) SELECT id FROM way"  # noqa: S608
    return RawSQL(ways, parameters)  # noqa: S611 - our own words


def _steps(steps: Collection[Step]) -> str:
    """A statement for the lines that are one step further on the `way`; each is found by index."""
    lines, postgresql = indexed(Budget), connection.vendor == "postgresql"
    ways = []
    for column, back in sorted(steps):
        key = "id" if back else column
        at, is_known = (column, "") if back else ("id", f" AND b.{column} IS NOT NULL")
        if postgresql:
            ways.append(f"SELECT b.{key} AS id FROM {lines} b WHERE b.{at} = way.id{is_known}")  # noqa: S608
        else:
            ways.append(f"SELECT b.{key} FROM way JOIN {lines} b ON b.{at} = way.id{is_known}")  # noqa: S608
    if not postgresql:
        return " UNION ".join(ways)
    return f"SELECT further.id FROM way CROSS JOIN LATERAL ({' UNION ALL '.join(ways)}) further"  # noqa: S608


def holders(line: int, links: Links, selected: Container[int]) -> dict[int, set[Reason]]:
    """The selected lines that hold the money of a line, through any number of steps, and as what."""
    found: dict[int, set[Reason]] = defaultdict(set)
    seen, steps = set[tuple[int, Reason]](), list[tuple[int, Reason]](links.get(line, ()))
    while steps:
        holder, reason = link = steps.pop()
        if link in seen:
            continue
        seen.add(link)
        if holder != line and holder in selected:
            found[holder].add(reason)
        steps += [(further, _THROUGH[reason, then]) for further, then in links.get(holder, ())]
    return found


# What a line is to the end of two links. The plainest comes first: what is the same as a part is a part.
_THROUGH = {(first, then): max(first, then, key=_PLAINEST.index) for first in Reason for then in Reason}


def _precedence(line: Line) -> tuple[bool, int]:
    return line.same_as_id is not None, line.id


def _plainest(reasons: set[Reason]) -> Reason:
    """Of several ways to the holder the plainest one."""
    return min(reasons, key=_PLAINEST.index)
