"""Checks that span records and that several models make."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def require_same_programme(record: Any, field: str) -> None:
    """Raise ValidationError on `field` where it points into another programme than the record's own."""
    other = getattr(record, field)
    if other is not None and record.programme_id is not None and other.programme_id != record.programme_id:
        raise ValidationError(
            {
                field: ValidationError(
                    _("%(other)s belongs to another programme."), code="other_programme", params={"other": str(other)}
                )
            }
        )
