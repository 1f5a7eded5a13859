"""While the database is away the tracker says so, and it comes back by itself."""

import http.client

import pytest
from django.db import connection
from django.db.utils import DataError, InterfaceError, OperationalError
from psycopg.errors import AdminShutdown, DeadlockDetected

from bench.stages import Stage
from tracker.records.locks import is_away

pytestmark = pytest.mark.django_db  # whose tables are copied
POSTGRESQL = connection.vendor == "postgresql"  # SQLite is a file, and never away


def caused(error: Exception, cause: Exception | None) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (caused(OperationalError("no connection"), None), POSTGRESQL),
        (caused(InterfaceError("the connection is closed"), None), POSTGRESQL),
        (caused(OperationalError("shut down"), AdminShutdown()), POSTGRESQL),
        (caused(OperationalError("deadlock"), DeadlockDetected()), False),
        (DataError("out of range"), False),
        (ValueError("something else"), False),
    ],
)
def test_only_a_server_that_cannot_be_reached_is_away(error: Exception, away: bool) -> None:
    assert is_away(error) is away


def test_server_says_that_the_database_is_away_and_recovers(stage: Stage) -> None:
    assert answers(stage) == [200, 200, 200]
    if stage.postgresql is None:
        return
    with stage.without_postgresql():
        assert answers(stage) == [503, 503, 503]
        kind, wait, body = away(stage, "/api/v1/programmes/")
        assert (kind, wait) == ("application/problem+json", "5")
        assert '"code":"unavailable"' in body.replace(": ", ":")
        assert away(stage, "/admin/")[:2] == ("text/html; charset=utf-8", "5")
    assert [200, 200, 200] in [answers(stage) for _each in range(10)]


def answers(stage: Stage) -> list[int]:
    client = stage.client()
    try:
        paths = ("programmes/?page_size=1", "countries/?page_size=1", "totals/")
        return [client.send("GET", path).status for path in paths]
    finally:
        client.close()


def away(stage: Stage, path: str) -> tuple[str | None, str | None, str]:
    connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": "sessionid=of-someone", "Accept": "*/*"})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.headers["Content-Type"], response.headers["Retry-After"], text
