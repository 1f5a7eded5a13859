"""Questions put in turn to whoever is compared, so that what else the machine does falls on all of them alike."""

import contextlib
import sqlite3
import statistics
import sys
import threading
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import psycopg

from bench import client
from bench.client import Rate

Name = TypeVar("Name", bound=Hashable)
PAUSE = 0.02  # seconds between commits
CONNECTIONS_TO_MEET_ALL = 10


class Ask(NamedTuple):
    """What is asked of whom: the paths in turn, over so many connections.

    Where the `url` of the database is given, records of the kind `written` are changed there meanwhile: of programmes,
    so that no answer is a kept one, or of another kind, and what is made of others may have been kept before.
    """

    port: int
    paths: Sequence[str]
    connections: int = 8
    url: str = ""
    conditional: bool = False
    written: str = "programme"


def interleaved(asks: Mapping[Name, Ask], *, runs: int, seconds: float) -> dict[Name, list[Rate]]:
    """Run after run, one after the other; those that give no answer are told and left out."""
    rates: dict[Name, list[Rate]] = {name: [] for name, ask in asks.items() if _answers(name, ask)}
    for run in range(1, runs + 1):
        for name, found in rates.items():
            print(f"\r{f'run {run} of {runs}: {name}':100}", end="", file=sys.stderr, flush=True)
            port, paths, connections, url, conditional, written = asks[name]
            if not url or written != "programme":
                keep(port, paths)
            with committing(url, written) if url else contextlib.nullcontext():
                rate = client.measure(port, paths, connections=connections, seconds=seconds, conditional=conditional)
            found.append(rate)
    print(file=sys.stderr)
    return rates


def _answers(name: Hashable, ask: Ask) -> bool:
    """Ask once, which also warms what is to be warm."""
    try:
        client.get(ask.port, ask.paths[0])
    except ConnectionError as error:
        print(f"{name}: no answer ({error})", file=sys.stderr)
        return False
    return True


@contextlib.contextmanager
def committing(url: str, written: str = "programme") -> Iterator[None]:
    """Meanwhile the last version of a kind of record is another every PAUSE seconds, as if one had been written."""
    stopping = threading.Event()
    thread = threading.Thread(target=_commit, args=(url, written, stopping))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def keep(port: int, paths: Sequence[str]) -> None:
    """Have every process of the server make the answers; a new connection comes to any of them."""
    for path in paths:
        for _connection in range(CONNECTIONS_TO_MEET_ALL):
            client.get(port, path)


def _commit(url: str, written: str, stopping: threading.Event) -> None:
    table = f"programmes_historical{written}"
    now = "now()" if url.startswith("postgres") else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    statement = f"UPDATE {table} SET history_date = {now} WHERE history_id = (SELECT MAX(history_id) FROM {table})"
    with contextlib.closing(_connected(url)) as connection:
        while not stopping.wait(PAUSE):
            connection.execute(statement)


def _connected(url: str) -> Any:
    """A connection that commits every statement."""
    if url.startswith("postgres"):
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


def median(rates: Sequence[Rate] | None) -> float | None:
    """Answers a second; null where there are none."""
    return statistics.median(rate.per_second for rate in rates) if rates else None


def ratios(rates: Sequence[Rate] | None, others: Sequence[Rate] | None) -> list[float]:
    """The one to the other, run by run; empty where one of them gave no answer."""
    return [one.per_second / other.per_second for one, other in zip(rates or (), others or (), strict=False)]


def noise(rates: Sequence[Rate]) -> float:
    """By how much the runs differ: the range as a part of the median."""
    values = [rate.per_second for rate in rates]
    return (max(values) - min(values)) / statistics.median(values)
