"""Several who write at the same time, each with a connection of their own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import TypeVar

from django.db import connection, connections

Answer = TypeVar("Answer")


def at_once(acts: list[Callable[[], Answer]]) -> list[Answer]:
    """What each returns: they begin together, each in a thread of its own."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Answer]) -> Answer:
        try:
            barrier.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(run, act) for act in acts]]


@contextmanager
def shared_database(folder: Path) -> Iterator[None]:
    """A database that threads can share: on SQLite a copy of the one in memory, as a file like that of a user."""
    if connection.vendor != "sqlite":
        yield
        return
    path, settings, memory = folder / "db.sqlite3", connections.settings["default"], connections["default"]
    connection.ensure_connection()
    path.write_bytes(memory.connection.serialize())
    name = settings["NAME"]
    settings["NAME"] = str(path)
    del connections["default"]
    try:
        yield
    finally:
        connection.close()
        settings["NAME"] = name
        connections["default"] = memory
