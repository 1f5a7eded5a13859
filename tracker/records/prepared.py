"""A cursor for statements of our own: PostgreSQL keeps them with their plans, and the process with their parameters."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import psycopg

KEPT = 256  # statements, of which some are long


class PreparedCursor(psycopg.RawCursor[Any]):
    """One whose statements the server keeps with their plans, if the settings of the connection let it.

    psycopg looks through a statement for the places of its parameters each time; a long one took it as long as asking.
    """

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        if params is not None:
            query, names = numbered(query)
            params = [params[name] for name in names] if isinstance(params, Mapping) else params
        return super().execute(query, params, **kwargs | {"prepare": True})

    def _send_query_prepared(self, name: bytes, pgq: Any, **kwargs: Any) -> None:
        self._query = pgq  # for the log of statements, which psycopg fills for all others
        super()._send_query_prepared(name, pgq, **kwargs)


@functools.lru_cache(KEPT)
def numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with its parameters as PostgreSQL has them, `$1`, and the names of those that have one."""
    names: dict[str, int] = {}
    by_place = 0

    def number(found: re.Match[str]) -> str:
        nonlocal by_place
        if found["percent"]:
            return "%"
        if found["name"]:
            return f"${names.setdefault(found['name'], len(names) + 1)}"
        by_place += 1
        return f"${by_place}"

    return _PLACES.sub(number, statement).encode(), tuple(names)


_PLACES = re.compile(r"%(?:(?P<percent>%)|\((?P<name>\w+)\)s|s)")
