"""Countries, groupings of countries, and dated memberships."""

import datetime
from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Length, Substr
from django.utils.translation import gettext_lazy as _

from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.periods import Activity, activity
from tracker.records.models import Named, Record, validate_code


class CountryQuerySet(models.QuerySet["Country"]):
    """Countries by grouping."""

    def members_of(self, grouping: "Grouping", day: datetime.date | None = None) -> Self:
        """Members of the grouping: on `day` where certain, or at any time where no day is given."""
        memberships = Membership.objects.full().filter(grouping=grouping)
        if day is not None:
            memberships = memberships.on(day)
        return self.filter(pk__in=memberships.values("country"))


class Country(Named):
    """A country or territory of ISO 3166-1. IATI: recipient-country/@code. Its key is the alpha-2 code."""

    code = models.CharField(
        _("ISO 3166 alpha-2"),
        max_length=2,
        primary_key=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, such as PA."), code="invalid_code")],
    )
    alpha3 = models.CharField(
        _("ISO 3166 alpha-3"),
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, such as PAN."), code="invalid_code")],
    )
    numeric = models.CharField(
        _("ISO 3166 numeric"),
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{3}\Z", _("Three digits, such as 591."), code="invalid_code")],
    )

    objects = CountryQuerySet.as_manager()

    class Meta(Named.Meta):
        abstract = False
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering: ClassVar = ["name_en", "code"]


class Grouping(Named):
    """A set of countries that changes with time: an organisation, a region of UN M49 or an eligibility list."""

    class Kind(models.TextChoices):
        """What sort of set it is."""

        ORGANISATION = "organisation", _("organisation")
        REGION = "region", _("region (UN M49)")
        AGREEMENT = "agreement", _("parties to an agreement")
        ELIGIBILITY = "eligibility", _("eligibility list")

    code = models.CharField(_("code"), max_length=60, unique=True, validators=[validate_code])
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    note = models.TextField(_("note"), blank=True)
    source = models.TextField(_("source of the memberships"), blank=True)

    class Meta(Named.Meta):
        abstract = False
        verbose_name = _("grouping")
        verbose_name_plural = _("groupings")
        ordering: ClassVar = ["code"]


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships by status and by day."""

    def full(self) -> Self:
        """Members and eligible countries; not associates, not those suspended."""
        return self.filter(status__in=[Membership.Status.MEMBER, Membership.Status.ELIGIBLE])

    def on(self, day: datetime.date) -> Self:
        """Those that certainly held on `day`."""
        return self.filter(self.holding(day).yes)

    def as_of(self, period: PartialDate) -> Self:
        """Those that certainly or perhaps held at some time in the year, month or day."""
        conditions = activity(period.earliest, period.latest, open_start=True, open_end=True)
        return self.filter(conditions.yes | conditions.undetermined)

    def possibly_on(self, day: datetime.date) -> Self:
        """Those that held or may have held on `day`."""
        return self.filter(self.holding(day).yes | self.holding(day).undetermined)

    @staticmethod
    def holding(day: datetime.date) -> Activity:
        """Yes and no for `day`: no start means always, no end means still."""
        return activity(day, day, open_start=True, open_end=True)


class Membership(Record):
    """A spell of one country in one grouping; its end is the last day. A suspension is a spell of its own."""

    class Status(models.TextChoices):
        """How the country belongs."""

        MEMBER = "member", _("member")
        ASSOCIATE = "associate", _("associate")
        SUSPENDED = "suspended", _("suspended")
        ELIGIBLE = "eligible", _("eligible")

    class Evidence(models.TextChoices):
        """How well the row is supported."""

        SOURCED = "sourced", _("sourced")
        YEAR = "year", _("only the year is sourced")
        MEMORY = "memory", _("not sourced: from memory, to be checked")
        CONFLICT = "conflict", _("sources disagree")

    NATURAL_KEY = ("grouping", "country", "status", "start")
    PART_OF = ("grouping",)

    grouping = models.ForeignKey(
        Grouping, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("grouping"), db_index=False
    )
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("country")
    )
    start = PartialDateField(_("from"), null=True, blank=True, help_text=_("Empty: always, or not known since when."))
    end = PartialDateField(_("to"), null=True, blank=True, help_text=_("The last day. Empty: still."))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.MEMBER)
    evidence = models.CharField(_("evidence"), max_length=10, choices=Evidence, default=Evidence.SOURCED)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering: ClassVar = ["grouping__code", "country_id", F("start").asc(nulls_first=True)]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "grouping",
                "country",
                "status",
                Coalesce("start", models.Value("")),
                name="membership_once_per_start",
                violation_error_code="country:not_unique",
                violation_error_message=_("This country already has a membership of this status from this date."),
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True) | Q(end__isnull=True) | Q(end__gte=Substr("start", 1, Length("end"))),
                name="membership_dates_in_order",
                violation_error_code="end:before_start",
                violation_error_message=_("The end is before the start."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country_id} in {self.grouping.code}"
