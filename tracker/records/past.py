"""What a reader sees instead of the tables: what was held on a day in the past, and only what is published."""

import datetime
import functools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from tracker.records import locks, views
from tracker.records.changes import current_at, versions
from tracker.records.publication import Publishable


@contextmanager
def reading(instant: datetime.datetime | None = None, *, public: bool = False) -> Iterator[None]:
    """Inside, all records are what they were at `instant`, or what the public sees of them, or both.

    It holds for this connection alone, and nothing can be written. Views by the names of the tables come before the
    tables themselves, on SQLite as on PostgreSQL. So filters, relations, totals and reports need to know nothing of
    it. Both asked for: what is published now, and was then. Neither asked for: the tables.
    """
    if instant is None and not public:
        yield
        return
    with locks.reading(), _grouping_by_every_column():
        scope = _published(connection.vendor) if instant is None else _scope(instant, public=public)
        _execute(scope.begin)
        yield
        if scope.end:
            _execute(scope.end)
        else:
            transaction.set_rollback(True)


def known_on(instant: datetime.datetime) -> AbstractContextManager[None]:
    """Inside, all records are what they were at `instant`."""
    return reading(instant)


@contextmanager
def _grouping_by_every_column() -> Iterator[None]:
    """PostgreSQL knows of a table that its key determines the row, but not of a view."""
    features: Any = connection.features
    before, features.allows_group_by_selected_pks = features.allows_group_by_selected_pks, False
    try:
        yield
    finally:
        features.allows_group_by_selected_pks = before


class _Scope(NamedTuple):
    """What begins a scope, and what ends it; where nothing does, it is taken back."""

    begin: list[str]
    end: list[str]


def _scope(instant: datetime.datetime | None, *, public: bool) -> _Scope:
    """Temporary names come first in any case, and SQLite never writes into a view.

    PostgreSQL is told both: so it forgets the plans that it made for the tables themselves, and refuses what its views
    would take. What is published now it has in views that stay. SQLite would read its whole schema again after views
    that are taken back, which takes longer than to drop them.
    """
    postgresql = connection.vendor == "postgresql"
    if postgresql and instant is None:
        return _Scope([f"SET LOCAL search_path = {views.PUBLISHED}; {_READ_ONLY}"], [])
    by = views.reader(instant, public=public)
    shown = {
        connection.ops.quote_name(model._meta.db_table): views.shown(model, by)
        for model in views.recorded()
        if instant is not None or views.can_be_hidden(model)
    }
    begin = [f"CREATE TEMPORARY VIEW {name} AS {rows}" for name, rows in shown.items()]
    if postgresql:
        return _Scope([*begin, f"SET LOCAL search_path = pg_temp, public; {_READ_ONLY}"], [])
    return _Scope(begin, [f"DROP VIEW IF EXISTS temp.{name}" for name in shown])


_READ_ONLY = "SET LOCAL transaction_read_only = on"


@functools.cache
def _published(_vendor: str) -> _Scope:
    return _scope(None, public=True)


def _execute(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def first_version() -> datetime.datetime | None:
    """When the first version of any record was written; null where there is none."""
    quote = connection.ops.quote_name
    earliest = " UNION ALL ".join(
        f"SELECT MIN(history_date) AS first FROM {quote(model.history.model._meta.db_table)}"  # noqa: S608
        for model in views.recorded()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(first) FROM ({earliest}) AS versions")  # noqa: S608
        first: datetime.datetime | str | None = cursor.fetchone()[0]
    if isinstance(first, str):  # SQLite has texts, in UTC
        return datetime.datetime.fromisoformat(first).replace(tzinfo=datetime.UTC)
    return first


def no_longer_public(model: Any, key: str, since: datetime.datetime) -> list[tuple[Any, datetime.datetime]]:
    """The records that the public saw at the moment and does not see now: their codes or numbers, and since when.

    Ask it while reading as the public. The earliest come first; codes that another record has now are left out.
    """
    quote = connection.ops.quote_name
    names, table = f"{quote(model._meta.pk.column)}, {quote(key)}", quote(model._meta.db_table)
    then = views.shown(model, views.reader(since, public=True, still=False))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names} FROM ({then}) AS seen"  # noqa: S608
            f" WHERE {quote(key)} NOT IN (SELECT {quote(key)} FROM {table})"
        )
        seen = dict(cursor.fetchall())
    hidden = _hidden_since(model, set(seen))
    deleted = versions(model).filter(current_at(None), history_type="-", **{f"{model._meta.pk.attname}__in": seen})
    ends = hidden | dict(deleted.values_list(model._meta.pk.attname, "history_date"))
    return sorted(((name, ends[each]) for each, name in seen.items()), key=lambda gone: (gone[1], str(gone[0])))


def _hidden_since(model: Any, keys: set[Any]) -> dict[Any, datetime.datetime]:
    """When the records with the keys, or what they are parts of, were withdrawn or deleted; now, where neither was."""
    found = dict.fromkeys(keys, timezone.now())
    last = versions(model).filter(current_at(None), **{f"{model._meta.pk.attname}__in": keys})
    if issubclass(model, Publishable):
        found |= {each: end for each, end in last.values_list(model._meta.pk.attname, "withdrawn_at") if end}
    found |= dict(last.filter(history_type="-").values_list(model._meta.pk.attname, "history_date"))
    for name in model.PART_OF:
        rows = last.exclude(**{f"{name}_id": None}).values_list(model._meta.pk.attname, f"{name}_id")
        owners = dict(rows)
        ends = _hidden_since(model._meta.get_field(name).related_model, set(owners.values())) if owners else {}
        found |= {each: ends[owner] for each, owner in owners.items()}
    return found


def ways_to_published(model: Any) -> Iterator[str]:
    """The paths from a kind of record to the time when it, or what it is a part of, was published."""
    if issubclass(model, Publishable):
        yield "published_at"
    for name in model.PART_OF:
        for path in ways_to_published(model._meta.get_field(name).related_model):
            yield f"{name}__{path}"
