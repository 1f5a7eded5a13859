"""Records written in one request: few statements, the same rules, the same history."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from programmes.api.programmes import ProgrammeSerializer
from programmes.models import (
    Alias,
    Budget,
    BudgetCountry,
    Indicator,
    Observation,
    Participation,
    Phase,
    Programme,
    Result,
)
from tests.factories import (
    AliasFactory,
    CountryFactory,
    InstrumentFactory,
    OrganisationFactory,
    ProgrammeFactory,
    ThemeFactory,
)
from tracker.api.nested import kinds_linked

pytestmark = pytest.mark.django_db

URL = "/api/v1/programmes/"


def body(code: str, **parts: Any) -> dict[str, Any]:
    return {"code": code, "name": "Made at once", **parts}


def faults(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(each["field"], each["code"]) for each in response.json()["errors"]]


def statements(api: APIClient, data: Any) -> int:
    """How many statements it takes to write it, beside those that look for codes that are made for parts."""
    with CaptureQueriesContext(connection) as captured:
        response = api.post(URL, data, format="json")
    assert response.status_code == 201, response.content
    return len([query for query in captured if "LIKE" not in query["sql"] and '"code" = ' not in query["sql"]])


def test_more_parts_of_a_new_record_take_no_more_statements(api: APIClient) -> None:
    country = CountryFactory.create().code

    def parts(number: int) -> dict[str, Any]:
        return {
            "aliases": [{"name": f"Alias {each}"} for each in range(number)],
            "objectives": [{"text": "To do", "order": each} for each in range(1, number + 1)],
            "phases": [{"label": str(each), "order": each} for each in range(number)],
            "budgets": [
                {"title": "Line", "amount": "1", "budget_countries": [{"country": country}]} for _each in range(number)
            ],
            "results": [
                {
                    "title": f"Result {each}",
                    "indicators": [
                        {
                            "title": "Trained",
                            "unit": "persons",
                            "observations": [{"value": "1", "as_of": str(2010 + year)} for year in range(number)],
                        }
                    ],
                }
                for each in range(number)
            ],
            "participations": [{"country": country, "start": str(2010 + each)} for each in range(number)],
        }

    statements(api, body("WARM", **parts(1)))  # what is prepared and found out once
    assert statements(api, body("ONE", **parts(1))) == statements(api, body("MANY", **parts(5)))
    assert Programme.objects.get(code="MANY").participations.count() == 5
    assert Observation.objects.filter(indicator__programme__code="MANY").count() == 25


def test_more_programmes_of_a_list_take_no_more_statements(api: APIClient) -> None:
    def several(number: int, start: int) -> list[dict[str, Any]]:
        return [
            body(f"P{each}", phases=[{"label": "I", "order": 1}], budgets=[{"title": "Line", "amount": "1"}])
            for each in range(start, start + number)
        ]

    api.post(URL, several(2, 10), format="json")  # what is prepared once
    assert statements(api, several(2, 20)) == statements(api, several(6, 30))


def test_what_parts_link_to_beside_the_programme_takes_no_statement_of_its_own(api: APIClient) -> None:
    country, theme, organisation = CountryFactory.create(), ThemeFactory.create(), OrganisationFactory.create()
    instrument = InstrumentFactory.create()

    def linked(code: str, number: int) -> dict[str, Any]:
        kinds = {
            "participations": [{"country": country.code}],
            "programme_themes": [{"theme": theme.code}],
            "participating_organisations": [{"organisation": organisation.code, "role": "1"}],
            "budgets": [{"title": "Line", "amount": "1", "code": f"{code}-B1", "instrument": instrument.code}],
        }
        return body(code, **dict(list(kinds.items())[:number]))

    statements(api, linked("WARM", 4))  # what is prepared and found out once
    inserted = {number: statements(api, linked(f"LINKS-{number}", number)) for number in range(1, 5)}
    # On SQLite it reads and writes the last key of each kind that is written, and inserts records and versions.
    each = 0 if connection.vendor == "postgresql" else 4
    assert inserted == {number: inserted[1] + (number - 1) * each for number in range(1, 5)}


def test_rules_about_records_that_were_just_made_hold(api: APIClient) -> None:
    """What waits to be stored is there for whoever asks."""
    lines = [
        {"code": "RULED-B1", "title": "Whole", "amount": "50"},
        {"code": "RULED-B2", "title": "Part", "amount": "60", "part_of": "RULED-B1"},
        {"code": "RULED-B3", "title": "Again", "amount": "50", "revises": "RULED-B1"},
        {"code": "RULED-B4", "title": "Once more", "amount": "50", "revises": "RULED-B1"},
    ]
    assert faults(api.post(URL, body("RULED", budgets=lines), format="json")) == [
        ("budgets[1].amount", "more_than_whole"),
        ("budgets[3].revises", "unique"),
    ]
    seen = [{"value": "1", "as_of": "2020"}, {"value": "2", "as_of": "2020"}]
    results = [{"title": "R", "indicators": [{"title": "I", "unit": "persons", "observations": seen}]}]
    assert faults(api.post(URL, body("RULED", results=results), format="json")) == [
        ("results[0].indicators[0].observations[1].as_of", "not_unique")
    ]
    assert Programme.objects.count() == Programme.history.count() == 0


def test_keys_that_were_reserved_are_nobody_else_s(api: APIClient) -> None:
    assert api.post(URL, [body("A", aliases=[{"name": "A"}]), body("B")], format="json").status_code == 201
    assert faults(api.post(URL, [body("C", aliases=[{"name": "A"}]), body("B")], format="json")) == [
        ("[1].code", "unique")
    ]
    other = ProgrammeFactory.create(code="D")
    AliasFactory.create(programme=other)
    assert api.post(URL, body("E", aliases=[{"name": "A"}]), format="json").status_code == 201
    assert list(Programme.objects.order_by("pk").values_list("code", flat=True)) == ["A", "B", "D", "E"]
    assert sorted(Alias.objects.values_list("programme__code", flat=True)) == ["A", "D", "E"]


def test_part_that_is_named_is_changed_in_what_is_given(api: APIClient) -> None:
    line = {"code": "KEPT-B1", "title": "Line", "amount": "5", "currency": "USD"}
    made = api.post(URL, body("KEPT", budgets=[line]), format="json").json()
    changed = {"version": made["version"], "budgets": [{"code": "KEPT-B1", "amount": "6"}]}
    assert api.patch(f"{URL}KEPT/", changed, format="json").status_code == 200
    stored = Budget.objects.get()
    assert (stored.title, str(stored.amount), stored.currency) == ("Line", "6.00", "USD")


def test_first_versions_hold_what_the_records_hold(api: APIClient) -> None:
    """They are copied in the database, column by column."""
    country = CountryFactory.create().code
    data = body(
        "COPIED",
        coverage="regional",
        planned_start="2021-03",
        aliases=[{"name": "Otro", "language": "es"}],
        phases=[{"label": "I", "order": 1, "actual_end": "2022"}],
        participations=[{"country": country, "percentage": "12.5"}],
        budgets=[
            {"title": "Whole", "amount": "5.25", "exactness": "about", "budget_countries": [{"country": country}]}
        ],
        results=[
            {
                "title": "R",
                "indicators": [
                    {
                        "title": "I",
                        "unit": "kg",
                        "observations": [{"value": "1.5", "as_of": "2020", "disaggregation": {"sex": "f"}}],
                    }
                ],
            }
        ],
    )
    assert api.post(URL, data, format="json").status_code == 201
    kinds = (Programme, Alias, Phase, Participation, Budget, BudgetCountry, Result, Indicator, Observation)
    for kind in kinds:
        names = [field.attname for field in kind._meta.concrete_fields]
        assert list(kind.history.values(*names)) == list(kind._base_manager.values(*names)), kind


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
