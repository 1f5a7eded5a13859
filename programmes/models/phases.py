"""Phases: the printed parts of a programme's life."""

from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from programmes.models.checks import refuse_leaving, require_same_programme
from programmes.models.programmes import Programme
from programmes.models.shapes import Life, LifeQuerySet
from tracker.partial_dates import PartialDate
from tracker.records.fields import SmallCountField
from tracker.records.indexes import for_orders, for_texts
from tracker.records.models import DerivedCode
from tracker.records.search import SearchKeyField
from tracker.records.trees import refuse_cycle


class PhaseQuerySet(LifeQuerySet):
    """Phases by what comes after them."""

    def as_of(self, period: PartialDate) -> Self:
        """Those that were certainly or perhaps going on at some time in the year, month or day."""
        conditions = self.being_active(period)
        return self.filter(conditions.yes | conditions.undetermined)

    def without_following(self) -> Self:
        """Those that no other phase follows; asked so, PostgreSQL knows how many these are."""
        return self.filter(~models.Exists(Phase.objects.filter(follows=models.OuterRef("pk"))))

    def at_the_end(self) -> Self:
        """Those after which none stands in the order of their programme."""
        later = Phase.objects.filter(programme=models.OuterRef("programme"), order__gt=models.OuterRef("order"))
        return self.filter(~models.Exists(later))


class Phase(Life, DerivedCode):
    """A phase of a programme, labelled as the source prints it ("II", "IV", "+"). It may lie in the future."""

    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="phases", verbose_name=_("programme"), db_index=False
    )
    label = models.CharField(_("label"), max_length=40, help_text=_("As printed: II, IV, +."))
    name = models.CharField(_("name"), max_length=250, blank=True)
    order = SmallCountField(_("order"))
    follows = models.OneToOneField(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="followed_by",
        verbose_name=_("follows"),
        help_text=_("The phase of the same programme that this one continues."),
    )
    description = models.TextField(_("description"), blank=True)
    search_key = SearchKeyField("code", "label", "name")

    objects = PhaseQuerySet.as_manager()

    class Meta(DerivedCode.Meta):
        abstract = False
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering: ClassVar = ["programme__code", "order"]
        indexes: ClassVar = [
            *for_orders("phase", *Life.COLUMNS, "label", "name", "order"),
            *for_texts("phase", "description"),
        ]
        constraints: ClassVar = [
            *Life.life_constraints("phase"),
            models.UniqueConstraint(
                fields=["programme", "label"],
                name="phase_label_once",
                violation_error_code="label:not_unique",
                violation_error_message=_("The programme already has a phase of this label."),
            ),
            models.UniqueConstraint(
                fields=["programme", "order"],
                name="phase_order_once",
                violation_error_code="order:not_unique",
                violation_error_message=_("The programme already has a phase at this place."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.label}"

    def derive_code(self) -> str:
        if not self.programme_id or not self.label:
            return ""
        return f"{self.programme.code}-{slugify(self.label.replace('+', ' plus ')).upper()}"

    def clean(self) -> None:
        super().clean()
        refuse_leaving(
            self,
            "followed_by",
            "budgets",
            "transactions",
            "participations",
            "country_list_statements",
            "participating_organisations",
            "observations",
        )
        require_same_programme(self, "follows")
        refuse_cycle(self, "follows")
        if self.follows is not None and self.order is not None and self.follows.order >= self.order:
            raise ValidationError(
                {"follows": ValidationError(_("The phase that this one follows comes before it."), code="order")}
            )
