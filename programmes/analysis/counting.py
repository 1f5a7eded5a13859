"""Whether a line counts in the total of a selection, and why, as expressions: told by the database line by line.

The definition is that of `containment`. Where it can be told from the direct links of a line, the database does;
the few other lines, whose money is held through further lines, are looked at one by one.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Concat
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from programmes.analysis.containment import Containment, Reason
from programmes.analysis.explanation import SENTENCES, sentence, sentence_without_amount
from programmes.codelists import NullReason
from programmes.models import Budget
from tracker.records.expressions import Given


class Counted(NamedTuple):
    """Whether a line is counted, and why or why not, in the reader's language."""

    counted: Any
    reason: Any


class _Link(NamedTuple):
    """A way from a line to another that holds its money: when that is so, and the other's code."""

    reason: Reason
    holds: Q
    code: Any


class Counting:
    """Tells of the lines of a selection. What points at them is looked up once: there is little of it."""

    def __init__(self, selection: QuerySet[Budget]) -> None:
        self.selection = selection
        self.is_narrow = bool(selection.query.where) or selection.query.is_sliced
        stated = selection.order_by().filter(amount__isnull=False, revises__isnull=False)
        self.replaced = dict(stated.values_list("revises_id", "code"))
        lines = Budget.objects.order_by()
        doubles = dict(lines.filter(same_as__isnull=False).values_list("pk", "same_as_id"))
        replaced = set(lines.filter(revises__isnull=False).values_list("revises_id", flat=True))
        self.replaced_anywhere = replaced | _ends(replaced, doubles)  # themselves, or printed elsewhere
        self.pointed_at = replaced | set(doubles.values())

    def of(self, part: QuerySet[Budget]) -> Counted:
        """The expressions for some of the lines."""
        links = self._links()
        held = reduce(or_, (link.holds for link in links))
        through_others = {each.line.id: sentence(each) for each in self._held_through_others(part, held)}
        without = (When(Q(amount=None, amount_null_reason=each), Value(_without_amount(each))) for each in NullReason)
        because = (When(link.holds, _sentence(link)) for link in links)
        counts = Value(_("Counted: no other selected line holds its money."))
        left_out = Q(amount=None) | held | Q(pk__in=list(through_others))
        return Counted(
            Case(When(left_out, Value(False)), default=Value(True), output_field=BooleanField()),
            Case(*without, *because, default=Coalesce(Given(through_others), counts), output_field=CharField()),
        )

    def _links(self) -> list[_Link]:
        """The direct links, in the order in which they are preferred (`Containment`)."""
        replaced = Given(self.replaced)
        return [
            _Link(Reason.SAME_AS, self._holds("same_as") & Q(same_as__same_as=None), F("same_as__code")),
            _Link(Reason.REPLACED, Q(IsNull(replaced, False)), replaced),
            _Link(Reason.PART_OF, self._holds("part_of"), F("part_of__code")),
        ]

    def _holds(self, path: str) -> Q:
        """The condition that the line at the end of the path is selected and has an amount."""
        stated = Q(**{f"{path}__amount__isnull": False})
        if not self.is_narrow:
            return stated
        return stated & Q(Exists(self.selection.order_by().filter(pk=OuterRef(f"{path}_id"))))

    def _held_through_others(self, part: QuerySet[Budget], held: Q) -> Iterable[Any]:
        """The lines of which the direct links do not tell, and that are left out nevertheless."""
        linked_whole = Q(part_of__part_of__isnull=False) | Q(part_of__same_as__isnull=False)
        linked_whole |= _known(self.pointed_at, "part_of_id")
        linked = Q(same_as__isnull=False) | linked_whole | _known(self.replaced_anywhere)
        unclear = part.order_by().filter(linked, amount__isnull=False).exclude(held)
        return Containment(self.selection, of=unclear).selection().left_out


def _known(keys: Collection[int], path: str = "pk") -> Q:
    """The condition that the key at the end of the path is among these."""
    return Q(IsNull(Given(dict.fromkeys(keys, ""), path), False))


def _ends(keys: Iterable[int], links: Mapping[int, int]) -> set[int]:
    """All to which the links lead from the keys, one after the other."""
    found: set[int] = set()
    steps = list(keys)
    while steps:
        further = links.get(steps.pop())
        if further is not None and further not in found:
            found.add(further)
            steps.append(further)
    return found


def _without_amount(reason: NullReason) -> str:
    return sentence_without_amount(Budget(amount_null_reason=reason))


def _sentence(link: _Link) -> Concat:
    before, _placeholder, after = str(SENTENCES[link.reason]).partition("%(line)s")
    return Concat(Value(before), link.code, Value(after), output_field=CharField())
