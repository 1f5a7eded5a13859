"""A second database beside the one of the run: a file of SQLite, empty but for what `migrate` makes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections

OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20}


@pytest.fixture(scope="package")
def empty_file(django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The content of such a file."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            return connection.connection.serialize()
        path = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
        _add(path)
        call_command("migrate", database="other", verbosity=0)
        _remove()
        return path.read_bytes()


@pytest.fixture
def other(empty_file: bytes, tmp_path: Path, db: None) -> Iterator[str]:
    """The name of the second database."""
    path = tmp_path / "other.sqlite3"
    path.write_bytes(empty_file)
    _add(path)
    yield "other"
    _remove()


def _add(path: Path) -> None:
    default = connections.settings["default"]
    connections.settings["other"] = default | {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": OPTIONS,
    }
    connections["other"].connect()  # before Django's tests, which know but one database, could object


def _remove() -> None:
    connections["other"].close()
    del connections["other"], connections.settings["other"]
