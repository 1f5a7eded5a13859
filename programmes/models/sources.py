"""Documents, and the places in them on which figures and dates rest."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programmes.codelists import Exactness, SourceType
from programmes.models.finance import Budget, Transaction
from programmes.models.organisations import Organisation, ParticipatingOrganisation
from programmes.models.participation import CountryListStatement, Participation
from programmes.models.phases import Phase
from programmes.models.programmes import Alias, Objective, Programme, ProgrammeTheme, Succession
from programmes.models.results import Indicator, Observation
from tracker.partial_dates import PartialDateField
from tracker.records.indexes import for_orders, for_texts
from tracker.records.models import Coded, Record
from tracker.records.search import SearchKeyField

# What can be cited: the name of the link and the kind of record. Each record has its `citations`.
CITABLE: dict[str, type[Record]] = {
    "programme": Programme,
    "alias": Alias,
    "objective": Objective,
    "programme_theme": ProgrammeTheme,
    "succession": Succession,
    "phase": Phase,
    "participation": Participation,
    "country_list_statement": CountryListStatement,
    "participating_organisation": ParticipatingOrganisation,
    "budget": Budget,
    "transaction": Transaction,
    "indicator": Indicator,
    "observation": Observation,
}


class Source(Coded):
    """A document from which facts are taken. IATI: document-link."""

    title = models.CharField(_("title"), max_length=300)
    type = models.CharField(_("type"), max_length=10, choices=SourceType, default=SourceType.REPORT)
    publisher = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sources",
        verbose_name=_("publisher"),
    )
    author = models.CharField(_("author"), max_length=250, blank=True)
    published = PartialDateField(_("published"), null=True, blank=True)
    accessed = PartialDateField(_("accessed"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=2, blank=True, help_text=_("ISO 639-1."))
    url = models.URLField(_("link"), max_length=500, blank=True)
    note = models.TextField(_("note"), blank=True)
    search_key = SearchKeyField("code", "title", "author")

    class Meta(Coded.Meta):
        abstract = False
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            *for_orders("source", "title", "type", "author", "published", "accessed", "language", "url"),
            *for_texts("source", "note"),
        ]

    def __str__(self) -> str:
        return self.title


class CitationQuerySet(models.QuerySet["Citation"]):
    """Citations by what they say."""

    def competing(self) -> Self:
        """Those that give another value than the record has."""
        return self.filter(preferred=False).exclude(value="")


def _one_record() -> Q:
    condition = Q()
    for name in CITABLE:
        others = {f"{other}__isnull": True for other in CITABLE if other != name}
        condition |= Q(**{f"{name}__isnull": False}, **others)
    return condition


def _cited(model: type[Record]) -> models.ForeignKey:
    """The link to a record of a citable kind."""
    return models.ForeignKey(
        model,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name=model._meta.verbose_name or "",
        db_index=issubclass(model, Coded),
    )


class Citation(Record):
    """A place in a source on which one record rests, or one field of it.

    Two citations of one field may differ: both are kept, each with the value that its source gives, and one is
    preferred. The record itself holds the preferred value.
    """

    NATURAL_KEY = ("source", "place", "field", *CITABLE)
    PART_OF = tuple(CITABLE)
    OF_ONE_WHOLE = True
    LISTED_BY = ("pk",)

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="citations", verbose_name=_("source"))
    place = models.CharField(_("place"), max_length=60, blank=True, help_text=_("Page, line, table: line 122."))
    quote = models.CharField(_("quote"), max_length=200, blank=True, help_text=_("At most a line."))
    as_of = PartialDateField(
        _("as of"), null=True, blank=True, help_text=_("The date of which the source speaks here.")
    )
    field = models.CharField(
        _("field"), max_length=40, blank=True, help_text=_("The field that it supports; empty: the whole record.")
    )
    value = models.CharField(
        _("value there"), max_length=200, blank=True, help_text=_("Where this source gives another value.")
    )
    exactness = models.CharField(_("exactness there"), max_length=10, choices=Exactness, blank=True)
    preferred = models.BooleanField(
        _("preferred"), default=True, help_text=_("Off: the record follows another source.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    programme = _cited(Programme)
    alias = _cited(Alias)
    objective = _cited(Objective)
    programme_theme = _cited(ProgrammeTheme)
    succession = _cited(Succession)
    phase = _cited(Phase)
    participation = _cited(Participation)
    country_list_statement = _cited(CountryListStatement)
    participating_organisation = _cited(ParticipatingOrganisation)
    budget = _cited(Budget)
    transaction = _cited(Transaction)
    indicator = _cited(Indicator)
    observation = _cited(Observation)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering: ClassVar = ["field", "-preferred", "source__code", "place", "pk"]
        indexes: ClassVar = for_orders(
            "citation",
            "place",
            "quote",
            "as_of",
            "field",
            "value",
            "exactness",
            "preferred",
            "note",
            *(name for name, model in CITABLE.items() if not issubclass(model, Coded)),
        )
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=_one_record(),
                name="citation_of_one_record",
                violation_error_code="citation_of_one_record",
                violation_error_message=_("A citation supports exactly one record."),
            ),
            models.CheckConstraint(
                condition=Q(preferred=True) | ~Q(field=""),
                name="citation_not_preferred_names_its_field",
                violation_error_code="field:required",
                violation_error_message=_("Name the field for which another source is preferred."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source.code}, {self.place}" if self.place else self.source.code

    @property
    def cited(self) -> Record | None:
        """The record that it supports."""
        for name in CITABLE:
            if getattr(self, f"{name}_id") is not None:
                record: Record = getattr(self, name)
                return record
        return None

    def clean(self) -> None:
        super().clean()
        cited = self.cited
        if cited is None or not self.field:
            if self.value:
                raise ValidationError({"field": ValidationError(_("Name the field of this value."), code="required")})
            return
        model_field = self._cited_field(cited)
        if self.value:
            self._check_value(cited, model_field)
        self._refuse_second_preferred()

    def _cited_field(self, cited: Record) -> Any:
        fields = {each.name: each for each in cited._meta.concrete_fields if each.editable and not each.primary_key}
        if self.field not in fields:
            raise ValidationError(
                {
                    "field": ValidationError(
                        _("“%(field)s” is not a field of it. Known: %(known)s."),
                        code="unknown_field",
                        params={"field": self.field, "known": ", ".join(sorted(fields))},
                    )
                }
            )
        return fields[self.field]

    def _check_value(self, cited: Record, field: Any) -> None:
        """The value is of the field's kind, and a preferred one is what the record says."""
        try:
            value = field.clean(self.value, cited)
        except ValidationError as error:
            raise ValidationError({"value": error.error_list}) from None
        if self.preferred and value != getattr(cited, field.attname):
            raise ValidationError(
                {
                    "value": ValidationError(
                        _("The record says %(other)s. Change it, or prefer another source."),
                        code="differs_from_record",
                        params={"other": str(getattr(cited, field.attname))},
                    )
                }
            )

    def _refuse_second_preferred(self) -> None:
        """Sources that agree may all be preferred; of those that give a value of their own only one."""
        if not (self.preferred and self.value):
            return
        target = {name: getattr(self, f"{name}_id") for name in CITABLE if getattr(self, f"{name}_id") is not None}
        rivals = Citation.objects.filter(**target, field=self.field, preferred=True).exclude(value="")
        rival = rivals.exclude(pk=self.pk).exclude(value=self.value).first()
        if rival is not None:
            raise ValidationError(
                {
                    "preferred": ValidationError(
                        _("%(rival)s is preferred already for this field."),
                        code="second_preferred",
                        params={"rival": str(rival)},
                    )
                }
            )
