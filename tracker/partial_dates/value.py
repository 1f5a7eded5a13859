"""The value: an ISO 8601 date of reduced precision, with the first and the last day that it may mean."""

import calendar
import datetime
import re
from typing import Literal, Self

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

Precision = Literal["year", "month", "day"]

FIRST_YEAR, LAST_YEAR = 1900, 2199
SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class PartialDate(str):
    """A date known to the year, the month or the day: "2016", "2016-02", "2016-02-15".

    It is the ISO 8601 text itself, so the length is the precision, text order is date order (the vaguer first) and
    nothing turns a year into its 1 January. Years run from 1900 to 2199.

    Raises ValidationError (code "invalid_partial_date") for any other text and for days that do not exist.
    """

    __slots__ = ("__dict__",)

    def __new__(cls, text: str) -> Self:
        match = SHAPE.fullmatch(text)
        if match is None:
            raise _invalid(text)
        year, month, day = (int(part) for part in match.groups("1"))
        try:
            datetime.date(year, month, day)
        except ValueError:
            raise _invalid(text) from None
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise _invalid(text)
        return super().__new__(cls, text)

    @classmethod
    def of(cls, value: "str | datetime.date | PartialDate") -> "PartialDate":
        """The partial date of a text or of a calendar day."""
        if isinstance(value, PartialDate):
            return value
        if isinstance(value, datetime.datetime):
            return cls(value.date().isoformat())
        if isinstance(value, datetime.date):
            return cls(value.isoformat())
        if not isinstance(value, str):
            raise _invalid(value)
        return cls(value.strip())

    @property
    def precision(self) -> Precision:
        return {4: "year", 7: "month", 10: "day"}[len(self)]  # type: ignore[return-value]

    @cached_property
    def earliest(self) -> datetime.date:
        """The first day that this date may mean."""
        return datetime.date.fromisoformat(self + "-01-01"[len(self) - 4 :])

    @cached_property
    def latest(self) -> datetime.date:
        """The last day that this date may mean."""
        first = self.earliest
        if self.precision == "year":
            return first.replace(month=12, day=31)
        if self.precision == "month":
            return first.replace(day=calendar.monthrange(first.year, first.month)[1])
        return first

    @property
    def year(self) -> int:
        return int(self[:4])


def _invalid(value: object) -> ValidationError:
    return ValidationError(
        _("“%(value)s” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15."),
        code="invalid_partial_date",
        params={"value": str(value)[:40]},
    )
