"""Whether a line counts in the total of a selection, and why, as expressions: told by the database line by line.

The definition is that of `containment`. Where it can be told from the direct links of a line, the database does;
the few other lines, whose money may be held through further lines, are looked at one by one.
"""

from array import array
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from programmes.analysis.containment import Containment, Reason, is_narrow
from programmes.analysis.explanation import SENTENCES, sentence_without_amount
from programmes.codelists import NullReason
from programmes.models import Budget
from tracker.records.expressions import Given, keys_given
from tracker.records.past import indexed
from tracker.records.statements import batched

AT_ONCE = 2000  # lines that are looked at
KEY = "q"  # of an array


class Counted(NamedTuple):
    """Whether a line is counted, and why or why not, in the reader's language."""

    counted: Any
    reason: Any


class Way(NamedTuple):
    """As what a line's money is held by another that has to be looked up, and whether by its own link to that."""

    reason: Reason
    directly: bool


REPLACED = Way(Reason.REPLACED, directly=True)


class Held:
    """Lines whose money others hold, as far as that has to be looked up: with their programmes, and the others' codes.

    A file of many lines keeps them while it is made: they are stored in little space.
    """

    def __init__(self) -> None:
        self._of: dict[Way, tuple[array[int], array[int], list[str]]] = {}

    def add(self, way: Way, line: int, programme: int, holder: str) -> None:
        """Add a line."""
        lines, programmes, holders = self._of.setdefault(way, (array(KEY), array(KEY), []))
        lines.append(line)
        programmes.append(programme)
        holders.append(holder)

    def lines(self, way: Way) -> Sequence[int]:
        """The keys of the lines whose money is held in this way."""
        return self._of[way][0] if way in self._of else ()

    def codes(self, of: Container[int] | None = None) -> dict[Way, dict[int, str]]:
        """By way and line the code of the holder, for the lines of these programmes, or of all."""
        return {
            way: {line: code for line, programme, code in zip(*columns, strict=True) if of is None or programme in of}
            for way, columns in self._of.items()
        }


class _Link(NamedTuple):
    """A way from a line to another that holds its money: when that is so, and the other's code."""

    reason: Reason
    holds: Q
    code: Any


def counting(
    part: QuerySet[Budget], selection: QuerySet[Budget], codes: Mapping[Way, Mapping[int, str]] | None = None
) -> Counted:
    """The expressions for the lines of `part`, all of which are lines of `selection`.

    `codes` are those of what is `held` of the part, which is looked up if they are not given.
    """
    links = _links(selection, held(part, selection).codes() if codes is None else codes)
    without = (When(Q(amount=None, amount_null_reason=each), Value(_without_amount(each))) for each in NullReason)
    because = (When(link.holds, _sentence(link)) for link in links)
    counts = Value(_("Counted: no other selected line holds its money."))
    left_out = reduce(or_, (link.holds for link in links), Q(amount=None))
    return Counted(
        Case(When(left_out, Value(False)), default=Value(True), output_field=BooleanField()),
        Case(*without, *because, default=counts, output_field=CharField()),
    )


def held(part: QuerySet[Budget], selection: QuerySet[Budget]) -> Held:
    """The lines of `part` that others replace, and those whose money is held through further lines."""
    found, unclear = Held(), set[int]()
    part, selection = part.order_by(), selection.order_by()
    repeating, *others = (each.filter(amount__isnull=False) for each in _linked_further(part, selection))
    unclear.update(_keys(repeating))  # a line that repeats another is that one's, whatever replaces it
    # Looked up from the lines that replace others: there are few, and views of what is public have no way back.
    replacing = (
        Budget.objects.order_by()
        .filter(revises__isnull=False, revises__in=part.values("pk"))
        .annotate(holds=Q(amount__isnull=False) & _is_selected("pk", selection))
    )
    rows = replacing.values_list("revises_id", "revises__programme_id", "code", "holds")
    for line, programme, code, holds in rows.iterator(chunk_size=AT_ONCE):
        if holds and line not in unclear:
            found.add(REPLACED, line, programme, code)
        else:
            unclear.add(line)
    for further in others:
        unclear.update(_keys(further))
    unclear.difference_update(found.lines(REPLACED))
    for some in batched(sorted(unclear), AT_ONCE):
        keys = set(some)
        for left_out, holder, reason in Containment(selection, of=keys).selection().left_out:
            if left_out.id in keys:
                found.add(Way(reason, directly=False), left_out.id, left_out.programme_id, holder.code)
    return found


def _keys(lines: QuerySet[Budget]) -> Iterator[int]:
    return lines.values_list("pk", flat=True).iterator(chunk_size=AT_ONCE)


def _links(selection: QuerySet[Budget], codes: Mapping[Way, Mapping[int, str]]) -> list[_Link]:
    """The direct links, in the order in which they are preferred (`Containment`), and the ways through others."""
    return [
        _Link(Reason.SAME_AS, _same_as(selection), F("same_as__code")),
        _looked_up(Reason.REPLACED, codes.get(REPLACED, {})),
        _Link(Reason.PART_OF, _part_of(selection), F("part_of__code")),
        *(_looked_up(way.reason, found) for way, found in codes.items() if not way.directly),
    ]


def _same_as(selection: QuerySet[Budget]) -> Q:
    return _holds("same_as", selection) & Q(same_as__same_as=None)


def _part_of(selection: QuerySet[Budget]) -> Q:
    return _holds("part_of", selection)


def _holds(path: str, selection: QuerySet[Budget]) -> Q:
    """The condition that the line at the end of the path is selected and has an amount."""
    return Q(**{f"{path}__amount__isnull": False}) & _is_selected(f"{path}_id", selection)


def _is_selected(key: str, selection: QuerySet[Budget]) -> Q:
    """Whether the selection has the line with the key; one that has all tells nothing."""
    everything = not is_narrow(selection)
    return Q() if everything else Q(Exists(selection.order_by().filter(pk=OuterRef(key))))


def _linked_further(part: QuerySet[Budget], selection: QuerySet[Budget]) -> tuple[QuerySet[Budget], ...]:
    """The lines of `part` whose money may be held through further lines, beside those that are replaced.

    More may be among them. Each way is a query of its own: they are found by index, or all at once.
    """
    lines = indexed(Budget)
    return (
        part.filter(same_as__isnull=False).exclude(_same_as(selection)),
        part.filter(_told_by(WHOLE_LINKED, lines), part_of__isnull=False).exclude(_part_of(selection)),
        part.filter(_told_by(REPEATED_FURTHER, lines)),
    )


def _told_by(condition: str, lines: str) -> RawSQL:
    return RawSQL(condition.format(lines=lines, of=Budget._meta.db_table), (), output_field=BooleanField())  # noqa: S611 - our own names


# That others replace or repeat a line. That links are not null is said for PostgreSQL, which then does not read the
# many lines without one.
LINKED_TO = """(
    EXISTS (SELECT 1 FROM {{lines}} b WHERE b.revises_id = {line} AND b.revises_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM {{lines}} b WHERE b.same_as_id = {line} AND b.same_as_id IS NOT NULL)
)"""
# Of a line in `of`: that its whole has a whole, repeats another, or is replaced or repeated; and that it is repeated by
# a line that is replaced or repeated itself.
WHOLE_LINKED = f"""EXISTS (
    SELECT 1 FROM {{lines}} w WHERE w.id = {{of}}.part_of_id
    AND (w.part_of_id IS NOT NULL OR w.same_as_id IS NOT NULL OR {LINKED_TO.format(line="w.id")})
)"""  # noqa: S608 - our own names
REPEATED_FURTHER = f"""EXISTS (
    SELECT 1 FROM {{lines}} s WHERE s.same_as_id = {{of}}.id AND s.same_as_id IS NOT NULL
    AND {LINKED_TO.format(line="s.id")}
)"""  # noqa: S608 - our own names


def _looked_up(reason: Reason, codes: Mapping[int, str]) -> _Link:
    """The link of lines that were looked up: by their keys the codes of those that hold their money."""
    among = Q(pk__in=keys_given(codes))  # which is found at once; `Given` is slower
    return _Link(reason, among, Given(codes))


def _without_amount(reason: NullReason) -> str:
    return sentence_without_amount(Budget(amount_null_reason=reason))


def _sentence(link: _Link) -> Concat:
    before, _placeholder, after = str(SENTENCES[link.reason]).partition("%(line)s")
    return Concat(Value(before), link.code, Value(after), output_field=CharField())
