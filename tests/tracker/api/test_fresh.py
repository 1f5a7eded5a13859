"""Answers that are kept for as long as nothing was written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from countries.models import Country
from tests.factories import CountryFactory
from tests.threads import at_once, shared_database
from tracker.api import fresh as module
from tracker.api.fresh import fresh

# On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")


@pytest.fixture(autouse=True)
def shared(tmp_path: Path) -> Iterator[None]:
    """A database for several connections, and nothing kept."""
    module._kept.clear()
    with shared_database(tmp_path):
        yield
    module._kept.clear()


def names() -> list[str]:
    return [country.name_en for country in Country.objects.order_by("code")]


def test_answer_is_kept_while_nothing_is_written() -> None:
    CountryFactory(name_en="First")
    assert fresh("names", names) == ["First"]
    with CaptureQueriesContext(connection) as captured:
        assert fresh("names", names) == ["First"]
    assert len(captured) == 1  # for the state of the database


def test_answer_is_made_anew_after_a_write_of_this_connection() -> None:
    country = CountryFactory(name_en="First")
    assert fresh("names", names) == ["First"]
    Country.objects.filter(pk=country.pk).update(name_en="Second")
    assert fresh("names", names) == ["Second"]
    country.delete()
    assert fresh("names", names) == []


def test_answer_is_made_anew_within_a_transaction() -> None:
    CountryFactory(name_en="First")
    assert fresh("names", names) == ["First"]
    with transaction.atomic():
        Country.objects.update(name_en="Second")
        assert fresh("names", names) == ["Second"]
        transaction.set_rollback(True)
    assert fresh("names", names) == ["First"]


def test_answer_during_which_something_is_written_is_not_kept() -> None:
    CountryFactory(name_en="First")

    def names_before_a_write() -> list[str]:
        found = names()
        Country.objects.update(name_en="Second")
        return found

    assert fresh("names", names_before_a_write) == ["First"]
    assert fresh("names", names) == ["Second"]


def test_answers_of_different_questions_are_kept_apart() -> None:
    assert [fresh(number, lambda number=number: number) for number in (1, 2)] == [1, 2]
    assert [fresh(number, names) for number in (1, 2)] == [1, 2]


def test_only_the_latest_answers_are_kept() -> None:
    for number in range(module.MOST + 1):
        fresh(number, names)
    assert list(module._kept) == list(range(1, module.MOST + 1))


def test_answer_is_made_anew_after_a_commit_of_another_connection() -> None:
    CountryFactory(name_en="First")
    assert fresh("names", names) == ["First"]
    at_once([lambda: Country.objects.update(name_en="Second")])
    assert fresh("names", names) == ["Second"]
