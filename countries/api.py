"""Countries, groupings and memberships over REST, and the filters by grouping that others use."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from countries.models import Country, Grouping, Membership
from tracker.api import values
from tracker.api.fields import ActiveField
from tracker.api.filters import FilterSet, InTime, Together, refusal
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity, activity


class MembershipSerializer(RecordSerializer):
    """A spell of one country in one grouping."""

    active = ActiveField()

    class Meta(RecordSerializer.Meta):
        model = Membership
        fields = (
            "url",
            "id",
            "grouping",
            "country",
            "start",
            "end",
            "status",
            "evidence",
            "note",
            "active",
            "created_at",
            "modified_at",
            "version",
        )


class CountrySerializer(RecordSerializer):
    """A country or territory of ISO 3166-1."""

    memberships = MembershipSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Country
        fields = (
            "url",
            "code",
            "alpha3",
            "numeric",
            "name_en",
            "name_es",
            "name_fr",
            "name_pt",
            "created_at",
            "modified_at",
            "version",
            "memberships",
        )


class GroupingSerializer(RecordSerializer):
    """A set of countries that changes with time."""

    memberships = MembershipSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Grouping
        fields = (
            "url",
            "code",
            "kind",
            "name_en",
            "name_es",
            "name_fr",
            "name_pt",
            "note",
            "source",
            "created_at",
            "modified_at",
            "version",
            "memberships",
        )


class InGrouping(FilterSet):
    """`grouping=CELAC`: of countries that are members, or eligible, today or on the day of `grouping_on`."""

    COUNTRY = "country"

    grouping = Together(
        values.Records(Grouping.objects.all()),
        "Countries that are members of one of these groupings, or eligible: certainly, on the day of `grouping_on`.",
    )
    grouping_on = Together(values.Day(), "The day of the membership; without it today.")

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        members = members_asked_for(asked)
        return queryset if members is None else queryset.filter(**{f"{self.COUNTRY}__in": members})


def members_asked_for(asked: dict[str, Any]) -> QuerySet[Any] | None:
    """The codes of the members that `grouping` and `grouping_on` ask for; None where they do not."""
    groupings, day = asked.get("grouping"), asked.get("grouping_on")
    if groupings is None:
        if day is not None:
            raise refusal("grouping_on", _("It needs grouping."), "needs_another")
        return None
    return Membership.objects.full().on(day or timezone.localdate()).filter(grouping__in=groupings).values("country")


class CountryFilter(InGrouping):
    """Countries by grouping."""

    COUNTRY = "pk"

    class Meta:
        model = Country


class GroupingFilter(FilterSet):
    """Groupings by their own fields."""

    class Meta:
        model = Grouping


class MembershipFilter(InTime):
    """Memberships by their own fields and by time."""

    class Meta:
        model = Membership

    def activity_in(self, period: PartialDate) -> Activity:
        return activity(period.earliest, period.latest, open_start=True, open_end=True)


class CountryViewSet(RecordViewSet):
    """Countries and territories of ISO 3166-1, with their memberships; found by alpha-2 or alpha-3."""

    tag = "countries"
    queryset = Country.objects.all()
    serializer_class = CountrySerializer
    filterset_class = CountryFilter


class GroupingViewSet(RecordViewSet):
    """Organisations, regions and eligibility lists, with the countries that belong to them."""

    tag = "countries"
    queryset = Grouping.objects.all()
    serializer_class = GroupingSerializer
    filterset_class = GroupingFilter


class MembershipViewSet(RecordViewSet):
    """Spells of countries in groupings."""

    tag = "countries"
    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
