"""Health, readiness and metrics."""

from typing import Any

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tracker.operations import probes


def answer(client: Client, address: str, **extra: Any) -> tuple[int, Any]:
    response = client.get(address, **extra)
    return response.status_code, response.json()


def test_process_is_healthy_without_a_database(client: Client) -> None:
    assert answer(client, "/healthz") == (200, {"process": "ok"})  # a query would fail: the test has no database


@pytest.mark.django_db
def test_database_and_migrations_are_ready_after_two_statements(client: Client) -> None:
    client.get("/readyz")
    with CaptureQueriesContext(connection) as captured:
        assert answer(client, "/readyz") == (200, {"database": "ok", "migrations": "ok"})
    assert len(captured) == 2  # whether there are migrations, and which


@pytest.mark.django_db
def test_missing_migration_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    known = probes.known_migrations() | {("programmes", "9999_later")}
    monkeypatch.setattr(probes, "known_migrations", lambda: known)
    assert answer(client, "/readyz") == (503, {"database": "ok", "migrations": "failed"})


@pytest.mark.django_db
def test_database_that_does_not_answer_is_not_ready(client: Client) -> None:
    def refuse(*_args: Any) -> None:
        raise OperationalError("secret host does not answer")

    with connection.execute_wrapper(refuse):
        assert answer(client, "/readyz") == (503, {"database": "failed", "migrations": "unknown"})


def test_probes_work_under_any_host_and_by_plain_http(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["tracker.example.org"]
    response = client.get("/healthz", HTTP_HOST="10.0.0.7")
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert client.post("/healthz").status_code == 405
    assert client.head("/healthz").content == b""


@pytest.mark.parametrize(
    ("addresses", "token", "headers", "status"),
    [
        ([], "", {}, 403),
        (["127.0.0.1"], "", {}, 200),
        (["10.0.0.0/8", "::1"], "", {}, 403),
        ([], "secret", {"Authorization": "Bearer secret"}, 200),
        ([], "secret", {"Authorization": "Bearer other"}, 403),
        ([], "secret", {"Authorization": "secret"}, 403),
        ([], "", {"Authorization": "Bearer "}, 403),
    ],
)
def test_metrics_are_for_addresses_and_a_token(
    client: Client, settings: Any, addresses: list[str], token: str, headers: dict[str, str], status: int
) -> None:
    settings.METRICS_ADDRESSES, settings.METRICS_TOKEN = addresses, token
    assert client.get("/metrics", headers=headers).status_code == status


def test_metrics_count_by_route(client: Client, settings: Any) -> None:
    settings.METRICS_ADDRESSES = ["127.0.0.1"]

    def counted() -> dict[str, float]:
        lines = client.get("/metrics").content.decode().splitlines()
        return {
            name: float(number)
            for name, _space, number in (line.rpartition(" ") for line in lines)
            if name.startswith("tracker_requests_total{")
        }

    before = counted()
    for address in ("/nowhere", "/api/v1/nowhere/", "/api/v1/nowhere/"):
        client.get(address)
    client.generic("BREW", "/nowhere")
    after = counted()
    assert {name: number - before.get(name, 0) for name, number in after.items() if number != before.get(name)} == {
        'tracker_requests_total{method="GET",route="^api/",status="404"}': 2,
        'tracker_requests_total{method="GET",route="none",status="404"}': 1,
        'tracker_requests_total{method="none",route="none",status="404"}': 1,
    }
