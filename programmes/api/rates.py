"""Exchange rates that are loaded here, beside those of the European Central Bank."""

from programmes.models import ExchangeRate
from tracker.api.filters import FilterSet
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet


class ExchangeRateSerializer(RecordSerializer):
    """Units of a currency for one euro on a day, with the source of the rate."""

    class Meta(RecordSerializer.Meta):
        model = ExchangeRate
        fields = ("url", "id", "currency", "day", "per_euro", "source", "created_at", "modified_at", "version")


class ExchangeRateFilter(FilterSet):
    """Rates by their own fields."""

    class Meta:
        model = ExchangeRate


class ExchangeRateViewSet(RecordViewSet):
    """Exchange rates for currencies and days that the European Central Bank's rates lack, or in place of them."""

    queryset = ExchangeRate.objects.all()
    serializer_class = ExchangeRateSerializer
    filterset_class = ExchangeRateFilter
