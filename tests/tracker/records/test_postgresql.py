"""Connections of a pool: they hold when they are given, and the server is asked only where a socket says something."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections

from tracker.records.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 10


@pytest.fixture
def pooled() -> Iterator[Any]:
    """The database of the run by a pool of one connection; null on SQLite, which has none."""
    if connection.vendor != "postgresql":
        yield None
        return
    options = connections.settings["default"]["OPTIONS"] | {"pool": {"min_size": 1, "max_size": 1, "timeout": SECONDS}}
    found = DatabaseWrapper(connection.settings_dict | {"OPTIONS": options, "CONN_HEALTH_CHECKS": False}, "pooled")
    yield found
    found.close()
    found.close_pool()


def asked(database: Any, statement: str) -> Any:
    """What the database answers, over a connection that is given back."""
    with database.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    database.close()
    return row and row[0]


def test_connection_is_given_again_as_it_is(pooled: Any) -> None:
    if pooled is None:
        return
    assert asked(pooled, "SELECT pg_backend_pid()") == asked(pooled, "SELECT pg_backend_pid()")


def test_connection_that_the_server_closed_is_replaced(pooled: Any) -> None:
    if pooled is None:
        return
    before = asked(pooled, "SELECT pg_backend_pid()")
    assert asked(connection, f"SELECT pg_terminate_backend({before}, {SECONDS * 1000})") is True
    after = asked(pooled, "SELECT pg_backend_pid()")
    assert after != before
    assert asked(pooled, "SELECT pg_backend_pid()") == after


def test_connection_on_which_the_server_said_something_goes_on(pooled: Any) -> None:
    if pooled is None:
        return
    asked(pooled, "LISTEN something")
    before = asked(pooled, "SELECT pg_backend_pid()")
    asked(connection, "NOTIFY something")
    until = time.monotonic() + SECONDS
    while asked(connection, "SELECT pg_notification_queue_usage()") and time.monotonic() < until:
        time.sleep(0.01)
    assert asked(pooled, "SELECT pg_backend_pid()") == before
