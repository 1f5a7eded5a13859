"""Phases of programmes."""

from programmes.api.filters import OfProgramme
from programmes.api.sources import CitationSerializer
from programmes.models import Phase
from programmes.models.shapes import Life
from tracker.api.fields import ActiveField
from tracker.api.filters import InTime
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity


class PhaseSerializer(RecordSerializer):
    """A phase of a programme, labelled as the source prints it."""

    active = ActiveField()
    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Phase
        fields = (
            "url",
            "code",
            "programme",
            "label",
            "name",
            "order",
            "follows",
            *Life.COLUMNS,
            "description",
            "active",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme", "active")


class PhaseFilter(OfProgramme, InTime):
    """Phases by their own fields, their programme's, and time."""

    class Meta:
        model = Phase

    def activity_in(self, period: PartialDate) -> Activity:
        return Phase.objects.being_active(period)


class PhaseViewSet(RecordViewSet):
    """Phases of programmes, past and future."""

    queryset = Phase.objects.all()
    serializer_class = PhaseSerializer
    filterset_class = PhaseFilter
