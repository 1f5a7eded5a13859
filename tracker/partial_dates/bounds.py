"""Conditions on the first and the last day that a stored partial date may mean.

Stored text sorts as its first day does, except that a year sorts before its own 1 January and a month before its own
first. The few texts in question are listed by value, so each condition is a plain comparison that an index serves.

A missing date meets none of the conditions, and the opposite of each: they are never SQL's "unknown".
"""

import datetime

from django.db.models import Q, Value

from tracker.partial_dates.value import FIRST_YEAR, LAST_YEAR, PartialDate


def earliest_not_after(field: str, day: datetime.date) -> Q:
    """The first day that the date may mean is `day` or before."""
    return _known(field) & Q(**{f"{field}__lte": _text(day)})


def earliest_not_before(field: str, day: datetime.date) -> Q:
    """The first day that the date may mean is `day` or after."""
    same = [text for text in _coarser(day) if text.earliest == day]
    return _known(field) & (Q(**{f"{field}__gte": _text(day)}) | Q(**{f"{field}__in": same}))


def latest_not_after(field: str, day: datetime.date) -> Q:
    """The last day that the date may mean is `day` or before."""
    return _known(field) & Q(**{f"{field}__lte": _text(day)}) & ~on_either_side_of_the_end_of(field, day)


def latest_not_before(field: str, day: datetime.date) -> Q:
    """The last day that the date may mean is `day` or after."""
    return _known(field) & (Q(**{f"{field}__gte": _text(day)}) | Q(**{f"{field}__in": _coarser(day)}))


def on_either_side_of_the_end_of(field: str, day: datetime.date) -> Q:
    """The first day that the date may mean is `day` or before, and the last is after it."""
    return Q(**{f"{field}__in": [text for text in _coarser(day) if text.latest > day]})


def on_either_side_of_the_start_of(field: str, day: datetime.date) -> Q:
    """The first day that the date may mean is before `day`, and the last is `day` or after."""
    return Q(**{f"{field}__in": [text for text in _coarser(day) if text.earliest < day]})


def _known(field: str) -> Q:
    return Q(**{f"{field}__isnull": False})


def _text(day: datetime.date) -> Value:
    """The day as text, also where it lies outside the years that a partial date may have."""
    return Value(day.isoformat())


def _coarser(day: datetime.date) -> list[PartialDate]:
    """The year and the month that hold `day`, so far as they can be stored."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return []
    text = day.isoformat()
    return [PartialDate(text[:4]), PartialDate(text[:7])]
