"""Records that are edited while something is measured, one after the other, as by many officers at once."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Any

import psycopg

PAUSE = 0.02  # seconds between edits
# What is edited: of each kind, in turn, the tables and what becomes of a record's own columns.
EDITS = {
    "programme": {
        "programme": "components_stated = COALESCE(components_stated, 0) + 1",
        "budget": "amount = amount + 1",
    },
    "observation": {"observation": "comment = 'revised'"},
}


@contextlib.contextmanager
def editing(url: str, kind: str = "programme") -> Iterator[None]:
    """Meanwhile another record is changed every PAUSE seconds, and has a version of that, as the tracker writes it."""
    with contextlib.closing(_connected(url)) as connection:
        tables = [_Table(connection, table, change) for table, change in EDITS[kind].items()]
        stopping = threading.Event()
        thread = threading.Thread(target=_edit, args=(tables, stopping))
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()


def _edit(tables: "list[_Table]", stopping: threading.Event) -> None:
    random = Random()
    for table in cycle(tables):
        if stopping.wait(PAUSE):
            return
        table.edit(random)


class _Table:
    """A table of records with their versions."""

    def __init__(self, connection: Any, name: str, change: str) -> None:
        self.connection, on_postgresql = connection, isinstance(connection, psycopg.Connection)
        table, versions = f"programmes_{name}", f"programmes_historical{name}"
        now = "now()" if on_postgresql else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
        columns = ", ".join(f'"{column}"' for column in _stored_columns(connection, table, on_postgresql))
        place = "%s" if on_postgresql else "?"
        # Not all keys, of which there may be millions: to read them would take longer than what is measured meanwhile.
        ((self.first, self.last),) = connection.execute(f"SELECT min(id), max(id) FROM {table}").fetchall()
        self.next = f"SELECT id FROM {table} WHERE id >= {place} ORDER BY id LIMIT 1"
        self.statements = (
            f"UPDATE {table} SET version = version + 1, modified_at = {now}, {change} WHERE id = {place}",
            f"UPDATE {versions} SET superseded_at = {now} WHERE id = {place} AND superseded_at IS NULL",
            f"INSERT INTO {versions} ({columns}, history_date, history_type, history_via)"
            f" SELECT {columns}, {now}, '~', 'api' FROM {table} WHERE id = {place}",
        )

    def edit(self, random: Random) -> None:
        """Change one of its records."""
        from_there = random.randint(self.first, self.last)
        ((key,),) = self.connection.execute(self.next, [from_there]).fetchall()
        self.connection.execute("BEGIN")
        for statement in self.statements:
            self.connection.execute(statement, [key])
        self.connection.execute("COMMIT")


def _stored_columns(connection: Any, table: str, on_postgresql: bool) -> list[str]:
    """Those that are not generated."""
    if on_postgresql:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        )
    else:
        rows = connection.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", [table])
    return [name for (name,) in rows.fetchall()]


def _connected(url: str) -> Any:
    """A connection that begins and ends its transactions itself."""
    if url.startswith("postgres"):
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(
        url.removeprefix("sqlite:///"), timeout=20, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA synchronous = OFF")
    return connection
