"""Copies of a made-up portfolio, made inside the database: the sizes that nobody waits for otherwise."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import CharField, Field, ForeignKey, Model, TextField

from tracker.records.models import Record
from tracker.records.search import normalise

CODED = "MADE-UP-"  # how every code that is made up begins


def multiply(models: Sequence[type[Record]], first: int, copies: int) -> None:
    """Add `copies` of each record whose key is at least `first`, and of all the links between them.

    Each copy is a portfolio of its own: its records link to one another, and to what was not copied. Number 3 of
    `MADE-UP-000007` has the code `MADE-UP-3-000007`. Keys go on where those of the copy before end.
    """
    spans = {model: _last_key(model) - first + 1 for model in models}
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(_copying(model, spans), {"first": first, "copies": copies})


def _last_key(model: type[Record]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(id) FROM {_name(model._meta.db_table)}")
        last: int = cursor.fetchone()[0]
        return last


def _copying(model: type[Record], spans: dict[type[Record], int]) -> str:
    columns: dict[str, str] = {
        _name(field.column): _copied(field, spans) for field in model._meta.concrete_fields if not field.generated
    }
    return (
        f"INSERT INTO {_name(model._meta.db_table)} ({', '.join(columns)})"
        " WITH RECURSIVE copies(number) AS"
        " (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < %(copies)s)"
        f" SELECT {', '.join(columns.values())} FROM copies CROSS JOIN {_name(model._meta.db_table)} r"
        " WHERE r.id >= %(first)s ORDER BY number, r.id"
    )


def _copied(field: Field, spans: dict[type[Record], int]) -> str:
    """What a copy has in the field."""
    column = f"r.{_name(field.column)}"
    model: Any = field.related_model if isinstance(field, ForeignKey) else field.model if field.primary_key else None
    if model in spans:
        return f"{column} + number * {spans[model]}"
    if field.name in ("code", "search_key") and isinstance(field, CharField | TextField):
        before = CODED if field.name == "code" else normalise(CODED)
        return f"REPLACE({column}, '{before}', '{before}' || CAST(number AS VARCHAR(9)) || '-')"
    return column


def _name(name: str) -> str:
    return connection.ops.quote_name(name)


@contextlib.contextmanager
def bare(models: Sequence[type[Model]]) -> Iterator[None]:
    """Inside, PostgreSQL keeps neither indexes nor foreign keys of the tables; at the end it builds and checks them.

    That is a third of the time. SQLite goes on as it is. Call it in a transaction.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what is still to be checked stands in the way
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        tables = [model._meta.db_table for model in models]
        cursor.execute(_CONSTRAINTS, {"tables": tables})
        constraints = cursor.fetchall()
        for table, name, _definition in reversed(constraints):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(_INDEXES, {"tables": tables})
        indexes = cursor.fetchall()
        for index, _definition in indexes:
            cursor.execute(f"DROP INDEX {index}")
        yield
        for _index, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


# Foreign keys, and what is unique beside the key, which stays; what is unique is built first, as others lean on it.
_CONSTRAINTS = """
SELECT conrelid::regclass, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype IN ('f', 'u') AND conrelid = ANY(%(tables)s::regclass[])
ORDER BY contype DESC, conname
"""
_INDEXES = """
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid)
FROM pg_index WHERE NOT indisprimary AND indrelid = ANY(%(tables)s::regclass[])
ORDER BY 1
"""
