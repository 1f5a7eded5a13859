"""Who may write at the same time: locks in one order, transactions that only read, and another try after a deadlock.

The order: kinds of record, then the records that others are part of, then the record itself. On SQLite a transaction
that writes has the whole database from its beginning (settings: IMMEDIATE), so that there is nothing else to take.
"""

import functools
import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar
from zlib import crc32

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, models, transaction
from psycopg import IsolationLevel

Answer = TypeVar("Answer")
Owner = tuple[type[models.Model], Any]

ATTEMPTS = 5
NAMESPACE = 4_211_967  # sets these advisory locks apart from those of other programs on the same database
SERIALIZATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
CONNECTION_EXCEPTIONS, SHUTTING_DOWN, TOO_MANY_CONNECTIONS = "08", ("57P01", "57P02", "57P03"), "53300"


class BusyError(Exception):
    """Others kept writing the same records; asked again in a moment, it will probably be done."""


@functools.cache
def self_links(model: type[models.Model]) -> tuple[str, ...]:
    """The links from a record to others of its own kind, which could lead round in a circle."""
    return tuple(field.name for field in model._meta.concrete_fields if field.related_model is model)


def lock_kinds(kinds: Iterable[type[models.Model]]) -> None:
    """Until the transaction ends nobody else changes the links among the records of these kinds."""
    labels = sorted({model._meta.label for model in kinds})
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for label in labels:
                # The number of a lock has four bytes, with a sign.
                number = crc32(label.encode()) - 2**31
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NAMESPACE, number])


def lock_records(model: type[models.Model], keys: Collection[Any]) -> None:
    """Until the transaction ends nobody else writes the records with these keys; they may still be linked to."""
    if keys:
        rows = model._base_manager.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
        list(rows.values_list("pk"))


@contextmanager
def reading(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """A transaction that writes nothing and reads all of one moment; on SQLite it keeps no writer waiting.

    Within another transaction it is a part of that one.
    """
    database: Any = connections[using]
    with nullcontext() if database.in_atomic_block else _beginning_to_read(database), transaction.atomic(using):
        yield


@contextmanager
def _beginning_to_read(database: Any) -> Iterator[None]:
    """Inside, a transaction that begins is one that reads."""
    database.ensure_connection()
    if database.vendor == "sqlite":
        mode, database.transaction_mode = database.transaction_mode, "DEFERRED"
        try:
            yield
        finally:
            database.transaction_mode = mode
    else:
        session = database.connection
        session.isolation_level = IsolationLevel.REPEATABLE_READ
        try:
            yield
        finally:
            if not session.closed:
                session.isolation_level = None


def retried(act: Callable[[], Answer]) -> Answer:
    """What `act` returns; it is done again where the database broke it off because of others who write.

    Raises BusyError after ATTEMPTS. Inside a transaction there is one attempt: the whole of it would have to be redone.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return act()
        except OperationalError as error:
            if not _is_passing(error):
                raise
            if connection.in_atomic_block or attempt == ATTEMPTS:
                raise BusyError from error
        time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - nobody gains by guessing it
    raise BusyError


def is_away(error: BaseException) -> bool:
    """Whether the error says that PostgreSQL cannot be reached, is going down, or takes no more connections."""
    if not isinstance(error, OperationalError | InterfaceError) or connection.vendor != "postgresql":
        return False
    state = getattr(error.__cause__, "sqlstate", None)  # null where no server said anything
    return state is None or state.startswith(CONNECTION_EXCEPTIONS) or state in (*SHUTTING_DOWN, TOO_MANY_CONNECTIONS)


def _is_passing(error: OperationalError) -> bool:
    state = getattr(error.__cause__, "sqlstate", None)
    return state in (SERIALIZATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE) or "database is locked" in str(error)
