"""The budget by a dimension: groups, remainders and totals that add up."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.codelists import Currency, Exactness, NullReason
from programmes.models import Budget
from programmes.reports.base import Report
from programmes.reports.registry import REPORTS
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CountryFactory,
    InstrumentFactory,
    ProgrammeFactory,
)

pytestmark = pytest.mark.django_db

BUDGET_BY = [report for report in REPORTS if report.id.startswith("budget-by-")]
every_dimension = pytest.mark.parametrize("report", [pytest.param(each, id=each.id) for each in BUDGET_BY])


def table(report: type[Report], *names: str) -> list[tuple[Any, ...]]:
    made = report()
    places = [[column.name for column in made.all_columns()].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in made.rows()]


def by_country(*names: str) -> list[tuple[Any, ...]]:
    return table(next(each for each in BUDGET_BY if each.id == "budget-by-country"), *names)


def some_lines() -> None:
    """Two currencies, parts, an undivided line, lines without an amount, an instrument."""
    programme = ProgrammeFactory.create(coverage="bilateral")
    guatemala = CountryFactory.create(code="XA", name_en="Guatemala")  # groups stand in the order of codes
    belize = CountryFactory.create(code="XB", name_en="Belize")
    whole = BudgetFactory.create(programme=programme, amount=Decimal("120.00"), instrument=InstrumentFactory.create())
    part = BudgetFactory.create(part_of=whole, amount=Decimal("40.00"), exactness=Exactness.AT_LEAST)
    shared = BudgetFactory.create(amount=Decimal("26.49"), period_start="2014", period_end="2017")
    dollars = BudgetFactory.create(amount=Decimal("5.00"), currency=Currency.USD)
    unknown = BudgetFactory.create(amount_null_reason=NullReason.NOT_STATED)
    for line, country in [
        (part, guatemala),
        (shared, guatemala),
        (shared, belize),
        (dollars, belize),
        (unknown, belize),
    ]:
        BudgetCountryFactory.create(budget=line, country=country)


@every_dimension
def test_rows_add_up_to_the_total_of_their_currency(report: type[Report]) -> None:
    some_lines()
    groups, totals = Counter[str](), Counter[str]()
    for kind, currency, amount in table(report, "row", "currency", "amount"):
        (totals if kind == "total" else groups)[currency] += amount or 0
    assert groups == totals
    assert totals == {"EUR": Decimal("146.49"), "USD": Decimal("5.00")}


@every_dimension
def test_lines_without_an_amount_are_counted_once(report: type[Report]) -> None:
    some_lines()
    rows = table(report, "row", "lines_not_stated")
    assert sum(number for kind, number in rows if kind != "total") == 1
    assert sum(number for kind, number in rows if kind == "total") == 1


def test_by_country_has_groups_then_the_undivided_then_the_unknown_then_totals() -> None:
    some_lines()
    assert by_country("row", "country_name", "currency", "amount", "exactness", "lines_not_stated") == [
        ("group", "Guatemala", "EUR", Decimal("40.00"), "at_least", 0),
        ("group", "Belize", "USD", Decimal("5.00"), "exact", 1),
        ("not_divisible", "not divisible between: Guatemala, Belize", "EUR", Decimal("26.49"), "exact", 0),
        ("unknown", "not stated", "EUR", Decimal("80.00"), "at_most", 0),
        ("total", "Total", "EUR", Decimal("146.49"), "exact", 1),
        ("total", "Total", "USD", Decimal("5.00"), "exact", 0),
    ]


def test_without_any_amount_the_rows_say_so() -> None:
    BudgetCountryFactory.create(
        budget__amount_null_reason=NullReason.UNDISCLOSED, country=CountryFactory.create(name_en="Panama")
    )
    assert by_country("row", "country_name", "currency", "amount", "exactness", "lines", "lines_not_stated") == [
        ("group", "Panama", None, None, None, 0, 1),
        ("total", "Total", None, None, None, 0, 1),
    ]


def test_without_any_line_there_is_an_empty_total() -> None:
    assert by_country("row", "currency", "amount", "lines") == [("total", None, None, 0)]


@every_dimension
def test_queries_do_not_grow_with_the_lines(report: type[Report]) -> None:
    some_lines()
    one = Budget.objects.filter(pk=Budget.objects.order_by("pk").values("pk")[:1])
    counts = []
    for selection in (one, Budget.objects.all()):
        with CaptureQueriesContext(connection) as captured:
            list(report(selection).rows())
        counts.append(len(captured))
    assert counts[0] == counts[1]
