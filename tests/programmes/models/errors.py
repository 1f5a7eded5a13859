"""What validation says, in a form that a test can compare."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models


def errors_of(record: models.Model, **changes: Any) -> dict[str, list[str | None]]:
    """The codes of the errors by field that `full_clean` finds in the record as changed; empty where it is valid."""
    for name, value in changes.items():
        setattr(record, name, value)
    try:
        record.full_clean()
    except ValidationError as error:
        return {field: [each.code for each in errors] for field, errors in error.error_dict.items()}
    return {}


def message_of(record: models.Model, field: str, **changes: Any) -> str:
    """The one message that `full_clean` has for `field`."""
    for name, value in changes.items():
        setattr(record, name, value)
    with pytest.raises(ValidationError) as error:
        record.full_clean()
    (message,) = error.value.message_dict[field]
    return message
