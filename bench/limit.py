"""The yardstick above: SQL written by hand through the database's own driver, served by nothing more than WSGI.

It asks nothing, checks nothing and counts a line and its whole alike: a limit, not a rival. (Bare ASGI with psycopg's
pool of connections was tried in its place, and is slower: by nothing for large answers, by a fifth for small ones.)
"""

import csv
import io
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import psycopg
from psycopg.types.json import set_json_loads

from bench.cases import BY_NAME, SAME_QUERY, SAME_QUERY_FILE
from bench.inserts import inserts
from bench.statements import Statements

DATABASE = os.environ["DATABASE_URL"]
POSTGRESQL = DATABASE.startswith("postgres")
STATEMENTS = {name: case.sql(Statements(postgresql=POSTGRESQL)) for name, case in BY_NAME.items()}
# Each statement is planned once and for all values, as ours are: a detail takes longer to plan than to read.
SESSION = "-c plan_cache_mode=force_generic_plan -c jit=off"
of_thread = threading.local()
set_json_loads(bytes)  # what PostgreSQL has written goes out as it is


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer `/?case=`, the name of a case, with the values that its question has; store a programme that is sent."""
    if environ["REQUEST_METHOD"] == "POST":
        body = stored(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
    asked = dict(parse_qsl(environ["QUERY_STRING"]))
    name = asked.pop("case")
    if name == SAME_QUERY:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return copied(Path(os.environ[SAME_QUERY_FILE]).read_text())
    statement = STATEMENTS[name]
    if BY_NAME[name].file:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return copied(statement) if POSTGRESQL else [written(statement)]
    [text] = connection().execute(statement, asked).fetchone()
    body = text if POSTGRESQL else text.encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def connection() -> Any:
    """The thread's own connection, kept open."""
    if not hasattr(of_thread, "connection"):
        of_thread.connection = (
            psycopg.connect(DATABASE, autocommit=True, prepare_threshold=0, options=SESSION)
            if POSTGRESQL
            else sqlite3.connect(DATABASE.removeprefix("sqlite:///"))
        )
    return of_thread.connection


def stored(body: bytes) -> bytes:
    """A programme with its parts, in one transaction, sent to PostgreSQL all at once; what was stored comes back."""
    database = connection()
    with database.pipeline(), database.transaction():
        for statement, rows in inserts(json.loads(body)):
            database.cursor().executemany(statement, rows)
    return body


def copied(statement: str) -> Iterator[bytes]:
    """A CSV file as PostgreSQL itself writes it."""
    with connection().cursor().copy(f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER)") as copy:
        for block in copy:
            yield bytes(block)


def written(statement: str) -> bytes:
    """A CSV file of rows that SQLite gives."""
    rows = connection().execute(statement)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column[0] for column in rows.description)
    writer.writerows(rows)
    return text.getvalue().encode()
