"""What a reader sees instead of the tables: what was held on a day in the past, and only what is published."""

import datetime
import functools
import hashlib
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from tracker.records import locks, views
from tracker.records.changes import current_at, versions
from tracker.records.publication import Publishable
from tracker.records.statements import asked


@contextmanager
def reading(instant: datetime.datetime | None = None, *, public: bool = False) -> Iterator[str]:
    """Inside, all records are what they were at `instant`, or what the public sees of them, or both.

    It holds for this connection alone, all inside is read of one moment, and nothing can be written. Views by the names
    of the tables come before the tables themselves, on SQLite as on PostgreSQL. So filters, relations, totals and
    reports need to know nothing of it. Both asked for: what is published now, and was then. Neither asked for: the
    tables. Given is the name by which PostgreSQL has these views, for `views.named`.
    """
    database: Any = connection
    outermost = not database.in_atomic_block
    failure: Exception | None = None
    around, before = scope_read(), moment_read()
    with locks.reading():
        scope = _scope(instant, public=public)
        if outermost:
            database.moment_read = Moment(instant, public, scope.schema, scope.hidden, seen=_seen_now(scope.begin))
        else:
            _execute(scope.begin)
        database.scope_read = ScopeRead(instant or around.instant, scope.schema or around.schema)
        try:
            with _refusing_writes(), _grouping_by_every_column() if scope.begin else nullcontext():
                yield scope.schema
        except Exception as error:
            if scope.end:
                raise
            failure = error  # raised once the transaction is over: taken back, it would take kept plans with it
        finally:
            database.moment_read, database.scope_read = before if outermost else None, around
        if connection.vendor == "postgresql" and not outermost:
            transaction.set_rollback(True)
        _execute(scope.end)
    if failure is not None:
        raise failure


@contextmanager
def glancing(*, public: bool) -> Iterator[str]:
    """`reading` what is now for one statement, which names what it reads by `views.named`: PostgreSQL needs no more.

    The statement may ask for the moment with it, by SEEN.
    """
    database: Any = connection
    if database.vendor != "postgresql" or database.in_atomic_block:
        with reading(public=public) as schema:
            yield schema
        return
    schema = views.PUBLISHED if public else ""
    database.moment_read = Moment(None, public, schema)
    try:
        yield schema
    finally:
        database.moment_read = None


def known_on(instant: datetime.datetime) -> AbstractContextManager[str]:
    """Inside, all records are what they were at `instant`."""
    return reading(instant)


class Seen(NamedTuple):
    """As what the database is read: in a `state`, which differs once anything is committed.

    `others_write` where there were transactions that had written, and were not over; `standby` where a standby is read,
    which may be behind. PostgreSQL counts transactions: those before the `oldest` are over, the `next_one` is to begin.
    """

    state: Hashable
    others_write: bool
    standby: bool
    oldest: int | None = None
    next_one: int | None = None


class Moment:
    """What is read: as of when, by whom, and as the database was `seen`; what it is seen as may not be asked yet.

    `schema` is that of the views that are read on PostgreSQL, empty for the tables themselves. `hidden` stands for the
    keys of what the public does not see of the past.
    """

    def __init__(
        self,
        instant: datetime.datetime | None,
        public: bool,
        schema: str = "",
        hidden: str = "",
        *,
        seen: Seen | None = None,
    ) -> None:
        self.instant, self.public, self.schema, self.hidden = instant, public, schema, hidden
        self._seen = seen

    def is_seen(self) -> bool:
        """Whether it has been asked."""
        return self._seen is not None

    @property
    def seen(self) -> Seen:
        """What the database is seen as; asked now, if it was not."""
        if self._seen is None:
            self._seen = _seen_now([])
        return self._seen

    def saw(self, snapshot: str, is_standby: bool) -> None:
        """What a statement gave by SEEN is what is read, unless that is known."""
        if self._seen is None:
            self._seen = _seen(snapshot, is_standby)


def moment_read() -> Moment | None:
    """The moment that is read here. Null outside `reading`, and in a transaction that may have changes of its own."""
    found: Moment | None = getattr(connection, "moment_read", None)
    return found


class ScopeRead(NamedTuple):
    """As of when is read here, null for now; and from which schema, empty for the tables themselves."""

    instant: datetime.datetime | None = None
    schema: str = ""


def scope_read() -> ScopeRead:
    """What the tables stand for here."""
    found: ScopeRead = getattr(connection, "scope_read", ScopeRead())
    return found


def indexed(model: Any) -> str:
    """The name by which records that may link to another are found by index; what is seen of them, by their keys.

    That of the table, also where the public's view stands for it, in which links have no index; but not of the past.
    """
    name = connection.ops.quote_name(model._meta.db_table)
    return views.table(model) if scope_read() == ScopeRead(None, views.PUBLISHED) else name


# Two columns that a statement on PostgreSQL may have beside its own: what it sees the database as.
SEEN = "CAST(pg_current_snapshot() AS text), pg_is_in_recovery()"
_last_seen: dict[str, Hashable] = {}  # by the alias of the database


def last_seen() -> Hashable:
    """The state in which the database was seen last, by any thread: what was made of another one has been outdated."""
    return _last_seen.get(connection.alias)


def _seen_now(statements: Sequence[str]) -> Seen:
    """What tells the moment that is read from others, once the statements are executed.

    SQLite: a number that other connections' commits change, and how many rows this connection has changed.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("; ".join([*statements, f"SELECT {SEEN}"]))  # in one message
            while cursor.nextset():
                pass
            return _seen(*cursor.fetchone())
        for statement in [*statements, "PRAGMA data_version"]:
            cursor.execute(statement)
        session: Any = connection.connection
        return Seen((session, cursor.fetchone()[0], session.total_changes), others_write=False, standby=False)


def _seen(snapshot: str, is_standby: bool) -> Seen:
    """By which transactions are over, of the whole server; a standby does not say which of several that go on."""
    oldest, next_one, *_going_on = snapshot.split(":")
    others_write = oldest != next_one
    state = (connection.alias, object() if is_standby and others_write else snapshot)
    _last_seen[connection.alias] = state
    return Seen(state, others_write, is_standby, int(oldest), int(next_one))


@contextmanager
def _refusing_writes() -> Iterator[None]:
    """PostgreSQL is told by the scope; on SQLite what is asked is looked at.

    A connection of SQLite can be told as well, but then forgets all that it has compiled: each statement, for each
    request, would be compiled anew, which for some takes a tenth of a second.
    """
    with nullcontext() if connection.vendor == "postgresql" else connection.execute_wrapper(_refuse_to_write):
        yield


def _refuse_to_write(execute: Any, statement: str, *rest: Any) -> Any:
    if statement.split(None, 1)[0].upper() not in _READING:
        raise OperationalError("Nothing can be written while the past, or what is public, is read.")
    return execute(statement, *rest)


# How statements begin that write nothing of records. Nobody here writes by one that begins with WITH on SQLite.
_READING = {"SELECT", "WITH", "EXPLAIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK"}


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
    """What begins a scope and what ends it, the schema that it reads on PostgreSQL, if not that of the tables, and what
    stands for the keys that it hides of the past."""

    begin: Sequence[str]
    end: Sequence[str] = ()
    schema: str = ""
    hidden: str = ""


def _scope(instant: datetime.datetime | None, *, public: bool) -> _Scope:
    """PostgreSQL has views that stay; SQLite gets them for the time, and does without where nothing is hidden."""
    if connection.vendor == "postgresql":
        return _scope_of_schema(instant, public=public)
    if instant is None:
        hides = public and views.anything_hidden()
        return _Scope(*_published(), schema=views.PUBLISHED) if hides else _Scope([])
    by = views.reader(instant, public=public)
    return _Scope(*_shown(by), hidden=_digest(by.unpublished.values()))


def _scope_of_schema(instant: datetime.datetime | None, *, public: bool) -> _Scope:
    if instant is None:
        schema, settings = (views.PUBLISHED if public and views.anything_hidden() else ""), []
        keys: dict[Any, list[Any]] = {}
    else:
        keys = views.unpublished(instant) if public else {}
        hides = any(keys.values())
        schema, settings = views.KNOWN_PUBLISHED if hides else views.KNOWN, list(views.settings_for(instant, keys))
    path = [f"SET LOCAL search_path = {schema}"] if schema else []
    return _Scope([*settings, *path, _READ_ONLY], schema=schema, hidden=_digest(keys.values()))


def _digest(keys: Iterable[Any]) -> str:
    return hashlib.blake2b(repr(list(map(str, keys))).encode(), digest_size=16).hexdigest()


def _shown(by: views.Reader) -> tuple[list[str], list[str]]:
    """What makes the views, and what drops them."""
    shown = {
        connection.ops.quote_name(model._meta.db_table): views.shown(model, by)
        for model in views.recorded()
        if by.instant or views.can_be_hidden(model)
    }
    return (
        [f"CREATE TEMPORARY VIEW {name} AS {rows}" for name, rows in shown.items()],
        [f"DROP VIEW IF EXISTS temp.{name}" for name in shown],
    )


_READ_ONLY = "SET LOCAL transaction_read_only = on"


@functools.cache
def _published() -> tuple[list[str], list[str]]:
    return _shown(views.Reader(public=True))


def _execute(statements: Sequence[str]) -> None:
    if not statements:
        return
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def anything_known(instant: datetime.datetime) -> bool:
    """Whether any version of any record had been written by the instant."""
    at = {"instant": connection.ops.adapt_datetimefield_value(instant)}
    return bool(asked(_anything_known_statement(connection.vendor), at)[0][0])


@functools.cache
def _anything_known_statement(_vendor: str) -> str:
    tables = (views.table(kind.history.model) for kind in views.recorded())
    some = (f"EXISTS (SELECT 1 FROM {each} WHERE history_date <= %(instant)s)" for each in tables)  # noqa: S608
    return f"SELECT {' OR '.join(some)}"


def no_longer_public(model: Any, key: str, since: datetime.datetime) -> list[tuple[Any, datetime.datetime]]:
    """The records that the public saw at the moment and does not see now: their codes or numbers, and since when.

    Ask it while reading as the public. The earliest come first; codes that another record has now are left out.
    """
    number, name = (connection.ops.quote_name(each) for each in (model._meta.pk.column, key))
    by = views.reader(since, public=True, still=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {number}, {name} FROM ({views.shown(model, by)}) AS seen"  # noqa: S608 - our own names
            f" WHERE {number} IN ({_gone(model, by.instant)}) AND {_not_there(model, name, 'seen')}"
        )
        seen = dict(cursor.fetchall())
    hidden = _hidden_since(model, set(seen))
    deleted = versions(model).filter(current_at(None), history_type="-", **{f"{model._meta.pk.attname}__in": seen})
    ends = hidden | dict(deleted.values_list(model._meta.pk.attname, "history_date"))
    return sorted(((name, ends[each]) for each, name in seen.items()), key=lambda gone: (gone[1], str(gone[0])))


def _gone(model: Any, instant: str) -> str:
    """A statement for the keys of the records that are not there, of those that have a version since the instant, or
    were ever linked to one that hides them and is gone: what a reader saw then and does not see now is among them."""
    quote = connection.ops.quote_name
    key, kept = quote(model._meta.pk.column), views.table(model.history.model)
    ways = [f"history_date >= {instant}"]
    ways += [f"{quote(link.column)} IN ({_gone(link.related_model, instant)})" for link in views.hiding_links(model)]
    touched = " UNION ".join(f"SELECT {key} FROM {kept} WHERE {way}" for way in ways)  # noqa: S608 - our own names
    return f"SELECT {key} FROM ({touched}) AS touched WHERE {_not_there(model, key, 'touched')}"  # noqa: S608


def _not_there(model: Any, column: str, rows: str) -> str:
    """The condition that a reader sees no record of the model with the value that the column has in the rows."""
    table = connection.ops.quote_name(model._meta.db_table)
    return f"NOT EXISTS (SELECT 1 FROM {table} AS here WHERE here.{column} = {rows}.{column})"  # noqa: S608


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
