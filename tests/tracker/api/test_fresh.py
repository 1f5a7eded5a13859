"""Answers that are kept for as long as nothing was written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from countries.models import Country
from tests.factories import CountryFactory
from tests.threads import at_once, shared_database
from tracker.api import fresh as module
from tracker.api.fresh import Kept, fixed, fresh
from tracker.records.past import reading

# On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database for several connections, and nothing kept."""
    monkeypatch.setattr(module, "kept", Kept())
    with shared_database(tmp_path):
        yield


def names() -> str:
    return ", ".join(country.name_en for country in Country.objects.order_by("code"))


def asked(question: str = "names") -> str:
    """The answer as a request would have it."""
    with reading():
        return fresh(question, names)


def test_answer_is_kept_while_nothing_is_written() -> None:
    CountryFactory(name_en="First")
    assert asked() == "First"
    with CaptureQueriesContext(connection) as captured:
        assert asked() == "First"
    assert [query for query in captured if "countries_country" in query["sql"]] == []


def test_answer_is_made_anew_after_a_write_of_this_connection() -> None:
    country = CountryFactory(name_en="First")
    assert asked() == "First"
    Country.objects.filter(pk=country.pk).update(name_en="Second")
    assert asked() == "Second"
    country.delete()
    assert asked() == ""


def test_answer_is_made_anew_within_a_transaction() -> None:
    CountryFactory(name_en="First")
    assert asked() == "First"
    with transaction.atomic():
        Country.objects.update(name_en="Second")
        assert asked() == "Second"
        transaction.set_rollback(True)
    assert asked() == "First"


def test_answer_is_made_anew_outside_a_reading() -> None:
    CountryFactory(name_en="First")
    assert asked() == "First"
    Country.objects.update(name_en="Second")
    assert fresh("names", names) == "Second"


def test_all_of_a_reading_is_of_one_moment() -> None:
    CountryFactory(name_en="First")
    with reading():
        assert names() == "First"
        at_once([lambda: Country.objects.update(name_en="Second")])
        assert fresh("names", names) == "First"
    assert asked() == "Second"


def test_fixed_answer_is_kept_whatever_is_written() -> None:
    CountryFactory(name_en="First")
    assert fixed("names", names) == "First"
    Country.objects.update(name_en="Second")
    assert fixed("names", names) == "First"
    assert fixed("other names", names) == "Second"


def test_answers_of_different_questions_are_kept_apart() -> None:
    CountryFactory(name_en="First")
    assert asked("names") == "First"
    with reading():
        assert fresh("other", lambda: "other") == "other"
    assert asked("names") == "First"


def test_answers_of_the_public_and_of_others_are_kept_apart() -> None:
    with reading(public=True):
        assert fresh("who", lambda: "the public") == "the public"
    with reading():
        assert fresh("who", lambda: "a viewer") == "a viewer"
    with reading(public=True):
        assert fresh("who", lambda: "nobody") == "the public"


def test_the_oldest_answers_make_room_and_the_largest_are_not_kept(settings: Any) -> None:
    settings.KEPT_ANSWERS_BYTES = 8000
    kept, names = Kept(), ["first", "second", "third", "fourth", "fifth"]
    for name in names:
        kept.put(name, 1, b"x" * 1900)
    assert [kept.get(name, 1)[0] for name in names] == [False, True, True, True, True]
    kept.put("sixth", 1, b"x" * 2000)
    assert kept.get("sixth", 1) == (False, None)
    assert kept.get("fifth", 2) == (False, None)


def test_nothing_is_kept_without_memory_for_it(settings: Any) -> None:
    settings.KEPT_ANSWERS_BYTES = 0
    kept = Kept()
    kept.put("first", 1, 1)
    assert kept.get("first", 1) == (False, None)


def test_answer_is_made_anew_after_a_commit_of_another_connection() -> None:
    CountryFactory(name_en="First")
    assert asked() == "First"
    at_once([lambda: Country.objects.update(name_en="Second")])
    assert asked() == "Second"
