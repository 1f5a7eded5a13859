"""What is asked before new records are written: which codes are taken, which records they link to, and free keys."""

import functools
from collections.abc import Collection, Hashable, Mapping
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models

from tracker.records.statements import Statement, among, array, asked, columns

Kind = type[models.Model]


def with_codes(wanted: Mapping[Kind, Collection[str]]) -> Statement | None:
    """Which records of these kinds have the codes: rows as `records_of` takes them. Null for no kinds."""
    if not wanted:
        return None
    codes = {f"codes_{place}": array(sorted(each)) for place, each in enumerate(wanted.values())}
    return Statement(_with_codes(tuple(wanted), connection.vendor), codes)


def records_of(wanted: Mapping[Kind, Collection[str]], rows: list[tuple[Any, ...]]) -> dict[Kind, dict[Hashable, Any]]:
    """The answer to `with_codes`: records by kind and code, of which only the key and the code are read."""
    kinds, found = tuple(wanted), {kind: dict[Hashable, Any]() for kind in wanted}
    for place, key, code in rows:
        kind = kinds[place]
        field = kind._meta.pk
        values = {field.attname: field.to_python(key), "code": code}
        found[kind][code] = kind.from_db(DEFAULT_DB_ALIAS, [*values], [*values.values()])
    return found


def whole_with_codes(kind: Kind, codes: Collection[str]) -> Statement:
    """The records of the kind that have these codes, as `as_records` takes them."""
    return Statement(_whole_with_codes(kind, connection.vendor), {"codes": array(list(codes))})


def next_keys(numbers: Mapping[Kind, int]) -> Statement | None:
    """As many keys of each kind as are wanted: rows of the place of the kind, and a key. Null where none are wanted, or
    a statement alone cannot reserve them."""
    if not numbers or connection.vendor != "postgresql":
        return None
    wanted = {f"number_{place}": number for place, number in enumerate(numbers.values())}
    return Statement(_next_of_sequences(tuple(numbers)), wanted)


def reserved(numbers: Mapping[Kind, int]) -> dict[Kind, list[int]]:
    """As many keys of each kind as are wanted, which nobody else gets."""
    statement = next_keys(numbers)
    return keys_of(numbers, asked(*statement)) if statement else _from_one_table(numbers)


def keys_of(numbers: Mapping[Kind, int], rows: list[tuple[Any, ...]]) -> dict[Kind, list[int]]:
    """The answer to `next_keys`, by kind."""
    kinds, found = tuple(numbers), dict[Kind, list[int]]()
    for place, key in rows:
        found.setdefault(kinds[place], []).append(key)
    return found


@functools.cache
def _with_codes(kinds: tuple[Kind, ...], _vendor: str) -> str:
    return " UNION ALL ".join(
        f'SELECT {place}, CAST("{kind._meta.pk.column}" AS text), code FROM "{kind._meta.db_table}"'  # noqa: S608
        f" WHERE code {among(f'%(codes_{place})s')}"
        for place, kind in enumerate(kinds)
    )


@functools.cache
def _whole_with_codes(kind: Kind, _vendor: str) -> str:
    table = kind._meta.db_table
    return f'SELECT {columns(kind)} FROM "{table}" WHERE code {among("%(codes)s")}'  # noqa: S608


@functools.cache
def _next_of_sequences(kinds: tuple[Kind, ...]) -> str:
    return " UNION ALL ".join(
        f"SELECT {place}, nextval({_sequence(kind)})"  # noqa: S608
        f" FROM generate_series(1, CAST(%(number_{place})s AS int))"
        for place, kind in enumerate(kinds)
    )


@functools.cache
def _sequence(kind: Kind) -> str:
    """The name of the sequence that a kind's keys come from."""
    ((name,),) = asked("SELECT pg_get_serial_sequence(%s, %s)", [kind._meta.db_table, kind._meta.pk.column])
    return f"'{name}'"


def _from_one_table(numbers: Mapping[Kind, int]) -> dict[Kind, list[int]]:
    found = {}
    with connection.cursor() as cursor:
        for kind, number in numbers.items():
            table = kind._meta.db_table
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            row = cursor.fetchone()
            last = row[0] if row else 0
            cursor.execute(_NEXT if row else _FIRST, [last + number, table])
            found[kind] = list(range(last + 1, last + number + 1))
    return found


_FIRST = "INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)"
_NEXT = "UPDATE sqlite_sequence SET seq = %s WHERE name = %s"
