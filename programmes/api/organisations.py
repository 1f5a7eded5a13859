"""Organisations, financing instruments, and who does what in a programme."""

from typing import Any

from django.db.models import QuerySet

from countries.api import InGrouping
from programmes.api.filters import PROGRAMMES, OfProgramme
from programmes.api.sources import CitationSerializer
from programmes.codelists import OrganisationRole
from programmes.models import Budget, Instrument, Organisation, ParticipatingOrganisation
from tracker.api import values
from tracker.api.filters import FilterSet, Together
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet


class OrganisationSerializer(RecordSerializer):
    """A body that funds, implements or takes part."""

    class Meta(RecordSerializer.Meta):
        model = Organisation
        fields = (
            "url",
            "code",
            "acronym",
            "name",
            "name_es",
            "type",
            "channel_code",
            "country",
            "note",
            "created_at",
            "modified_at",
            "version",
        )


class InstrumentSerializer(RecordSerializer):
    """A financing instrument or facility from which money comes."""

    class Meta(RecordSerializer.Meta):
        model = Instrument
        fields = (
            "url",
            "code",
            "acronym",
            "name_en",
            "name_es",
            "name_fr",
            "name_pt",
            "note",
            "created_at",
            "modified_at",
            "version",
        )


class ParticipatingOrganisationSerializer(RecordSerializer):
    """An organisation's part in a programme."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = ParticipatingOrganisation
        fields = (
            "url",
            "id",
            "programme",
            "organisation",
            "role",
            "local_role",
            "phase",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class OrganisationFilter(InGrouping):
    """Organisations by their own fields, their country's groupings, and their part in programmes."""

    programme = Together(values.Records(PROGRAMMES), "With a part in one of these programmes.")
    role = Together(
        values.Several(values.Choice(OrganisationRole.values)), "With this part in a programme: IATI's roles 1 to 4."
    )

    class Meta:
        model = Organisation

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        conditions = {
            f"{column}__in": asked[name]
            for name, column in (("programme", "programme"), ("role", "role"))
            if asked.get(name)
        }
        if not conditions:
            return queryset
        parts = ParticipatingOrganisation.objects.order_by().filter(**conditions)
        return queryset.filter(pk__in=parts.values("organisation"))


class InstrumentFilter(FilterSet):
    """Instruments by their own fields and by the programmes with a budget line under them."""

    programme = Together(values.Records(PROGRAMMES), "With a budget line of one of these programmes.")

    class Meta:
        model = Instrument

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        if programmes := asked.get("programme"):
            lines = Budget.objects.order_by().filter(programme__in=programmes)
            queryset = queryset.filter(pk__in=lines.values("instrument"))
        return queryset


class ParticipatingOrganisationFilter(OfProgramme):
    """Parts of organisations by their own fields and their programme's."""

    class Meta:
        model = ParticipatingOrganisation


class OrganisationViewSet(RecordViewSet):
    """Organisations."""

    queryset = Organisation.objects.all()
    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilter


class InstrumentViewSet(RecordViewSet):
    """Financing instruments and facilities."""

    queryset = Instrument.objects.all()
    serializer_class = InstrumentSerializer
    filterset_class = InstrumentFilter


class ParticipatingOrganisationViewSet(RecordViewSet):
    """Who funds, implements or otherwise takes part in which programme."""

    queryset = ParticipatingOrganisation.objects.all()
    serializer_class = ParticipatingOrganisationSerializer
    filterset_class = ParticipatingOrganisationFilter
