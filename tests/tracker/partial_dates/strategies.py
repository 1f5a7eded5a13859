"""Partial dates for hypothesis: few years, so that they meet each other and the edges of months and years."""

import calendar
import datetime

from hypothesis import strategies as st

from tracker.partial_dates import PartialDate

FIRST, LAST = datetime.date(2015, 1, 1), datetime.date(2018, 12, 31)


@st.composite
def days(draw: st.DrawFn, first: datetime.date = FIRST, last: datetime.date = LAST) -> datetime.date:
    """A day, mostly the first or the last of its month."""
    day = draw(st.dates(first, last))
    month_end = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=draw(st.sampled_from([1, day.day, month_end])))


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    """A year, a month or a day."""
    return PartialDate(draw(days()).isoformat()[: draw(st.sampled_from([4, 7, 10]))])
