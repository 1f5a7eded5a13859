"""Budget lines with their countries, and transactions."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from countries.api import InGrouping, members_asked_for
from countries.models import Country
from programmes.api.filters import OfProgramme, OfProgrammeInDetail, lines_of_countries
from programmes.api.sources import CitationSerializer
from programmes.models import Budget, BudgetCountry, Transaction
from programmes.models.shapes import Amount
from tracker.api import values
from tracker.api.fields import ActiveField, CodesField
from tracker.api.filters import InTime, Together
from tracker.api.serializers import RecordSerializer
from tracker.api.views import RecordViewSet
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity


class BudgetCountrySerializer(RecordSerializer):
    """A country on a budget line, with its share where one is stated."""

    class Meta(RecordSerializer.Meta):
        model = BudgetCountry
        fields = ("url", "id", "budget", "country", "percentage", "created_at", "modified_at", "version")
        only_at_top = (*RecordSerializer.Meta.only_at_top, "budget")


class BudgetSerializer(RecordSerializer):
    """A sourced line of money. One that is part of, the same as, or replaced by another is not added to that."""

    countries = CodesField("budget_countries", "country_id", help_text="Countries that share the line.")
    active = ActiveField()
    budget_countries = BudgetCountrySerializer(many=True, read_only=True)
    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Budget
        fields = (
            "url",
            "code",
            "programme",
            "phase",
            "title",
            "type",
            "status",
            *Amount.COLUMNS,
            "instrument",
            "instrument_basis",
            "provider",
            "period_start",
            "period_end",
            "countries",
            "part_of",
            "part_of_basis",
            "same_as",
            "same_as_basis",
            "revises",
            "note",
            "active",
            "created_at",
            "modified_at",
            "version",
            "budget_countries",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme", "active")


class TransactionSerializer(RecordSerializer):
    """Money committed, paid out or spent; corrections are negative."""

    citations = CitationSerializer(many=True, read_only=True)

    class Meta(RecordSerializer.Meta):
        model = Transaction
        fields = (
            "url",
            "code",
            "programme",
            "phase",
            "budget",
            "type",
            "date",
            *Amount.COLUMNS,
            "description",
            "provider",
            "receiver",
            "instrument",
            "country",
            "created_at",
            "modified_at",
            "version",
            "citations",
        )
        only_at_top = (*RecordSerializer.Meta.only_at_top, "programme")


class BudgetFilter(OfProgrammeInDetail, InTime):
    """Budget lines by their own fields, their programme's, their countries, and the time that they are for."""

    country = Together(values.Records(Country.objects.all()), "One of these countries stands on the line.")
    country__not = Together(values.Records(Country.objects.all()), "None of these countries stands on the line.")
    grouping = InGrouping.declared_filters["grouping"]
    grouping_on = InGrouping.declared_filters["grouping_on"]

    class Meta:
        model = Budget

    def activity_in(self, period: PartialDate) -> Activity:
        return Budget.objects.all().holding(period)

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        if countries := asked.get("country"):
            queryset = queryset.filter(pk__in=lines_of_countries(countries))
        if countries := asked.get("country__not"):
            queryset = queryset.exclude(Exists(lines_of_countries(countries).filter(budget=OuterRef("pk"))))
        if (members := members_asked_for(asked)) is not None:
            queryset = queryset.filter(pk__in=lines_of_countries(members))
        return queryset


class BudgetCountryFilter(OfProgramme, InGrouping):
    """Countries of budget lines."""

    PROGRAMME = "budget__programme"

    class Meta:
        model = BudgetCountry


class TransactionFilter(OfProgrammeInDetail, InGrouping):
    """Transactions by their own fields, their programme's, and their country's groupings."""

    class Meta:
        model = Transaction


class BudgetViewSet(RecordViewSet):
    """Budget lines."""

    queryset = Budget.objects.all()
    serializer_class = BudgetSerializer
    filterset_class = BudgetFilter


class BudgetCountryViewSet(RecordViewSet):
    """Countries on budget lines."""

    queryset = BudgetCountry.objects.all()
    serializer_class = BudgetCountrySerializer
    filterset_class = BudgetCountryFilter


class TransactionViewSet(RecordViewSet):
    """Transactions: commitments, disbursements, expenditure and the other types of IATI."""

    queryset = Transaction.objects.all()
    serializer_class = TransactionSerializer
    filterset_class = TransactionFilter
