"""Who may write at the same time."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from programmes.models import Budget, Programme, Theme
from tests import factories
from tests.threads import at_once, shared_database
from tracker.api.errors import as_api_exception
from tracker.records.locks import BusyError, lock_records, reading, retried, self_links

pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")


@pytest.fixture(autouse=True)
def shared(tmp_path: Path) -> Iterator[None]:
    """A database for several connections."""
    with shared_database(tmp_path):
        yield


def test_links_to_the_own_kind_are_known() -> None:
    assert {model: self_links(model) for model in (Programme, Budget)} == {
        Programme: ("parent",),
        Budget: ("part_of", "same_as", "revises"),
    }


def test_deadlock_is_broken_off_and_done_again() -> None:
    keys = [factories.ThemeFactory(code=code).pk for code in "AB"]
    both_have_one = Barrier(2)

    def act(*order: Any) -> int:
        with transaction.atomic():
            lock_records(Theme, order[:1])
            with suppress(BrokenBarrierError):  # on SQLite only one gets this far; so it is when it is done again
                both_have_one.wait(timeout=0.2)
            lock_records(Theme, order[1:])
            return Theme.objects.filter(pk=order[0]).update(name_es="x")

    assert at_once([lambda: retried(lambda: act(*keys)), lambda: retried(lambda: act(*keys[::-1]))]) == [1, 1]


def test_failure_that_does_not_pass_is_a_busy_answer() -> None:
    attempts: list[None] = []

    def act() -> None:
        attempts.append(None)
        raise OperationalError("database is locked")

    with pytest.raises(BusyError) as raised:
        retried(act)
    answer: Any = as_api_exception(raised.value)
    assert (len(attempts), answer.status_code, answer.wait) == (5, 503, 1)
    with pytest.raises(OperationalError, match="disk"):
        retried(lambda: (_ for _ in ()).throw(OperationalError("disk is full")))


def test_reading_keeps_no_writer_waiting_and_waits_for_none() -> None:
    factories.ThemeFactory()
    begun, read = Event(), Event()

    def write() -> bool:
        with transaction.atomic():
            Theme.objects.update(name_es="x")
            begun.set()
            return read.wait(timeout=10)

    def look() -> bool:
        begun.wait(timeout=10)
        with reading():
            found = Theme.objects.get().name_es
            read.set()
        return found == ""

    assert at_once([write, look]) == [True, True]
