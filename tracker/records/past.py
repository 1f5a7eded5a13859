"""What this system held on a day in the past: every query reads the versions of that instant instead of the records."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from tracker.records.models import Record


@contextmanager
def known_on(instant: datetime.datetime) -> Iterator[None]:
    """Inside, all records are what they were at `instant`, for this connection alone; nothing can be written.

    Temporary views by the names of the tables come before the tables themselves, on SQLite as on PostgreSQL. So
    filters, relations, totals and reports need to know nothing of it. The views go with the transaction.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in (*_views(instant), *_SETTINGS[connection.vendor]):
                cursor.execute(statement)
        yield
        transaction.set_rollback(True)


def first_version() -> datetime.datetime | None:
    """When the first version of any record was written; null where there is none."""
    quote = connection.ops.quote_name
    earliest = " UNION ALL ".join(
        f"SELECT MIN(history_date) AS first FROM {quote(model.history.model._meta.db_table)}"  # noqa: S608
        for model in _recorded()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MIN(first) FROM ({earliest}) AS versions")  # noqa: S608
        first: datetime.datetime | str | None = cursor.fetchone()[0]
    if isinstance(first, str):  # SQLite has texts, in UTC
        return datetime.datetime.fromisoformat(first).replace(tzinfo=datetime.UTC)
    return first


def _recorded() -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, Record)]


def _views(instant: datetime.datetime) -> Iterator[str]:
    """A view for each kind of record: of each record the version that was current at the instant."""
    quote = connection.ops.quote_name
    moment = "'" + instant.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f") + _ZONE[connection.vendor] + "'"
    for model in _recorded():
        versions = model.history.model
        columns = ", ".join(quote(str(field.column)) for field in model._meta.concrete_fields)
        yield (
            f"CREATE TEMPORARY VIEW {quote(model._meta.db_table)} AS SELECT {columns}"  # noqa: S608
            f" FROM {quote(versions._meta.db_table)} WHERE history_date <= {moment}"
            f" AND (superseded_at IS NULL OR superseded_at > {moment}) AND history_type <> '-'"
        )


# Temporary names come first in any case, and SQLite never writes into a view. PostgreSQL is told both: so it forgets
# the plans that it made for the tables themselves, and refuses what its views would take.
_SETTINGS = {
    "postgresql": ["SET LOCAL search_path = pg_temp, public", "SET LOCAL transaction_read_only = on"],
    "sqlite": [],
}

# SQLite stores instants as texts in UTC.
_ZONE = {"postgresql": "+00", "sqlite": ""}
