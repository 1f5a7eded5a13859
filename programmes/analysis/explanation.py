"""Why a total is what it is: every line counted, every line left out with the reason, every amount not stated."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from programmes.analysis.containment import LeftOut, Line, Reason
from programmes.analysis.dimensions import Key
from programmes.analysis.division import Division, Portion
from programmes.codelists import NullReason
from programmes.models import Budget

SENTENCES: dict[Reason, str | Promise] = {
    Reason.PART_OF: _("Not counted: its money is part of %(line)s."),
    Reason.SAME_AS: _("Not counted: it is the same money as %(line)s."),
    Reason.REPLACED: _("Not counted: %(line)s replaces it."),
}


class Counted(NamedTuple):
    """A counted line and what of it stands in which group."""

    line: Line
    portions: list[Portion]


class Explanation(NamedTuple):
    """The lines behind a total, or behind one of its groups."""

    counted: list[Counted]
    left_out: list[LeftOut]
    not_stated: list[Line]


def explain(result: Division, key: Key | None = None) -> Explanation:
    """The lines behind the whole total, or behind the group of that key.

    A group's explanation has the lines that put money into it, the lines left out because one of these holds their
    money or that would stand in it themselves, and its lines without an amount.
    """
    by_line: dict[int, Counted] = {}
    for portion in result.portions:
        if key is None or portion.key == key:
            by_line.setdefault(portion.holder.id, Counted(portion.holder, [])).portions.append(portion)
    holders = {each.line.id: each.holder.id for each in result.left_out}

    def belongs(line: Line) -> bool:
        if key is None or result.own_key(line) == key:
            return True
        at = line.id
        while at in holders:
            at = holders[at]
        return at in by_line

    return Explanation(
        list(by_line.values()),
        [each for each in result.left_out if each.line.id not in by_line and belongs(each.line)],
        [line for line in result.not_stated if key is None or result.own_key(line) == key],
    )


def sentence(left_out: LeftOut) -> str:
    """Why the line is not counted."""
    return str(SENTENCES[left_out.reason]) % {"line": left_out.holder.code}


def sentence_without_amount(line: Line | Budget) -> str:
    """Why the line adds nothing."""
    return _now("Not counted: there is no amount (%(reason)s).") % {"reason": NullReason(line.amount_null_reason).label}
