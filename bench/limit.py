"""The yardstick above: one SQL statement through the database's own driver, served by nothing more than ASGI.

It asks nothing, checks nothing and counts a line and its whole alike: a limit, not a rival. WSGI in its place, with as
many threads as ours has, is slower.
"""

import csv
import io
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from psycopg.types.json import set_json_loads
from psycopg_pool import AsyncConnectionPool

from bench.cases import BY_NAME
from bench.statements import Statements

DATABASE = os.environ["DATABASE_URL"]
POSTGRESQL = DATABASE.startswith("postgres")
STATEMENTS = {name: case.sql(Statements(postgresql=POSTGRESQL)) for name, case in BY_NAME.items()}
# Each statement is planned once and for all values, as ours are: a detail takes longer to plan than to read.
SESSION = {"autocommit": True, "prepare_threshold": 0, "options": "-c plan_cache_mode=force_generic_plan -c jit=off"}
set_json_loads(bytes)  # what PostgreSQL has written goes out as it is

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Limit:
    """Answers `/?case=`, the name of a case, with the values that its question has."""

    def __init__(self) -> None:
        self.connections: Any = None  # a pool of PostgreSQL's, or the one of SQLite, which is asked one by one

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        asked = dict(parse_qsl(scope["query_string"].decode()))
        name = asked.pop("case")
        statement = STATEMENTS[name]
        if BY_NAME[name].file:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/csv")]})
            async for block in self.copied(statement) if POSTGRESQL else self.written(statement):
                await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
            return
        body = await self.document(statement, asked)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def live(self, receive: Receive, send: Send) -> None:
        """Open the connections before the first question, and close them after the last."""
        await receive()
        if POSTGRESQL:
            self.connections = AsyncConnectionPool(DATABASE, min_size=8, max_size=8, kwargs=SESSION, open=False)
            await self.connections.open(wait=True)
        else:
            self.connections = sqlite3.connect(DATABASE.removeprefix("sqlite:///"))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if POSTGRESQL:
            await self.connections.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def document(self, statement: str, values: dict[str, str]) -> bytes:
        """The JSON that the statement gives."""
        if not POSTGRESQL:
            text: str = self.connections.execute(statement, values).fetchone()[0]
            return text.encode()
        async with self.connections.connection() as connection:
            cursor = await connection.execute(statement, values)
            found: bytes = (await cursor.fetchone())[0]
            return found

    async def copied(self, statement: str) -> AsyncIterator[bytes]:
        """A CSV file as PostgreSQL itself writes it."""
        copying = f"COPY ({statement}) TO STDOUT WITH (FORMAT csv, HEADER)"
        async with self.connections.connection() as connection, connection.cursor().copy(copying) as copy:
            async for block in copy:
                yield bytes(block)

    async def written(self, statement: str) -> AsyncIterator[bytes]:
        """A CSV file of rows that SQLite gives."""
        rows = self.connections.execute(statement)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(column[0] for column in rows.description)
        writer.writerows(rows)
        yield text.getvalue().encode()


application = Limit()
