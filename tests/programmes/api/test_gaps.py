"""Gaps over REST."""

from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from programmes.analysis.gaps import CHECKS
from programmes.api.gaps import GapsViewSet
from programmes.codelists import NullReason
from tests.factories import BudgetFactory, CitationFactory, ParticipatingOrganisationFactory, ProgrammeFactory
from tests.people import statements_of_public_reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def programmes() -> None:
    """One of which all is known but an amount, and one of which little is."""
    known = ProgrammeFactory.create(code="KNOWN", acronym="Known", actual_start="2010", planned_end="2030")
    CitationFactory.create(programme=known)
    ParticipatingOrganisationFactory.create(programme=known)
    for code in ("KNOWN-A", "KNOWN-B"):
        line = BudgetFactory.create(programme=known, code=code, amount_null_reason=NullReason.NOT_STATED)
        CitationFactory.create(budget=line)
    ProgrammeFactory.create(code="LITTLE", kind="project")


def answer(query: str) -> dict[str, Any]:
    response = Client().get(f"/api/v1/gaps/?{query}")
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


def gaps(query: str) -> list[tuple[str, str, list[str]]]:
    return [(each["code"], each["score"]["share"], [gap["code"] for gap in each["gaps"]])
            for each in answer(query)["results"]]  # fmt: skip


def test_gaps_list_every_check_and_say_what_shows_each_gap() -> None:
    found = answer("code=KNOWN&on=2017-11-10")
    Draft202012Validator(GapsViewSet.answer_schema).validate(found)
    assert (found["on"], found["years"], found["count"]) == ("2017-11-10", 5, 1)
    (known,) = found["results"]
    assert (known["url"], known["name"]) == ("http://testserver/api/v1/programmes/KNOWN/", "Known")
    assert known["score"] == {"checks": 26, "held": 25, "share": "0.9615"}
    assert known["checks"] == [{"code": code, "holds": code != "budget-not-stated"} for code in CHECKS]
    (gap,) = known["gaps"]
    links = [record.pop("link") for record in gap["records"]]
    assert gap == {
        "code": "budget-not-stated",
        "severity": "medium",
        "title": "Amounts not stated",
        "why": "The source names the line without an amount. Unknown is not zero: look for another source.",
        "link": known["link"],
        "records": [{"code": "KNOWN-A"}, {"code": "KNOWN-B"}],
    }
    assert all(link.startswith("http://testserver/admin/programmes/budget/") for link in links)
    assert known["link"].startswith("http://testserver/admin/programmes/programme/")


def test_gap_of_one_record_links_to_it() -> None:
    (little,) = answer("code=LITTLE&gap=no-end")["results"]
    assert [gap["link"] for gap in little["gaps"]] == [little["gaps"][0]["records"][0]["link"]]


LITTLE = ["programme-no-source", "no-budget", "no-implementer", "no-start", "no-end"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [("KNOWN", "0.9615", ["budget-not-stated"]), ("LITTLE", "0.8077", LITTLE)]),
        ("kind=project", [("LITTLE", "0.8077", LITTLE)]),
        ("severity=high", [("LITTLE", "0.8077", ["programme-no-source"])]),
        ("severity=high,low", [("LITTLE", "0.8077", ["programme-no-source", "no-start", "no-end"])]),
        ("gap=budget-not-stated", [("KNOWN", "0.9615", ["budget-not-stated"])]),
        ("gap=budget-not-stated,no-end&page_size=1", [("KNOWN", "0.9615", ["budget-not-stated"])]),
        ("gap=no-end&severity=high", []),
        ("gap=cumulative-falls", []),
        ("search=known&gap=no-end", []),
    ],
)
def test_gaps_are_narrowed_and_the_score_stays(query: str, expected: list[Any]) -> None:
    assert gaps(f"on=2017-11-10&{query}") == expected


def test_gaps_are_seen_from_a_day() -> None:
    assert gaps("code=KNOWN&gap=ending&on=2029-12-31") == [("KNOWN", "0.9231", ["ending"])]
    assert gaps("code=KNOWN&gap=ending&on=2028-12-31") == []


def test_old_figures_take_the_years_asked_for() -> None:
    CitationFactory.create(budget=BudgetFactory.create(programme__code="OLD", code="OLD-B1"), as_of="2014")
    assert gaps("gap=old-figures&on=2017-11-10") == []
    (found,) = answer("gap=old-figures&on=2017-11-10&years=2")["results"]
    assert [(gap["code"], [each["code"] for each in gap["records"]]) for gap in found["gaps"]] == [
        ("old-figures", ["OLD-B1"])
    ]


def test_gaps_ask_a_fixed_number_of_times(django_assert_num_queries: Any) -> None:
    for code in "ABC":
        BudgetFactory.create(programme__code=code)
        with django_assert_num_queries(36 + statements_of_public_reading()):
            answer("on=2017-11-10")
