"""Programmes with their parts, written: by our API, by stock DRF, by inserts of the same rows, and by COPY of them.

Ours validates, and writes a version of each record. Stock DRF writes no versions, and asks what plain serializers ask.
The inserts and COPY ask nothing at all. All that is written here is deleted again.
"""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from bench.servers import Server, environment
from bench.words import Verdict, digits, middle, spread, table

CODE = "WRITTEN-"
ONE_BY_ONE = 25  # programmes
TOGETHER = 1000
# The tables of a programme with its parts, each with how its rows are found.
OF_PROGRAMME = "programme_id IN (SELECT id FROM programmes_programme WHERE code LIKE 'WRITTEN-%')"
TABLES = {
    "programme": "code LIKE 'WRITTEN-%'",
    **dict.fromkeys(
        ("alias", "objective", "programmetheme", "phase", "participation", "participatingorganisation", "budget"),
        OF_PROGRAMME,
    ),
    "budgetcountry": f"budget_id IN (SELECT id FROM programmes_budget WHERE {OF_PROGRAMME})",
    "citation": f"budget_id IN (SELECT id FROM programmes_budget WHERE {OF_PROGRAMME})",
}


class Writings(NamedTuple):
    """Programmes a second, run by run, of each way to write them: `whole` ones, and small ones together."""

    rates: dict[str, list[float]]

    def to(self, one: str, other: str) -> list[float]:
        """The one as parts of the other, run by run."""
        return [mine / theirs for mine, theirs in zip(self.rates[one], self.rates[other], strict=True)]

    def verdicts(self) -> list[Verdict]:
        """The goals of issue 5."""
        together = f"POST of {TOGETHER:,} in one list"
        return [
            Verdict("POST of a whole programme, to stock DRF", middle(self.to("whole: ours", "whole: stock")), least=3),
            Verdict(
                "POST of a whole programme, to inserts", middle(self.to("whole: ours", "whole: inserts")), least=0.2
            ),
            Verdict(f"{together}, to stock DRF one by one", middle(self.to("small: ours", "small: stock")), least=5),
            Verdict(f"{together}, its time to that of COPY", middle(self.to("small: COPY", "small: ours")), most=25),
        ]

    def told(self) -> str:
        """A table of all ways."""
        rows = []
        for name, found in self.rates.items():
            beside = self.to(name, f"{name.partition(':')[0]}: stock")
            rows.append([name, digits(middle(found)), spread(beside)])
        return table(["way to write", "programmes a second", "to stock DRF"], rows)

    def as_json(self) -> list[dict[str, Any]]:
        """Every rate."""
        return [{"way": name, "per_second": found} for name, found in self.rates.items()]


WAYS = ("whole: ours", "whole: stock", "whole: inserts", "small: ours", "small: stock", "small: COPY")


def writings(servers: dict[str, Server], url: str, *, runs: int) -> Writings:
    """Write them in each way, so often: whole ones one by one, and small ones in one list."""
    token = _token(url)
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    with psycopg.connect(url, autocommit=True) as database:
        known = _known(database)
        for run in range(runs):
            whole = [programme(f"{CODE}{run}-{number}", known) for number in range(ONE_BY_ONE)]
            small = [programme(f"{CODE}{run}-{number}", known, small=True) for number in range(TOGETHER)]
            ours = _posting(servers["ours"], "/api/v1/programmes/", token)
            stock = _posting(servers["stock"], "/written-programmes/", token)
            with _gone(database):
                rates["whole: ours"].append(_rate(ours, whole))
                rows = _rows(database, "")
            with _gone(database):
                rates["whole: stock"].append(_rate(stock, whole))
            with _gone(database):
                rates["whole: inserts"].append(len(whole) / _seconds(_insert, database, rows, len(whole)))
            with _gone(database):
                ours(small[:2])
            with _gone(database):
                rates["small: ours"].append(len(small) / _seconds(ours, small))
                rows = [*_rows(database, ""), *_rows(database, "historical")]
            with _gone(database):
                rates["small: stock"].append(_rate(stock, small[:ONE_BY_ONE]))
            with _gone(database):
                rates["small: COPY"].append(len(small) / _seconds(_copy, database, rows))
    return Writings(rates)


def programme(code: str, known: dict[str, str], *, small: bool = False) -> dict[str, Any]:
    """A programme with seventeen parts, as a client sends it; or a `small` one with four."""
    whole = _whole(code, known)
    if small:
        whole |= {"aliases": [], "objectives": [], "programme_themes": []}
        for name in ("phases", "participations", "participating_organisations", "budgets"):
            whole[name] = whole[name][:1]
        whole["budgets"][0] |= {"budget_countries": [], "citations": []}
    return whole


def _whole(code: str, known: dict[str, str]) -> dict[str, Any]:
    line = {"currency": "EUR", "exactness": "exact", "type": "1", "instrument": known["instrument"]}
    return {
        "code": code,
        "name": f"Programme {code}",
        "kind": "programme",
        "coverage": "regional",
        "actual_start": "2016-02",
        "planned_end": "2020",
        "status": "2",
        "description": "Support to customs and border control in the countries of the region. " * 2,
        "aliases": [{"name": f"Another name of {code}"}],
        "objectives": [
            {"text": "To strengthen the fight against organised crime", "order": 1},
            {"text": "To do more", "order": 2},
        ],
        "programme_themes": [{"theme": known["theme"]}],
        "phases": [
            {"code": f"{code}-I", "label": "I", "order": 1, "actual_start": "2016"},
            {"code": f"{code}-II", "label": "II", "order": 2, "follows": f"{code}-I", "planned_start": "2019"},
        ],
        "participations": [{"country": country} for country in ("PE", "CO", "EC")],
        "participating_organisations": [{"organisation": known["organisation"], "role": role} for role in "42"],
        "budgets": [
            {
                **line,
                "code": f"{code}-B1",
                "title": "Total",
                "amount": "1000000.00",
                "budget_countries": [{"country": "PE"}, {"country": "CO"}],
                "citations": [{"source": known["source"], "place": "line 1"}],
            },
            {
                **line,
                "code": f"{code}-B2",
                "title": "Part",
                "amount": "400000.00",
                "phase": f"{code}-I",
                "part_of": f"{code}-B1",
                "budget_countries": [{"country": "PE", "percentage": "50"}],
            },
        ],
    }


def _token(url: str) -> str:
    command = [sys.executable, "-m", "bench.prepare"]
    made = subprocess.run(command, env=environment(url, "tracker.settings"), check=True, capture_output=True, text=True)
    return made.stdout.split()[-1]


def _known(database: Any) -> dict[str, str]:
    """Codes of records to link to."""
    tables = ("instrument", "theme", "organisation", "source")
    return {each: database.execute(f"SELECT code FROM programmes_{each} ORDER BY id").fetchone()[0] for each in tables}


def _posting(server: Server, path: str, token: str) -> Callable[[Any], None]:
    """What sends a body, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def post(body: Any) -> None:
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 201:
            raise ConnectionError(f"{path}: {answer.status} {text[:500]!r}")

    return post


def _rate(post: Callable[[Any], None], bodies: list[Any]) -> float:
    post(bodies[0])  # which also warms what is to be warm
    return (len(bodies) - 1) / _seconds(lambda: [post(body) for body in bodies[1:]])


def _seconds(act: Callable[..., Any], *given: Any) -> float:
    began = time.perf_counter()
    act(*given)
    return time.perf_counter() - began


@contextmanager
def _gone(database: Any) -> Iterator[None]:
    """What is written inside is deleted afterwards."""
    try:
        yield
    finally:
        _delete(database)


def _delete(database: Any) -> None:
    with database.transaction():
        for name, found in reversed(TABLES.items()):
            keys = f"SELECT id FROM programmes_{name} WHERE {found}"
            database.execute(f"DELETE FROM programmes_historical{name} WHERE id IN ({keys})")
            database.execute(f"DELETE FROM programmes_{name} WHERE {found}")


class Rows(NamedTuple):
    """What is stored in a table: its name, the columns that can be written, and the rows."""

    table: str
    columns: list[str]
    rows: list[tuple[Any, ...]]


def _rows(database: Any, history: str) -> list[Rows]:
    """What was written into all tables, or into those of the versions."""
    found = []
    for name, where in TABLES.items():
        stored = f"programmes_{history}{name}"
        columns = [
            column
            for (column,) in database.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
                " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
                [stored],
            )
        ]
        condition = f"id IN (SELECT id FROM programmes_{name} WHERE {where})" if history else where
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY id").format(
            names, sql.Identifier(stored), sql.SQL(condition)
        )
        found.append(Rows(stored, columns, database.execute(query).fetchall()))
    return found


def _insert(database: Any, tables: list[Rows], programmes: int) -> None:
    """Insert the rows by hand: for each programme a transaction, with prepared statements, one for each table."""
    statements = {each.table: _statement("INSERT INTO {} ({}) VALUES ({})", each) for each in tables}
    for number in range(programmes):
        with database.transaction(), database.cursor() as cursor:
            for each in tables:
                share = len(each.rows) // programmes
                cursor.executemany(statements[each.table], each.rows[number * share : (number + 1) * share])


def _copy(database: Any, tables: list[Rows]) -> None:
    """Copy all rows in, in one transaction."""
    with database.transaction(), database.cursor() as cursor:
        for each in tables:
            with cursor.copy(_statement("COPY {} ({}) FROM STDIN", each)) as copy:
                for row in each.rows:
                    copy.write_row(row)


def _statement(text: str, rows: Rows) -> sql.Composed:
    """With the names of the table and its columns, and a place for a value of each."""
    columns, places = map(sql.Identifier, rows.columns), sql.Placeholder() * len(rows.columns)
    comma = sql.SQL(", ")
    return sql.SQL(text).format(sql.Identifier(rows.table), comma.join(columns), comma.join(places))  # type: ignore[arg-type]
