"""Statements of our own that are asked again and again: on PostgreSQL they are planned once for a connection."""

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet

from tracker.records.prepared import PreparedCursor

Item = TypeVar("Item")
Parameters = Sequence[Any] | Mapping[str, Any]


def asked(statement: str, parameters: Parameters) -> list[tuple[Any, ...]]:
    """The rows of the statement's answer. It counts and is logged as every other statement of the connection."""
    with _cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def asked_together(*statements: "Statement | None") -> list[list[tuple[Any, ...]]]:
    """The rows of the answer to each statement, none to none. PostgreSQL hears all of them before it answers."""
    with _sent_together():
        cursors = [statement and _sent(statement) for statement in statements]
        return [cursor.fetchall() if cursor else [] for cursor in cursors]


def _sent(statement: "Statement") -> Any:
    cursor = _cursor()
    cursor.execute(*statement)
    return cursor


def _sent_together() -> AbstractContextManager[Any]:
    database: Any = connection
    if database.vendor != "postgresql":
        return nullcontext()
    database.ensure_connection()
    pipeline: AbstractContextManager[Any] = database.connection.pipeline()
    return pipeline


def asked_once(statement: str, parameters: Sequence[Any] = (), *, by_values: bool = False) -> list[tuple[Any, ...]]:
    """The rows of the answer to a statement that may be another each time; where its words stay, its plan is kept.

    `by_values` PostgreSQL plans it for these values instead: how many rows lie beyond a value, or have a rare one, no
    plan for all values can tell.
    """
    text, values = worded(statement, parameters)
    with connection.cursor() if by_values or _VERSION.search(text) else _cursor() as cursor:
        cursor.execute(text, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def columns(kind: type[Model]) -> str:
    """All columns of a kind's table, as `as_records` takes them."""
    return ", ".join(f'"{kind._meta.db_table}"."{field.column}"' for field in kind._meta.concrete_fields)


def as_records(kinds: Sequence[type[Model]], rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows of an answer to what selects the `columns` of these kinds, as records of them.

    As a queryset's `raw` gives them, in half the time.
    """
    readings = [_reading(kind, connection.vendor) for kind in kinds]
    for row in rows:
        values, found = list(row), list[Model]()
        for kind, (names, conversions) in zip(kinds, readings, strict=True):
            own, values = values[: len(names)], values[len(names) :]
            for place, column, converters in conversions:
                for convert in converters:
                    own[place] = convert(own[place], column, connection)
            found.append(kind.from_db(DEFAULT_DB_ALIAS, names, own))
        yield tuple(found)


@functools.cache
def _reading(kind: type[Model], _vendor: str) -> tuple[list[str], list[tuple[int, Any, list[Any]]]]:
    """The names that a kind's columns have on its records; and for those whose values the database gives in another
    form, their places and what converts them."""
    fields = kind._meta.concrete_fields
    conversions = []
    for place, column in enumerate(field.get_col(kind._meta.db_table) for field in fields):
        if converters := [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]:
            conversions.append((place, column, converters))
    return [field.attname for field in fields], conversions


def among(parameter: str = "%s") -> str:
    """That a value is one of those in the parameter, an `array`: words that are the same for any number of them."""
    if connection.vendor == "postgresql":
        return f"= ANY({parameter})"
    return f"IN (SELECT value FROM json_each({parameter}))"  # noqa: S608


def among_those(statement: str) -> str:
    """That a value is one of the few that a statement finds: PostgreSQL then looks each of them up."""
    if connection.vendor == "postgresql":
        return f"= ANY(ARRAY({statement}))"
    return f"IN ({statement})"


def few(statement: str) -> str:
    """A statement for the keys that another finds, as `id`: PostgreSQL then expects that they are few."""
    if connection.vendor == "postgresql":
        return f"SELECT unnest(ARRAY({statement})) AS id"
    return f"SELECT * FROM ({statement}) AS found"  # noqa: S608


def array(values: Sequence[Any]) -> Any:
    """Values as one parameter."""
    return list(values) if connection.vendor == "postgresql" else json.dumps(values)


def worded(statement: str, parameters: Sequence[Any]) -> "Statement":
    """The statement as the database best takes it: keys are values, for SQLite numbers of versions as well.

    To compile one of many parts takes SQLite a tenth of a second, and either database keeps what it compiled by its
    words: so what differs each time, lists of any length among it, is to be none of them. But by the numbers of
    versions PostgreSQL plans, unless it is told to read but few of those after.
    """
    on_postgresql = connection.vendor == "postgresql"
    given, values = iter(parameters), list[Any]()

    def with_values(found: re.Match[str]) -> str:
        if found["value"]:
            values.append(next(given))
            return found[0]
        if found["number"]:
            if on_postgresql and not found["few"]:
                return found[0]
            values.append(int(found["number"]))
            return f"history_id {found['than']} %s{found['few'] or ''}"
        items = [next(given) if item == "%s" else int(item) for item in found["list"].split(", ")]
        if all(isinstance(item, int) and not isinstance(item, bool) for item in items):
            # As plain numbers: Django marks them as of the column's size, which they may exceed.
            values.append(array([int(item) for item in items]))
            return among()
        values.extend(items)
        return f"IN ({', '.join(['%s'] * len(items))})"

    return Statement(_VARYING.sub(with_values, statement), values)


_VARYING = re.compile(
    r"IN \((?P<list>(?:%s|\d+)(?:, (?:%s|\d+))*)\)"
    r"|history_id (?P<than>>|<=|=) (?P<number>\d+)(?P<few> ORDER BY history_id LIMIT)?|(?P<value>%s)"
)
_VERSION = re.compile(r"history_id (?:>|<=|=) \d")


class Statement(NamedTuple):
    """A statement and its parameters, by place or by name."""

    text: str
    parameters: Parameters


def execute(statements: Iterable[Statement]) -> None:
    """Execute statements that write."""
    with _cursor() as cursor:
        for statement in statements:
            cursor.execute(*statement)


def _cursor() -> Any:
    database: Any = connection
    if database.vendor != "postgresql":
        return database.cursor()
    database.ensure_connection()
    cursor = PreparedCursor(database.connection)
    return database.make_debug_cursor(cursor) if database.queries_logged else database.make_cursor(cursor)


def expected_rows(queryset: QuerySet[Any, Any]) -> int:
    """How many rows a query has, about: what PostgreSQL's planner expects, reading none. SQLite counts them."""
    if connections[queryset.db].vendor != "postgresql":
        return queryset.count()
    plan = json.loads(queryset.explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


class Found(NamedTuple):
    """How many rows a query has, up to a limit, and the keys of the first."""

    number: int
    first: list[Any]


def counted(queries: Iterable[tuple[QuerySet[Any, Any], int, int]]) -> list[Found]:
    """What each query finds, in one statement: beside it up to how many rows are counted, and how many keys wanted.

    Of more rows than that, one more is counted.
    """
    statements, values, found = [], list[Any](), list[Found]()
    for place, (rows, most, wanted) in enumerate(queries):
        found.append(Found(0, []))
        with suppress(EmptyResultSet):
            for form, part in (
                ("SELECT {}, TRUE, COUNT(*) FROM ({}) n", rows.order_by().values("pk")[: most + 1]),
                ("SELECT {}, FALSE, pk FROM ({}) k", rows.values("pk")[:wanted]),
            ):
                if part.query.high_mark:
                    statement, parameters = part.query.sql_with_params()
                    statements.append(form.format(place, statement))
                    values += parameters
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(statements or ["SELECT 0, TRUE, 0 WHERE 1 = 0"]), values)
        for place, is_number, value in cursor.fetchall():
            if is_number:
                found[place] = found[place]._replace(number=value)
            else:
                found[place].first.append(value)
    return found


def copied(statement: str, parameters: Sequence[Any]) -> Iterator[bytes]:
    """The rows of the statement's answer as lines of CSV, without their ends, as PostgreSQL writes them one by one."""
    database: Any = connection
    with database.cursor() as cursor:
        text = database.ops.compose_sql(f"COPY ({statement}) TO STDOUT (FORMAT csv)", parameters)
        with database.wrap_database_errors, cursor.copy(text) as copy:
            yield from (bytes(line)[:-1] for line in copy)


def share_no_hashes() -> None:
    """Keep PostgreSQL, for the rest of the transaction, from joining by a hash that its workers share.

    Where many rows have no link to join by, and the hash does not fit into memory, they write all rows out again and
    again: a file of 400,000 budget lines took 130 s instead of 5.
    """
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        execute([Statement("SET LOCAL enable_parallel_hash = off", ())])


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of no more than that size: a statement takes only so many values."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some
