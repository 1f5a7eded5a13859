"""Records written in one request: few statements, the same rules, the same history."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from programmes.api.programmes import ProgrammeSerializer
from programmes.models import Alias, Budget, Participation, Phase, Programme
from tests.factories import CountryFactory, ProgrammeFactory
from tracker.api.nested import kinds_linked

pytestmark = pytest.mark.django_db

URL = "/api/v1/programmes/"


def body(code: str, **parts: Any) -> dict[str, Any]:
    return {"code": code, "name": "Made at once", **parts}


def faults(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(each["field"], each["code"]) for each in response.json()["errors"]]


def statements(api: APIClient, data: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = api.post(URL, data, format="json")
    assert response.status_code == 201, response.content
    return len(captured)


def test_more_parts_of_a_new_record_take_no_more_statements(api: APIClient) -> None:
    country = CountryFactory.create().code
    api.post(URL, body("WARM", aliases=[{"name": "A"}]), format="json")  # what is prepared once

    def parts(number: int) -> dict[str, Any]:
        return {
            "aliases": [{"name": f"Alias {each}"} for each in range(number)],
            "objectives": [{"text": "To do", "order": each} for each in range(1, number + 1)],
            "participations": [{"country": country, "start": str(2010 + each)} for each in range(number)],
        }

    assert statements(api, body("ONE", **parts(1))) == statements(api, body("MANY", **parts(5)))
    assert Programme.objects.get(code="MANY").participations.count() == 5


def test_parts_that_repeat_each_other_are_refused_by_name(api: APIClient) -> None:
    country = CountryFactory.create().code
    twice = body("TWICE", aliases=[{"name": "A"}, {"name": "A"}], participations=[{"country": country}] * 2)
    assert faults(api.post(URL, twice, format="json")) == [
        ("aliases[1].name", "not_unique"),
        ("participations[1].country", "not_unique"),
    ]
    assert not Programme.objects.filter(code="TWICE").exists()


def test_parts_that_repeat_stored_ones_are_refused_by_name(api: APIClient) -> None:
    stored = ProgrammeFactory.create(code="STORED")
    Alias.objects.create(programme=stored, name="A")
    changed = {"version": 2, "aliases": [{"name": "B"}, {"name": "A"}, {"name": "B"}]}
    assert faults(api.patch(f"{URL}STORED/", changed, format="json")) == [
        ("aliases[1].name", "not_unique"),
        ("aliases[2].name", "not_unique"),
    ]


def test_whole_is_renewed_once_for_all_its_parts(api: APIClient) -> None:
    made = api.post(URL, body("WHOLE", aliases=[{"name": "A"}, {"name": "B"}]), format="json").json()
    assert made["version"] == 1
    changed = api.patch(f"{URL}WHOLE/", {"version": 1, "aliases": [{"name": "C"}, {"name": "D"}]}, format="json").json()
    assert changed["version"] == 2
    assert changed["modified_at"] > made["modified_at"]
    many = [{"programme": "WHOLE", "name": name} for name in "EF"]
    assert api.post("/api/v1/aliases/", many, format="json").status_code == 201
    assert Programme.objects.get(code="WHOLE").version == 3


def test_every_part_has_its_first_version_with_who_and_why(api: APIClient) -> None:
    country = CountryFactory.create().code
    data = body(
        "TOLD",
        phases=[{"label": "I", "order": 1}],
        participations=[{"country": country, "phase": "TOLD-I"}],
        budgets=[{"title": "Whole", "amount": "5", "budget_countries": [{"country": country}]}] * 2,
    )
    assert api.post(URL, data, format="json", headers={"Change-Reason": "as signed"}).status_code == 201
    told = api.get(f"{URL}TOLD/history/").json()["results"]
    assert sorted((each["record"], each["type"], each["reason"], each["via"]) for each in told) == [
        (kind, "created", "as signed", "api")
        for kind in ("budget", "budget", "budget_country", "budget_country", "participation", "phase", "programme")
    ]
    assert {each["user"] for each in told} == {"officer"}
    assert [line.code for line in Budget.objects.order_by("code")] == ["TOLD-B1", "TOLD-B2"]
    stored = Participation.history.get()
    assert (stored.id, stored.phase.code) == (Participation.objects.get().pk, "TOLD-I")


def test_nothing_is_left_of_a_list_of_which_one_is_refused(api: APIClient) -> None:
    good, bad = body("GOOD", aliases=[{"name": "A"}]), body("BAD", aliases=[{"name": ""}])
    assert faults(api.post(URL, [good, bad], format="json")) == [("[1].aliases[0].name", "blank")]
    assert (Programme.objects.count(), Alias.objects.count(), Alias.history.count()) == (0, 0, 0)


def test_links_among_the_new_records_of_a_body_lock_no_kind() -> None:
    """Nobody else can link to them before they are there; to what may be there already, somebody could."""
    within = {
        "code": "NEW",
        "phases": [{"code": "NEW-I", "label": "I"}, {"label": "II", "follows": "new-i"}],
        "budgets": [{"code": "NEW-B1"}, {"part_of": "NEW-B1"}],
    }
    assert kinds_linked(ProgrammeSerializer, [within], new=True) == set()
    assert kinds_linked(ProgrammeSerializer, [within]) == {Phase, Budget}
    assert kinds_linked(ProgrammeSerializer, [within | {"budgets": [{"same_as": "OLD-B1"}]}], new=True) == {Budget}
    assert kinds_linked(ProgrammeSerializer, [within | {"parent": "OLD"}], new=True) == {Programme}
    assert kinds_linked(ProgrammeSerializer, [within, {"code": "NEWER", "parent": "NEW"}], new=True) == set()
