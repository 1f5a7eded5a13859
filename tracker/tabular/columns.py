"""What a column of a table holds, and how its values are written and read."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.partial_dates import PartialDate

Type = Literal["string", "integer", "number", "boolean", "date", "partial_date"]

# What a value of each type is in Python.
PYTHON: dict[Type, tuple[type, ...]] = {
    "string": (str, Promise),
    "integer": (int,),
    "number": (Decimal, int),
    "boolean": (bool,),
    "date": (datetime.date,),
    "partial_date": (PartialDate,),
}
INTEGER = re.compile(r"-?[0-9]{1,18}")
NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> int | None:
    return int(text) if INTEGER.fullmatch(text) else None


def _number(text: str) -> Decimal | None:
    return Decimal(text) if NUMBER.fullmatch(text) else None


def _boolean(text: str) -> bool | None:
    return BOOLEANS.get(text.lower())


def _date(text: str) -> datetime.date | None:
    date = PartialDate.of(text)
    return date.earliest if date.precision == "day" else None


# How a text of each type is read: to a value, or to None with a message that says what to write instead.
READERS: dict[Type, tuple[Callable[[str], Any], Any]] = {
    "string": (str, ""),
    "integer": (_integer, _("“%(value)s” is not a whole number. Write it like 1234.")),
    "number": (
        _number,
        _("“%(value)s” is not a number. Write it like 1234.56, without separators."),
    ),
    "boolean": (_boolean, _("“%(value)s” is neither true nor false.")),
    "date": (_date, _("“%(value)s” is not a day. Write it like 2016-02-15.")),
    "partial_date": (PartialDate.of, ""),
}


@dataclass(frozen=True)
class Column:
    """A column: its stable name, its type, words for people, and constraints as Table Schema has them.

    Null is allowed unless a constraint says `required`. A text is never empty: the empty text is null.
    """

    name: str
    type: Type = "string"
    title: str | Promise = ""
    description: str | Promise = ""
    constraints: Mapping[str, Any] = field(default_factory=dict)

    def text(self, value: Any) -> str | None:
        """The value as it stands in a file; null is None. Raises TypeError for any other type."""
        if value is None or value == "":
            return None
        if not isinstance(value, PYTHON[self.type]) or (isinstance(value, bool) and self.type != "boolean"):
            raise TypeError(f"{self.name} is a {self.type}, not {value!r}")
        match value:
            case bool():
                return "true" if value else "false"
            case Decimal():
                return f"{value:f}"
            case datetime.date():
                return value.isoformat()
        return str(value)

    def value(self, text: str | None) -> Any:
        """What a text in a file stands for; None for an empty one.

        Raises ValidationError, in words that a person can act on, for what is not of the type or not allowed.
        Nothing is guessed: no thousands separator, no decimal comma, no other order of day and month.
        """
        if not text:
            if self.constraints.get("required"):
                raise ValidationError(_("A value is needed."), code="required")
            return None
        read, message = READERS[self.type]
        value = read(text)
        if value is None:
            raise ValidationError(message, code=f"invalid_{self.type}", params={"value": text[:40]})
        allowed: Sequence[Any] = self.constraints.get("enum", ())
        if allowed and value not in allowed:
            raise ValidationError(
                _("“%(value)s” is not one of: %(allowed)s."),
                code="unknown_value",
                params={"value": text[:40], "allowed": ", ".join(map(str, allowed))},
            )
        return value
