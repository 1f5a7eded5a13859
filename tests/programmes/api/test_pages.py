"""Pages by number and by cursor, and the order that both keep."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests import factories

pytestmark = pytest.mark.django_db

STARTS = ["2016", None, "2016-02", "2010", None, "2016", "2016-02-15"]


@pytest.fixture(autouse=True)
def programmes(db: None) -> None:
    """Seven programmes, some with the same start and some with none."""
    for number, start in enumerate(STARTS):
        factories.ProgrammeFactory(code=f"P-{number}", planned_start=start, kind="mission" if number % 2 else "project")


def walk(client: APIClient, address: str | None, link: str = "next") -> tuple[list[str], str | None]:
    """The codes on all pages from an address on, and the address of the last page."""
    codes: list[str] = []
    last = address
    while address:
        page = client.get(address).json()
        found = [each["code"] for each in page["results"]]
        codes = codes + found if link == "next" else found + codes
        last, address = address, page[link]
    return codes, last


ORDERS = {
    "code": "0123456",
    "-code": "6543210",
    "start": "3052614",
    "-start": "6250341",
    "start,-code": "3502641",
    "kind,-start,code": "5316204",
    "parent,-code": "6543210",
    "-parent": "6543210",
}


@pytest.mark.parametrize("start", ["?", "?cursor=", "?pagination=cursor"])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_walk_meets_every_record_once_in_order(anyone: APIClient, start: str, size: int) -> None:
    for ordering, expected in ORDERS.items():
        address = f"/api/v1/programmes/{start}&fields=code&page_size={size}&ordering={ordering}"
        there, last = walk(anyone, address)
        assert (ordering, there) == (ordering, [f"P-{number}" for number in expected])
        assert walk(anyone, last, "previous")[0] == there


def test_numbered_page_has_a_count_and_links(anyone: APIClient) -> None:
    page = anyone.get("/api/v1/programmes/?page=2&page_size=3&fields=code").json()
    assert page == {
        "count": 7,
        "next": "http://testserver/api/v1/programmes/?fields=code&page=3&page_size=3",
        "previous": "http://testserver/api/v1/programmes/?fields=code&page_size=3",
        "results": [{"code": "P-3"}, {"code": "P-4"}, {"code": "P-5"}],
    }


@pytest.mark.parametrize("start", ["?", "?cursor=&"])
def test_count_is_given_as_asked(anyone: APIClient, start: str) -> None:
    address = f"/api/v1/programmes/{start}page_size=3&fields=code&count="
    assert anyone.get(address + "exact").json()["count"] == 7
    assert isinstance(anyone.get(address + "estimate").json()["count"], int)
    assert "count" not in anyone.get(address + "none").json()


def test_pages_without_a_count_end_where_the_records_do(anyone: APIClient) -> None:
    there, last = walk(anyone, "/api/v1/programmes/?count=none&page_size=3&fields=code")
    assert there == [f"P-{number}" for number in range(7)]
    assert last is not None
    assert walk(anyone, last, "previous")[0] == there
    for number in (4, 10**9, 10**30):
        assert anyone.get(f"/api/v1/programmes/?count=none&page_size=3&page={number}").status_code == 404


def test_estimate_counts_nothing(anyone: APIClient) -> None:
    with CaptureQueriesContext(connection) as captured:
        anyone.get("/api/v1/programmes/?count=estimate&fields=code")
    counted = [query for query in captured if "COUNT(" in query["sql"]]
    assert len(counted) == (0 if connection.vendor == "postgresql" else 1)


def test_another_way_to_count_is_refused(anyone: APIClient) -> None:
    answer = anyone.get("/api/v1/programmes/?count=exactly")
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "field": "count",
            "code": "unknown_value",
            "detail": "“exactly” is not a way to count. Did you mean “exact”?",
        }
    ]


def test_cursor_page_has_no_count_and_asks_for_keys_and_rows(api: APIClient) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = api.get("/api/v1/programmes/?cursor=&page_size=3&fields=code").json()
    assert page.keys() == {"next", "previous", "results"}
    assert len([query for query in captured if "programmes_programme" in query["sql"]]) == 2
    assert [query for query in captured if "OFFSET" in query["sql"]] == []


def test_cursor_is_not_shifted_by_records_added_before_it(anyone: APIClient) -> None:
    first = anyone.get("/api/v1/programmes/?cursor=&page_size=3&fields=code").json()
    factories.ProgrammeFactory(code="A")
    second = anyone.get(first["next"]).json()
    assert [each["code"] for each in second["results"]] == ["P-3", "P-4", "P-5"]


def test_cursor_enters_the_list_where_it_stands_and_does_not_read_up_to_there(anyone: APIClient) -> None:
    second = anyone.get("/api/v1/programmes/?cursor=&page_size=2").json()["next"]
    with CaptureQueriesContext(connection) as captured:
        backwards = anyone.get(second).json()["previous"]
        anyone.get(backwards)
    bounds = [re.findall(r"""WHERE \("programmes_programme"."code" (>=|<=) """, each["sql"]) for each in captured]
    assert [bound for found in bounds for bound in found] == [">=", "<="]


def test_cursor_of_another_order_is_refused(anyone: APIClient) -> None:
    link = anyone.get("/api/v1/programmes/?cursor=&page_size=3").json()["next"]
    response = anyone.get(link + "&ordering=-code")
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [("cursor", "invalid")]


def test_empty_list_is_one_empty_page(anyone: APIClient) -> None:
    empty: dict[str, Any] = {"next": None, "previous": None, "results": []}
    assert anyone.get("/api/v1/budgets/").json() == empty | {"count": 0}
    assert anyone.get("/api/v1/budgets/?cursor=").json() == empty


@pytest.mark.parametrize("resource", ["budgets", "phases", "participations", "citations", "memberships"])
def test_own_order_of_every_kind_is_total(anyone: APIClient, resource: str) -> None:
    for _ in range(3):
        {
            "budgets": factories.BudgetFactory,
            "phases": factories.PhaseFactory,
            "participations": factories.ParticipationFactory,
            "citations": factories.CitationFactory,
            "memberships": factories.MembershipFactory,
        }[resource]()
    by_number = anyone.get(f"/api/v1/{resource}/?fields=url").json()["results"]
    by_cursor, address = [], f"/api/v1/{resource}/?fields=url&cursor=&page_size=1"
    while address:
        page = anyone.get(address).json()
        by_cursor += page["results"]
        address = page["next"]
    assert by_cursor == by_number


def test_page_that_is_the_same_has_the_same_tag(anyone: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for query in ("?page_size=2", "?page_size=2&pagination=cursor"):
        first = anyone.get(f"/api/v1/programmes/{query}")
        monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
        again = anyone.get(f"/api/v1/programmes/{query}", headers={"If-None-Match": first.headers["ETag"]})
        monkeypatch.undo()
        assert again.status_code == 304


def test_programmes_in_the_order_of_their_totals(anyone: APIClient) -> None:
    """Each euro once, other currencies and what is not stated last; the same by pages and by cursor."""
    small, large, none, dollars = (factories.ProgrammeFactory(code=code) for code in ("SMALL", "LARGE", "NONE", "USD"))
    whole = factories.BudgetFactory(programme=small, amount=30)
    factories.BudgetFactory(programme=small, amount=20, part_of=whole)
    factories.BudgetFactory(programme=small, amount=20, part_of=whole)
    factories.BudgetFactory(programme=large, amount=31, exactness="at_least")
    factories.BudgetFactory(programme=large, amount=9, currency="USD")
    factories.BudgetFactory(programme=none, amount=None, amount_null_reason="not_stated")
    factories.BudgetFactory(programme=dollars, amount=99, currency="USD")
    for ordering, expected in (("total", "SMALL LARGE NONE USD"), ("-total", "LARGE SMALL USD NONE")):
        for start in ("?", "?cursor="):
            address = f"/api/v1/programmes/{start}&kind=programme&fields=code&page_size=3&ordering={ordering}"
            there, last = walk(anyone, address)
            assert " ".join(there) == expected
            assert walk(anyone, last, "previous")[0] == there


def test_page_of_few_records_is_the_same_once_it_is_known_that_they_are_few(anyone: APIClient) -> None:
    address = "/api/v1/programmes/?kind=project&page_size=2&fields=code&ordering=-start&page="
    pages = {number: [anyone.get(f"{address}{number}").json() for _time in range(2)] for number in (1, 2, 3)}
    assert [[len(page["results"]), page["count"]] for page, _again in pages.values() if "count" in page] == [
        [2, 4],
        [2, 4],
    ]
    assert all(page == again for page, again in pages.values())
    assert [each["code"] for page, _again in list(pages.values())[:2] for each in page["results"]] == [
        "P-6", "P-2", "P-0", "P-4",
    ]  # fmt: skip
    assert anyone.get("/api/v1/programmes/?kind=project&search=nothing").json()["results"] == []
    assert anyone.get("/api/v1/programmes/?kind=project&search=nothing").json()["count"] == 0
