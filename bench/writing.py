"""Programmes with their parts, written: one at a time beside stock DRF and bare inserts, a thousand beside COPY."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import psycopg

from bench import client
from bench.asking import median, noise, ratios
from bench.bodies import OF_A_LIST, Bodies
from bench.client import Post, Rate
from bench.inserts import TABLES
from bench.servers import Server, environment
from bench.words import Verdict, digits, middle, spread, table

CONNECTIONS = (1, 8)
LEAST_TO_STOCK, LEAST_TO_LIMIT = 3, 0.2
MANY = 1000  # programmes
LEAST_TO_STOCK_OF_MANY, MOST_TIMES_COPY = 5, 25
PATHS = {"ours": "/api/v1/programmes/", "stock": "/new-programmes/", "limit": "/"}
MOST_RUNS = 3  # of many, which takes two minutes each
WAYS = {
    "ours": f"ours, lists of {OF_A_LIST}",
    "stock": "stock DRF, one by one",
    "limit": "bare inserts, one by one",
    "copy": "COPY",
}


class Writing(NamedTuple):
    """The rates of single programmes by connections and server, and the seconds that many took by way, run by run."""

    rates: dict[tuple[int, str], list[Rate]]
    seconds: dict[str, list[float]]

    def to(self, connections: int, other: str) -> list[float]:
        """Our rates as parts of another server's, run by run."""
        return ratios(self.rates[connections, "ours"], self.rates[connections, other])

    def times(self, way: str) -> list[float]:
        """How many times as long as ours another way takes for many, run by run."""
        return [other / ours for ours, other in zip(self.seconds["ours"], self.seconds[way], strict=True)]

    def verdicts(self) -> list[Verdict]:
        """What is held against the goals."""
        found = []
        for connections in CONNECTIONS:
            what = f"POST of a programme over {connections} connections"
            found += [
                Verdict(f"{what}, to stock DRF", middle(self.to(connections, "stock")), least=LEAST_TO_STOCK),
                Verdict(f"{what}, to bare inserts", middle(self.to(connections, "limit")), least=LEAST_TO_LIMIT),
            ]
        copies = middle([1 / times for times in self.times("copy")])
        return [
            *found,
            Verdict(f"{MANY:,} programmes, to stock DRF", middle(self.times("stock")), least=LEAST_TO_STOCK_OF_MANY),
            Verdict(f"{MANY:,} programmes, as long as COPY", copies, most=MOST_TIMES_COPY, unit="times"),
        ]

    def told(self) -> str:
        """A table of single programmes, and one of many."""
        columns = ["POST, connections", "ours/s", "stock/s", "limit/s", "ours:stock", "ours:limit", "goals"]
        rows = [
            [
                str(connections),
                *(digits(median(self.rates[connections, name])) for name in PATHS),
                *(spread(self.to(connections, other)) for other in ("stock", "limit")),
                f"{LEAST_TO_STOCK}, {LEAST_TO_LIMIT}",
            ]
            for connections in CONNECTIONS
        ]
        many = [
            [
                words,
                spread(self.seconds[way]),
                "–" if way == "ours" else spread(self.times(way)),
                {"stock": f"≥ {LEAST_TO_STOCK_OF_MANY}", "copy": f"≥ 1/{MOST_TIMES_COPY}"}.get(way, "–"),
            ]
            for way, words in WAYS.items()
        ]
        heads = [f"{MANY:,} programmes", "seconds", "times as long as ours", "goal"]
        return f"{table(columns, rows)}\n\n{table(heads, many)}"

    def noise(self) -> float:
        """By how much the runs of one server differ, at worst."""
        return max(noise(rates) for rates in self.rates.values())

    def as_json(self) -> list[dict[str, Any]]:
        """Every rate, in programmes a second, and every time, in seconds."""
        one = [
            {"post": name, "connections": connections, "per_second": [rate.per_second for rate in rates]}
            for (connections, name), rates in self.rates.items()
        ]
        return one + [{"programmes": MANY, "way": way, "seconds": each} for way, each in self.seconds.items()]


def writing(servers: Mapping[str, Server], url: str, *, runs: int, seconds: float) -> Writing:
    """Write in turn in every way, and delete what was written. PostgreSQL only."""
    rates: dict[tuple[int, str], list[Rate]] = {(number, name): [] for number in CONNECTIONS for name in PATHS}
    taken: dict[str, list[float]] = {way: [] for way in WAYS}
    with made_here(url) as token:
        bodies = Bodies(url)
        posts = {name: Post(path, map(bodies.one, bodies.numbers), token) for name, path in PATHS.items()}
        posts["many"] = Post(PATHS["ours"], map(bodies.several, bodies.numbers), token)
        for name in PATHS:
            client.write(servers[name].port, posts[name], 20)  # what is to be warm is warm
        for run in range(1, runs + 1):
            for connections, name in rates:
                _say(f"run {run} of {runs}: {name}, {connections}")
                port = servers[name].port
                rate = client.measure_writing(port, posts[name], connections=connections, seconds=seconds)
                rates[connections, name].append(rate)
            empty(url)
        for run in range(1, min(runs, MOST_RUNS) + 1):
            for way, name in (("stock", "stock"), ("limit", "limit"), ("ours", "many")):
                _say(f"run {run} of {runs}: {MANY} programmes, {way}")
                empty(url)
                number = MANY // OF_A_LIST if name == "many" else MANY
                taken[way].append(client.write(servers[way].port, posts[name], number))
            _say(f"run {run} of {runs}: {MANY} programmes, copy")
            taken["copy"].append(copy(url))
        print(file=sys.stderr)
    return Writing(rates, taken)


def copy(url: str) -> float:
    """The seconds in which PostgreSQL reads in the rows that are there now, and nothing else, in one transaction."""
    with psycopg.connect(url) as connection:
        texts = {name: b"".join(_read(connection, f"COPY ({rows}) TO STDOUT")) for name, rows in _rows(connection)}
    empty(url)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        began = time.perf_counter()
        for name, text in texts.items():
            with cursor.copy(f"COPY {name} FROM STDIN") as written:
                written.write(text)
        connection.commit()
        return time.perf_counter() - began


def _rows(connection: Any) -> Iterator[tuple[str, str]]:
    """Each table with the columns that are stored, and the query for the rows that were made here."""
    for each in TABLES:
        columns = connection.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [each.name],
        ).fetchone()[0]
        yield f"{each.name} ({columns})", f"SELECT {columns} FROM {each.name} WHERE {each.made}"


def _read(connection: Any, statement: str) -> Iterator[bytes]:
    with connection.cursor().copy(statement) as blocks:
        yield from map(bytes, blocks)


@contextlib.contextmanager
def made_here(url: str) -> Iterator[str]:
    """The token of a user who may write; at the end they, and all programmes that were made, are there no more."""
    command = [sys.executable, "-m", "bench.prepare"]
    done = subprocess.run(
        command, env=environment(url, "tracker.settings"), stdout=subprocess.PIPE, text=True, check=True
    )
    try:
        yield done.stdout.split()[-1]
    finally:
        empty(url)
        with psycopg.connect(url) as connection:
            user = "(SELECT id FROM auth_user WHERE username = 'reliability')"
            connection.execute(f"DELETE FROM access_token WHERE user_id IN {user}")
            connection.execute(f"DELETE FROM auth_user WHERE id IN {user}")


def empty(url: str) -> None:
    """Delete the programmes that were made, with their parts and all versions, and sweep up after them."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            for each in reversed(TABLES):
                connection.execute(
                    f"DELETE FROM {each.history} WHERE id IN (SELECT id FROM {each.name} WHERE {each.made})"
                )
                connection.execute(f"DELETE FROM {each.name} WHERE {each.made}")
        for each in TABLES:
            connection.execute(f"VACUUM {each.name}, {each.history}")


def _say(what: str) -> None:
    print(f"\r{what:100}", end="", file=sys.stderr, flush=True)
