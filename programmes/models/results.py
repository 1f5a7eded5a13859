"""Results, their indicators, and the values that these have had."""

import datetime
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from programmes.codelists import (
    Accumulation,
    Dimension,
    Exactness,
    IndicatorMeasure,
    NullReason,
    ObservationKind,
    ResultType,
)
from programmes.models.checks import refuse_leaving
from programmes.models.phases import Phase
from programmes.models.programmes import Programme
from programmes.models.shapes import dates_in_order, number_or_reason
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.bounds import latest_not_after
from tracker.records import units
from tracker.records.fields import SmallCountField
from tracker.records.indexes import for_orders
from tracker.records.models import DerivedCode, Record
from tracker.records.search import SearchKeyField


class Result(DerivedCode):
    """What a programme brings about. IATI: result, @type of the standard's list."""

    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="results", verbose_name=_("programme")
    )
    type = models.CharField(_("type"), max_length=1, choices=ResultType, default=ResultType.OUTPUT)
    title = models.CharField(_("title"), max_length=250)
    order = SmallCountField(_("order"), default=1)
    search_key = SearchKeyField("code", "title")

    class Meta(DerivedCode.Meta):
        abstract = False
        verbose_name = _("result")
        verbose_name_plural = _("results")
        ordering: ClassVar = ["programme__code", "order", "code"]
        indexes: ClassVar = for_orders("result", "type", "title", "order")

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def derive_code(self) -> str:
        return self.next_code(f"{self.programme.code}-R") if self.programme_id else ""

    def clean(self) -> None:
        super().clean()
        refuse_leaving(self, "indicators")


class Indicator(DerivedCode):
    """A measure of a result. IATI: indicator. Its one rule: one unit; persons trained and agents hired are two."""

    PART_OF = ("result",)

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="indicators", verbose_name=_("result"))
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        related_name="indicators",
        verbose_name=_("programme"),
        editable=False,
    )
    title = models.CharField(_("title"), max_length=250)
    measure = models.CharField(_("measure"), max_length=1, choices=IndicatorMeasure, default=IndicatorMeasure.UNIT)
    unit = models.CharField(_("unit"), max_length=60, help_text=_("What is counted: persons trained, kg, courses."))
    ascending = models.BooleanField(_("more is better"), default=True)
    accumulation = models.CharField(
        _("counts"), max_length=12, choices=Accumulation, blank=True, help_text=_("Empty: not stated.")
    )
    additive = models.BooleanField(
        _("may be added across programmes"),
        default=False,
        help_text=_("Only with indicators of the same unit that are additive too."),
    )
    order = SmallCountField(_("order"), default=1)
    search_key = SearchKeyField("code", "title", "unit")

    class Meta(DerivedCode.Meta):
        abstract = False
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering: ClassVar = ["programme__code", "order", "code"]
        indexes: ClassVar = for_orders(
            "indicator", "title", "measure", "unit", "ascending", "accumulation", "additive", "order"
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def derive_code(self) -> str:
        return self.next_code(f"{self.result.programme.code}-I") if self.result_id else ""

    def clean(self) -> None:
        super().clean()
        self._belong()
        refuse_leaving(self, "observations__phase", field="result")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._belong()
        super().save(*args, **kwargs)

    def _belong(self) -> None:
        """An indicator belongs to its result's programme; the column is a copy for joins and filters."""
        if self.result_id:
            self.programme_id = self.result.programme_id


class ObservationQuerySet(models.QuerySet["Observation"]):
    """Values of indicators."""

    def actual(self) -> Self:
        """What was observed; not baselines, not targets."""
        return self.filter(kind=ObservationKind.ACTUAL)

    def as_of(self, period: PartialDate) -> Self:
        """Baselines, targets, and of each indicator and breakdown the latest actual value by the end of the period."""
        return self.filter(~Q(kind=ObservationKind.ACTUAL) | Q(pk=self._newest(period.latest)))

    def latest(self, day: datetime.date | None = None) -> Self:  # type: ignore[override]
        """Of each indicator and breakdown the actual value of the latest date, or the latest certainly until `day`."""
        return self.actual().filter(pk=self._newest(day))

    def but_latest(self, day: datetime.date | None = None) -> Self:
        """All but those."""
        return self.filter(~Q(kind=ObservationKind.ACTUAL) | ~Q(pk=Coalesce(self._newest(day), 0)))

    @staticmethod
    def _newest(day: datetime.date | None) -> Subquery:
        """The key of the newest actual value of the same indicator and breakdown, certainly until `day`."""
        same = Observation.objects.actual().filter(
            indicator=OuterRef("indicator"), disaggregation=OuterRef("disaggregation")
        )
        if day is not None:
            same = same.filter(latest_not_after("date", day))
        return Subquery(same.order_by(F("date").desc(nulls_last=True), "-pk").values("pk")[:1])


def validate_disaggregation(value: object) -> None:
    """A mapping from dimension to category, both texts: {"substance": "cocaine"}; a country by its alpha-2 code."""
    if not isinstance(value, dict):
        raise ValidationError(_("Write pairs of dimension and category."), code="not_a_mapping")
    for dimension, category in value.items():
        if dimension not in Dimension.values:
            raise ValidationError(
                _("“%(dimension)s” is not a dimension. Known: %(known)s."),
                code="unknown_dimension",
                params={"dimension": str(dimension)[:40], "known": ", ".join(Dimension.values)},
            )
        if not isinstance(category, str) or not category.strip() or len(category) > 100 or "\0" in category:
            raise ValidationError(
                _("The category of “%(dimension)s” is a text of at most 100 characters."),
                code="invalid_category",
                params={"dimension": dimension},
            )


class Observation(Record):
    """A value of an indicator: a baseline, a target or what was observed. IATI: baseline, target, actual.

    It speaks of a day (`as_of`) or of a period, never of both. Null values say why.
    """

    NATURAL_KEY = ("indicator", "kind", "as_of", "period_start", "period_end", "disaggregation")
    PART_OF = ("indicator",)

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="observations", verbose_name=_("indicator"), db_index=False
    )
    phase = models.ForeignKey(
        Phase, on_delete=models.RESTRICT, null=True, blank=True, related_name="observations", verbose_name=_("phase")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ObservationKind, default=ObservationKind.ACTUAL)
    value = models.DecimalField(_("value"), max_digits=15, decimal_places=4, null=True, blank=True)
    exactness = models.CharField(_("exactness"), max_length=10, choices=Exactness, default=Exactness.EXACT)
    value_null_reason = models.CharField(_("why no value"), max_length=20, choices=NullReason, blank=True)
    as_of = PartialDateField(_("as of"), null=True, blank=True)
    period_start = PartialDateField(_("period from"), null=True, blank=True)
    period_end = PartialDateField(_("period to"), null=True, blank=True)
    date = models.GeneratedField(
        expression=Coalesce("as_of", "period_end", "period_start"),
        output_field=PartialDateField(null=True, blank=True),
        db_persist=True,
        verbose_name=_("date"),
    )
    disaggregation = models.JSONField(
        _("breakdown"),
        default=dict,
        blank=True,
        validators=[validate_disaggregation],
        help_text=_('Such as {"substance": "cocaine"}; empty: the whole.'),
    )
    comment = models.CharField(_("comment"), max_length=300, blank=True)

    objects = ObservationQuerySet.as_manager()

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering: ClassVar = ["indicator__code", "date", "pk"]
        constraints: ClassVar = [
            *number_or_reason("value", prefix="observation"),
            models.CheckConstraint(
                condition=Q(as_of__isnull=True) | Q(period_start__isnull=True, period_end__isnull=True),
                name="observation_day_or_period",
                violation_error_code="as_of:day_or_period",
                violation_error_message=_("Give a date or a period, not both."),
            ),
            dates_in_order("period_start", "period_end", name="observation_period_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["indicator", "kind", "date"], name="observation_latest"),
            models.Index(fields=["id"], condition=~Q(disaggregation={}), name="observation_broken_down"),
            *for_orders(
                "observation",
                "kind",
                "value",
                "exactness",
                "value_null_reason",
                "as_of",
                "period_start",
                "period_end",
                "date",
                "comment",
            ),
        ]

    def __str__(self) -> str:
        value = self.get_value_null_reason_display() if self.value is None else f"{self.value.normalize():f}"
        return f"{value} {self.indicator.unit} ({self.as_of or self.period_end or self.period_start or '?'})"

    def clean(self) -> None:
        super().clean()
        self.disaggregation = dict(sorted((self.disaggregation or {}).items()))
        country = self.disaggregation.get("country")
        if country is not None and not Country.objects.filter(pk=country).exists():
            raise ValidationError(
                {
                    "disaggregation": ValidationError(
                        _("“%(code)s” is not a country code."), code="unknown_country", params={"code": country}
                    )
                }
            )
        self._refuse_repetition()
        if self.phase is not None and self.indicator_id and self.phase.programme_id != self.indicator.programme_id:
            raise ValidationError(
                {"phase": ValidationError(_("The phase belongs to another programme."), code="other_programme")}
            )

    def _refuse_repetition(self) -> None:
        """One value for a date and breakdown: what another source says of it is a competing citation."""
        unit = units.current()
        if not self.indicator_id or (unit is not None and unit.is_free(units.NATURAL, self)):
            return
        same = Observation.objects.filter(
            indicator=self.indicator_id,
            kind=self.kind,
            as_of=self.as_of,
            period_start=self.period_start,
            period_end=self.period_end,
            disaggregation=self.disaggregation,
        )
        if same.exclude(pk=self.pk).exists():
            raise ValidationError(
                {
                    "as_of": ValidationError(
                        _("There is already a value for this date. Another source's value is cited beside it."),
                        code="not_unique",
                    )
                }
            )
