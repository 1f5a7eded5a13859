"""Which countries take part in which programme; countries by programme."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from countries.api import CountryFilter as BaseCountryFilter
from countries.api import CountryViewSet as BaseCountryViewSet
from countries.api import InGrouping
from countries.models import Country
from programmes.api.filters import PROGRAMMES, OfProgramme, given, participation_parameters, parts_of_countries
from programmes.api.sources import CitationSerializer
from programmes.models import CountryListStatement, Participation
from tracker.api import values
from tracker.api.fields import ActiveField
from tracker.api.filters import InTime, Together
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity


class ParticipationSerializer(RecordSerializer):
    """A country's part in a programme."""

    active = ActiveField()
    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Participation
        fields = (
            "url",
            "id",
            "programme",
            "country",
            "phase",
            "role",
            "status",
            "start",
            "end",
            "as_of",
            "percentage",
            "active",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme", "active")


class CountryListStatementSerializer(RecordSerializer):
    """What a source says of a programme's list of countries as a whole."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = CountryListStatement
        fields = (
            "url",
            "id",
            "programme",
            "order",
            "phase",
            "grouping",
            "countries_stated",
            "exactness",
            "unnamed",
            "exclusive",
            "start",
            "end",
            "as_of",
            "text",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class ParticipationFilter(OfProgramme, InGrouping, InTime):
    """Participations by their own fields, their programme's, their country's groupings, and time."""

    class Meta:
        model = Participation

    def activity_in(self, period: PartialDate) -> Activity:
        return Participation.objects.all().holding(period)


class CountryListStatementFilter(OfProgramme):
    """Statements by their own fields and their programme's."""

    class Meta:
        model = CountryListStatement


class CountryFilter(BaseCountryFilter):
    """Countries also by the programmes that they take part in."""

    programme = Together(values.Records(PROGRAMMES), "Takes part in one of these programmes.")
    programme__not = Together(values.Records(PROGRAMMES), "Takes part in none of these programmes.")
    participation_status = participation_parameters()["participation_status"]
    participation_role = participation_parameters()["participation_role"]

    class Meta:
        model = Country

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        parts = parts_of_countries(asked)
        wanted, unwanted = asked.get("programme"), asked.get("programme__not")
        if {"programme", "participation_status", "participation_role"} & given(asked) and not (unwanted and not wanted):
            rows = parts.filter(programme__in=wanted) if wanted else parts
            queryset = queryset.filter(pk__in=rows.values("country"))
        if unwanted:
            queryset = queryset.exclude(Exists(parts.filter(programme__in=unwanted, country=OuterRef("pk"))))
        return queryset


class ParticipationViewSet(RecordViewSet):
    """The parts that countries have in programmes: participating, expected or former, since when and until when."""

    queryset = Participation.objects.all()
    serializer_class = ParticipationSerializer
    filterset_class = ParticipationFilter


class CountryListStatementViewSet(RecordViewSet):
    """What sources say of lists of countries: how many, how many of them not named, whether others may take part."""

    queryset = CountryListStatement.objects.all()
    serializer_class = CountryListStatementSerializer
    filterset_class = CountryListStatementFilter


class CountryViewSet(BaseCountryViewSet):
    """Countries and territories of ISO 3166-1, with their memberships; found by alpha-2 or alpha-3."""

    filterset_class = CountryFilter
