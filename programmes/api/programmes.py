"""Programmes with what they are called, what they are for, and what continues them."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from programmes.analysis.history import KINDS, belonging
from programmes.api.filters import InCountries, OfProgramme, organisation_parts
from programmes.api.finance import BudgetSerializer, TransactionSerializer
from programmes.api.organisations import ParticipatingOrganisationSerializer
from programmes.api.participation import CountryListStatementSerializer, ParticipationSerializer
from programmes.api.phases import PhaseSerializer
from programmes.api.results import ResultSerializer
from programmes.api.sources import CitationSerializer
from programmes.api.themes import ProgrammeThemeSerializer
from programmes.codelists import OrganisationRole, ParticipationStatus
from programmes.models import (
    Alias,
    Budget,
    Instrument,
    Objective,
    Organisation,
    Programme,
    Succession,
)
from programmes.models.shapes import Life
from tracker.access.rules import adopt
from tracker.api import values
from tracker.api.fields import ActiveField, CodesField, Some, UnknownField
from tracker.api.filters import InTime, Together
from tracker.api.publication import PublicationMixin
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity
from tracker.records.changes import Scope, current_at

# What a programme is expected to say, and where it stands: in a column, or in records that are there when it is said.
STATEMENTS: dict[str, str | Some] = {
    "status": "status",
    "coverage": "coverage",
    "start": "start",
    "end": "end",
    "budget": Some("budgets", {"amount__isnull": False}),
    "implementing_organisation": Some("participating_organisations", {"role": OrganisationRole.IMPLEMENTING}),
    "countries": Some("participations"),
    "themes": Some("programme_themes"),
    "objectives": Some("objectives"),
    "indicators": Some("indicators"),
}


class AliasSerializer(RecordSerializer):
    """Another name of a programme."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Alias
        fields = ("url", "id", "programme", "name", "language", "created_at", "modified_at", "version", "citations")
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class ObjectiveSerializer(RecordSerializer):
    """An aim, a line of action or a cross-cutting issue of a programme."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Objective
        fields = (
            "url",
            "id",
            "programme",
            "type",
            "order",
            "text",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class SuccessionSerializer(RecordSerializer):
    """What continues a programme after its end."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Succession
        fields = (
            "url",
            "id",
            "predecessor",
            "successor",
            "successor_name",
            "whole",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )


class ChildSerializer(RecordSerializer):
    """A programme that is part of another, in short."""

    class Meta(RecordSerializer.Meta):
        model = Programme
        fields = ("url", "code", "acronym", "name", "kind")


class ProgrammeSerializer(RecordSerializer):
    """A programme. In a list without the nested records, unless `expand=` or `fields=` asks for them."""

    countries = CodesField(
        "participations",
        "country_id",
        only={"status": ParticipationStatus.PARTICIPATING},
        help_text="Countries that take part.",
    )
    instruments = CodesField("budgets", "instrument__code", help_text="Instruments of its budget lines.")
    themes = CodesField("programme_themes", "theme__code", help_text="Its themes.")
    not_stated = UnknownField(STATEMENTS, help_text="What no source states of it.")
    active = ActiveField()
    aliases = AliasSerializer(many=True, read_only=True)
    objectives = ObjectiveSerializer(many=True, read_only=True)
    programme_themes = ProgrammeThemeSerializer(many=True, read_only=True)
    phases = PhaseSerializer(many=True, read_only=True)
    participations = ParticipationSerializer(many=True, read_only=True)
    country_list_statements = CountryListStatementSerializer(many=True, read_only=True)
    participating_organisations = ParticipatingOrganisationSerializer(many=True, read_only=True)
    budgets = BudgetSerializer(many=True, read_only=True)
    transactions = TransactionSerializer(many=True, read_only=True)
    results = ResultSerializer(many=True, read_only=True)
    successions = SuccessionSerializer(many=True, read_only=True)
    children = ChildSerializer(many=True, read_only=True)
    citations = CitationSerializer(many=True, read_only=True)

    def create(self, validated_data: dict[str, Any]) -> Any:
        """A draft, which its officer may go on with."""
        programme = super().create(validated_data)
        adopt(self.context["request"].user, self.record)
        return programme

    class Meta(RecordSerializer.Meta):
        model = Programme
        fields = (
            "url",
            "code",
            "publication",
            "published_at",
            "withdrawn_at",
            "acronym",
            "name",
            "language",
            "kind",
            "parent",
            "parent_basis",
            "coverage",
            *Life.COLUMNS,
            "countries",
            "instruments",
            "themes",
            "components_stated",
            "description",
            "not_stated",
            "active",
            "created_at",
            "modified_at",
            "version",
            "aliases",
            "objectives",
            "programme_themes",
            "phases",
            "participations",
            "country_list_statements",
            "participating_organisations",
            "budgets",
            "transactions",
            "results",
            "successions",
            "children",
            "citations",
        )


class ProgrammeFilter(OfProgramme, InCountries, InTime):
    """Programmes by their own fields, their tree, countries, money, organisations, themes and time."""

    PROGRAMME = ""

    coverage: Any = None  # a column of its own here
    instrument = Together(values.Records(Instrument.objects.all()), "With a line under one of these instruments.")
    organisation = Together(values.Records(Organisation.objects.all()), "One of these organisations has a part in it.")
    role = Together(
        values.Several(values.Choice(OrganisationRole.values)),
        "The part that the organisation has: IATI's roles 1 to 4.",
    )
    not_stated = Together(
        values.Several(values.Choice(STATEMENTS)), "No source states any of these: see `not_stated` of a programme."
    )

    class Meta:
        model = Programme
        exclude = Programme.NOT_PUBLIC

    def activity_in(self, period: PartialDate) -> Activity:
        return Programme.objects.being_active(period)

    def programmes_asked_for(self, asked: dict[str, Any]) -> Q:
        return super().programmes_asked_for({name: value for name, value in asked.items() if name != "coverage"})

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        if instruments := asked.get("instrument"):
            lines = Budget.objects.order_by().filter(instrument__in=instruments)
            queryset = queryset.filter(pk__in=lines.values("programme"))
        if (parts := organisation_parts(asked)) is not None:
            queryset = queryset.filter(pk__in=parts.values("programme"))
        for word in asked.get("not_stated") or ():
            queryset = queryset.filter(_unknown(STATEMENTS[word]))
        return queryset


def _unknown(where: str | Some) -> Any:
    if isinstance(where, Some):
        return ~where.exists(Programme)
    column: Any = Programme._meta.get_field(where)
    return Q(**{where: ""}) if not getattr(column, "output_field", column).null else Q(**{f"{where}__isnull": True})


class AliasFilter(OfProgramme):
    """Other names, by their own fields and their programme's."""

    class Meta:
        model = Alias


class ObjectiveFilter(OfProgramme):
    """Objectives, by their own fields and their programme's."""

    class Meta:
        model = Objective


class SuccessionFilter(OfProgramme):
    """Successions, by their own fields and the properties of the programme that is continued."""

    PROGRAMME = "predecessor"

    class Meta:
        model = Succession


class ProgrammeViewSet(PublicationMixin, RecordViewSet):
    """Programmes: in the list a summary of each; alone the whole of it, with citations.

    Its history and going back cover all that belongs to it, but not the programmes under it.
    """

    queryset = Programme.objects.all()
    serializer_class = ProgrammeSerializer
    filterset_class = ProgrammeFilter
    history_kinds = KINDS

    def history_scope(self, keys: Collection[Any]) -> Scope:
        return belonging(keys)

    def revert_scope(self, key: Any, to: Any) -> Scope:
        return belonging([key], current_at(to) | current_at(None))


class AliasViewSet(RecordViewSet):
    """Other names of programmes: spellings, acronyms, titles in other languages."""

    queryset = Alias.objects.all()
    serializer_class = AliasSerializer
    filterset_class = AliasFilter


class ObjectiveViewSet(RecordViewSet):
    """Objectives, lines of action and cross-cutting issues of programmes."""

    queryset = Objective.objects.all()
    serializer_class = ObjectiveSerializer
    filterset_class = ObjectiveFilter


class SuccessionViewSet(RecordViewSet):
    """What continues which programme, wholly or in part."""

    queryset = Succession.objects.all()
    serializer_class = SuccessionSerializer
    filterset_class = SuccessionFilter
