"""Requests that are made to do harm: each is answered in a moment, and nothing leaks into paths or headers."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests import factories
from tests.programmes.api.resources import RESOURCES, make
from tracker.api.values import Number

pytestmark = pytest.mark.django_db


def test_ten_thousand_filters_are_refused(anyone: APIClient) -> None:
    query = "&".join(f"name{number}=x" for number in range(10_000))
    response = anyone.get(f"/api/v1/programmes/?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_same_filter_ten_thousand_times_is_refused(anyone: APIClient) -> None:
    response = anyone.get("/api/v1/programmes/?" + "&".join(["code=A"] * 900))
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "repeated")
    response = anyone.get("/api/v1/programmes/?" + "&".join(["code=A"] * 10_000))
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize(
    "search", ["(a+)+$", ".*", "%", "_", "a%b_c", "[a-z]*", "\\", "'--", "^(?=.*)(?=.*)", "a" * 50]
)
def test_search_takes_every_character_for_itself(anyone: APIClient, search: str) -> None:
    factories.ProgrammeFactory(code="PLAIN", name="Plain name")
    response = anyone.get("/api/v1/programmes/", {"search": search})
    assert (response.status_code, response.json()["count"]) == (200, 0)


def test_search_over_text_that_is_hard_to_match_comes_to_an_end(anyone: APIClient) -> None:
    """Some patterns would try longer than anybody waits."""
    factories.ProgrammeFactory(name="a" * 250)
    assert anyone.get("/api/v1/programmes/", {"search": "a" * 90 + "b"}).json()["count"] == 0


@pytest.mark.parametrize(
    "code", ["../../etc/passwd", "..", "A/../B", "A\\B", "A%2FB", "A\r\nX: 1", "A B", "A?x", "A#x", "."]
)
def test_path_in_a_code_is_refused(api: APIClient, code: str) -> None:
    response = api.post("/api/v1/programmes/", {"code": code, "name": "x"})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "code")


@pytest.mark.parametrize("value", ['x"; filename="evil.exe', "x\r\nSet-Cookie: a=b", "../../x", "\u202etxt.exe"])
def test_name_of_a_report_file_holds_nothing_of_the_request(anyone: APIClient, value: str) -> None:
    response: Any = anyone.get("/api/v1/reports/budget-by-country.csv", {"programme": value})
    assert (response.status_code, "Set-Cookie" in response.headers) == (400, False)
    assert value not in response.headers.get("Content-Disposition", "")


@pytest.mark.parametrize("depth", [33, 10_000])
def test_deep_nesting_is_refused_everywhere(api: APIClient, depth: int) -> None:
    body = b'{"code": "A", "name": "A", "phases": ' + b"[" * depth + b"]" * depth + b"}"
    for address, method in [("programmes/", "post"), ("budgets/", "patch"), ("sources/", "delete")]:
        response = getattr(api, method)(f"/api/v1/{address}", body, content_type="application/json")
        assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_key_twice_among_very_many_is_found(api: APIClient) -> None:
    body = "{" + "".join(f'"{number}": 1, ' for number in range(100_000)) + '"99999": 1}'
    response = api.post("/api/v1/programmes/", body, content_type="application/json")
    assert (response.status_code, response.json()["detail"]) == (400, "The key “99999” stands there twice.")


def test_of_very_many_unknown_fields_some_are_told(api: APIClient) -> None:
    body = {"code": "A", "name": "A"} | {f"nam{number}": 1 for number in range(10_000)}
    response = api.post("/api/v1/programmes/", body)
    assert (response.status_code, len(response.json()["errors"])) == (400, 20)


def test_parts_within_parts_are_counted(api: APIClient) -> None:
    line = {"title": "x", "amount": "1", "budget_countries": [{"country": "PA"}] * 70}
    response = api.post("/api/v1/programmes/", {"code": "A", "name": "A", "budgets": [line] * 71})
    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def _of_numbers(view: Any) -> list[str]:
    filters = view.filterset_class.base_filters
    return [name for name, each in filters.items() if isinstance(getattr(each.value, "item", each.value), Number)]


@pytest.mark.parametrize("prefix", [prefix for prefix, view in RESOURCES.items() if _of_numbers(view)])
def test_numbers_that_no_column_holds_are_of_no_record(anyone: APIClient, prefix: str) -> None:
    """Columns of whole numbers have two, four or eight bytes; a filter takes 18 digits."""
    make(RESOURCES[prefix].queryset.model)
    for name in _of_numbers(RESOURCES[prefix]):
        for number in (40_000, 3_000_000_000, 10**17, -40_000, -(10**17)):
            response = anyone.get(f"/api/v1/{prefix}/?{name}={number}&count=exact")
            assert response.status_code == 200, (name, number)
            operator = name.rpartition("__")[2]
            if operator == {True: "gte", False: "lte"}[number > 0] or operator not in ("gte", "lte", "not"):
                assert response.json()["count"] == 0, (name, number)
