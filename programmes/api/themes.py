"""Themes, the DAC purpose codes they are mapped to, and the themes of programmes."""

from programmes.api.filters import OfProgramme
from programmes.api.sources import CitationSerializer
from programmes.models import ProgrammeTheme, PurposeCode, Theme
from tracker.api.filters import FilterSet
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet


class PurposeCodeSerializer(RecordSerializer):
    """A code of the DAC list of CRS purposes."""

    class Meta(RecordSerializer.Meta):
        model = PurposeCode
        fields = ("url", "code", "category", "name_en", "name_fr", "active", "created_at", "modified_at", "version")


class ThemeSerializer(RecordSerializer):
    """A subject that programmes work on."""

    class Meta(RecordSerializer.Meta):
        model = Theme
        fields = (
            "url",
            "code",
            "name_en",
            "name_es",
            "name_fr",
            "name_pt",
            "parent",
            "purpose_code",
            "created_at",
            "modified_at",
            "version",
        )


class ProgrammeThemeSerializer(RecordSerializer):
    """A theme of a programme and, where stated, its share of it."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = ProgrammeTheme
        fields = ("url", "id", "programme", "theme", "percentage", "created_at", "modified_at", "version", "citations")
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class PurposeCodeFilter(FilterSet):
    """Purpose codes by their own fields."""

    class Meta:
        model = PurposeCode


class ThemeFilter(FilterSet):
    """Themes by their own fields."""

    class Meta:
        model = Theme


class ProgrammeThemeFilter(OfProgramme):
    """Themes of programmes; `theme` finds those below it too."""

    class Meta:
        model = ProgrammeTheme


class PurposeCodeViewSet(RecordViewSet):
    """DAC purpose codes."""

    queryset = PurposeCode.objects.all()
    serializer_class = PurposeCodeSerializer
    filterset_class = PurposeCodeFilter


class ThemeViewSet(RecordViewSet):
    """Our own tree of themes."""

    queryset = Theme.objects.all()
    serializer_class = ThemeSerializer
    filterset_class = ThemeFilter


class ProgrammeThemeViewSet(RecordViewSet):
    """Which theme which programme has, and to what share."""

    queryset = ProgrammeTheme.objects.all()
    serializer_class = ProgrammeThemeSerializer
    filterset_class = ProgrammeThemeFilter
