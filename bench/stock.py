"""The yardstick below: what DRF's documentation leads to, over the same models, giving what our API gives.

Plain model serializers, nested and prefetched, in plain view sets. Not a straw man: nothing is loaded row by row.
"""

import csv
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django_filters import rest_framework as filters
from rest_framework import serializers, viewsets
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.mixins import CreateModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from programmes import models
from programmes.codelists import OrganisationRole, ParticipationStatus

STAMPS = ("created_at", "modified_at", "version")
NESTED = ("programme", *STAMPS)
CODED = ("id", "search_key", *NESTED)
OF_IT = OuterRef("pk")


def code() -> serializers.SlugRelatedField:
    """A related record by its code."""
    return serializers.SlugRelatedField(slug_field="code", read_only=True)


class CitationSerializer(serializers.ModelSerializer):
    source = code()

    class Meta:
        model = models.Citation
        exclude = (*STAMPS, *models.CITABLE)


class Cited(serializers.Serializer):
    citations = CitationSerializer(many=True)


# What belongs to a programme


class PhaseSerializer(serializers.ModelSerializer):
    follows = code()

    class Meta:
        model = models.Phase
        exclude = CODED


class ParticipationSerializer(serializers.ModelSerializer):
    phase = code()

    class Meta:
        model = models.Participation
        exclude = NESTED


class ParticipatingOrganisationSerializer(serializers.ModelSerializer):
    organisation, phase = code(), code()

    class Meta:
        model = models.ParticipatingOrganisation
        exclude = NESTED


class BudgetSerializer(serializers.ModelSerializer):
    phase, instrument, provider, part_of, same_as, revises = code(), code(), code(), code(), code(), code()

    class Meta:
        model = models.Budget
        exclude = CODED


class CitedPhaseSerializer(Cited, PhaseSerializer):
    pass


class CitedParticipationSerializer(Cited, ParticipationSerializer):
    pass


class CitedParticipatingOrganisationSerializer(Cited, ParticipatingOrganisationSerializer):
    pass


class BudgetCountrySerializer(serializers.ModelSerializer):
    class Meta:
        model = models.BudgetCountry
        exclude = ("budget", *STAMPS)


class CitedBudgetSerializer(Cited, BudgetSerializer):
    budget_countries = BudgetCountrySerializer(many=True)


class AliasSerializer(Cited, serializers.ModelSerializer):
    class Meta:
        model = models.Alias
        exclude = ("search_key", *NESTED)


class ObjectiveSerializer(Cited, serializers.ModelSerializer):
    class Meta:
        model = models.Objective
        exclude = ("search_key", *NESTED)


class ProgrammeThemeSerializer(Cited, serializers.ModelSerializer):
    theme = code()

    class Meta:
        model = models.ProgrammeTheme
        exclude = NESTED


class CountryListStatementSerializer(Cited, serializers.ModelSerializer):
    phase, grouping = code(), code()

    class Meta:
        model = models.CountryListStatement
        exclude = NESTED


class TransactionSerializer(Cited, serializers.ModelSerializer):
    phase, budget, provider, receiver, instrument = code(), code(), code(), code(), code()

    class Meta:
        model = models.Transaction
        exclude = CODED


class ObservationSerializer(Cited, serializers.ModelSerializer):
    phase = code()

    class Meta:
        model = models.Observation
        exclude = ("indicator", *STAMPS)


class IndicatorSerializer(Cited, serializers.ModelSerializer):
    observations = ObservationSerializer(many=True)

    class Meta:
        model = models.Indicator
        exclude = ("result", *CODED)


class ResultSerializer(serializers.ModelSerializer):
    indicators = IndicatorSerializer(many=True)

    class Meta:
        model = models.Result
        exclude = CODED


class SuccessionSerializer(Cited, serializers.ModelSerializer):
    predecessor, successor = code(), code()

    class Meta:
        model = models.Succession
        exclude = STAMPS


class ChildSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Programme
        fields = ("code", "acronym", "name", "kind")


# Programmes: in a list, in a list with children, alone


class ProgrammeSerializer(serializers.ModelSerializer):
    parent = code()
    countries = serializers.SlugRelatedField(
        source="participations", slug_field="country_id", many=True, read_only=True
    )
    instruments = serializers.SerializerMethodField()
    themes = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)
    has_budget = serializers.BooleanField()
    has_implementer = serializers.BooleanField()
    has_countries = serializers.BooleanField()
    has_themes = serializers.BooleanField()
    has_objectives = serializers.BooleanField()
    has_indicators = serializers.BooleanField()

    class Meta:
        model = models.Programme
        exclude = ("id", "search_key", "published_by", "officers")

    def get_instruments(self, programme: models.Programme) -> list[str]:
        return sorted({line.instrument.code for line in programme.budgets.all() if line.instrument})


class ExpandedProgrammeSerializer(ProgrammeSerializer):
    phases = PhaseSerializer(many=True)
    participations = ParticipationSerializer(many=True)
    participating_organisations = ParticipatingOrganisationSerializer(many=True)
    budgets = BudgetSerializer(many=True)


class WholeProgrammeSerializer(Cited, ProgrammeSerializer):
    aliases = AliasSerializer(many=True)
    objectives = ObjectiveSerializer(many=True)
    programme_themes = ProgrammeThemeSerializer(many=True)
    phases = CitedPhaseSerializer(many=True)
    participations = CitedParticipationSerializer(many=True)
    country_list_statements = CountryListStatementSerializer(many=True)
    participating_organisations = CitedParticipatingOrganisationSerializer(many=True)
    budgets = CitedBudgetSerializer(many=True)
    transactions = TransactionSerializer(many=True)
    results = ResultSerializer(many=True)
    successions = SuccessionSerializer(many=True)
    children = ChildSerializer(many=True)


def exists(model: Any, **condition: Any) -> Exists:
    """Whether the programme has such a record."""
    return Exists(model.objects.filter(programme=OF_IT, **condition))


def rows(model: Any, *one: str, many: tuple[Any, ...] = ()) -> QuerySet[Any]:
    """Records with the ones that they point at, and those that point at them."""
    return model.objects.select_related(*one).prefetch_related(*many)


PROGRAMMES = models.Programme.objects.select_related("parent").annotate(
    has_budget=exists(models.Budget, amount__isnull=False),
    has_implementer=exists(models.ParticipatingOrganisation, role=OrganisationRole.IMPLEMENTING),
    has_countries=exists(models.Participation),
    has_themes=exists(models.ProgrammeTheme),
    has_objectives=exists(models.Objective),
    has_indicators=exists(models.Indicator),
)
LINE = ("programme", "phase", "instrument", "provider", "part_of", "same_as", "revises")
PAID = ("phase", "budget", "provider", "receiver", "instrument")
CITED = (Prefetch("citations", rows(models.Citation, "source")),)

# The sum that anyone would write: it counts a line, and the line that it is part of.
TOTAL = models.Budget.objects.order_by().filter(programme=OF_IT, currency="EUR").values("programme")
EXPANDED = PROGRAMMES.annotate(total=Subquery(TOTAL.values(total=Sum("amount")))).prefetch_related(
    "themes",
    Prefetch("phases", rows(models.Phase, "follows")),
    Prefetch("participations", rows(models.Participation, "phase")),
    Prefetch("participating_organisations", rows(models.ParticipatingOrganisation, "organisation", "phase")),
    Prefetch("budgets", rows(models.Budget, *LINE, many=("countries",))),
)
WHOLE = PROGRAMMES.prefetch_related(
    *CITED,
    "themes",
    "children",
    Prefetch("aliases", rows(models.Alias, many=CITED)),
    Prefetch("objectives", rows(models.Objective, many=CITED)),
    Prefetch("programme_themes", rows(models.ProgrammeTheme, "theme", many=CITED)),
    Prefetch("phases", rows(models.Phase, "follows", many=CITED)),
    Prefetch("participations", rows(models.Participation, "phase", many=CITED)),
    Prefetch("country_list_statements", rows(models.CountryListStatement, "phase", "grouping", many=CITED)),
    Prefetch(
        "participating_organisations",
        rows(models.ParticipatingOrganisation, "organisation", "phase", many=CITED),
    ),
    Prefetch("budgets", rows(models.Budget, *LINE, many=("countries", "budget_countries", *CITED))),
    Prefetch("transactions", rows(models.Transaction, *PAID, many=CITED)),
    Prefetch("results__indicators", rows(models.Indicator, many=CITED)),
    Prefetch("results__indicators__observations", rows(models.Observation, "phase", many=CITED)),
    Prefetch("successions", rows(models.Succession, "predecessor", "successor", many=CITED)),
)


class ProgrammeFilter(filters.FilterSet):
    """By a country that takes part, and by a theme with those below it."""

    country = filters.CharFilter(method="in_country")
    theme = filters.CharFilter(method="of_theme")

    def in_country(self, queryset: QuerySet[Any], _name: str, code: str) -> QuerySet[Any]:
        participating = ParticipationStatus.PARTICIPATING
        return queryset.filter(participations__country=code, participations__status=participating).distinct()

    def of_theme(self, queryset: QuerySet[Any], _name: str, code: str) -> QuerySet[Any]:
        below = Q(themes__parent__code=code) | Q(themes__parent__parent__code=code)
        return queryset.filter(Q(themes__code=code) | below).distinct()


class ProgrammeViewSet(viewsets.ModelViewSet):
    queryset = PROGRAMMES.prefetch_related("participations", "themes", "budgets__instrument")
    serializer_class = ProgrammeSerializer
    filterset_class = ProgrammeFilter
    filter_backends = [filters.DjangoFilterBackend, SearchFilter]
    search_fields = ["code", "acronym", "name", "aliases__name", "objectives__text"]


class ExpandedProgrammeViewSet(viewsets.ModelViewSet):
    queryset = EXPANDED
    serializer_class = ExpandedProgrammeSerializer
    filterset_class = ProgrammeFilter
    filter_backends = [filters.DjangoFilterBackend, OrderingFilter]
    ordering_fields = ["total"]


class WholeProgrammeViewSet(viewsets.ModelViewSet):
    queryset = WHOLE
    serializer_class = WholeProgrammeSerializer
    lookup_field = "code"


# Figures


class TotalsByCountry(APIView):
    """The sum that anyone would write: it counts a line, and the line that it is part of."""

    def get(self, _request: Request) -> Response:
        groups = models.Budget.objects.order_by("countries", "currency").values("countries", "currency")
        return Response({"results": list(groups.annotate(amount=Sum("amount"), lines=Count("pk")))})


class BudgetLineSerializer(serializers.ModelSerializer):
    programme = serializers.CharField(source="programme.code")
    programme_name = serializers.CharField(source="programme.name")
    phase, instrument, provider, part_of, same_as, revises = code(), code(), code(), code(), code(), code()
    countries = serializers.SerializerMethodField()
    sources = serializers.SerializerMethodField()

    class Meta:
        model = models.Budget
        exclude = ("id", "search_key", *STAMPS)

    def get_countries(self, line: models.Budget) -> str:
        return "; ".join(country.code for country in line.countries.all())

    def get_sources(self, line: models.Budget) -> str:
        return "; ".join(f"{citation.source.code}, {citation.place}" for citation in line.citations.all())


def budget_lines(_request: HttpRequest) -> HttpResponse:
    """All budget lines as CSV."""
    lines = rows(models.Budget, *LINE, many=("countries", *CITED))
    serializer: Any = BudgetLineSerializer(lines, many=True)
    response = HttpResponse(content_type="text/csv")
    writer = csv.DictWriter(response, serializer.child.fields)
    writer.writeheader()
    writer.writerows(serializer.data)
    return response


# Writing: nested as DRF's documentation shows it, in one transaction. What is checked is what serializers check.


def stored(model: Any, **values: Any) -> Any:
    """What `objects.create` does for a model of Django's own: one INSERT, without our versions."""
    record = model(**values)
    Model.save(record, force_insert=True)
    return record


def named(model: Any) -> serializers.SlugRelatedField:
    """A related record by its code, which has to be there."""
    return serializers.SlugRelatedField(slug_field="code", queryset=model.objects.all(), required=False)


def named_phase() -> serializers.CharField:
    """A phase that comes in the same body, by its code."""
    return serializers.CharField(source="phase.code", required=False)


class NewParticipationSerializer(ParticipationSerializer):
    phase = named_phase()


class NewParticipatingOrganisationSerializer(serializers.ModelSerializer):
    organisation = named(models.Organisation)

    class Meta(ParticipatingOrganisationSerializer.Meta):
        exclude = (*NESTED, "phase")


class NewProgrammeThemeSerializer(serializers.ModelSerializer):
    theme = named(models.Theme)

    class Meta:
        model = models.ProgrammeTheme
        exclude = NESTED


class NewAliasSerializer(serializers.ModelSerializer):
    class Meta(AliasSerializer.Meta):
        pass


class NewObjectiveSerializer(serializers.ModelSerializer):
    class Meta(ObjectiveSerializer.Meta):
        pass


class NewPhaseSerializer(serializers.ModelSerializer):
    class Meta(PhaseSerializer.Meta):
        exclude = (*CODED, "follows")


class NewBudgetSerializer(serializers.ModelSerializer):
    phase = named_phase()
    instrument = named(models.Instrument)
    budget_countries = BudgetCountrySerializer(many=True)

    class Meta(BudgetSerializer.Meta):
        exclude = (*CODED, "provider", "part_of", "same_as", "revises", "countries")


class NewObservationSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Observation
        exclude = ("indicator", "phase", *STAMPS)


class NewIndicatorSerializer(serializers.ModelSerializer):
    observations = NewObservationSerializer(many=True)

    class Meta(IndicatorSerializer.Meta):
        pass


class NewResultSerializer(serializers.ModelSerializer):
    indicators = NewIndicatorSerializer(many=True)

    class Meta(ResultSerializer.Meta):
        pass


class NewProgrammeSerializer(serializers.ModelSerializer):
    aliases = NewAliasSerializer(many=True)
    objectives = NewObjectiveSerializer(many=True)
    programme_themes = NewProgrammeThemeSerializer(many=True)
    phases = NewPhaseSerializer(many=True)
    participations = NewParticipationSerializer(many=True)
    participating_organisations = NewParticipatingOrganisationSerializer(many=True)
    budgets = NewBudgetSerializer(many=True)
    results = NewResultSerializer(many=True)

    class Meta:
        model = models.Programme
        exclude = ("id", "search_key", "themes", "published_by", "withdrawn_by", "officers", *STAMPS)

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> models.Programme:
        alone = {
            models.Alias: validated_data.pop("aliases"),
            models.Objective: validated_data.pop("objectives"),
            models.ProgrammeTheme: validated_data.pop("programme_themes"),
            models.ParticipatingOrganisation: validated_data.pop("participating_organisations"),
        }
        phases, participations = validated_data.pop("phases"), validated_data.pop("participations")
        budgets, results = validated_data.pop("budgets"), validated_data.pop("results")
        programme = stored(models.Programme, **validated_data)
        for model, rows in alone.items():
            for row in rows:
                stored(model, programme=programme, **row)
        by_code = {row["code"]: stored(models.Phase, programme=programme, **row) for row in phases}
        for row in participations:
            row["phase"] = by_code[row["phase"]["code"]] if "phase" in row else None
            stored(models.Participation, programme=programme, **row)
        for row in budgets:
            row["phase"] = by_code[row["phase"]["code"]] if "phase" in row else None
            countries = row.pop("budget_countries")
            line = stored(models.Budget, programme=programme, **row)
            for country in countries:
                stored(models.BudgetCountry, budget=line, **country)
        for row in results:
            indicators = row.pop("indicators")
            result = stored(models.Result, programme=programme, **row)
            for each in indicators:
                observations = each.pop("observations")
                indicator = stored(models.Indicator, programme=programme, result=result, **each)
                for observation in observations:
                    stored(models.Observation, indicator=indicator, **observation)
        return programme


class NewProgrammeViewSet(CreateModelMixin, viewsets.GenericViewSet):
    queryset = models.Programme.objects.all()
    serializer_class = NewProgrammeSerializer


router = SimpleRouter()
router.register("programmes", ProgrammeViewSet, basename="programme")
router.register("expanded-programmes", ExpandedProgrammeViewSet, basename="expanded-programme")
router.register("new-programmes", NewProgrammeViewSet, basename="new-programme")
router.register("whole-programmes", WholeProgrammeViewSet, basename="whole-programme")

urlpatterns = [
    path("", include(router.urls)),
    path("totals-by-country/", TotalsByCountry.as_view()),
    path("budget-lines.csv", budget_lines),
]
