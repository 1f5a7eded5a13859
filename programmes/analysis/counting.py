"""Whether a line counts in the total of a selection, and why, as expressions: told by the database line by line.

The definition is that of `containment`. Where it can be told from the direct links of a line, the database does;
the few other lines, whose money may be held through further lines, are looked at one by one.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from programmes.analysis.containment import Containment, Reason
from programmes.analysis.explanation import SENTENCES, sentence_without_amount
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
    links = _links(part.order_by(), selection.order_by())
    without = (When(Q(amount=None, amount_null_reason=each), Value(_without_amount(each))) for each in NullReason)
    because = (When(link.holds, _sentence(link)) for link in links)
    counts = Value(_("Counted: no other selected line holds its money."))
    left_out = reduce(or_, (link.holds for link in links), Q(amount=None))
    return Counted(
        Case(When(left_out, Value(False)), default=Value(True), output_field=BooleanField()),
        Case(*without, *because, default=counts, output_field=CharField()),
    )


def _links(part: QuerySet[Budget], selection: QuerySet[Budget]) -> list[_Link]:
    """The direct links, in the order in which they are preferred (`Containment`), and the ways through others."""
    # Looked up from the lines that replace others: there are few, and views of what is public have no way back.
    replacing = selection.filter(amount__isnull=False, revises__in=part.values("pk"))
    links = [
        _Link(Reason.SAME_AS, _holds("same_as", selection) & Q(same_as__same_as=None), F("same_as__code")),
        _looked_up(Reason.REPLACED, dict(replacing.values_list("revises_id", "code"))),
        _Link(Reason.PART_OF, _holds("part_of", selection), F("part_of__code")),
    ]
    held = reduce(or_, (link.holds for link in links))
    return links + _through_others(part, selection, held)


def _holds(path: str, selection: QuerySet[Budget]) -> Q:
    """The condition that the line at the end of the path is selected and has an amount."""
    stated = Q(**{f"{path}__amount__isnull": False})
    if not selection.query.where and not selection.query.is_sliced:
        return stated
    return stated & Q(Exists(selection.filter(pk=OuterRef(f"{path}_id"))))


def _through_others(part: QuerySet[Budget], selection: QuerySet[Budget], held: Q) -> list[_Link]:
    """The ways from lines of which the direct links do not tell, and that are left out nevertheless."""
    unclear = part.filter(_linked_further(), amount__isnull=False).exclude(held)
    keys = set(unclear.values_list("pk", flat=True))
    codes: dict[Reason, dict[int, str]] = defaultdict(dict)
    for line, holder, reason in Containment(selection, of=keys).selection().left_out:
        if line.id in keys:
            codes[reason][line.id] = holder.code
    return [_looked_up(*each) for each in codes.items()]


def _linked_further() -> Q:
    """The condition for the lines whose money may be held through further lines; more may fulfil it."""
    linked_to = LINKED_TO.format(lines=indexed(Budget), of=Budget._meta.db_table)
    return (
        Q(same_as__isnull=False)
        | Q(part_of__part_of__isnull=False)
        | Q(part_of__same_as__isnull=False)
        | Q(RawSQL(linked_to, (), output_field=BooleanField()))  # noqa: S611 - our own names
    )


# Of a line in `of`: that others replace it or its whole, or repeat its whole, or repeat it and are replaced or repeated
# themselves. They are found by index, or all at once; that the link is not null is said for PostgreSQL, which then does
# not read the many lines without one.
LINKED_TO = """
    EXISTS (SELECT 1 FROM {lines} b WHERE b.revises_id = {of}.id AND b.revises_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM {lines} b WHERE b.revises_id = {of}.part_of_id AND b.revises_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM {lines} b WHERE b.same_as_id = {of}.part_of_id AND b.same_as_id IS NOT NULL)
    OR EXISTS (
        SELECT 1 FROM {lines} s WHERE s.same_as_id = {of}.id AND s.same_as_id IS NOT NULL AND (
            EXISTS (SELECT 1 FROM {lines} b WHERE b.revises_id = s.id AND b.revises_id IS NOT NULL)
            OR EXISTS (SELECT 1 FROM {lines} b WHERE b.same_as_id = s.id AND b.same_as_id IS NOT NULL)
        )
    )
"""


def _looked_up(reason: Reason, codes: Mapping[int, str]) -> _Link:
    """The link of lines that were looked up: by their keys the codes of those that hold their money."""
    keys = RawSQL(KEYS[connection.vendor], [json.dumps(list(codes))])  # noqa: S611 - our own words
    return _Link(reason, Q(pk__in=keys), Given(codes))


# The keys in a list, as one parameter however many they are. To be among them is found at once; `Given` is slower.
KEYS = {
    "postgresql": "SELECT CAST(jsonb_array_elements_text(CAST(%s AS jsonb)) AS bigint)",
    "sqlite": "SELECT value FROM json_each(%s)",
}


def _without_amount(reason: NullReason) -> str:
    return sentence_without_amount(Budget(amount_null_reason=reason))


def _sentence(link: _Link) -> Concat:
    before, _placeholder, after = str(SENTENCES[link.reason]).partition("%(line)s")
    return Concat(Value(before), link.code, Value(after), output_field=CharField())
