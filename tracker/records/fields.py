"""Whole numbers with the same limits on every database, an instant that only ever grows, and a state."""

import datetime
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone


class CountField(models.PositiveIntegerField):
    """From 0 to what four bytes hold. SQLite by itself would take more, PostgreSQL would not."""

    default_validators = [MaxValueValidator(2**31 - 1)]


class SmallCountField(models.PositiveSmallIntegerField):
    """From 0 to what two bytes hold."""

    default_validators = [MaxValueValidator(2**15 - 1)]


class AlwaysLaterField(models.DateTimeField):
    """When a record was last changed: now, or just after the time before, whatever the clock says."""

    def deconstruct(self) -> Any:
        # To migrations it is what it is to the database.
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> datetime.datetime:
        now, before = timezone.now(), getattr(model_instance, self.attname)
        value = now if add or before is None else max(now, before + datetime.timedelta(microseconds=1))
        setattr(model_instance, self.attname, value)
        return value


class StateField(models.CharField):
    """A state that only its transitions change, no form and no import; going back leaves it, history tells it."""
