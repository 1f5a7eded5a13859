"""Was a thing with a start and an end going on in a period: yes, no, or not determinable."""

import datetime
from typing import NamedTuple

from django.db.models import Q

from tracker.partial_dates.bounds import earliest_not_after, earliest_not_before, latest_not_after, latest_not_before

DAY = datetime.timedelta(days=1)


class Activity(NamedTuple):
    """Three conditions of which every record meets exactly one."""

    yes: Q
    no: Q
    undetermined: Q


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

    `start` and `end` name partial date fields. A missing one means unknown, unless `open_start` or `open_end` says
    that it means "always" (an undated membership of a region, a membership that has not ended). `known_active_until`
    names a partial date on which the thing was still known to go on, whatever had been planned.
    """
    no_start, no_end = Q(**{f"{start}__isnull": True}), Q(**{f"{end}__isnull": True})
    # Each condition and its opposite are written out: SQL's "not unknown" is unknown, and would lose records.
    began, perhaps_not_begun = latest_not_after(start, last), latest_not_before(start, last + DAY)
    going_on, perhaps_over = earliest_not_before(end, first), earliest_not_after(end, first - DAY)
    not_begun, perhaps_begun = earliest_not_before(start, last + DAY), earliest_not_after(start, last) | no_start
    over, perhaps_going_on = latest_not_after(end, first - DAY), latest_not_before(end, first) | no_end
    if open_start:
        began |= no_start
    else:
        perhaps_not_begun |= no_start
    if open_end:
        going_on |= no_end
    else:
        perhaps_over |= no_end
    if known_active_until:
        known = earliest_not_before(known_active_until, first)
        not_known = earliest_not_after(known_active_until, first - DAY) | Q(**{f"{known_active_until}__isnull": True})
        going_on |= known
        perhaps_going_on |= known
        perhaps_over &= not_known
        over &= not_known
    return Activity(
        yes=began & going_on,
        no=not_begun | over,
        undetermined=(perhaps_not_begun | perhaps_over) & perhaps_begun & perhaps_going_on,
    )
