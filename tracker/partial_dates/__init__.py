"""Dates that say only what is known: a year, a month or a day, stored and printed as such."""

from tracker.partial_dates.fields import PartialDateField
from tracker.partial_dates.value import PartialDate

__all__ = ["PartialDate", "PartialDateField"]
