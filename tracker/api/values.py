"""The values that a query parameter may have: how each is read, what is wrong with it, and how it is documented."""

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from tracker.api.addresses import code_fields, found_by, key_field, not_found
from tracker.api.suggestions import did_you_mean, shown
from tracker.partial_dates import PartialDate
from tracker.partial_dates.value import FIRST_YEAR, LAST_YEAR
from tracker.records.fresh import fresh_by_reading

MAX_VALUES = 200
NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
PARTIAL_DATE = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


class Value(forms.Field):
    """One text, taken as it stands. Cleans to None where the parameter is absent."""

    schema: ClassVar[dict[str, Any]] = {"type": "string"}

    def clean(self, value: str | None) -> Any:
        return None if value is None else self.read(value)

    def read(self, text: str) -> Any:
        """The value of the text. Raises ValidationError."""
        return text

    def describe(self) -> dict[str, Any]:
        """The OpenAPI parameter, without its name: schema and style."""
        return {"schema": dict(self.schema)}


class Several(Value):
    """Values separated by commas, each read by `item`; cleans to a list."""

    def __init__(self, item: Value, **kwargs: Any) -> None:
        self.item = item
        super().__init__(**kwargs)

    def read(self, text: str) -> list[Any]:
        return [self.item.read(part) for part in parts(text)]

    def describe(self) -> dict[str, Any]:
        items = self.item.describe()["schema"]
        return {"schema": {"type": "array", "items": items, "minItems": 1}, "style": "form", "explode": False}


def parts(text: str) -> list[str]:
    """The values between commas, at most MAX_VALUES and none of them empty."""
    found = [part.strip() for part in text.split(",")]
    if len(found) > MAX_VALUES:
        raise ValidationError(_("At most %d values.") % MAX_VALUES, code="too_many")
    if not all(found):
        raise ValidationError(_("There is no value beside a comma."), code="empty")
    return found


class Choice(Value):
    """One of a fixed list of codes, whatever its case."""

    def __init__(self, codes: Iterable[str], **kwargs: Any) -> None:
        self.codes = [str(code) for code in codes]
        super().__init__(**kwargs)

    def read(self, text: str) -> str:
        for code in self.codes:
            if code.lower() == text.lower():
                return code
        known = _("Known: %s.") % ", ".join(self.codes)
        hint = did_you_mean(text, self.codes)
        raise ValidationError(_("There is no value “%s”.") % shown(text) + f"{hint} {known}", code="unknown_value")

    def describe(self) -> dict[str, Any]:
        return {"schema": {"type": "string", "enum": self.codes}}


class Boolean(Value):
    """true or false; 1 and 0 stand for them."""

    schema = {"type": "boolean"}

    def read(self, text: str) -> bool:
        word = {"1": "true", "0": "false"}.get(text, text.lower())
        if word not in ("true", "false"):
            raise ValidationError(_("Write true or false, not “%s”.") % shown(text), code="invalid_boolean")
        return word == "true"


class Flag(Boolean):
    """1 or true, 0 or false; false where the parameter is absent."""

    schema = {"type": "string", "enum": ["1", "0", "true", "false"]}

    def clean(self, value: str | None) -> bool:
        return value is not None and self.read(value)


class Number(Value):
    """A decimal number, never a float."""

    schema = {"type": "number"}

    def read(self, text: str) -> Decimal:
        if not NUMBER.fullmatch(text):
            raise ValidationError(_("“%s” is not a number.") % shown(text), code="invalid_number")
        return Decimal(text)


class WholeNumber(Number):
    """A whole number."""

    schema = {"type": "integer"}

    def read(self, text: str) -> int:  # type: ignore[override]
        number = super().read(text)
        if number != int(number):
            raise ValidationError(_("“%s” is not a whole number.") % shown(text), code="invalid_number")
        return int(number)


class Date(Value):
    """A partial date: a year, a month or a day."""

    schema = {"type": "string", "pattern": PARTIAL_DATE, "examples": ["2016", "2016-02", "2016-02-15"]}

    def read(self, text: str) -> PartialDate:
        return PartialDate(text)


class Day(Value):
    """A calendar day."""

    schema = {"type": "string", "format": "date"}

    def read(self, text: str) -> datetime.date:
        day = PartialDate(text)
        if day.precision != "day":
            raise ValidationError(_("Write a day, such as 2016-12-31."), code="invalid_date")
        return day.earliest


class Instant(Value):
    """A moment in ISO 8601; UTC where it names no offset. A day is its midnight."""

    schema = {"type": "string", "format": "date-time"}

    def read(self, text: str) -> datetime.datetime:
        try:
            moment = parse_datetime(text) or datetime.datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            message = _("“%s” is not a moment such as 2016-12-31T23:59:59Z.") % shown(text)
            raise ValidationError(message, code="invalid_moment")
        return moment if timezone.is_aware(moment) else moment.replace(tzinfo=datetime.UTC)


class Records(Value):
    """Records by their codes (or numbers), separated by commas; cleans to their keys, so that no join is needed."""

    def __init__(self, queryset: QuerySet[Any], **kwargs: Any) -> None:
        self.queryset = queryset
        super().__init__(**kwargs)

    @property
    def model(self) -> type[Model]:
        return self.queryset.model

    def read(self, text: str) -> list[Any]:
        keys = parts(text)
        names = code_fields(self.model) or [key_field(self.model)]
        condition = found_by(self.model, keys)
        rows: tuple[Any, ...] = ()
        if condition is not None:
            named = self.queryset.filter(condition).order_by().values_list("pk", *names)
            rows = fresh_by_reading(("named", self.model, *keys), lambda: tuple(named))
        known = {str(value) for _pk, *values in rows for value in values}
        for key in keys:
            if key.upper() not in known and key.lstrip("0") not in known:
                raise ValidationError(not_found(self.queryset, key), code="unknown_code")
        return [pk for pk, *_values in rows]

    def describe(self) -> dict[str, Any]:
        key: dict[str, Any] = {"type": "string"} if code_fields(self.model) else {"type": "integer", "minimum": 1}
        return {"schema": {"type": "array", "items": key, "minItems": 1}, "style": "form", "explode": False}


def choice_codes(choices: Sequence[tuple[Any, Any]]) -> list[str]:
    """The codes of a model field's choices."""
    return [str(code) for code, _label in choices if code not in (None, "")]
