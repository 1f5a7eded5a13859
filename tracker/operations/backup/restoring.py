"""Filling a database from a backup: whole and identical, or not at all."""

import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import Error, connections, models, transaction

from tracker.operations.backup.archive import Manifest, checked_lines, opened
from tracker.operations.backup.tables import (
    CHUNK,
    NOT_KEPT,
    BackupError,
    Table,
    fingerprint,
    migrations,
    sequence,
    stored_models,
    tables_now,
    values,
)
from tracker.records.statements import batched
from tracker.records.storing import stored_fields

# What `migrate` itself has put into a new database.
MADE_BY_MIGRATE = {ContentType, Permission, Group, Group.permissions.through}


def restore(path: Path, using: str, *, replace: bool = False) -> Manifest:
    """Fill the empty database, or with `replace` any, with what the backup holds; the result is compared with it.

    The file is read through before the database is touched. Raises BackupError, and then nothing has changed.
    """
    with opened(path) as (archive, manifest):
        check_migrations(manifest, using)
        for table in manifest.tables:
            for _line in checked_lines(archive, table):
                pass
        try:
            with transaction.atomic(using):
                _fill(archive, manifest, using, replace=replace)
        except Error as error:
            raise BackupError(f"The database does not take the backup: {error}") from error
        finally:
            ContentType.objects.clear_cache()  # their numbers are now those of the backup
    return manifest


def check_migrations(manifest: Manifest, using: str) -> None:
    """Raises BackupError where the backup was made by another version of the tables."""
    ours = migrations(using)
    if manifest.migrations == ours:
        return
    theirs = manifest.migrations
    differing = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
    told = "; ".join(f"{name}: {_last(theirs.get(name))} there, {_last(ours.get(name))} here" for name in differing)
    raise BackupError(
        f"The backup was made with other migrations ({told}). Restore it with the version of the software that made"
        " it, and migrate then."
    )


def _last(names: list[str] | None) -> str:
    return names[-1] if names else "none"


def _fill(archive: zipfile.ZipFile, manifest: Manifest, using: str, *, replace: bool) -> None:
    connection, kinds = connections[using], stored_models()
    emptied = [*kinds, *(model._meta.db_table for model in NOT_KEPT)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = ", ".join(map(connection.ops.quote_name, emptied))
            cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
        if not replace:
            _check_empty(kinds, using)
        for statement in connection.ops.sql_flush(no_style(), emptied):
            cursor.execute(statement)
        for table in manifest.tables:
            _insert(cursor, archive, table, kinds[table.name])
    connection.check_constraints()
    if fingerprint(tables_now(using)) != manifest.fingerprint:
        raise BackupError("What the database made of the backup is not the same as the backup.")
    for table in manifest.tables:
        if table.last_key is not None:
            _go_on_after(table, kinds[table.name], using)


def _check_empty(kinds: dict[str, type[models.Model]], using: str) -> None:
    for name, model in kinds.items():
        if model not in MADE_BY_MIGRATE and model._base_manager.using(using).exists():
            raise BackupError(f"The database is not empty: {name} has rows. With --replace all of it is replaced.")


def _insert(cursor: Any, archive: zipfile.ZipFile, table: Table, model: type[models.Model]) -> None:
    fields = stored_fields(model)
    try:
        with closing(checked_lines(archive, table)) as found:
            _write(cursor, table, (values(line, fields, cursor.db) for line in found))
    except (ValueError, TypeError, OverflowError, ValidationError) as error:
        raise BackupError(f"The backup holds a row of {table.name} that is none: {error}") from error


def _write(cursor: Any, table: Table, rows: Iterator[list[Any]]) -> None:
    connection = cursor.db
    quote = connection.ops.quote_name
    name, columns = quote(table.name), ", ".join(map(quote, table.columns))
    if connection.vendor == "postgresql":
        with connection.wrap_database_errors, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    places = ", ".join(["%s"] * len(table.columns))
    for some in batched(rows, CHUNK):
        cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({places})", some)  # noqa: S608 - our own names


def _go_on_after(table: Table, model: type[models.Model], using: str) -> None:
    """The next row gets a number that no row, not even a deleted one, has had."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = sequence(model, using)
            cursor.execute(
                "SELECT setval(%s::regclass, GREATEST(%s, COALESCE(pg_sequence_last_value(%s::regclass), 1)))",
                [name, table.last_key, name],
            )
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, table.last_key])
