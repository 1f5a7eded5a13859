"""Groups of fields that several models share: an amount, and a life from announcement to end."""

import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Length, Substr
from django.utils.translation import gettext_lazy as _

from programmes.codelists import ActivityStatus, Basis, Currency, Exactness, NullReason
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.periods import Activity, activity


def dates_in_order(start: str, end: str, *, name: str) -> models.CheckConstraint:
    """The end may be on or after the start, compared as precisely as both are known; unknown dates are in order."""
    return models.CheckConstraint(
        condition=Q(**{f"{start}__isnull": True})
        | Q(**{f"{end}__isnull": True})
        | Q(**{f"{end}__gte": Substr(start, 1, Length(end))}),
        name=name,
        violation_error_code=f"{end}:before_start",
        violation_error_message=_("The end is before the start."),
    )


class Amount(models.Model):
    """Money as a source states it: a value in a currency and how exact it is, or why there is none.

    Units: the currency's own unit, with cents. Null where `amount_null_reason` says why. IATI: value.
    """

    COLUMNS = ("amount", "currency", "exactness", "amount_null_reason", "value_date")

    amount = models.DecimalField(
        _("amount"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty where it is not known; then say why. Unknown is not zero."),
    )
    currency = models.CharField(_("currency"), max_length=3, choices=Currency, default=Currency.EUR)
    exactness = models.CharField(_("exactness"), max_length=10, choices=Exactness, default=Exactness.EXACT)
    amount_null_reason = models.CharField(_("why no amount"), max_length=20, choices=NullReason, blank=True)
    value_date = PartialDateField(
        _("value date"), null=True, blank=True, help_text=_("The day whose exchange rate applies.")
    )

    class Meta:
        abstract = True


def number_or_reason(field: str, *, prefix: str) -> list[models.BaseConstraint]:
    """The number in `field`, or in `{field}_null_reason` why there is none; never both, never neither."""
    reason = f"{field}_null_reason"
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}__isnull": False}) | ~Q(**{reason: ""}),
            name=f"{prefix}_{field}_or_reason",
            violation_error_code=f"{field}:number_or_reason",
            violation_error_message=_("Give a number, or say why there is none."),
        ),
        models.CheckConstraint(
            condition=Q(**{f"{field}__isnull": True}) | Q(**{reason: ""}),
            name=f"{prefix}_{field}_or_reason_not_both",
            violation_error_code=f"{reason}:number_or_reason",
            violation_error_message=_("There is a number, so there is no reason for its absence."),
        ),
    ]


def percentage_in_range(name: str) -> models.CheckConstraint:
    """A share is above 0 and at most 100; unknown is null."""
    return models.CheckConstraint(
        condition=Q(percentage__isnull=True) | Q(percentage__gt=0, percentage__lte=100),
        name=name,
        violation_error_code="percentage:out_of_range",
        violation_error_message=_("A percentage is above 0 and at most 100."),
    )


def percentage_field() -> models.DecimalField:
    """A share in percent, null where none is stated."""
    return models.DecimalField(
        _("percentage"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Only where a source states it. Empty: not divided."),
    )


def basis_field(verbose_name: Any) -> models.CharField:
    """Whether a link between records is stated by a source or our own conclusion; empty where there is no link."""
    return models.CharField(
        verbose_name,
        max_length=10,
        choices=Basis,
        blank=True,
        help_text=_("Empty: stated by the source."),
    )


class LifeQuerySet(models.QuerySet[Any]):
    """Filters over the life of programmes and phases; dates may be vague or missing."""

    def active_in(self, period: PartialDate) -> Self:
        """Those certainly active at some time in the year, month or day."""
        return self.filter(self.being_active(period).yes)

    def perhaps_active_in(self, period: PartialDate) -> Self:
        """Those of which the stored dates do not tell."""
        return self.filter(self.being_active(period).undetermined)

    def with_active_in(self, period: PartialDate) -> Self:
        """Each with `active`: "yes", "no" or "undetermined"."""
        conditions = self.being_active(period)
        return self.annotate(
            active=models.Case(
                models.When(conditions.yes, then=models.Value("yes")),
                models.When(conditions.no, then=models.Value("no")),
                default=models.Value("undetermined"),
            )
        )

    def ending_between(self, first: datetime.date, last: datetime.date) -> Self:
        """Those whose end, as it stands, certainly lies from `first` to `last`."""
        return self.filter(activity(first, last, start="end", end="end").yes)

    @staticmethod
    def being_active(period: PartialDate) -> Activity:
        """Yes and no for the period; a status "in implementation" of a known date proves activity until then."""
        return activity(period.earliest, period.latest, known_active_until="known_active_until")


class Life(models.Model):
    """From announcement to end. An announcement is not a start; a planned, a revised and an actual end are three.

    IATI: activity-status and activity-date (planned start 1, actual start 2, planned end 3, actual end 4).
    """

    COLUMNS = (
        "status",
        "status_as_of",
        "announced",
        "planned_start",
        "actual_start",
        "planned_end",
        "revised_end",
        "actual_end",
        "start",
        "end",
        "known_active_until",
    )

    status = models.CharField(
        _("status"), max_length=1, choices=ActivityStatus, blank=True, help_text=_("Empty: not stated.")
    )
    status_as_of = PartialDateField(
        _("status as of"), null=True, blank=True, help_text=_("The date that the stated status speaks of.")
    )
    announced = PartialDateField(_("announced"), null=True, blank=True, help_text=_("An announcement is not a start."))
    planned_start = PartialDateField(_("planned start"), null=True, blank=True)
    actual_start = PartialDateField(_("actual start"), null=True, blank=True)
    planned_end = PartialDateField(_("planned end"), null=True, blank=True)
    revised_end = PartialDateField(_("revised end"), null=True, blank=True)
    actual_end = PartialDateField(_("actual end"), null=True, blank=True)
    start = models.GeneratedField(
        expression=Coalesce("actual_start", "planned_start"),
        output_field=PartialDateField(null=True, blank=True),
        db_persist=True,
        verbose_name=_("start"),
    )
    end = models.GeneratedField(
        expression=Coalesce("actual_end", "revised_end", "planned_end"),
        output_field=PartialDateField(null=True, blank=True),
        db_persist=True,
        verbose_name=_("end"),
    )
    known_active_until = models.GeneratedField(
        expression=models.Case(
            models.When(status=ActivityStatus.IMPLEMENTATION, actual_end=None, then=F("status_as_of")),
            default=None,
            output_field=PartialDateField(null=True),
        ),
        output_field=PartialDateField(null=True, blank=True),
        db_persist=True,
        verbose_name=_("known to be active until"),
    )

    class Meta:
        abstract = True

    @staticmethod
    def life_constraints(prefix: str) -> list[models.BaseConstraint]:
        """Starts before ends, for the planned and the actual pair and for the revised end."""
        return [
            dates_in_order("planned_start", "planned_end", name=f"{prefix}_planned_dates_in_order"),
            dates_in_order("actual_start", "actual_end", name=f"{prefix}_actual_dates_in_order"),
            dates_in_order("actual_start", "planned_end", name=f"{prefix}_planned_end_after_start"),
            dates_in_order("actual_start", "revised_end", name=f"{prefix}_revised_end_after_start"),
            models.CheckConstraint(
                condition=Q(status_as_of__isnull=True) | ~Q(status=""),
                name=f"{prefix}_status_of_a_date_is_stated",
                violation_error_code="status:required",
                violation_error_message=_("“Status as of” needs a status."),
            ),
        ]
