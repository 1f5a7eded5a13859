"""Organisations, the instruments that finance, and who does what in a programme."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from programmes.codelists import OrganisationLocalRole, OrganisationRole, OrganisationType
from programmes.models.checks import require_same_programme
from tracker.records.indexes import for_orders, for_texts
from tracker.records.models import Coded, Named, Record
from tracker.records.search import SearchKeyField


class Organisation(Coded):
    """A body that funds, implements or takes part. IATI: organisation references, @type of the standard's list."""

    acronym = models.CharField(_("acronym"), max_length=60, blank=True)
    name = models.CharField(_("name"), max_length=250)
    name_es = models.CharField(_("name in Spanish"), max_length=250, blank=True)
    type = models.CharField(_("type"), max_length=2, choices=OrganisationType, blank=True)
    channel_code = models.CharField(
        _("CRS channel code"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^[0-9]{5}\Z", _("Five digits, such as 41128."), code="invalid_code")],
    )
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        blank=True,
        related_name="organisations",
        verbose_name=_("country"),
    )
    note = models.TextField(_("note"), blank=True)
    search_key = SearchKeyField("code", "acronym", "name", "name_es")

    class Meta(Coded.Meta):
        abstract = False
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            *for_orders("organisation", "acronym", "name", "name_es", "type", "channel_code", "country"),
            *for_texts("organisation", "note"),
        ]

    def __str__(self) -> str:
        return self.acronym or self.name


class Instrument(Named, Coded):
    """A financing instrument or facility from which money comes: DCI, IcSP, EDF, EIB loans."""

    acronym = models.CharField(_("acronym"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    search_key = SearchKeyField("code", "acronym", "name_en", "name_es", "name_fr", "name_pt")

    class Meta(Named.Meta, Coded.Meta):
        abstract = False
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.acronym or self.name


class ParticipatingOrganisation(Record):
    """An organisation's part in a programme. IATI: participating-org, @role of the standard's list.

    What the source calls it beside that (grantee, partner) is kept too; one of the two is always there.
    """

    NATURAL_KEY = ("programme", "organisation", "role", "local_role", "phase")
    PART_OF = ("programme",)

    programme = models.ForeignKey(
        "programmes.Programme",
        on_delete=models.CASCADE,
        related_name="participating_organisations",
        verbose_name=_("programme"),
        db_index=False,
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="participations", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=1, choices=OrganisationRole, blank=True)
    local_role = models.CharField(_("called by the source"), max_length=10, choices=OrganisationLocalRole, blank=True)
    phase = models.ForeignKey(
        "programmes.Phase",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="participating_organisations",
        verbose_name=_("phase"),
    )

    class Meta:
        verbose_name = _("participating organisation")
        verbose_name_plural = _("participating organisations")
        ordering: ClassVar = ["programme__code", "role", "organisation__code", "pk"]
        indexes: ClassVar = for_orders("participating_org", "role", "local_role")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "programme",
                "organisation",
                "role",
                "local_role",
                Coalesce("phase", 0),
                name="participating_organisation_once",
                violation_error_code="organisation:not_unique",
                violation_error_message=_("This organisation already has this role here."),
            ),
            models.CheckConstraint(
                condition=~Q(role="") | ~Q(local_role=""),
                name="participating_organisation_has_a_role",
                violation_error_code="role:required",
                violation_error_message=_("Give a role, or what the source calls it."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display() or self.get_local_role_display()})"

    def clean(self) -> None:
        super().clean()
        require_same_programme(self, "phase")
