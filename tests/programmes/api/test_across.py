"""What holds for every question across programmes: parameters, pages, permission, OpenAPI."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from rest_framework.test import APIClient

from tests.factories import CountryFactory, ProgrammeFactory

pytestmark = pytest.mark.django_db

QUESTIONS = ("overlap", "coverage", "lineage", "progress", "progress-roll-ups", "gaps", "disagreements", "figures")
every_question = pytest.mark.parametrize("question", QUESTIONS)


def faults(query: str) -> tuple[int, list[tuple[str, str]]]:
    response = Client().get(f"/api/v1/{query}")
    return response.status_code, [(each["field"], each["code"]) for each in response.json()["errors"]]


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("overlap/?with=NOBODY", 400, "with", "unknown_code"),
        ("overlap/?shares=colours", 400, "shares", "unknown_value"),
        ("overlap/?min_countries=0", 400, "min_countries", "out_of_range"),
        ("overlap/?min_countries=many", 400, "min_countries", "invalid_number"),
        ("overlap/?min_countries=1.5", 400, "min_countries", "invalid_number"),
        ("overlap/?time=no", 400, "time", "unknown_value"),
        ("overlap/?on=2016-01-01", 400, "on", "unknown_parameter"),
        ("overlap/?country=PX", 400, "country", "unknown_code"),
        ("coverage/?on=2016", 400, "on", "invalid_date"),
        ("coverage/?on=2016-02-30", 400, "on", "invalid_partial_date"),
        ("coverage/?on=9999-01-01", 400, "on", "invalid_partial_date"),
        ("coverage/?on=2016-01-01&on=2017-01-01", 400, "on", "repeated"),
        ("coverage/?first_year=1899", 400, "first_year", "out_of_range"),
        ("coverage/?last_year=2200", 400, "last_year", "out_of_range"),
        ("coverage/?first_year=2017&last_year=2016", 400, "last_year", "out_of_range"),
        ("coverage/?first_year=2000&last_year=2050", 400, "last_year", "out_of_range"),
        ("coverage/?first_year=2016-01", 400, "first_year", "invalid_number"),
        ("coverage/?spread=equal", 400, "spread", "unknown_value"),
        ("coverage/?state=gone", 400, "state", "unknown_value"),
        ("coverage/?cell=PA", 400, "cell", "unknown_value"),
        ("coverage/?cell=PA,JUSTICE", 400, "cell", "unknown_value"),
        ("coverage/?cell=PA,", 400, "cell", "empty"),
        ("coverage/?explain=perhaps", 400, "explain", "invalid_boolean"),
        ("coverage/?grouping_on=2016-12-31", 400, "grouping_on", "needs_another"),
        ("lineage/?on=", 400, "on", "empty"),
        ("lineage/?of=projects", 400, "of", "unknown_value"),
        ("lineage/?state=open", 400, "state", "unknown_value"),
        ("progress/?on=tomorrow", 400, "on", "invalid_partial_date"),
        ("progress/?dimension=sex", 400, "dimension", "unknown_parameter"),
        ("progress-roll-ups/?unit__like=a", 400, "unit__like", "unknown_parameter"),
        ("progress-roll-ups/?on=2017-13-01", 400, "on", "invalid_partial_date"),
        ("gaps/?severity=urgent", 400, "severity", "unknown_value"),
        ("gaps/?gap=no-ends", 400, "gap", "unknown_value"),
        ("gaps/?years=0", 400, "years", "out_of_range"),
        ("gaps/?years=101", 400, "years", "out_of_range"),
        ("gaps/?years=five", 400, "years", "invalid_number"),
        ("gaps/?on=2017", 400, "on", "invalid_date"),
        ("gaps/?contry=PA", 400, "contry", "unknown_parameter"),
        ("disagreements/?of=colours", 400, "of", "unknown_value"),
        ("figures/?kind=project", 400, "kind", "unknown_value"),
        ("figures/?programme_kind=budget", 400, "programme_kind", "unknown_value"),
        ("figures/?exactness=roughly", 400, "exactness", "unknown_value"),
        ("figures/?stated=perhaps", 400, "stated", "invalid_boolean"),
        ("figures/?kind__not=project", 400, "kind__not", "unknown_parameter"),
    ],
)
def test_bad_input_is_refused_by_name(query: str, status: int, field: str, code: str) -> None:
    CountryFactory.create(code="PA", alpha3="PAN", numeric="591")
    assert faults(query) == (status, [(field, code)])


@every_question
@pytest.mark.parametrize(
    ("page", "status", "fault"),
    [
        ("page=0", 400, ("page", "invalid_number")),
        ("page=2", 404, ("page", "not_found")),
        ("page=1000000000", 404, ("page", "not_found")),
        ("page_size=1001", 400, ("page_size", "too_large")),
        ("cursor=x", 400, ("cursor", "invalid")),
        ("ordering=code", 400, ("ordering", "unknown_parameter")),
        ("fields=code", 400, ("fields", "unknown_parameter")),
    ],
)
def test_pages_that_there_are_not_are_refused(question: str, page: str, status: int, fault: tuple[str, str]) -> None:
    assert faults(f"{question}/?{page}") == (status, [fault])


@every_question
def test_an_empty_portfolio_has_no_results(question: str) -> None:
    answer = Client().get(f"/api/v1/{question}/").json()
    assert (answer["count"], answer["next"], answer["previous"], answer["results"]) == (0, None, None, [])


@every_question
def test_questions_are_only_asked(api: APIClient, question: str) -> None:
    address = f"/api/v1/{question}/"
    assert [getattr(api, verb)(address, {}).status_code for verb in ("post", "put", "patch", "delete")] == [405] * 4


@every_question
def test_questions_need_signing_in_where_reading_does(officer: User, question: str) -> None:
    client = Client()
    with override_settings(API_REQUIRE_SIGN_IN=True):
        assert client.get(f"/api/v1/{question}/").status_code == 401
        client.force_login(officer)
        assert client.get(f"/api/v1/{question}/").status_code == 200


@every_question
def test_root_names_the_question(question: str) -> None:
    assert Client().get("/api/v1/").json()[question] == f"http://testserver/api/v1/{question}/"


def test_pages_follow_each_other() -> None:
    for code in "ABC":
        ProgrammeFactory.create(code=code, actual_end="2010")
    address: Any = "/api/v1/lineage/?page_size=2"
    seen = []
    while address:
        answer = Client().get(address).json()
        seen.append((answer["count"], [each["before"]["code"] for each in answer["results"]]))
        address = answer["next"]
    assert seen == [(3, ["A", "B"]), (3, ["C"])]
