"""Answers that cost much, kept for as long as nothing at all was written."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.db import connection

Answer = TypeVar("Answer")

MOST = 64  # answers kept by one process

_kept: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
_lock = threading.Lock()


def fresh(question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """The answer, made now or kept from before if the database is as it was then. It must not be changed.

    An answer is kept only where nothing was committed while it was made. `question` holds all that the answer depends
    on beside the database. Within a transaction, where one's own changes are seen, every answer is made anew.
    """
    before = _state()
    if before is None:
        return answer()
    with _lock:
        state, kept = _kept.get(question, (None, None))
    if state == before:
        found: Answer = kept
        return found
    made = answer()
    if _state() == before:
        with _lock:
            _kept[question] = (before, made)
            _kept.move_to_end(question)
            while len(_kept) > MOST:
                _kept.popitem(last=False)
    return made


def _state() -> Hashable | None:
    """What differs after any commit; null within a transaction.

    PostgreSQL: which transactions are over, of the whole server. SQLite: a number that other connections' commits
    change, and how many rows this connection has changed.
    """
    if connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT CAST(pg_current_snapshot() AS text)")
            state: Hashable = cursor.fetchone()[0]
            return state
        cursor.execute("PRAGMA data_version")
        return connection.connection, cursor.fetchone()[0], connection.connection.total_changes
