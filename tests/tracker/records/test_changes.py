"""Differences between two states of a record, and the names of kinds and keys."""

from decimal import Decimal

import pytest

from countries.models import Country
from programmes.models import Budget, BudgetCountry, ParticipatingOrganisation
from tests.factories import BudgetFactory, CountryFactory, ProgrammeFactory
from tracker.partial_dates import PartialDate
from tracker.records.changes import FieldChange, Pair, differences, key_name, kind_name


def test_kinds_are_named_in_words_of_the_code():
    assert [kind_name(each) for each in (Budget, BudgetCountry, ParticipatingOrganisation)] == [
        "budget",
        "budget_country",
        "participating_organisation",
    ]


def test_key_is_the_code_where_there_is_one():
    assert [key_name(each) for each in (Budget, BudgetCountry, Country)] == ["code", "id", "code"]


@pytest.mark.django_db
def test_differences_tell_values_fit_for_json_and_links_by_code():
    BudgetFactory(programme=ProgrammeFactory(code="AIRCOP"), code="B1", amount="10.00")
    after = Budget.objects.get()
    after.amount, after.period_start = Decimal("12.50"), PartialDate("2016-02")
    after.programme = ProgrammeFactory(code="SEACOP")
    before = Budget.objects.get()
    assert differences([(Budget, Pair(before, after)), (Budget, Pair(before, before))]) == [
        [
            FieldChange("amount", "10.00", "12.50"),
            FieldChange("programme", "AIRCOP", "SEACOP"),
            FieldChange("period_start", None, "2016-02"),
        ],
        [],
    ]


@pytest.mark.django_db
def test_differences_of_what_comes_or_goes_are_the_fields_with_a_value():
    share = BudgetCountry(budget=BudgetFactory(code="B1"), country=CountryFactory(code="PA", alpha3="PAN"))
    assert differences([(BudgetCountry, Pair(None, share)), (BudgetCountry, Pair(share, None))]) == [
        [FieldChange("budget", None, "B1"), FieldChange("country", None, "PA")],
        [FieldChange("budget", "B1", None), FieldChange("country", "PA", None)],
    ]
