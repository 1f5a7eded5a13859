"""Any day in the past: `as_of` for what was true, `known_on` for what was known."""

import datetime
import json
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from programmes.models import Budget, Observation, Participation, Programme

pytestmark = pytest.mark.usefixtures("portfolio")


def ask(client: APIClient, question: str) -> Any:
    response = client.get(f"/api/v1/{question}")
    assert response.status_code == 200, response.json()
    return response.json()


def moment() -> str:
    return timezone.now().isoformat().replace("+00:00", "Z")


def test_seacop_s_countries_before_and_after_january_2017(anyone: APIClient) -> None:
    question = "participations/?programme=SEACOP&fields=country&as_of="
    assert ask(anyone, question + "2016-12-31")["results"] == []
    assert [each["country"] for each in ask(anyone, question + "2017-01-31")["results"]] == [
        "AR", "BR", "CO", "DO", "GY", "JM", "PA",
    ]  # fmt: skip


def test_detail_as_of_shows_what_was_there_then(anyone: APIClient) -> None:
    question = "programmes/SEACOP/?fields=code,countries,participations.country&as_of="
    assert ask(anyone, question + "2016-12-31") == {"code": "SEACOP", "countries": [], "participations": []}
    assert ask(anyone, question + "2017-01-31")["countries"] == ["AR", "BR", "CO", "DO", "GY", "JM", "PA"]


def test_list_as_of_says_what_was_going_on(anyone: APIClient) -> None:
    answer = ask(anyone, "programmes/?code=PRELAC,AMERIPOL-EU,EL-PACCTO&fields=code,active&as_of=2016-01")
    assert answer["results"] == [
        {"code": "EL-PACCTO", "active": "undetermined"},
        {"code": "PRELAC", "active": "yes"},
    ]
    assert answer["as_of"] == "2016-01"


def test_memberships_as_of(anyone: APIClient) -> None:
    question = "memberships/?grouping=EU&country=GB,HR&status=member&fields=country&as_of="
    assert [each["country"] for each in ask(anyone, question + "2012")["results"]] == ["GB"]
    assert [each["country"] for each in ask(anyone, question + "2015")["results"]] == ["GB", "HR"]
    assert [each["country"] for each in ask(anyone, question + "2021")["results"]] == ["HR"]


def test_observations_as_of_within_an_indicator(anyone: APIClient) -> None:
    question = "indicators/SEACOP-TRAINED/?fields=observations.value&as_of="
    assert ask(anyone, question + "2017-03") == {"observations": [{"value": "752.0000"}]}
    assert ask(anyone, question + "2017-02") == {"observations": []}
    assert Observation.objects.filter(indicator__code="SEACOP-TRAINED").count() == 1


def test_known_on_shows_lists_details_and_totals_as_they_were(anyone: APIClient) -> None:
    before = moment()
    line = Budget.objects.get(programme__code="EL-PACCTO")
    line.amount = 30_000_000
    line.save()
    Programme.objects.create(code="NEW", name="New", publication="published")
    Participation.objects.filter(programme__code="EL-PACCTO", country="CU").get().delete()
    assert ask(anyone, "totals/?programme=EL-PACCTO")["total"][0]["amount"] == "30000000.00"
    assert ask(anyone, f"totals/?programme=EL-PACCTO&known_on={before}")["total"][0]["amount"] == "20000000.00"
    assert ask(anyone, f"budgets/{line.code}/?fields=amount&known_on={before}") == {"amount": "20000000.00"}
    assert "CU" not in ask(anyone, "programmes/EL-PACCTO/?fields=countries")["countries"]
    assert "CU" in ask(anyone, f"programmes/EL-PACCTO/?fields=countries&known_on={before}")["countries"]
    assert ask(anyone, "programmes/?search=new&fields=code")["count"] == 1
    assert ask(anyone, f"programmes/?search=new&fields=code&known_on={before}")["count"] == 0
    assert anyone.get(f"/api/v1/programmes/NEW/?known_on={before}").status_code == 404


def test_known_on_and_as_of_together_are_both_named(anyone: APIClient) -> None:
    now = moment()
    response = anyone.get(f"/api/v1/participations/?programme=SEACOP&as_of=2016-12-31&known_on={now}")
    assert response["As-Of"] == "2016-12-31"
    assert datetime.datetime.fromisoformat(response["Known-On"]) == datetime.datetime.fromisoformat(now)
    assert response.json()["count"] == 0


def test_known_on_report(anyone: APIClient) -> None:
    before = moment()
    line = Budget.objects.get(programme__code="EL-PACCTO")
    line.amount = 30_000_000
    line.save()
    question = "/api/v1/reports/budget-by-programme/?format=json&programme=EL-PACCTO"
    answers = [_json(anyone.get(f"{question}{known}")) for known in ("", f"&known_on={before}")]
    amounts = [[row["amount"] for row in each["rows"]] for each in answers]
    assert amounts == [["30000000.00", "30000000.00"], ["20000000.00", "20000000.00"]]


def _json(response: Any) -> Any:
    return json.loads(b"".join(response.streaming_content))


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("known_on=2150-01-01", "known_on", "in_the_future"),
        ("known_on=2001-01-01", "known_on", "before_the_first_record"),
        ("known_on=yesterday", "known_on", "invalid_moment"),
        ("known_on=2016-13-01", "known_on", "invalid_partial_date"),
        ("as_of=2016-13", "as_of", "invalid_partial_date"),
        ("as_of=0001", "as_of", "invalid_partial_date"),
        ("as_of=2016&active_in=2016", "active_in", "one_of_several"),
    ],
)
def test_bad_date_is_named(query: str, field: str, code: str, anyone: APIClient) -> None:
    response = anyone.get(f"/api/v1/programmes/?{query}")
    assert response.status_code == 400
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [(field, code)]
