"""Amounts in another currency."""

import datetime
from decimal import Decimal

import pytest

from programmes.analysis.conversion import ECB, Rate, converted_totals
from programmes.analysis.division import divided
from programmes.models import Budget, ExchangeRate
from tests.factories import BudgetCountryFactory, BudgetFactory, CountryFactory

pytestmark = pytest.mark.django_db

FRIDAY, SUNDAY = datetime.date(2017, 11, 10), datetime.date(2017, 11, 12)


def line(amount: str, currency: str, **values: str) -> Budget:
    return BudgetFactory.create(amount=Decimal(amount), currency=currency, **values)


def test_a_line_is_converted_by_the_last_rate_before_its_value_date() -> None:
    budget = line("100", "EUR", value_date=SUNDAY.isoformat())
    result = converted_totals(divided(Budget.objects.all()), "USD")
    assert (result.total.amount, result.total.complete) == (Decimal("116.54"), True)
    assert result.lines[budget.pk].rates == (Rate("USD", Decimal("1.1654"), FRIDAY, ECB),)


def test_a_line_without_value_date_needs_a_day() -> None:
    budget = line("100", "USD")
    result = converted_totals(divided(Budget.objects.all()), "EUR")
    assert (result.total.amount, result.total.missing) == (None, 1)
    assert result.lines[budget.pk].reason == "No day is known whose rate applies; name one with rate_on."
    assert converted_totals(divided(Budget.objects.all()), "EUR", FRIDAY).total.amount == Decimal("85.81")


def test_a_value_date_known_to_the_month_is_no_day() -> None:
    line("100", "USD", value_date="2017-11")
    assert converted_totals(divided(Budget.objects.all()), "EUR").total.amount is None


def test_a_missing_rate_makes_the_sum_null_not_smaller() -> None:
    line("100", "EUR")
    budget = line("3000", "PEN", value_date=FRIDAY.isoformat())
    result = converted_totals(divided(Budget.objects.all()), "EUR")
    assert (result.total.amount, result.total.missing) == (None, 1)
    assert result.lines[budget.pk].reason == "There is no rate of PEN for 2017-11-10."


def test_a_stored_rate_is_used_with_its_source() -> None:
    ExchangeRate.objects.create(currency="PEN", day=FRIDAY, per_euro=Decimal("3.75"), source="Central bank of Peru")
    budget = line("3000", "PEN", value_date=FRIDAY.isoformat())
    result = converted_totals(divided(Budget.objects.all()), "EUR")
    assert result.total.amount == Decimal("800.00")
    assert result.lines[budget.pk].rates == (Rate("PEN", Decimal("3.75"), FRIDAY, "Central bank of Peru"),)


def test_converted_groups_add_up_to_the_converted_total() -> None:
    budget = line("100.01", "USD", value_date=FRIDAY.isoformat())
    for number in range(3):
        BudgetCountryFactory.create(budget=budget, country=CountryFactory.create(code=f"X{'ABC'[number]}"))
    line("1", "EUR")
    result = converted_totals(divided(Budget.objects.all(), ["country"], split="equal"), "EUR")
    assert [str(each.amount) for each in result.groups.values()] == ["28.61", "28.61", "28.60", "1.00"]
    assert result.total.amount == Decimal("86.82")
