"""Which countries take part in which programme, and what sources say of the list as a whole."""

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from countries.models import Country, Grouping
from programmes.codelists import Exactness, ParticipationRole, ParticipationStatus
from programmes.models.checks import require_same_programme
from programmes.models.phases import Phase
from programmes.models.programmes import Programme
from programmes.models.shapes import dates_in_order, percentage_field, percentage_in_range
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.periods import Activity, activity
from tracker.records.fields import SmallCountField
from tracker.records.indexes import for_orders
from tracker.records.models import Record


class ParticipationQuerySet(models.QuerySet["Participation"]):
    """Participations by status and time."""

    def participating(self) -> Self:
        """Those of countries that take part; not expected, not former ones."""
        return self.filter(status=ParticipationStatus.PARTICIPATING)

    def receiving(self) -> Self:
        """Those of recipient countries that take part: where the programmes work."""
        return self.participating().filter(role=ParticipationRole.RECIPIENT)

    def in_period(self, period: PartialDate) -> Self:
        """Those that certainly held at some time in the year, month or day."""
        return self.filter(self.holding(period).yes)

    def as_of(self, period: PartialDate) -> Self:
        """Those that certainly or perhaps held at some time in the year, month or day."""
        conditions = self.holding(period)
        return self.filter(conditions.yes | conditions.undetermined)

    @staticmethod
    def holding(period: PartialDate) -> Activity:
        """Yes and no for the period; no end means still, no start means not known since when."""
        return activity(period.earliest, period.latest, open_end=True)


class Participation(Record):
    """A country's part in a programme. IATI: recipient-country with @percentage.

    The same country may stand there more than once: for other phases, other roles and other times.
    """

    NATURAL_KEY = ("programme", "country", "role", "phase", "start")
    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="participations", verbose_name=_("programme"), db_index=False
    )
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="participations", verbose_name=_("country"), db_index=False
    )
    phase = models.ForeignKey(
        Phase,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("phase"),
        help_text=_("Empty: the programme as a whole."),
    )
    role = models.CharField(_("role"), max_length=12, choices=ParticipationRole, default=ParticipationRole.RECIPIENT)
    status = models.CharField(
        _("status"), max_length=14, choices=ParticipationStatus, default=ParticipationStatus.PARTICIPATING
    )
    start = PartialDateField(_("from"), null=True, blank=True)
    end = PartialDateField(_("to"), null=True, blank=True)
    as_of = PartialDateField(
        _("as of"), null=True, blank=True, help_text=_("The date that the source's statement speaks of.")
    )
    percentage = percentage_field()

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participating country")
        verbose_name_plural = _("participating countries")
        ordering: ClassVar = ["programme__code", "country_id", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["country", "status", "programme"], name="participation_of_country"),
            *for_orders("participation", "country", "role", "status", "start", "end", "as_of", "percentage"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "programme",
                "country",
                "role",
                Coalesce("phase", 0),
                Coalesce("start", models.Value("")),
                name="participation_once",
                violation_error_code="country:not_unique",
                violation_error_message=_("This country already takes part in this role from this date."),
            ),
            dates_in_order("start", "end", name="participation_dates_in_order"),
            percentage_in_range("participation_percentage_in_range"),
            models.CheckConstraint(
                condition=~Q(status=ParticipationStatus.EXPECTED) | Q(end__isnull=True),
                name="participation_expected_has_not_ended",
                violation_error_code="end:expected",
                violation_error_message=_("What is only expected has not ended."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country_id} in {self.programme}"

    def clean(self) -> None:
        super().clean()
        require_same_programme(self, "phase")


class CountryListStatementQuerySet(models.QuerySet["CountryListStatement"]):
    """Statements by time."""

    def as_of(self, period: PartialDate) -> Self:
        """Those that certainly or perhaps held at some time in the year, month or day."""
        conditions = ParticipationQuerySet.holding(period)
        return self.filter(conditions.yes | conditions.undetermined)


class CountryListStatement(Record):
    """What a source says of a programme's list of countries as a whole: its length, its open end, who is not named.

    "Over 40 countries", "17 member states of GAFILAT", "11 eastern Caribbean countries", "not exclusively".
    """

    NATURAL_KEY = ("programme", "order")
    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme,
        on_delete=models.CASCADE,
        related_name="country_list_statements",
        verbose_name=_("programme"),
        db_index=False,
    )
    order = SmallCountField(_("order"), default=1)
    phase = models.ForeignKey(
        Phase,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="country_list_statements",
        verbose_name=_("phase"),
    )
    grouping = models.ForeignKey(
        Grouping,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="country_list_statements",
        verbose_name=_("grouping"),
        help_text=_("The region or organisation of which the statement speaks."),
    )
    countries_stated = SmallCountField(
        _("countries stated"), null=True, blank=True, help_text=_("How many countries the source says there are.")
    )
    exactness = models.CharField(_("exactness"), max_length=10, choices=Exactness, default=Exactness.EXACT)
    unnamed = SmallCountField(
        _("of these not named"), null=True, blank=True, help_text=_("How many of them the source does not name.")
    )
    exclusive = models.BooleanField(
        _("exclusive"),
        null=True,
        blank=True,
        help_text=_("No: the source says that others may take part (“not exclusively”). Unknown: it does not say."),
    )
    start = PartialDateField(_("from"), null=True, blank=True)
    end = PartialDateField(_("to"), null=True, blank=True)
    as_of = PartialDateField(_("as of"), null=True, blank=True)
    text = models.CharField(_("in words"), max_length=300, blank=True)

    objects = CountryListStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement on the list of countries")
        verbose_name_plural = _("statements on the list of countries")
        ordering: ClassVar = ["programme__code", "order"]
        indexes: ClassVar = for_orders(
            "country_list",
            "order",
            "exactness",
            "text",
            "countries_stated",
            "unnamed",
            "exclusive",
            "start",
            "end",
            "as_of",
        )
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "order"],
                name="country_list_statement_once_per_place",
                violation_error_code="order:not_unique",
                violation_error_message=_("There is already a statement at this place."),
            ),
            dates_in_order("start", "end", name="country_list_statement_dates_in_order"),
            models.CheckConstraint(
                condition=Q(unnamed__isnull=True)
                | Q(countries_stated__isnull=True)
                | Q(unnamed__lte=F("countries_stated")),
                name="country_list_statement_unnamed_within_stated",
                violation_error_code="unnamed:more_than_stated",
                violation_error_message=_("More countries are not named than there are."),
            ),
        ]

    def __str__(self) -> str:
        return self.text or f"{self.programme}: {self.countries_stated}"

    def clean(self) -> None:
        super().clean()
        require_same_programme(self, "phase")
        if self.countries_stated is None and self.unnamed is None and self.exclusive is None and not self.text:
            raise ValidationError(
                {"text": ValidationError(_("Say something: a number, an openness, or words."), code="required")}
            )
