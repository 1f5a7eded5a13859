"""Lineage over REST."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import PhaseFactory, ProgrammeFactory, SuccessionFactory
from tests.people import statements_of_public_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programmes() -> None:
    """A police network that something else continues in part, a programme of two phases, and one that just ended."""
    network = ProgrammeFactory.create(code="NETWORK", acronym="Network", actual_end="2015-12")
    SuccessionFactory.create(predecessor=network, successor=None, successor_name="another programme")
    programme = ProgrammeFactory.create(code="PRO", acronym="Pro")
    first = PhaseFactory.create(programme=programme, label="I", order=1, actual_end="2015")
    PhaseFactory.create(
        programme=programme, label="II", order=2, follows=first, actual_start="2016", planned_end="2018"
    )
    ProgrammeFactory.create(code="SHORT", acronym="Short", actual_start="2016", actual_end="2017-06-30")


def results(query: str) -> list[dict[str, Any]]:
    response = Client().get(f"/api/v1/lineage/?{query}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_lineage_says_what_continues_what() -> None:
    assert results("on=2017-11-10&code=PRO&of=phase") == [
        {
            "kind": "phase",
            "state": "continued",
            "before": {
                "code": "PRO-I",
                "url": "http://testserver/api/v1/phases/PRO-I/",
                "name": "Pro I",
                "programme": "PRO",
                "start": None,
                "end": "2015",
            },
            "after": {
                "code": "PRO-II",
                "url": "http://testserver/api/v1/phases/PRO-II/",
                "name": "Pro II",
                "programme": "PRO",
                "start": "2016",
                "end": "2018",
            },
            "whole": True,
            "days_between": {"least": 0, "most": 729},
            "sentence": "Pro I ended 2015; Pro II continues it, from 2016. 0 to 729 days lie between.",
        }
    ]


def test_lineage_names_a_successor_that_is_not_recorded() -> None:
    (found,) = results("of=programme&state=continued")
    assert (found["after"], found["whole"], found["days_between"]) == (
        {"code": None, "url": None, "name": "another programme", "programme": None, "start": None, "end": None},
        False,
        {"least": None, "most": None},
    )


def test_lineage_is_seen_from_a_day() -> None:
    def open_ends(query: str) -> list[tuple[str, str]]:
        return [(each["before"]["code"], each["state"]) for each in results(f"state=ended,ending&{query}")]

    assert open_ends("on=2016-01-01") == []
    assert open_ends("on=2016-12-31") == [("SHORT", "ending")]
    assert open_ends("on=2017-12-31") == [("PRO-II", "ending"), ("SHORT", "ended")]
    assert open_ends("") == [("PRO-II", "ended"), ("SHORT", "ended")]


def test_lineage_asks_a_fixed_number_of_times(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(5 + statements_of_public_reading()):
        results("")
