"""Exchange rates that the European Central Bank does not publish."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.codelists import Currency
from tracker.records.indexes import for_orders
from tracker.records.models import Record


class ExchangeRate(Record):
    """Units of a currency for one euro on a day, with its source. Comes before the ECB's own rate of that day."""

    NATURAL_KEY = ("currency", "day")

    currency = models.CharField(_("currency"), max_length=3, choices=Currency)
    day = models.DateField(_("day"))
    per_euro = models.DecimalField(_("units for one euro"), max_digits=15, decimal_places=8)
    source = models.CharField(_("source"), max_length=250)

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar = ["currency", "-day"]
        indexes: ClassVar = for_orders("exchange_rate", "currency", "day", "per_euro", "source")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["currency", "day"],
                name="exchange_rate_once_a_day",
                violation_error_code="day:not_unique",
                violation_error_message=_("There is already a rate of this currency for this day."),
            ),
            models.CheckConstraint(
                condition=Q(per_euro__gt=0),
                name="exchange_rate_above_zero",
                violation_error_code="per_euro:not_positive",
                violation_error_message=_("A rate is above zero."),
            ),
            models.CheckConstraint(
                condition=~Q(currency=Currency.EUR),
                name="exchange_rate_not_of_the_euro",
                violation_error_code="currency:euro",
                violation_error_message=_("One euro is one euro."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.per_euro} ({self.day})"
