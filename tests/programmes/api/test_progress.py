"""Progress over REST, of indicators and of umbrella programmes."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from programmes.codelists import ObservationKind
from tests.factories import IndicatorFactory, ObservationFactory, ProgrammeFactory, ResultFactory
from tests.people import statements_of_public_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def indicators() -> None:
    """Persons trained, additive, in two projects under one umbrella; agents hired, not additive, in one of them."""
    umbrella = ProgrammeFactory.create(code="TOP", acronym="Top")
    for code, value, exactness in (("A", 50, "exact"), ("B", 30, "at_least")):
        programme = ProgrammeFactory.create(code=code, parent=umbrella)
        result = ResultFactory.create(programme=programme)
        trained = IndicatorFactory.create(
            result=result, code=f"{code}-TRAINED", title="Trained", additive=True, accumulation="cumulative"
        )
        ObservationFactory.create(indicator=trained, value=Decimal(value), exactness=exactness, as_of="2017-03")
        ObservationFactory.create(indicator=trained, kind=ObservationKind.TARGET, value=Decimal(100), as_of="2020")
    hired = IndicatorFactory.create(result=result, code="B-HIRED", title="Hired", unit="agents hired", order=2)
    ObservationFactory.create(indicator=hired, value=Decimal(412), disaggregation={"sex": "female"})
    ObservationFactory.create(indicator=hired, value=Decimal(500))


def answer(query: str) -> dict[str, Any]:
    response = Client().get(f"/api/v1/{query}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


ZERO = {"value": "0", "exactness": "exact", "date": None, "stated": False}


def stated(value: str, date: str | None, exactness: str = "exact") -> dict[str, Any]:
    return {"value": value, "exactness": exactness, "date": date, "stated": True}


def test_progress_of_an_indicator() -> None:
    assert answer("progress/?code=A-TRAINED&on=2017-11-10") == {
        "on": "2017-11-10",
        "count": 1,
        "next": None,
        "previous": None,
        "results": [
            {
                "url": "http://testserver/api/v1/indicators/A-TRAINED/",
                "code": "A-TRAINED",
                "title": "Trained",
                "programme": "A",
                "unit": "persons trained",
                "measure": "1",
                "ascending": True,
                "progress": [
                    {
                        "breakdown": {},
                        "baseline": ZERO,
                        "target": stated("100", "2020"),
                        "latest": stated("50", "2017-03"),
                        "percent": "50.0",
                        "percent_exactness": "exact",
                        "without_percent": None,
                        "without_percent_label": None,
                        "direction": "better",
                        "age_in_months": 7,
                        "sentence": "50 persons trained (2017-03): 50.0 % of the way from 0 to 100.",
                    }
                ],
            }
        ],
    }


def test_progress_stands_by_breakdown() -> None:
    (found,) = answer("progress/?unit=agents+hired")["results"]
    assert [(each["breakdown"], each["latest"]["value"], each["without_percent"]) for each in found["progress"]] == [
        ({}, "500", "no_target"),
        ({"sex": "female"}, "412", "no_target"),
    ]


def test_progress_on_a_day_counts_what_was_observed_by_then() -> None:
    def latest(query: str) -> list[Any]:
        (found,) = answer(f"progress/?code=A-TRAINED{query}")["results"]
        return [found["progress"][0]["latest"], found["progress"][0]["without_percent"]]

    assert latest("&on=2017-03-30") == [None, "no_value"]
    assert latest("&on=2017-03-31") == latest("") == [stated("50", "2017-03"), None]


def test_progress_is_in_order_and_narrowed_by_the_filters_of_indicators() -> None:
    def codes(query: str) -> list[str]:
        return [each["code"] for each in answer(f"progress/?{query}")["results"]]

    assert codes("") == ["A-TRAINED", "B-TRAINED", "B-HIRED"]
    assert codes("page=2&page_size=2") == ["B-HIRED"]
    assert codes("additive=true&programme=B") == ["B-TRAINED"]
    assert codes("under=TOP&search=hired") == ["B-HIRED"]


def test_roll_up_adds_one_unit_and_names_what_it_leaves_out() -> None:
    trained = {"title": "Trained", "unit": "persons trained"}
    indicators = "http://testserver/api/v1/indicators"
    assert answer("progress-roll-ups/?on=2017-11-10")["results"] == [
        {
            "programme": {"url": "http://testserver/api/v1/programmes/TOP/", "code": "TOP", "name": "Top"},
            "sums": [
                {
                    "unit": "persons trained",
                    "accumulation": "cumulative",
                    "ascending": True,
                    "baseline": ZERO,
                    "target": stated("200", None),
                    "latest": stated("80", None, "at_least"),
                    "percent": "40.0",
                    "percent_exactness": "at_least",
                    "without_percent": None,
                    "without_percent_label": None,
                    "since": "2017-03",
                    "until": "2017-03",
                    "age_in_months": 7,
                    "counted": [
                        {
                            "url": f"{indicators}/A-TRAINED/",
                            "code": "A-TRAINED",
                            "programme": "A",
                            **trained,
                            "latest": stated("50", "2017-03"),
                        },
                        {
                            "url": f"{indicators}/B-TRAINED/",
                            "code": "B-TRAINED",
                            "programme": "B",
                            **trained,
                            "latest": stated("30", "2017-03", "at_least"),
                        },
                    ],
                    "sentence": (
                        "at least 80 persons trained, added from 2 indicators: at least 40.0 % of the way from 0 to"
                        " 200."
                    ),
                }
            ],
            "left_out": [
                {
                    "url": f"{indicators}/B-HIRED/",
                    "code": "B-HIRED",
                    "title": "Hired",
                    "programme": "B",
                    "unit": "agents hired",
                    "reason": "not_additive",
                    "sentence": "Not added: it is not declared that it may be added across programmes.",
                }
            ],
        }
    ]


def test_roll_up_is_of_the_indicators_that_the_filters_leave() -> None:
    (found,) = answer("progress-roll-ups/?programme=A")["results"]
    assert [[each["code"] for each in one["counted"]] for one in found["sums"]] == [["A-TRAINED"]]
    assert answer("progress-roll-ups/?programme=TOP")["results"] == []


def test_progress_asks_a_fixed_number_of_times(django_assert_num_queries: Any) -> None:
    scope = statements_of_public_reading()
    for query, number in (("progress/", 5 + scope), ("progress-roll-ups/", 8 + scope)):
        with django_assert_num_queries(number):
            answer(query)
        with django_assert_num_queries(number):
            answer(f"{query}?additive=true&page_size=1")
