"""Requests that arrive at the same time: no circle, no code twice, no update lost, no request done twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from programmes.models import Budget, Programme, Theme
from tests import factories
from tests.clients import OverwritingClient
from tests.threads import at_once, shared_database

# On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")

WRITERS = 20


@pytest.fixture(autouse=True)
def shared(tmp_path: Path) -> Iterator[None]:
    """A database for several connections."""
    with shared_database(tmp_path):
        yield


@pytest.fixture
def send(shared: None) -> Callable[..., Callable[[], Any]]:
    """Prepares a request of an officer, with a client of its own."""
    officer = User.objects.create_superuser("officer")

    def prepare(method: str, address: str, body: Any, **headers: str) -> Callable[[], Any]:
        client = OverwritingClient()
        client.force_authenticate(officer)
        kind = {"content_type": "text/csv"} if isinstance(body, str) else {}
        return lambda: getattr(client, method)(f"/api/v1/{address}", body, headers=headers, **kind)

    return prepare


def test_two_at_once_make_no_circle(send: Any) -> None:
    a, b = (factories.ProgrammeFactory(code=code) for code in "AB")
    requests = [send("patch", f"programmes/{one}/", {"parent": other}) for one, other in ("AB", "BA")]
    assert sorted(each.status_code for each in at_once(requests)) == [200, 400]
    first, second = (factories.BudgetFactory(programme=programme) for programme in (a, b))
    requests = [
        send("patch", f"budgets/{one.code}/", {"part_of": other.code})
        for one, other in ((first, second), (second, first))
    ]
    assert sorted(each.status_code for each in at_once(requests)) == [200, 400]


def test_codes_made_at_once_differ_and_no_version_is_lost(send: Any) -> None:
    factories.ProgrammeFactory(code="A")
    body = {"programme": "A", "title": "x", "amount": "1"}
    answers = at_once([send("post", "budgets/", body) for _ in range(WRITERS)])
    assert Counter(each.status_code for each in answers) == {201: WRITERS}
    assert {each.json()["code"] for each in answers} == {f"A-B{number + 1}" for number in range(WRITERS)}
    assert (Programme.objects.get().version, Budget.history.count()) == (1 + WRITERS, WRITERS)


def test_of_several_who_saw_the_same_version_one_writes(send: Any) -> None:
    factories.ProgrammeFactory(code="A", name="Old")
    requests = [send("patch", "programmes/A/", {"name": f"New {each}", "version": 1}) for each in range(4)]
    statuses = Counter(each.status_code for each in at_once(requests))
    assert statuses == {200: 1, 412: 3}
    assert (Programme.objects.get().version, Programme.history.count()) == (2, 2)


def test_same_key_at_once_is_carried_out_once(send: Any) -> None:
    body = {"code": "A", "name_en": "A"}
    answers = at_once([send("post", "themes/", body, **{"Idempotency-Key": "1"}) for _ in range(4)])
    assert [each.status_code for each in answers] == [201] * 4
    assert sum("Idempotency-Replayed" in each.headers for each in answers) == 3
    assert Theme.objects.count() == Theme.history.count() == 1


def test_bulk_writes_in_opposite_orders_wait_for_each_other(send: Any) -> None:
    lines = [factories.BudgetFactory(programme=factories.ProgrammeFactory(code=code)) for code in "ABCD"]
    items = [{"code": line.code, "title": "New"} for line in lines]

    def versions() -> list[dict[str, Any]]:
        return [item | {"version": Budget.objects.get(code=item["code"]).version} for item in items]

    requests = [send("patch", "budgets/", order) for order in (versions(), versions()[::-1])]
    assert sorted(each.status_code for each in at_once(requests)) == [200, 412]


def test_files_at_once_are_read_in_one_after_the_other(send: Any) -> None:
    requests = [send("post", "themes/import/", "code,name_en\nA,A\nB,B\n") for _ in range(3)]
    answers = [each.json() for each in at_once(requests)]
    assert sorted((each["created"], each["unchanged"]) for each in answers) == [(0, 2), (0, 2), (2, 0)]


def test_file_and_list_in_opposite_orders_are_both_written(send: Any) -> None:
    lines = [factories.BudgetFactory(programme=factories.ProgrammeFactory(code=code)) for code in "ABCD"]
    listed = [{"code": line.code, "title": "New", "version": 1} for line in lines]
    file = "code,note\n" + "".join(f"{line.code},Noted\n" for line in lines[::-1])
    written, read = at_once([send("patch", "budgets/", listed), send("post", "budgets/import/", file)])
    # Where the file came first the list has seen no version of it.
    first = written.status_code == 412
    assert (read.status_code, written.status_code) == (200, 412 if first else 200)
    assert {(each.title == "New", each.note, each.version) for each in Budget.objects.all()} == {
        (not first, "Noted", 2 if first else 3)
    }
