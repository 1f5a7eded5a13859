"""The tables of a backup, and their rows as lines of JSON that are the same whichever database they come from."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Collate

from tracker.records.locks import reading
from tracker.records.storing import stored_fields

CHUNK = 2000  # rows read, or written, at a time
NOT_KEPT: tuple[type[models.Model], ...] = (Session,)  # who is signed in does not outlive a move


class BackupError(Exception):
    """What stands against a backup or a restore, as a sentence for whoever runs it; nothing was changed."""


@dataclass(frozen=True)
class Table:
    """One table of a backup: its columns in order, and what its lines amount to."""

    name: str
    columns: list[str]
    rows: int
    bytes: int
    sha256: str
    last_key: int | None  # the greatest number given out so far; null where keys are no numbers

    @property
    def content(self) -> list[Any]:
        """What is the same for two tables with the same rows."""
        return [self.name, self.columns, self.rows, self.sha256]


def stored_models() -> dict[str, type[models.Model]]:
    """The models whose rows are kept, by table: records with their history, users, roles, tokens, assignments."""
    kinds = apps.get_models(include_auto_created=True)
    kept = [model for model in kinds if model._meta.managed and not model._meta.proxy and model not in NOT_KEPT]
    return {model._meta.db_table: model for model in sorted(kept, key=lambda model: model._meta.db_table)}


@contextmanager
def snapshot(using: str) -> Iterator[None]:
    """Inside, the database is as it was at one instant, and nobody has to wait."""
    with reading(using):
        connection = connections[using]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def lines(model: type[models.Model], using: str) -> Iterator[bytes]:
    """The rows in the order of their keys, each a JSON list of its columns' values; read little by little."""
    key: Any = model._meta.pk
    # The order of bytes, which is that of SQLite, whatever the collation of the database.
    by_bytes = connections[using].vendor == "postgresql" and isinstance(key, models.CharField)
    order = Collate(models.F(key.attname), "C") if by_bytes else models.F(key.attname)
    rows = model._base_manager.using(using).order_by(order.asc())
    for row in rows.values_list(*(field.attname for field in stored_fields(model))).iterator(CHUNK):
        yield orjson.dumps(row, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def values(line: bytes, fields: Sequence[Any], connection: Any) -> list[Any]:
    """The row of a line as the database takes it. Raises ValueError or ValidationError."""
    row = orjson.loads(line)
    if not isinstance(row, list) or len(row) != len(fields):
        raise ValueError("the row has not as many values as columns")
    return [
        None if value is None else field.get_db_prep_save(field.to_python(value), connection)
        for field, value in zip(fields, row, strict=True)
    ]


def measured(model: type[models.Model], found: Iterable[bytes], using: str) -> Table:
    """What the lines amount to."""
    rows, size, digest = 0, 0, hashlib.sha256()
    for line in found:
        rows, size = rows + 1, size + len(line)
        digest.update(line)
    columns = [field.column for field in stored_fields(model)]
    return Table(model._meta.db_table, columns, rows, size, digest.hexdigest(), last_key(model, using))


def last_key(model: type[models.Model], using: str) -> int | None:
    """The greatest number that the table has given out, so that those of deleted rows are not given again."""
    key: Any = model._meta.pk
    if not isinstance(key, models.AutoField):
        return None
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sequence_last_value(%s::regclass)", [sequence(model, using)])
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [model._meta.db_table])
        found = cursor.fetchone()
    return found[0] if found else None


def sequence(model: type[models.Model], using: str) -> str:
    """The name of the sequence, on PostgreSQL, from which the table has its numbers."""
    connection: Any = connections[using]
    key: Any = model._meta.pk
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, key.column])
        name: str = cursor.fetchone()[0]
    return name


def fingerprint(tables: Iterable[Table]) -> str:
    """One text that is the same for two databases with the same rows, and for the backup of either."""
    return hashlib.sha256(orjson.dumps([table.content for table in tables])).hexdigest()


def tables_now(using: str) -> list[Table]:
    """What all tables hold."""
    return [measured(model, lines(model, using), using) for model in stored_models().values()]


def migrations(using: str) -> dict[str, list[str]]:
    """The names of the migrations of each application. Raises BackupError where some are still to be done."""
    executor = MigrationExecutor(connections[using])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BackupError("The tables of the database are not those of this version: run manage.py migrate first.")
    found: dict[str, list[str]] = {}
    for application, name in sorted(executor.loader.graph.nodes):
        found.setdefault(application, []).append(name)
    return found
