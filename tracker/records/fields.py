"""Whole numbers with the same limits on every database."""

from django.core.validators import MaxValueValidator
from django.db import models


class CountField(models.PositiveIntegerField):
    """From 0 to what four bytes hold. SQLite by itself would take more, PostgreSQL would not."""

    default_validators = [MaxValueValidator(2**31 - 1)]


class SmallCountField(models.PositiveSmallIntegerField):
    """From 0 to what two bytes hold."""

    default_validators = [MaxValueValidator(2**15 - 1)]
