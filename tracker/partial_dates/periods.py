"""Was a thing with a start and an end going on in a period: yes, no, or not determinable."""

import datetime
import operator
from collections.abc import Collection
from functools import reduce
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Length, Substr

from tracker.partial_dates.bounds import (
    earliest_not_after,
    earliest_not_before,
    latest_not_after,
    latest_not_before,
    on_either_side_of_the_end_of,
    on_either_side_of_the_start_of,
)


class Activity(NamedTuple):
    """Three conditions of which every record meets exactly one."""

    yes: Q
    no: Q
    undetermined: Q

    def among(self, answers: Collection[str]) -> Q:
        """The condition for any of these answers."""
        if set(answers) == {"yes", "undetermined"}:
            return ~self.no
        return reduce(operator.or_, (getattr(self, answer) for answer in answers), Q())


def activity(
    first: datetime.date,
    last: datetime.date,
    *,
    start: str = "start",
    end: str = "end",
    open_start: bool = False,
    open_end: bool = False,
    known_active_until: str | None = None,
) -> Activity:
    """Conditions for having been going on at some day from `first` to `last`, both included.

    Yes: whatever days the vague dates mean. No: whatever they mean, it was not. What starts or ends within the period
    was going on in it, even where the other date is missing.

    `start` and `end` name partial date fields. A missing one means unknown, unless `open_start` or `open_end` says
    that it means "always" (an undated membership of a region, a membership that has not ended). `known_active_until`
    names a partial date on which the thing was still known to go on; an end that lies wholly before it had only been
    planned, and tells nothing.
    """
    no_start, no_end = Q(**{f"{start}__isnull": True}), Q(**{f"{end}__isnull": True})
    perhaps_begun = no_start | earliest_not_after(start, last)
    perhaps_going_on = no_end | latest_not_before(end, first)
    begun = latest_not_after(start, last)
    going_on = earliest_not_before(end, first) | earliest_not_before(start, first)
    ended_by_last = latest_not_after(end, last)
    if known_active_until:
        only_planned = overrun(end, known_active_until)
        perhaps_going_on |= only_planned
        ended_by_last &= ~only_planned
        begun |= latest_not_after(known_active_until, last)
        going_on |= earliest_not_before(known_active_until, first)
    begun |= ended_by_last
    if open_start:
        begun |= no_start
    if open_end:
        going_on |= no_end
    possible, certain = perhaps_begun & perhaps_going_on, begun & going_on
    # It follows from the rest, and is what an index finds where few are.
    vague = no_start | no_end | on_either_side_of_the_end_of(start, last) | on_either_side_of_the_start_of(end, first)
    if known_active_until:
        vague |= Q(**{f"{known_active_until}__isnull": False})
    return Activity(yes=possible & certain, no=~possible, undetermined=vague & possible & ~certain)


def overrun(end: str, known_active_until: str) -> Q:
    """The end lies wholly before a day on which the thing was still known to go on, as precisely as both are known."""
    both_known = Q(**{f"{known_active_until}__isnull": False, f"{end}__isnull": False})
    return both_known & Q(**{f"{end}__lt": Substr(known_active_until, 1, Length(end))})
