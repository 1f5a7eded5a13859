"""Whether a line counts in the total of a selection, and why, as expressions: told by the database line by line.

The definition is that of `containment`. Where it can be told from the direct links of a line, the database does;
the few other lines, whose money is held through further lines, are looked at one by one.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Concat
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from programmes.analysis.containment import Containment, LeftOut, Reason
from programmes.analysis.explanation import SENTENCES, sentence, sentence_without_amount
from programmes.codelists import NullReason
from programmes.models import Budget
from tracker.records.expressions import Given
from tracker.records.past import indexed


class Counted(NamedTuple):
    """Whether a line is counted, and why or why not, in the reader's language."""

    counted: Any
    reason: Any


class _Link(NamedTuple):
    """A way from a line to another that holds its money: when that is so, and the other's code."""

    reason: Reason
    holds: Q
    code: Any


def counting(part: QuerySet[Budget], selection: QuerySet[Budget]) -> Counted:
    """The expressions for the lines of `part`, all of which are lines of `selection`."""
    links = _links(part, selection)
    held = reduce(or_, (link.holds for link in links))
    through_others = {each.line.id: sentence(each) for each in _held_through_others(part, selection, held)}
    without = (When(Q(amount=None, amount_null_reason=each), Value(_without_amount(each))) for each in NullReason)
    because = (When(link.holds, _sentence(link)) for link in links)
    counts = Value(_("Counted: no other selected line holds its money."))
    left_out = Q(amount=None) | held | Q(pk__in=list(through_others))
    return Counted(
        Case(When(left_out, Value(False)), default=Value(True), output_field=BooleanField()),
        Case(*without, *because, default=Coalesce(Given(through_others), counts), output_field=CharField()),
    )


def _links(part: QuerySet[Budget], selection: QuerySet[Budget]) -> list[_Link]:
    """The direct links, in the order in which they are preferred (`Containment`)."""
    # Looked up from the lines that replace others: there are few, and views of what is public have no way back.
    replacing = selection.order_by().filter(amount__isnull=False, revises__in=part.order_by().values("pk"))
    replaced = Given(dict(replacing.values_list("revises_id", "code")))
    return [
        _Link(Reason.SAME_AS, _holds("same_as", selection) & Q(same_as__same_as=None), F("same_as__code")),
        _Link(Reason.REPLACED, Q(IsNull(replaced, False)), replaced),
        _Link(Reason.PART_OF, _holds("part_of", selection), F("part_of__code")),
    ]


def _holds(path: str, selection: QuerySet[Budget]) -> Q:
    """The condition that the line at the end of the path is selected and has an amount."""
    stated = Q(**{f"{path}__amount__isnull": False})
    if not selection.query.where and not selection.query.is_sliced:
        return stated
    return stated & Q(Exists(selection.order_by().filter(pk=OuterRef(f"{path}_id"))))


def _held_through_others(part: QuerySet[Budget], selection: QuerySet[Budget], held: Q) -> Iterable[LeftOut]:
    """The lines of which the direct links do not tell, and that are left out nevertheless."""
    unclear = part.order_by().filter(_linked_further(), amount__isnull=False).exclude(held)
    return Containment(selection, of=unclear).selection().left_out


def _linked_further() -> Q:
    """The condition for the lines whose money may be held through further lines; more may fulfil it."""
    linked = LINKED_FURTHER.format(lines=indexed(Budget), of=Budget._meta.db_table)
    return Q(RawSQL(linked, (), output_field=BooleanField()))  # noqa: S611 - our own names


# Of a line in `of`; whether others are linked to it or to its whole is found by index.
LINKED_FURTHER = """
    EXISTS (
        SELECT 1 FROM {lines} l LEFT JOIN {lines} w ON w.id = l.part_of_id
        WHERE l.id = {of}.id AND (
            l.same_as_id IS NOT NULL OR w.part_of_id IS NOT NULL OR w.same_as_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM {lines} b WHERE b.revises_id = w.id)
            OR EXISTS (SELECT 1 FROM {lines} b WHERE b.same_as_id = w.id)
            OR EXISTS (SELECT 1 FROM {lines} b WHERE b.revises_id = l.id)
            OR EXISTS (
                SELECT 1 FROM {lines} s WHERE s.same_as_id = l.id AND (
                    EXISTS (SELECT 1 FROM {lines} b WHERE b.revises_id = s.id)
                    OR EXISTS (SELECT 1 FROM {lines} b WHERE b.same_as_id = s.id)
                )
            )
        )
    )
"""


def _without_amount(reason: NullReason) -> str:
    return sentence_without_amount(Budget(amount_null_reason=reason))


def _sentence(link: _Link) -> Concat:
    before, _placeholder, after = str(SENTENCES[link.reason]).partition("%(line)s")
    return Concat(Value(before), link.code, Value(after), output_field=CharField())
