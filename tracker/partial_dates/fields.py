"""The model field: one text column that holds the date as ISO 8601 writes it."""

import functools
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from tracker.partial_dates.forms import PartialDateFormField
from tracker.partial_dates.value import PartialDate

# Shape only; that the day exists is checked by PartialDate before anything reaches the database.
SHAPE_SQL = {
    "postgresql": r"""%s ~ '^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$'""",
    "sqlite": (
        "%s GLOB '[0-9][0-9][0-9][0-9]'"
        " OR %s GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'"
        " OR %s GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
    ),
}


# A portfolio holds few different dates, each many times.
_remembered = functools.lru_cache(maxsize=10_000)(PartialDate)


class PartialDateField(models.CharField):
    """A nullable PartialDate. Unknown is null; the empty text is unknown too."""

    description = _("Date known to the year, the month or the day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs

    def db_check(self, connection: Any) -> str | None:
        name = getattr(self, "column", None)  # none where it is only the type of a generated column
        sql = SHAPE_SQL.get(connection.vendor)
        return sql.replace("%s", connection.ops.quote_name(name)) if name and sql else None

    def from_db_value(self, value: str | None, *_args: object) -> PartialDate | None:
        return _remembered(value) if value else None

    def to_python(self, value: Any) -> PartialDate | None:
        return None if value in (None, "") else PartialDate.of(value)

    def get_prep_value(self, value: Any) -> Any:
        if hasattr(value, "resolve_expression"):
            return value
        date = self.to_python(value)
        return None if date is None else str(date)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        date = self.to_python(value)
        self.validate(date, model_instance)
        return date

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        # CharField would hand on max_length and empty_value, which a partial date has no use for.
        return models.Field.formfield(self, **({"form_class": PartialDateFormField} | kwargs))
