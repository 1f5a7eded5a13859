"""What answers cost: the time of the processors in a server, and in the database that it asks."""

import contextlib
import functools
from collections.abc import Iterator
from typing import NamedTuple

import psutil
import psycopg


class Spent(NamedTuple):
    """Seconds of processors since the processes began: of a server's, and of PostgreSQL's, which wrote as well."""

    server: float = 0
    database: float = 0

    def since(self, before: "Spent") -> "Spent":
        """What was spent between the two."""
        return Spent(self.server - before.server, self.database - before.database)


def spent(server: int, url: str) -> Spent:
    """Of the server with that process, and of the database at the URL: none where that is no process."""
    database = _postmaster(url)
    return Spent(_processors(server), _processors(database) if database else 0)


def family(process: int) -> Iterator[psutil.Process]:
    """The process and all that come from it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        first = psutil.Process(process)
        yield from [first, *first.children(recursive=True)]


def _processors(process: int) -> float:
    seconds = 0.0
    for each in family(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            seconds += times.user + times.system
    return seconds


@functools.cache
def _postmaster(url: str) -> int | None:
    if not url.startswith("postgres"):
        return None
    with psycopg.connect(url) as connection:
        return psutil.Process(connection.info.backend_pid).ppid()
