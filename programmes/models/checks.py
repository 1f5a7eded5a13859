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


def refuse_leaving(record: Any, *dependants: str, field: str = "programme") -> None:
    """Raise ValidationError on `field` where the record changes its programme and `dependants` would stay behind.

    The dependants are names of relations, as filters take them.
    """
    if record.pk is None:
        return
    leaving = type(record)._default_manager.filter(pk=record.pk).exclude(programme=record.programme_id)
    if not leaving.exists():
        return
    for name in dependants:
        if leaving.filter(**{f"{name}__isnull": False}).exists():
            dependant = record._meta.get_field(name.partition("__")[0]).related_model._meta
            error = ValidationError(
                _("It cannot go to another programme: its %(dependants)s would stay behind."),
                code="leaves_dependants",
                params={"dependants": dependant.verbose_name_plural},
            )
            raise ValidationError({field: error})
