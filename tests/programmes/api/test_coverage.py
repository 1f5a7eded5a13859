"""Coverage over REST."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from programmes.analysis import coverage
from programmes.models import Programme
from tests.factories import (
    BudgetFactory,
    CountryFactory,
    GroupingFactory,
    MembershipFactory,
    ParticipationFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    ThemeFactory,
)
from tests.people import statements_of_public_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programme() -> Programme:
    """One in Panama on drugs that ends in 2018, with a line of 2017, a part of it and a longer one; and one nowhere."""
    panama = CountryFactory.create(code="PA", name_en="Panama", alpha3="PAN", numeric="591")
    CountryFactory.create(code="PE", name_en="Peru", alpha3="PER", numeric="604")
    MembershipFactory.create(country=panama, grouping=GroupingFactory.create(code="SICA"))
    drugs = ThemeFactory.create(code="DRUGS", name_en="Drugs")
    ThemeFactory.create(code="DEMAND", name_en="Demand", parent=drugs)
    made = ProgrammeFactory.create(code="A", acronym="AAA", actual_start="2015", planned_end="2018-06")
    ParticipationFactory.create(programme=made, country=panama)
    ProgrammeThemeFactory.create(programme=made, theme=drugs)
    whole = BudgetFactory.create(
        programme=made, code="A-B1", amount=Decimal("120.00"), period_start="2017", period_end="2017"
    )
    BudgetFactory.create(programme=made, code="A-B2", amount=Decimal("40.00"), part_of=whole)
    BudgetFactory.create(
        programme=made, code="A-B3", amount=Decimal("7.00"), exactness="about", period_start="2016", period_end="2018"
    )
    BudgetFactory.create(programme=made, code="A-B4", amount_null_reason="not_stated", period_start="2017")
    ProgrammeFactory.create(code="B", acronym="BBB")
    return made


def answer(query: str) -> dict[str, Any]:
    response = Client().get(f"/api/v1/coverage/?on=2017-11-10&{query}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def cells(query: str) -> list[tuple[str, str, str]]:
    return [(each["country"], each["theme"], each["state"]) for each in answer(query)["results"]]


def test_coverage_of_a_cell() -> None:
    assert answer("cell=PA,DRUGS") == {
        "on": "2017-11-10",
        "in_12_months": "2018-11-10",
        "first_year": 2017,
        "last_year": 2017,
        "spread": "none",
        "programmes_in_no_cell": 1,
        "lines_left_out": 1,
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "country": "PA",
                "country_name": "Panama",
                "theme": "DRUGS",
                "theme_name": "Drugs",
                "state": "ending",
                "active": "yes",
                "in_12_months": "no",
                "sentence": (
                    "What is active on Drugs in Panama on 2017-11-10 (AAA) ends by 2018-06, and nothing is recorded"
                    " that follows it."
                ),
                "years": [
                    {
                        "year": 2017,
                        "programmes_certain": 1,
                        "programmes_perhaps": 0,
                        "amounts": [{"currency": "EUR", "amount": "120.00", "exactness": "exact", "lines": 1}],
                        "lines_undivided": 1,
                        "lines_not_stated": 1,
                    }
                ],
                "explanation_url": ("http://testserver/api/v1/coverage/?on=2017-11-10&cell=PA%2CDRUGS&explain=true"),
            }
        ],
    }


def test_explanation_names_the_programmes_and_lines_behind_a_cell() -> None:
    found = Client().get(answer("state=ending")["results"][0]["explanation_url"]).json()
    (cell,) = found["results"]
    budgets = "http://testserver/api/v1/budgets"
    assert (found["in_no_cell"], found["left_out"]) == (
        [
            {
                "url": "http://testserver/api/v1/programmes/B/",
                "code": "B",
                "sentence": "In no cell: neither a recipient country nor a theme is stated.",
            }
        ],
        [{"url": f"{budgets}/A-B2/", "code": "A-B2", "sentence": "Not counted: its money is part of A-B1."}],
    )
    assert cell["programmes"] == [
        {
            "url": "http://testserver/api/v1/programmes/A/",
            "code": "A",
            "name": "AAA",
            "active": "yes",
            "in_12_months": "no",
            "end": "2018-06",
        }
    ]
    (year,) = cell["years"]
    assert {name: year[name] for name in ("certain", "perhaps", "divisible", "undivided", "not_stated")} == {
        "certain": ["A"],
        "perhaps": [],
        "divisible": [
            {"url": f"{budgets}/A-B1/", "code": "A-B1", "amount": "120.00", "currency": "EUR", "exactness": "exact"}
        ],
        "undivided": [
            {
                "url": f"{budgets}/A-B3/",
                "code": "A-B3",
                "sentence": "Not divided between the years of its period 2016/2018.",
            }
        ],
        "not_stated": [
            {"url": f"{budgets}/A-B4/", "code": "A-B4", "sentence": "Not counted: there is no amount (not stated)."}
        ],
    }


def test_lines_are_spread_only_when_asked() -> None:
    def amounts(query: str) -> list[tuple[int, list[str]]]:
        (cell,) = answer(f"cell=PA,DRUGS&first_year=2016&last_year=2018&{query}")["results"]
        return [
            (each["year"], [f"{one['amount']} {one['exactness']}" for one in each["amounts"]]) for each in cell["years"]
        ]

    assert amounts("") == [(2016, []), (2017, ["120.00 exact"]), (2018, [])]
    assert amounts("spread=daily") == [(2016, ["2.34 about"]), (2017, ["122.33 about"]), (2018, ["2.33 about"])]


def test_cells_are_those_of_the_filters_and_the_states_asked_for() -> None:
    assert cells("") == [("PA", "DEMAND", "empty"), ("PA", "DRUGS", "ending")]
    assert cells("state=empty") == [("PA", "DEMAND", "empty")]
    assert cells("country=PER&theme=DRUGS") == [("PE", "DEMAND", "empty"), ("PE", "DRUGS", "empty")]
    assert cells("grouping=SICA&theme=DEMAND") == [("PA", "DEMAND", "empty")]
    assert cells("grouping=SICA&country=PE") == []
    assert cells("country=PA&code=B") == [("PA", "DEMAND", "empty"), ("PA", "DRUGS", "empty")]


def test_years_are_that_of_the_day_unless_asked_for() -> None:
    def years(query: str) -> list[int]:
        return [each["year"] for each in answer(query)["results"][0]["years"]]

    assert [years(query) for query in ("", "first_year=2015", "last_year=2015", "first_year=2015&last_year=2016")] == [
        [2017],
        [2015],
        [2015],
        [2015, 2016],
    ]


def test_too_many_cells_are_a_400(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "MOST_CELLS", 3)
    response = Client().get("/api/v1/coverage/")
    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"], error["code"]) == (400, "last_year", "too_many")


def test_coverage_asks_a_fixed_number_of_times(django_assert_num_queries: Any) -> None:
    queries = 20 + statements_of_public_reading() + (connection.vendor == "postgresql")  # which is told how to sum
    with django_assert_num_queries(queries):
        answer("")
    with django_assert_num_queries(queries + 1):
        answer("first_year=2010&last_year=2020&spread=daily&explain=true")
