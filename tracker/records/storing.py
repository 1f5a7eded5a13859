"""New records stored together, with their first versions: on PostgreSQL by one statement, whatever their number."""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from django.db import connection, models

from tracker.records.statements import Statement, among, array, batched, execute

AT_A_TIME = 500  # rows that are written by one statement


def store(records: Mapping[Any, Sequence[Any]]) -> None:
    """Insert new records by their kinds, whose keys are given, and the first version of each.

    PostgreSQL takes them as JSON: so the words are the same for any number of them, and their plan is kept.
    """
    if connection.vendor == "postgresql":
        rows = {f"rows_{place}": _as_json(each) for place, each in enumerate(records.values())}
        execute([Statement(_storing_json(tuple(records)), rows | _change(next(iter(records.values()))))])
        return
    for each in records.values():
        execute([*_inserted(each), first_versions(each)])


def first_versions(records: Sequence[Any]) -> Statement:
    """A statement that writes a version of each stored record, as it is stored, as its first."""
    kind: Any = type(records[0])
    keys = array([record.pk for record in records])
    return Statement(_first_versions(kind), {"keys": keys} | _change(records))


def _change(records: Sequence[Any]) -> dict[str, Any]:
    """What the first versions of records that are stored together say of the change."""
    found: dict[str, Any] = type(records[0]).history.first_change(records[0])
    return found


@functools.cache
def stored_fields(kind: Any) -> tuple[Any, ...]:
    """The fields of a model that are written; the database derives the others."""
    return tuple(field for field in kind._meta.concrete_fields if not field.generated)


@functools.cache
def _storing_json(kinds: tuple[Any, ...]) -> str:
    parts = []
    for place, kind in enumerate(kinds):
        types = ", ".join(f"{_quoted(field.column)} {field.rel_db_type(connection)}" for field in stored_fields(kind))
        given = f"SELECT {_columns(kind)} FROM json_to_recordset(%(rows_{place})s) AS given({types})"  # noqa: S608
        parts += [
            f"new_{place} AS ({_insertion(kind)} {given} RETURNING {_columns(kind)})",
            f"first_{place} AS ({_versions_of(kind, f'new_{place}')} ORDER BY {_key(kind)})",
        ]
    return f"WITH {', '.join(parts)} SELECT"


def _as_json(records: Sequence[Any]) -> str:
    """The rows of records of which each has the values that its fields clean to: these are JSON, or are so as text."""
    kind: Any = type(records[0])
    names, made_at_last, rows = _names(kind), _made_at_last(kind), []
    for record in records:
        for make in made_at_last:
            make(record, add=True)
        values = vars(record)
        rows.append({column: values[name] for column, name in names})
    return orjson.dumps(rows, default=str).decode()


@functools.cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    """The columns that are written, with the names that they have on records."""
    return tuple((field.column, field.attname) for field in stored_fields(kind))


@functools.cache
def _made_at_last(kind: Any) -> tuple[Any, ...]:
    """What gives fields their values, such as the time, when a record is stored."""
    return tuple(field.pre_save for field in stored_fields(kind) if type(field).pre_save is not models.Field.pre_save)


def _inserted(records: Sequence[Any]) -> Iterator[Statement]:
    kind: Any = type(records[0])
    fields = stored_fields(kind)
    row = f"({', '.join(['%s'] * len(fields))})"
    for some in batched(records, AT_A_TIME):
        values = [
            field.get_db_prep_save(field.pre_save(each, add=True), connection) for each in some for field in fields
        ]
        yield Statement(f"{_insertion(kind)} VALUES {', '.join([row] * len(some))}", values)


@functools.cache
def _insertion(kind: Any) -> str:
    return f"INSERT INTO {_table(kind)} ({_columns(kind)})"


@functools.cache
def _first_versions(kind: Any) -> str:
    return f"{_versions_of(kind, _table(kind))} WHERE {_key(kind)} {among('%(keys)s')} ORDER BY {_key(kind)}"


def _versions_of(kind: Any, rows: str) -> str:
    change = ("history_date", "history_type", "history_change_reason", "history_via", "history_user_id")
    into = f"INSERT INTO {_table(kind.history.model)} ({_columns(kind)}, {', '.join(change)})"
    return f"{into} SELECT {_columns(kind)}, {', '.join(f'%({name})s' for name in change)} FROM {rows}"  # noqa: S608


@functools.cache
def _columns(kind: Any) -> str:
    return ", ".join(_quoted(field.column) for field in stored_fields(kind))


def _table(kind: Any) -> str:
    return _quoted(kind._meta.db_table)


def _key(kind: Any) -> str:
    return _quoted(kind._meta.pk.column)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
