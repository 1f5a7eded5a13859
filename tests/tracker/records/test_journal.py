"""Answers that stand while nothing was written of what is in them."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme
from tests.factories import BudgetFactory, ProgrammeFactory, ProgrammeThemeFactory, SuccessionFactory, ThemeFactory
from tests.threads import at_once, shared_database
from tracker.records import fresh, journal
from tracker.records.fresh import Kept
from tracker.records.publication import Publication

# On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")

JSON = ("row_to_json", "json_object")  # in the statements by which records are written out


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database for several connections, nothing kept, nothing known."""
    monkeypatch.setattr(fresh, "kept", Kept())
    monkeypatch.setattr(journal, "_journals", {})
    with shared_database(tmp_path):
        yield


def listed(question: str = "page_size=2") -> tuple[str, bool]:
    """The names on a page, and whether its records were read for it."""
    with CaptureQueriesContext(connection) as captured:
        response = Client().get(f"/api/v1/programmes/?{question}&ordering=code")
    names = ", ".join(each["name"] for each in response.json()["results"])
    return names, any(word in query["sql"] for query in captured for word in JSON)


def programmes(*codes: str) -> list[Programme]:
    return [ProgrammeFactory.create(code=code, name=code) for code in codes]


def rename(programme: Programme, name: str) -> None:
    programme.name = name
    programme.save()


def stands(question: str, other: Programme) -> bool:
    """Whether the page comes without its records being read after another one was written.

    On PostgreSQL not at once: while somebody writes anywhere on the server, less is known.
    """
    for number in range(1000):
        rename(other, f"Other {number}")
        if not listed(question)[1]:
            return True
    return False


@pytest.mark.parametrize(
    "question",
    ["page_size=2", "page_size=2&count=none", "page_size=2&count=estimate", "page_size=2&expand=budgets,phases"],
)
def test_a_page_stands_while_others_are_written(question: str) -> None:
    first, _second, third = programmes("A", "B", "C")
    assert listed(question) == ("A, B", True)
    assert stands(question, third)
    rename(first, "First")
    assert listed(question) == ("First, B", True)
    assert stands(question, third)
    BudgetFactory(programme=first)
    assert listed(question) == ("First, B", True)


def test_a_page_by_total_stands_while_no_total_on_it_is_another() -> None:
    """Though where they stand in the list depends on lines that are linked to those of others."""
    first, second, third, other = programmes("A", "B", "C", "D")
    line, whole = BudgetFactory(programme=first, amount=500), BudgetFactory(programme=second, amount=300)
    BudgetFactory(programme=third, amount=100, part_of=whole)

    def page() -> tuple[list[str], bool]:
        with CaptureQueriesContext(connection) as captured:
            response = Client().get("/api/v1/programmes/?kind=programme&ordering=-total&page_size=2")
        names = [each["name"] for each in response.json()["results"]]
        return names, any(word in query["sql"] for query in captured for word in JSON)

    def stands_by_total() -> bool:
        for number in range(1000):
            rename(other, f"Other {number}")
            if not page()[1]:
                return True
        return False

    assert page() == (["A", "B"], True)
    page()
    assert stands_by_total()
    line.amount = 200
    line.save()
    assert page() == (["B", "A"], True)
    BudgetFactory(programme=third, amount=250)
    assert page() == (["C", "B"], True)


def test_a_page_is_made_anew_once_its_records_are_others() -> None:
    _first, _second, third = programmes("B", "C", "D")
    assert listed() == ("B, C", True)
    third.code = "A"
    third.save()
    assert listed() == ("D, B", True)
    third.publication = Publication.WITHDRAWN
    third.save()
    assert listed() == ("B, C", True)
    third.delete()
    ProgrammeFactory.create(code="AA", name="New")
    assert listed() == ("New, B", True)


def test_a_page_that_was_made_while_the_list_was_another_is_made_anew() -> None:
    """The list becomes what it was before: what was made of it before stands, but not what was made in between."""
    first, _second, _third = programmes("A", "B", "C")

    def count() -> int:
        number: int = Client().get("/api/v1/programmes/?page_size=2").json()["count"]
        return number

    def look() -> None:
        assert Client().get("/api/v1/programmes/C/").status_code == 200

    look()
    assert [count(), count()] == [3, 3]
    rename(first, "First")
    last = ProgrammeFactory.create(code="D")
    look()  # so that the page is known to be another one, and it is not asked whether the list moved
    assert count() == 4
    last.delete()
    assert [count(), count()] == [3, 3]


def test_a_page_is_made_anew_once_what_its_records_link_to_was_written() -> None:
    first, second, third, other = programmes("A", "B", "C", "D")
    first.parent, first.parent_basis = third, "stated"
    first.save()
    ProgrammeThemeFactory(programme=second, theme=(theme := ThemeFactory.create(code="T")))
    question = "page_size=2&fields=name,parent,themes"
    listed(question)
    assert stands(question, other)
    third.code = "Z"
    third.save()
    assert listed(question) == ("A, B", True)
    assert stands(question, other)
    theme.code = "U"
    theme.save()
    assert listed(question) == ("A, B", True)


def test_a_page_that_was_made_while_somebody_wrote_is_not_that_of_after() -> None:
    first, second = programmes("A", "B")
    assert listed() == ("A, B", True)
    written, read = Event(), Event()

    def write() -> tuple[str, ...]:
        with transaction.atomic():
            rename(first, "First")
            written.set()
            assert read.wait(10)
        return ()

    def look() -> tuple[str, ...]:
        assert written.wait(10)
        before = listed()[0]
        if connection.vendor == "postgresql":  # SQLite lets one write at a time
            rename(second, "Second")
        during = listed()[0]
        read.set()
        return before, during

    _nothing, (before, during) = at_once([write, look])
    assert before == "A, B"
    assert during == ("A, Second" if connection.vendor == "postgresql" else "A, B")
    assert listed()[0] == ("First, Second" if connection.vendor == "postgresql" else "First, B")


def test_a_record_is_made_anew_once_what_its_parts_link_to_was_written() -> None:
    first, second, third = programmes("A", "B", "C")
    whole = BudgetFactory(programme=second, code="WHOLE", amount=100)
    BudgetFactory(programme=first, amount=50, part_of=whole)
    SuccessionFactory(predecessor=first, successor=third)

    def shown() -> tuple[str, str]:
        found = Client().get("/api/v1/programmes/A/").json()
        return found["budgets"][0]["part_of"], found["successions"][0]["successor"]

    assert [shown(), shown()] == [("WHOLE", "C")] * 2
    whole.code = "OTHER"
    whole.save()
    assert shown() == ("OTHER", "C")
    third.code = "D"
    third.save()
    assert shown() == ("OTHER", "D")
