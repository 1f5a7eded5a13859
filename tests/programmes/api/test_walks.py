"""Lists that are computed: walked through by cursor, while what they are computed of comes and goes."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from programmes.models import Programme
from programmes.reports.registry import REPORTS
from tests.factories import (
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    IndicatorFactory,
    ObservationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    SuccessionFactory,
    ThemeFactory,
    TransactionFactory,
)

pytestmark = pytest.mark.django_db

API = "/api/v1/"


def programme(code: str, country: Any, theme: Any, **values: Any) -> Programme:
    """A programme that has something for every question."""
    made = ProgrammeFactory.create(code=code, actual_start="2010", actual_end="2014", **values)
    ParticipationFactory.create(programme=made, country=country)
    ProgrammeThemeFactory.create(programme=made, theme=theme)
    for order in (1, 2):
        PhaseFactory.create(programme=made, code=f"{code}-{order}", order=order, actual_end="2014")
    line = BudgetFactory.create(programme=made, code=f"{code}-B", amount=Decimal(5), period_start="2010")
    TransactionFactory.create(programme=made, code=f"{code}-T", date="2011")
    CitationFactory.create(budget=line, field="title", value="Another", preferred=False)
    indicator = IndicatorFactory.create(result__programme=made, code=f"{code}-I", additive=True)
    ObservationFactory.create(indicator=indicator, value=Decimal(3), as_of="2012")
    return made


@pytest.fixture
def portfolio(db: None) -> None:
    country, theme = CountryFactory.create(), ThemeFactory.create()
    ParticipationFactory.create(country=CountryFactory.create(), programme__code="ALONE")
    for code in ("B", "D", "F"):
        above = programme(code, country, theme)
        programme(f"{code}X", country, theme, parent=above)
        SuccessionFactory.create(predecessor=above, successor=None, successor_name="What came after")


# The question, and how a row of its answer is told from others.
QUESTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "figures/": lambda row: (row["kind"], row["code"]),
    "gaps/": lambda row: row["code"],
    "gaps/?gap=budget-no-source,no-implementer": lambda row: row["code"],
    "overlap/": lambda row: tuple(each["code"] for each in row["programmes"]),
    "lineage/": lambda row: (row["kind"], row["before"]["code"], row["after"] and row["after"]["name"]),
    "disagreements/": lambda row: (row["programme"]["code"], row["url"], row["field"]),
    "coverage/": lambda row: (row["country"], row["theme"]),
    "progress/": lambda row: row["code"],
    "progress-roll-ups/": lambda row: row["programme"]["code"],
}


def walk(client: APIClient, address: str, link: str = "next") -> Iterator[list[dict[str, Any]]]:
    """The pages to which the links lead."""
    following: str | None = address
    while following:
        answer = client.get(following).json()
        yield answer["results"]
        following = answer[link]


def start(address: str, **parameters: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"{API}{address}{'&' if '?' in address else '?'}{query}"


@pytest.mark.usefixtures("portfolio")
def test_walk_by_cursor_meets_each_row_once_in_order_and_back(anyone: APIClient) -> None:
    for address in QUESTIONS:
        walk_there_and_back(anyone, address)


def walk_there_and_back(anyone: APIClient, address: str) -> None:
    whole = anyone.get(start(address, page_size=1000)).json()
    assert whole["count"] == len(whole["results"]) > 1
    pages = list(walk(anyone, start(address, page_size=2, pagination="cursor")))
    assert [row for page in pages for row in page] == whole["results"]
    last = anyone.get(start(address, page_size=1000, pagination="cursor")).json()
    assert (last["next"], last["previous"], "count" in last) == (None, None, False)
    first = anyone.get(start(address, page_size=1, pagination="cursor", count="exact")).json()
    assert first["count"] == whole["count"]
    second = anyone.get(first["next"]).json()
    assert anyone.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.usefixtures("portfolio")
def test_walks_are_not_shifted_by_what_comes_and_goes(anyone: APIClient) -> None:
    """Of what is there all the time nothing is left out, and nothing is told twice."""
    before, met, pages = {}, {}, {}
    for address, name in QUESTIONS.items():
        before[address] = [name(row) for row in anyone.get(start(address, page_size=1000)).json()["results"]]
        pages[address] = walk(anyone, start(address, page_size=3, pagination="cursor"))
        met[address] = [name(row) for row in next(pages[address])]
    gone = Programme.objects.get(code="ALONE")
    gone.participations.all().delete()
    gone.delete()
    country, theme = CountryFactory.create(code="AA"), ThemeFactory.create(code="A")
    for code in ("A", "Z"):
        programme(f"{code}X", country, theme, parent=programme(code, country, theme))
    for address, name in QUESTIONS.items():
        met[address] += [name(row) for page in pages[address] for row in page]
        assert len(met[address]) == len(set(met[address])), address
        still_there = [row for row in before[address] if row in after(anyone, address)]
        assert [row for row in met[address] if row in still_there] == still_there, address


def after(anyone: APIClient, address: str) -> set[Any]:
    return {QUESTIONS[address](row) for row in anyone.get(start(address, page_size=1000)).json()["results"]}


@pytest.mark.usefixtures("portfolio")
def test_cursor_of_one_question_is_none_of_another(anyone: APIClient) -> None:
    cursor = anyone.get(start("overlap/", page_size=1, pagination="cursor")).json()["next"]
    refused = anyone.get(cursor.replace("overlap", "disagreements"))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "cursor")
    damaged = anyone.get(f"{API}figures/?cursor=AAA")
    assert (damaged.status_code, damaged.json()["errors"][0]["field"]) == (400, "cursor")


def test_questions_and_reports_ask_as_often_for_six_programmes_as_for_four(anyone: APIClient) -> None:
    country, theme = CountryFactory.create(), ThemeFactory.create()
    ProgrammeFactory.create(code="ICSP-BILATERAL")
    addresses = [f"{API}{question}" for question in QUESTIONS]
    addresses += [f"{API}totals/?group_by={by}" for by in ("country,year", "programme", "theme", "instrument")]
    addresses += [f"{API}reports/{report.id}.{kind}" for report in REPORTS for kind in ("csv", "json")]
    asked: dict[str, list[int]] = {address: [] for address in addresses}
    for code in ("B", "D", "F"):
        programme(f"{code}X", country, theme, parent=programme(code, country, theme))
        if code != "B":  # which are no pair, being related
            for address, numbers in asked.items():
                with CaptureQueriesContext(connection) as captured:
                    response: Any = anyone.get(address)
                    content = b"".join(response.streaming_content) if response.streaming else response.content
                assert (response.status_code, bool(content)) == (200, True), address
                numbers.append(len(captured))
    assert {address: numbers for address, numbers in asked.items() if len(set(numbers)) > 1} == {}


def test_history_is_walked_by_cursor_while_it_grows(api: APIClient) -> None:
    made = ProgrammeFactory.create(code="GROWS", name="0")
    BudgetFactory.create(programme=made)
    for number in range(1, 6):
        made.name = str(number)
        made.save()
    address = "programmes/GROWS/history/"
    whole = api.get(f"{API}{address}").json()
    met, pages = [], walk(api, start(address, page_size=2, pagination="cursor"))
    met += next(pages)
    made.name = "later"
    made.save()
    met += [row for page in pages for row in page]
    assert met == whole["results"]
    assert whole["count"] == len(met) == 7


def test_tokens_are_walked_by_cursor(admin_user: User) -> None:
    client = APIClient()
    client.force_login(admin_user)
    for name in ("c", "a", "b"):
        made = client.post(
            f"{API}tokens/", {"name": name, "scopes": "read", "expires_at": "2100-01-01T00:00:00Z"}, format="json"
        )
        assert made.status_code == 201, made.content
    pages = list(walk(client, start("tokens/", page_size=1, pagination="cursor")))
    assert [[row["name"] for row in page] for page in pages] == [["c"], ["a"], ["b"]]
