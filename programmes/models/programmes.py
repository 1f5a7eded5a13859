"""Programmes: what they are called, where they belong, what they are for."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from programmes.codelists import Coverage, ObjectiveType, OrganisationRole, ParticipationStatus, ProgrammeKind
from programmes.models.own_total import OwnTotal
from programmes.models.shapes import Life, LifeQuerySet, basis_field, percentage_field, percentage_in_range
from programmes.models.themes import Theme
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity
from tracker.records.fields import CountField, SmallCountField
from tracker.records.indexes import for_orders, for_texts
from tracker.records.matching import matching
from tracker.records.models import Coded, Record
from tracker.records.publication import Publication, Publishable
from tracker.records.search import SearchKeyField, words_of
from tracker.records.trees import refuse_cycle, with_descendants


class ProgrammeQuerySet(LifeQuerySet):
    """Programmes by place in the tree, country, money, organisation and words."""

    def under(self, umbrellas: "models.QuerySet[Programme]") -> Self:
        """The umbrella programmes themselves and all below them."""
        return self.filter(pk__in=with_descendants(umbrellas, "parent"))

    def in_countries(
        self, countries: "models.QuerySet[Country]", status: ParticipationStatus = ParticipationStatus.PARTICIPATING
    ) -> Self:
        """Those in which one of the countries has the status: participating, unless another is asked for."""
        found = Programme.objects.filter(participations__country__in=countries, participations__status=status)
        return self.filter(pk__in=found.values("pk"))

    def with_implementer(self, *, stated: bool = True) -> Self:
        """Those for which an implementing organisation is stated, or those for which none is."""
        parts: Any = Programme._meta.get_field("participating_organisations").related_model
        implementer = Exists(parts.objects.filter(role=OrganisationRole.IMPLEMENTING, programme=OuterRef("pk")))
        return self.filter(implementer) if stated else self.exclude(implementer)

    @staticmethod
    def being_active(period: PartialDate) -> Activity:
        """Yes, no and undetermined for the period; a programme is active while one of its phases is."""
        own = LifeQuerySet.being_active(period)
        phases: Any = Programme._meta.get_field("phases").related_model
        in_a_phase = Q(Exists(phases.objects.active_in(period).filter(programme=OuterRef("pk"))))
        return Activity(yes=own.yes | in_a_phase, no=own.no & ~in_a_phase, undetermined=own.undetermined & ~in_a_phase)

    def search(self, words: str) -> Self:
        """Those that hold every word in code, acronym, name, an alias or an objective; case and accents are alike."""
        return self.filter(matching(Programme, words_of(words), *Programme.SEARCHED))


class Programme(Life, Publishable, Coded):
    """An undertaking with aims, money and countries: an IATI activity. Programmes form a tree without cycles."""

    acronym = models.CharField(_("acronym"), max_length=60, blank=True)
    name = models.CharField(_("name"), max_length=250)
    language = models.CharField(
        _("language of the name"), max_length=2, default="en", help_text=_("ISO 639-1, such as en or es.")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=ProgrammeKind, default=ProgrammeKind.PROGRAMME)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
        help_text=_("The programme that holds this one."),
    )
    parent_basis = basis_field(_("why part of it"))
    coverage = models.CharField(_("coverage"), max_length=20, choices=Coverage, blank=True)
    description = models.TextField(_("description"), blank=True)
    components_stated = CountField(
        _("component programmes stated"),
        null=True,
        blank=True,
        help_text=_("How many projects or programmes a source says that it holds, whether recorded here or not."),
    )
    search_key = SearchKeyField("code", "acronym", "name")

    themes = models.ManyToManyField(Theme, through="programmes.ProgrammeTheme", related_name="programmes")
    officers = models.ManyToManyField(
        User,
        blank=True,
        related_name="assigned_programmes",
        verbose_name=_("officers"),
        help_text=_("They edit this programme and all programmes below it. Editors edit every programme."),
    )

    objects = ProgrammeQuerySet.as_manager()

    LINKS_WHOLES = ("parent",)
    SEARCHED = ("search_key", "aliases__search_key", "objectives__search_key")
    COMPUTED_ORDERS: ClassVar[dict[str, Any]] = {"total": OwnTotal()}

    class Meta(Coded.Meta):
        abstract = False
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering: ClassVar = ["code"]
        constraints: ClassVar = Life.life_constraints("programme")
        indexes: ClassVar = [
            *for_orders(
                "programme",
                *Life.COLUMNS,
                "publication",
                "published_at",
                "withdrawn_at",
                "acronym",
                "name",
                "language",
                "kind",
                "parent_basis",
                "coverage",
                "components_stated",
            ),
            *for_texts("programme", "description"),
            # All that is public is counted by it alone: PostgreSQL means to need the parent, too.
            models.Index(fields=["publication", "parent"], name="programme_public"),
            models.Index(
                fields=["publication"],
                condition=~Q(publication=Publication.PUBLISHED),
                name="programme_not_public",
            ),
        ]
        permissions: ClassVar = [
            ("change_every_programme", "Can change every programme, assigned or not"),
            ("publish_programme", "Can publish a programme"),
            ("withdraw_programme", "Can withdraw a programme"),
        ]

    def __str__(self) -> str:
        return self.acronym or self.name

    def clean(self) -> None:
        super().clean()
        refuse_cycle(self, "parent")


class Alias(Record):
    """Another name of a programme: a spelling, an acronym, its title in another language. IATI: title/narrative."""

    NATURAL_KEY = ("programme", "name")
    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="aliases", verbose_name=_("programme"), db_index=False
    )
    name = models.CharField(_("name"), max_length=250)
    language = models.CharField(_("language"), max_length=2, blank=True, help_text=_("ISO 639-1; empty: any."))
    search_key = SearchKeyField("name")

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering: ClassVar = ["programme__code", "name"]
        indexes: ClassVar = for_orders("alias", "name", "language")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "name"],
                name="alias_once",
                violation_error_code="name:not_unique",
                violation_error_message=_("This alias is already there."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Objective(Record):
    """An aim, a line of action or a cross-cutting issue of a programme. IATI: description type 2."""

    NATURAL_KEY = ("programme", "type", "order")
    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="objectives", verbose_name=_("programme"), db_index=False
    )
    type = models.CharField(_("type"), max_length=20, choices=ObjectiveType, default=ObjectiveType.GENERAL)
    order = SmallCountField(_("order"), default=1)
    text = models.TextField(_("text"))
    search_key = SearchKeyField("text")

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering: ClassVar = ["programme__code", "type", "order"]
        indexes: ClassVar = for_orders("objective", "type", "order")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "type", "order"],
                name="objective_once_per_place",
                violation_error_code="order:not_unique",
                violation_error_message=_("There is already an objective of this type at this place."),
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ProgrammeTheme(Record):
    """A theme of a programme and, where stated, its share of it in percent. IATI: sector with @percentage."""

    NATURAL_KEY = ("programme", "theme")
    PART_OF = ("programme",)

    programme = models.ForeignKey(
        Programme,
        on_delete=models.CASCADE,
        related_name="programme_themes",
        verbose_name=_("programme"),
        db_index=False,
    )
    theme = models.ForeignKey(
        Theme, on_delete=models.PROTECT, related_name="programme_themes", verbose_name=_("theme"), db_index=False
    )
    percentage = percentage_field()

    class Meta:
        verbose_name = _("theme of a programme")
        verbose_name_plural = _("themes of programmes")
        ordering: ClassVar = ["programme__code", "theme__code"]
        indexes: ClassVar = [
            models.Index(fields=["theme", "programme"], name="programme_of_theme"),
            *for_orders("programme_theme", "percentage"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["programme", "theme"],
                name="programme_theme_once",
                violation_error_code="theme:not_unique",
                violation_error_message=_("This theme is already there."),
            ),
            percentage_in_range("programme_theme_percentage_in_range"),
        ]

    def __str__(self) -> str:
        return str(self.theme)


class Succession(Record):
    """What continues a programme after its end, wholly or in part; the successor may not be recorded here."""

    NATURAL_KEY = ("predecessor", "successor", "successor_name")
    PART_OF = ("predecessor",)
    LINKS_WHOLES = ("successor",)
    HIDDEN_WITH = ("successor",)  # without it the record would say nothing

    predecessor = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="successions", verbose_name=_("programme"), db_index=False
    )
    successor = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessions",
        verbose_name=_("continued by"),
    )
    successor_name = models.CharField(
        _("successor as the source names it"), max_length=250, blank=True, help_text=_("Where it is not recorded here.")
    )
    whole = models.BooleanField(_("as a whole"), default=False, help_text=_("Off: only some of its activities."))

    class Meta:
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        ordering: ClassVar = ["predecessor__code", "pk"]
        indexes: ClassVar = for_orders("succession", "successor_name", "whole")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "predecessor",
                Coalesce("successor", 0),
                "successor_name",
                name="succession_once",
                violation_error_code="successor:not_unique",
                violation_error_message=_("This succession is already there."),
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=False) | ~Q(successor_name=""),
                name="succession_names_a_successor",
                violation_error_code="successor:required",
                violation_error_message=_("Choose the successor, or write its name."),
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("predecessor")),
                name="succession_not_to_itself",
                violation_error_code="successor:cycle",
                violation_error_message=_("A programme does not continue itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor or self.successor_name}"
