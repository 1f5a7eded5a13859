"""Reads from two real standbys of the run's PostgreSQL: while they follow, are behind, and are killed."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection, connections
from rest_framework.test import APIClient

from programmes.models import Budget, Programme
from tests.factories import BudgetFactory, ProgrammeFactory
from tests.people import person
from tracker.access.roles import Role
from tracker.records import fresh, journal, standbys
from tracker.records.storing import first_versions

POSTGRESQL = connection.vendor == "postgresql"
ALIASES = ["standby-1", "standby-2"] if POSTGRESQL else []  # SQLite is one file, and followed by none
SECONDS = 20


class Server:
    """A standby of the server that the tests run on."""

    def __init__(self, alias: str) -> None:
        primary = connection.connection.info
        with connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            home = Path(cursor.fetchone()[0])
        self.alias, self.folder = alias, tempfile.mkdtemp(prefix="standby-", dir="/tmp")
        os.chown(self.folder, home.stat().st_uid, home.stat().st_gid)
        self._as = {"user": home.stat().st_uid, "group": home.stat().st_gid} if os.getuid() == 0 else {}
        binaries = Path(f"/proc/{(home / 'postmaster.pid').read_text().split()[0]}/exe").resolve().parent
        copy = [binaries / "pg_basebackup", "--pgdata", f"{self.folder}/data", "--write-recovery-conf", "--no-sync"]
        copy += ["--checkpoint", "fast", "--host", primary.host, "--username", primary.user]
        subprocess.run(copy, check=True, capture_output=True, **self._as)
        command = [binaries / "postgres", "-D", f"{self.folder}/data", "-k", self.folder, "-c", "listen_addresses="]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **self._as)
        connections[alias].settings_dict |= {"HOST": self.folder, "NAME": primary.dbname, "OPTIONS": {}}

    def told(self, statement: str) -> None:
        with psycopg.connect(host=self.folder, user="postgres", dbname="postgres", autocommit=True) as session:
            session.execute(statement)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def gone(self) -> None:
        self.kill()
        connections[self.alias].close()
        subprocess.run(["rm", "-r", self.folder], check=True)


@pytest.fixture(scope="module", autouse=True)
def names() -> Iterator[None]:
    """Django lets a test use only what it knew before."""
    for alias in ALIASES:
        default = connections.settings["default"]
        connections.settings[alias] = default | {"TEST": default["TEST"] | {"MIRROR": "default"}}
    yield
    for alias in ALIASES:
        del connections[alias], connections.settings[alias]


@pytest.fixture
def servers(transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Server]]:
    settings.STANDBYS, settings.DATABASE_REPLICA_LAG = ALIASES, 60
    monkeypatch.setattr(standbys, "standbys", standbys.Standbys())
    monkeypatch.setattr(standbys, "SECONDS_AWAY", 0.5)
    monkeypatch.setattr(journal, "_journals", {})
    monkeypatch.setattr(fresh, "kept", fresh.Kept())
    cache.clear()
    connection.ensure_connection()
    with contextlib.ExitStack() as stack:
        found = []
        for alias in ALIASES:
            found.append(Server(alias))
            stack.callback(found[-1].gone)
        yield found
    cache.clear()


def reads() -> int:
    """How many reads a standby was asked for."""
    return sum(int(standbys.READS.labels(alias)._value.get()) for alias in ALIASES)


def seen(client: APIClient, **headers: str) -> tuple[list[str], int]:
    """The programmes that the client gets, and how often a standby was asked for them."""
    before = reads()
    answer = client.get("/api/v1/programmes/?fields=code", headers=headers)
    assert answer.status_code == 200, answer.content
    return [each["code"] for each in answer.json()["results"]], reads() - before


def total(client: APIClient) -> tuple[str, int]:
    """The total that the client gets, and how often a standby was asked for it."""
    before = reads()
    answer = client.get("/api/v1/totals/?group_by=programme")
    assert answer.status_code == 200, answer.content
    return answer.json()["total"][0]["amount"], reads() - before


def eventually(client: APIClient, expected: Any, see: Callable[[APIClient], Any] = seen) -> None:
    """Wait until this is what the client sees: a standby is a moment behind."""
    until = time.monotonic() + SECONDS
    while (found := see(client)) != expected:
        assert time.monotonic() < until, found


@contextlib.contextmanager
def renamed_beside_others(code: str, to: str, seen_before: Callable[[], Any]) -> Iterator[None]:
    """A change is over and, inside, another one is not that began before; a third ended while both went on."""
    statement = "UPDATE programmes_programme SET code = %s WHERE code = %s"
    programme = Programme.objects.get(code=code)
    if not POSTGRESQL:
        programme.code = to
        programme.save()
        yield
        return
    dsn = connection.connection.info.dsn
    with psycopg.connect(dsn) as goes_on, psycopg.connect(dsn) as changes, psycopg.connect(dsn) as third:
        goes_on.execute("SELECT pg_current_xact_id()")
        changes.execute(statement, [to, code])
        version = first_versions([programme])
        changes.execute(version.text, version.parameters)
        third.execute("SELECT pg_current_xact_id()")
        third.commit()
        replayed()
        seen_before()
        changes.commit()
        yield


def replayed() -> None:
    """Wait until the standbys have all that there is."""
    for alias in ALIASES:
        until = time.monotonic() + SECONDS
        while not standbys.Standby(alias).has(standbys.position()):
            assert time.monotonic() < until


@pytest.mark.django_db(transaction=True, databases=["default", *ALIASES])
def test_reads_come_from_standbys_and_nobody_misses_what_they_wrote(
    servers: list[Server], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProgrammeFactory.create(code="OLD")
    writer, other = APIClient(), APIClient()
    writer.force_login(person(Role.EDITOR))
    from_standby = 1 if POSTGRESQL else 0
    for client in (writer, other):
        eventually(client, (["OLD"], from_standby))

    for code, to in (("OLD", "ALSO-OLD"), ("ALSO-OLD", "OLD")):
        with renamed_beside_others(code, to, lambda: [seen(other) for _each in range(8)]):
            replayed()
            assert [seen(other) for _each in range(4)] == 4 * [([to], from_standby)]
        replayed()
        assert [seen(client) for client in 8 * (writer, other)] == 16 * [([to], from_standby)]

    for server in servers:
        server.told("SELECT pg_wal_replay_pause()")
    made = writer.post("/api/v1/programmes/", {"code": "NEW", "name": "New", "publication": "published"}, format="json")
    assert made.status_code == 201, made.content
    writer.post("/api/v1/programmes/NEW/publish/", headers={"If-Match": made["ETag"]})
    after = writer.post("/api/v1/aliases/", {"programme": "OLD", "name": "Other"}, format="json").get("Read-After", "0")
    assert seen(writer) == (["NEW", "OLD"], 0)
    assert seen(other) == (["OLD"], 1) if POSTGRESQL else (["NEW", "OLD"], 0)
    assert seen(other, **{"Read-After": after}) == (["NEW", "OLD"], 0)

    settings.DATABASE_REPLICA_LAG = 0
    monkeypatch.setattr(standbys, "SECONDS_BETWEEN_LOOKS", 0)
    assert seen(other) == (["NEW", "OLD"], 0)

    settings.DATABASE_REPLICA_LAG = 60
    for server in servers[1:]:
        servers[0].kill()
        server.told("SELECT pg_wal_replay_resume()")
    for client in (writer, other):
        eventually(client, (["NEW", "OLD"], from_standby))
    for server in servers[1:]:
        server.kill()
    # The first is begun at the standby, which has all that is wanted, as far as is known.
    assert [seen(other) for _each in range(2)] == [(["NEW", "OLD"], from_standby), (["NEW", "OLD"], 0)]


@pytest.mark.django_db(transaction=True, databases=["default", *ALIASES])
def test_totals_are_those_of_the_database_that_answers(servers: list[Server]) -> None:
    line = BudgetFactory.create(amount=Decimal("100.00"))
    writer, other = APIClient(), APIClient()
    writer.force_login(person(Role.EDITOR))
    from_standby = 1 if POSTGRESQL else 0
    for client in (writer, other):
        eventually(client, ("100.00", from_standby), total)
    for amount in ("150.00", "175.00"):
        for server in servers:
            server.told("SELECT pg_wal_replay_pause()")
        before = total(other)
        given = {"amount": amount, "version": Budget.objects.get(pk=line.pk).version}
        changed = writer.patch(f"/api/v1/budgets/{line.code}/", given, format="json")
        assert changed.status_code == 200, changed.content
        for _each in range(4):
            assert total(writer) == (amount, 0)
            assert total(other) == (before if POSTGRESQL else (amount, 0))
        for server in servers:
            server.told("SELECT pg_wal_replay_resume()")
        eventually(other, (amount, from_standby), total)
        replayed()
        assert [total(client) for client in 4 * (writer, other)] == 8 * [(amount, from_standby)]
