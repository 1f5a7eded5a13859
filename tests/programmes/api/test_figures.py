"""All figures over REST."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from programmes.api.figures import FiguresViewSet
from programmes.codelists import NullReason
from tests.factories import (
    BudgetFactory,
    CitationFactory,
    IndicatorFactory,
    ObservationFactory,
    ProgrammeFactory,
    TransactionFactory,
)
from tests.people import statements_of_public_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def portfolio_of_two() -> None:
    """A with a line, a payment, and an indicator of two values; B, a project, with a line without an amount."""
    a = ProgrammeFactory.create(code="A")
    line = BudgetFactory.create(
        programme=a, title="Money", amount=Decimal("50000000.00"), exactness="at_least", period_start="2009"
    )
    for date in ("2016", "2017-03", None):
        CitationFactory.create(budget=line, as_of=date)
    TransactionFactory.create(programme=a, amount=Decimal("-1.50"), currency="USD", type="3", date="2016-02")
    indicator = IndicatorFactory.create(result__programme=a, code="A-I1", title="Trained", unit="persons")
    ObservationFactory.create(indicator=indicator, as_of="2017", value=Decimal("12.5"), exactness="about")
    ObservationFactory.create(
        indicator=indicator, as_of=None, period_end="2015", kind="target", value_null_reason=NullReason.UNDISCLOSED
    )
    b = ProgrammeFactory.create(code="B", kind="project")
    BudgetFactory.create(programme=b, amount_null_reason=NullReason.NOT_STATED, exactness="at_least")


def results(query: str) -> list[dict[str, Any]]:
    response = Client().get(f"/api/v1/figures/?{query}")
    assert response.status_code == 200, response.content
    answer = response.json()
    Draft202012Validator(FiguresViewSet.answer_schema).validate(answer)
    found: list[dict[str, Any]] = answer["results"]
    return found


def test_figures_say_what_is_stated_of_each() -> None:
    found = results("code=A")
    numbers = [each.pop("id") for each in found]
    assert [number is None for number in numbers] == [True, True, False, False]
    assert [each.pop("url") for each in found] == [
        "http://testserver/api/v1/budgets/A-B1/",
        "http://testserver/api/v1/transactions/A-T1/",
        f"http://testserver/api/v1/observations/{numbers[2]}/",
        f"http://testserver/api/v1/observations/{numbers[3]}/",
    ]
    assert found == [
        {
            "kind": "budget",
            "code": "A-B1",
            "programme": "A",
            "title": "Money",
            "type": "1",
            "value": "50000000.00",
            "unit": "EUR",
            "exactness": "at_least",
            "null_reason": None,
            "date": None,
            "period_start": "2009",
            "period_end": None,
            "as_of": "2017-03",
            "disaggregation": None,
            "citations": 3,
        },
        {
            "kind": "transaction",
            "code": "A-T1",
            "programme": "A",
            "title": "",
            "type": "3",
            "value": "-1.50",
            "unit": "USD",
            "exactness": "exact",
            "null_reason": None,
            "date": "2016-02",
            "period_start": None,
            "period_end": None,
            "as_of": None,
            "disaggregation": None,
            "citations": 0,
        },
        {
            "kind": "observation",
            "code": "A-I1",
            "programme": "A",
            "title": "Trained",
            "type": "target",
            "value": None,
            "unit": "persons",
            "exactness": None,
            "null_reason": "undisclosed",
            "date": None,
            "period_start": None,
            "period_end": "2015",
            "as_of": None,
            "disaggregation": {},
            "citations": 0,
        },
        {
            "kind": "observation",
            "code": "A-I1",
            "programme": "A",
            "title": "Trained",
            "type": "actual",
            "value": "12.5000",
            "unit": "persons",
            "exactness": "about",
            "null_reason": None,
            "date": "2017",
            "period_start": None,
            "period_end": None,
            "as_of": None,
            "disaggregation": {},
            "citations": 0,
        },
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["A-B1", "A-T1", "A-I1", "A-I1", "B-B1"]),
        ("exactness=at_least", ["A-B1"]),
        ("exactness=at_least,about", ["A-B1", "A-I1"]),
        ("exactness=exact&stated=false", []),
        ("kind=budget", ["A-B1", "B-B1"]),
        ("kind=observation,transaction", ["A-T1", "A-I1", "A-I1"]),
        ("stated=true", ["A-B1", "A-T1", "A-I1"]),
        ("stated=false", ["A-I1", "B-B1"]),
        ("programme_kind=project", ["B-B1"]),
        ("programme_kind__not=project&kind=budget", ["A-B1"]),
        ("code=B&stated=true", []),
        ("search=programme%20b", ["B-B1"]),
    ],
)
def test_figures_are_narrowed(query: str, expected: list[str]) -> None:
    assert [each["code"] for each in results(query)] == expected


def test_figures_follow_each_other_page_by_page() -> None:
    pages = [[each["code"] for each in results(f"page_size=2&page={number}")] for number in (1, 2, 3)]
    assert pages == [["A-B1", "A-T1"], ["A-I1", "A-I1"], ["B-B1"]]


def test_figures_ask_a_fixed_number_of_times(django_assert_num_queries: Any) -> None:
    for _time in range(2):
        with django_assert_num_queries(5 + statements_of_public_reading()):
            results("")
        CitationFactory.create(budget=BudgetFactory.create())
        ObservationFactory.create()
        TransactionFactory.create()
