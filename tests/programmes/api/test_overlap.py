"""Overlap over REST."""

from typing import Any

import pytest
from django.test import Client

from programmes.analysis import overlap
from programmes.models import Programme
from tests.factories import (
    CountryFactory,
    OrganisationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    ThemeFactory,
)
from tests.people import statements_of_public_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programmes() -> list[Programme]:
    """A, B and C in Panama on justice; A and B by the same agency."""
    panama, justice = (
        CountryFactory.create(code="PA", name_en="Panama"),
        ThemeFactory.create(code="JUSTICE", name_en="Justice"),
    )
    agency = OrganisationFactory.create(code="AGENCY", name="Agency")
    made = [
        ProgrammeFactory.create(code="A", acronym="AAA", actual_start="2010", planned_end="2020"),
        ProgrammeFactory.create(code="B", name="Bee", actual_start="2015-02-03"),
        ProgrammeFactory.create(code="C", name="Sea"),
    ]
    for programme in made:
        ParticipationFactory.create(programme=programme, country=panama)
        ProgrammeThemeFactory.create(programme=programme, theme=justice)
    for programme in made[:2]:
        ParticipatingOrganisationFactory.create(programme=programme, organisation=agency)
    return made


def answer(query: str = "") -> dict[str, Any]:
    response = Client().get(f"/api/v1/overlap/?{query}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def pairs(query: str) -> list[list[str]]:
    return [[each["code"] for each in pair["programmes"]] for pair in answer(query)["results"]]


def test_overlap_says_what_a_pair_shares() -> None:
    found = answer("with=A&time=yes,undetermined&page_size=1")
    assert found == {
        "shares": ["countries", "themes"],
        "time": ["yes", "undetermined"],
        "count": 2,
        "next": "http://testserver/api/v1/overlap/?page=2&page_size=1&time=yes%2Cundetermined&with=A",
        "previous": None,
        "results": [
            {
                "programmes": [
                    {"url": "http://testserver/api/v1/programmes/A/", "code": "A", "label": "AAA"},
                    {"url": "http://testserver/api/v1/programmes/B/", "code": "B", "label": "Bee"},
                ],
                "countries": [{"code": "PA", "label": "Panama"}],
                "themes": [{"code": "JUSTICE", "label": "Justice"}],
                "organisations": [{"code": "AGENCY", "label": "Agency"}],
                "time": "yes",
                "since": "2015-02-03",
                "until": "2020",
                "sentence": (
                    "AAA and Bee share 1 country (Panama), 1 theme (Justice) and 1 organisation (Agency); both run"
                    " at the same time, between 2015-02-03 and 2020."
                ),
            }
        ],
    }


def test_overlap_is_narrowed_by_parameters_and_by_the_filters_of_programmes() -> None:
    assert pairs("") == [["A", "B"], ["A", "C"], ["B", "C"]]
    assert pairs("shares=organisations,countries") == [["A", "B"]]
    assert pairs("with=C") == [["A", "C"], ["B", "C"]]
    assert pairs("code=A,C") == [["A", "C"]]
    assert pairs("with=C&code=A") == [["A", "C"]]
    assert pairs("search=bee") == []
    assert pairs("time=yes") == [["A", "B"]]
    assert pairs("min_countries=2") == []


def test_too_many_pairs_are_a_400(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "MOST_PAIRS", 2)
    response = Client().get("/api/v1/overlap/")
    (error,) = response.json()["errors"]
    assert (response.status_code, error["field"], error["code"]) == (400, "with", "too_many")


def test_overlap_asks_as_often_for_all_pages_and_filters(django_assert_num_queries: Any) -> None:
    number = 10 + statements_of_public_reading()
    with django_assert_num_queries(number):
        Client().get("/api/v1/overlap/")
    with django_assert_num_queries(number):
        Client().get("/api/v1/overlap/?page=2&page_size=1&coverage__isnull=true")
