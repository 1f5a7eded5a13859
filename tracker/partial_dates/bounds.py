"""Conditions on the first and the last day that a stored partial date may mean.

Stored text sorts as its first day does, except that a year sorts before its own 1 January and a month before its own
first. The few texts in question are listed by value, so each condition is a plain comparison that an index serves.
"""

import datetime

from django.db.models import Q

from tracker.partial_dates.value import PartialDate


def earliest_not_after(field: str, day: datetime.date) -> Q:
    """The first day that the date may mean is `day` or before."""
    return Q(**{f"{field}__lte": day.isoformat()})


def earliest_not_before(field: str, day: datetime.date) -> Q:
    """The first day that the date may mean is `day` or after."""
    same = [text for text in _coarser(day) if text.earliest == day]
    return Q(**{f"{field}__gte": day.isoformat()}) | Q(**{f"{field}__in": same})


def latest_not_after(field: str, day: datetime.date) -> Q:
    """The last day that the date may mean is `day` or before."""
    later = [text for text in _coarser(day) if text.latest > day]
    return Q(**{f"{field}__lte": day.isoformat()}) & ~Q(**{f"{field}__in": later})


def latest_not_before(field: str, day: datetime.date) -> Q:
    """The last day that the date may mean is `day` or after."""
    return Q(**{f"{field}__gte": day.isoformat()}) | Q(**{f"{field}__in": _coarser(day)})


def _coarser(day: datetime.date) -> list[PartialDate]:
    """The year and the month that hold `day`."""
    text = day.isoformat()
    return [PartialDate(text[:4]), PartialDate(text[:7])]
