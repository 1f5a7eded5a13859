"""Answers that are kept for as long as nothing was written."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from countries.models import Country
from programmes.models import Programme, Source
from tests.factories import AliasFactory, CountryFactory, ProgrammeFactory, SourceFactory
from tests.threads import at_once, shared_database
from tracker.records import fresh as module
from tracker.records import journal
from tracker.records.fresh import Kept, fixed, fresh, fresh_by_reading, fresh_rows, kinds_in
from tracker.records.past import reading
from tracker.records.publication import Publication

# On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database for several connections, and nothing kept."""
    monkeypatch.setattr(module, "kept", Kept())
    monkeypatch.setattr(journal, "_journals", {})
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


NAMES = 'SELECT "name_en" FROM "countries_country" ORDER BY "code"'


def rows(statement: str = NAMES, *, public: bool = False) -> list[Any]:
    """The rows of a statement as a request would have them."""

    def ask() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    with reading(public=public):
        return [row[0] for row in fresh_rows(statement, [], ask)]


def questions(statement: str, *, public: bool = False) -> int:
    """How often the database is asked the statement, if a request wants its rows."""
    with CaptureQueriesContext(connection) as captured:
        rows(statement, public=public)
    return len([query for query in captured if query["sql"] == statement])


def test_rows_are_kept_while_records_of_other_kinds_are_written() -> None:
    """Where nobody was writing when they were read: on PostgreSQL those who run other tests may have been."""
    CountryFactory(name_en="First")
    asked_again = []
    for _time in range(1000):
        assert rows() == ["First"]
        SourceFactory()
        asked_again.append(questions(NAMES))
        if not asked_again[-1]:
            break
    assert asked_again[-1] == 0
    assert rows() == ["First"]


def test_rows_are_asked_for_anew_after_a_change_of_what_they_are_of() -> None:
    first = CountryFactory(code="AA", name_en="First")
    assert rows() == ["First"]
    second = CountryFactory(code="BB", name_en="Second")
    assert rows() == ["First", "Second"]
    first.name_en = "Third"
    first.save()
    assert rows() == ["Third", "Second"]
    second.delete()
    assert rows() == ["Third"]


def test_rows_that_show_what_changes_without_a_version_are_asked_for_after_any_commit() -> None:
    programme = ProgrammeFactory()
    statement = 'SELECT "version" FROM "programmes_programme"'
    before = rows(statement)[0]
    AliasFactory(programme=programme)
    assert rows(statement) == [before + 1]
    assert kinds_in(statement) is None
    assert kinds_in('SELECT 1 FROM "auth_user"') is None


def test_rows_of_the_public_are_asked_for_anew_once_what_they_belong_to_is_hidden() -> None:
    programme = ProgrammeFactory(publication=Publication.PUBLISHED)
    AliasFactory(programme=programme, name="Other")
    statement = 'SELECT "name" FROM "programmes_alias"'
    assert rows(statement, public=True) == ["Other"]
    programme.publication = Publication.WITHDRAWN
    programme.save()
    assert rows(statement, public=True) == []
    assert rows(statement) == ["Other"]


def test_rows_made_while_somebody_writes_are_not_those_of_after() -> None:
    country = CountryFactory(name_en="First")
    written, read = Event(), Event()

    def write() -> None:
        with transaction.atomic():
            country.name_en = "Second"
            country.save()
            written.set()
            assert read.wait(20)

    def look() -> list[Any]:
        assert written.wait(20)
        seen = rows()
        read.set()
        return seen

    assert at_once([write, look]) == [None, ["First"]]
    assert rows() == ["Second"]


def test_answer_by_reading_is_made_anew_after_a_change_of_what_was_read_for_it() -> None:
    country = CountryFactory(name_en="First")

    def asked_by_reading() -> str:
        with reading():
            return fresh_by_reading("names by reading", names)

    assert asked_by_reading() == "First"
    SourceFactory()
    assert asked_by_reading() == "First"
    country.name_en = "Second"
    country.save()
    assert asked_by_reading() == "Second"


@pytest.mark.parametrize(
    "given",
    [
        lambda: fresh_by_reading("given", names),
        lambda: fresh_rows('SELECT name_en FROM "countries_country"', [], lambda: [(names(),)])[0][0],
    ],
    ids=["by reading", "rows"],
)
def test_answer_by_reading_is_made_of_what_answers_are_made_of_that_were_kept(given: Any) -> None:
    country = CountryFactory(name_en="First")

    def asked_by_reading() -> str:
        with reading():
            return fresh_by_reading("with what was given", lambda: f"{given()} of {Source.objects.count()}")

    with reading():
        assert given() == "First"
    assert asked_by_reading() == "First of 0"
    country.name_en = "Second"
    country.save()
    assert asked_by_reading() == "Second of 0"
    SourceFactory()
    assert asked_by_reading() == "Second of 1"


def test_answer_by_reading_for_which_nothing_was_read_is_made_anew_after_any_commit() -> None:
    answers = iter(["first", "second"])

    def asked_by_reading() -> str:
        with reading():
            return fresh_by_reading("from before", lambda: next(answers))

    assert asked_by_reading() == "first"
    CountryFactory()
    assert asked_by_reading() == "second"


def known(on: datetime.datetime, *, public: bool = False) -> list[Any]:
    """The names that were known, as a request would have them; and whether the database was asked."""

    def ask() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(NAMES_OF_PROGRAMMES)
            return cursor.fetchall()

    with reading(on, public=public):
        return [row[0] for row in fresh_rows(NAMES_OF_PROGRAMMES, [], ask)]


NAMES_OF_PROGRAMMES = 'SELECT "name" FROM "programmes_programme" ORDER BY "code"'


def test_rows_of_a_day_long_ago_are_kept_while_their_kind_is_written() -> None:
    """Where nobody was writing when they were read: on PostgreSQL those who run other tests may have been."""
    programme = ProgrammeFactory(name="Then")
    long_ago = timezone.now() - datetime.timedelta(days=10)
    Programme.history.update(history_date=long_ago)
    day = long_ago + datetime.timedelta(days=1)
    asked_again = []
    for time in range(1000):
        assert known(day) == ["Then"]
        programme.name = f"Now {time}"
        programme.save()
        with CaptureQueriesContext(connection) as captured:
            assert known(day) == ["Then"]
        asked_again.append(len([query for query in captured if query["sql"] == NAMES_OF_PROGRAMMES]))
        if not asked_again[-1]:
            break
    assert asked_again[-1] == 0


def test_rows_of_a_day_long_ago_are_asked_for_anew_once_one_of_them_is_hidden() -> None:
    programme = ProgrammeFactory(name="Then", publication=Publication.PUBLISHED)
    long_ago = timezone.now() - datetime.timedelta(days=10)
    Programme.history.update(history_date=long_ago)
    day = long_ago + datetime.timedelta(days=1)
    assert known(day, public=True) == ["Then"]
    programme.publication = Publication.WITHDRAWN
    programme.save()
    assert known(day, public=True) == []
    assert known(day) == ["Then"]


def test_a_record_is_asked_for_with_its_moment_and_kept_under_it() -> None:
    first, second = ProgrammeFactory.create(name="First"), ProgrammeFactory.create(name="Second")
    client = APIClient()

    def ask(programme: Programme) -> tuple[str, int]:
        with CaptureQueriesContext(connection) as captured:
            name = client.get(f"/api/v1/programmes/{programme.code}/").json()["name"]
        return name, len(captured)

    assert ask(first)[0] == "First"
    if connection.vendor == "postgresql":  # SQLite has no messages; while others write, what they wrote is looked at
        assert ("First", 1) in (ask(first) for _time in range(1000))
    first.name = "Third"
    first.save()
    assert [ask(first)[0], ask(second)[0], ask(first)[0]] == ["Third", "Second", "Third"]
    second.name = "Fourth"
    second.save()
    assert [ask(second)[0], ask(first)[0]] == ["Fourth", "Third"]
