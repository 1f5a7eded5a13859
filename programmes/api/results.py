"""Results, their indicators, and the values that these have had."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from programmes.api.filters import PROGRAMMES, OfProgramme
from programmes.api.sources import CitationSerializer
from programmes.codelists import Dimension
from programmes.models import Indicator, Observation, Result
from tracker.api import values
from tracker.api.fields import TextField
from tracker.api.filters import Filter, Together
from tracker.api.serializers import RecordSerializer
from tracker.api.suggestions import did_you_mean, shown
from tracker.api.views import RecordViewSet


class ObservationSerializer(RecordSerializer):
    """A value of an indicator: a baseline, a target, or what was observed."""

    programme = TextField(source="indicator.programme.code", read_only=True, help_text="The indicator's programme.")
    title = TextField(source="indicator.title", read_only=True, help_text="The indicator's title.")
    unit = TextField(source="indicator.unit", read_only=True, help_text="The indicator's unit.")
    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Observation
        fields = (
            "url",
            "id",
            "programme",
            "indicator",
            "title",
            "phase",
            "kind",
            "value",
            "unit",
            "exactness",
            "value_null_reason",
            "as_of",
            "period_start",
            "period_end",
            "date",
            "disaggregation",
            "comment",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "indicator", "programme", "title", "unit")


class IndicatorSerializer(RecordSerializer):
    """A measure of a result, in one unit."""

    observations = ObservationSerializer(many=True, read_only=True)
    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Indicator
        fields = (
            "url",
            "code",
            "result",
            "programme",
            "title",
            "measure",
            "unit",
            "ascending",
            "accumulation",
            "additive",
            "order",
            "created_at",
            "modified_at",
            "version",
            "observations",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "result", "programme")


class ResultSerializer(RecordSerializer):
    """What a programme brings about."""

    indicators = IndicatorSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Result
        fields = (
            "url",
            "code",
            "programme",
            "type",
            "title",
            "order",
            "created_at",
            "modified_at",
            "version",
            "indicators",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class Breakdown(values.Value):
    """A dimension and a category, such as substance:cocaine; cleans to the pair."""

    schema = {"type": "string", "pattern": "^[a-z]+:.+$", "examples": ["substance:cocaine"]}

    def read(self, text: str) -> tuple[str, str]:
        dimension, colon, category = text.partition(":")
        if not colon or not category:
            raise ValidationError(_("Write a dimension and a category, such as substance:cocaine."), code="invalid")
        if dimension not in Dimension.values:
            message = _("There is no dimension “%s”.") % shown(dimension) + did_you_mean(dimension, Dimension.values)
            raise ValidationError(message, code="unknown_value")
        return dimension, category


def _broken_down(name: str, pair: tuple[str, str]) -> Q:
    dimension, category = pair
    # Few observations have any, and an index of these.
    return Q(**{f"{name}__{dimension}": category}) & ~Q(**{name: {}})


def _of_the_whole(name: str, whole: bool) -> Q:
    return Q(**{name: {}}) if whole else ~Q(**{name: {}})


class ResultFilter(OfProgramme):
    """Results by their own fields and their programme's."""

    class Meta:
        model = Result


class IndicatorFilter(OfProgramme):
    """Indicators by their own fields and their programme's."""

    class Meta:
        model = Indicator


class ObservationFilter(OfProgramme):
    """Observations by their own fields and their programme's; the latest ones, now or as of a date."""

    PROGRAMME = "indicator__programme"

    programme = Filter(values.Records(PROGRAMMES), "indicator__programme", "in", help_text="Of these programmes.")
    disaggregation = Filter(Breakdown(), "disaggregation", _broken_down, help_text="With this breakdown.")
    disaggregation__isnull = Filter(
        values.Boolean(), "disaggregation", _of_the_whole, help_text="Is it of the whole, without a breakdown?"
    )
    latest = Together(
        values.Boolean(), "true: of each indicator and breakdown the latest actual value; false: all but those."
    )
    as_of = Together(
        values.Date(), "The latest actual value of each indicator and breakdown that is certainly not after this date."
    )

    class Meta:
        model = Observation

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        found: Any = super().filter_together(queryset, asked)
        as_of, latest = asked.get("as_of"), asked.get("latest")
        if as_of is not None or latest is not None:
            day = as_of.latest if as_of else None
            found = found.but_latest(day) if latest is False else found.latest(day)
        narrowed: QuerySet[Any] = found
        return narrowed


class ResultViewSet(RecordViewSet):
    """Results of programmes."""

    queryset = Result.objects.all()
    serializer_class = ResultSerializer
    filterset_class = ResultFilter


class IndicatorViewSet(RecordViewSet):
    """Indicators, each in one unit."""

    queryset = Indicator.objects.all()
    serializer_class = IndicatorSerializer
    filterset_class = IndicatorFilter


class ObservationViewSet(RecordViewSet):
    """Values of indicators: baselines, targets, and what was observed."""

    queryset = Observation.objects.all()
    serializer_class = ObservationSerializer
    filterset_class = ObservationFilter
