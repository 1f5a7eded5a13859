"""The SQL of what a reader sees: each table as it was at an instant, or as far as it is published, or both.

Which rows are hidden follows from the links between the models. A record is hidden with what it cannot be without: the
target of a link that is never null, or that it is deleted with, or that its model names in `HIDDEN_WITH`. Any other
link to what is hidden reads as null.
"""

import datetime
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models

from tracker.records.models import Record
from tracker.records.publication import Publication, Publishable, publishable_models

# Where the tables themselves stand, whatever comes before them in the search path.
TABLES = {"postgresql": "public", "sqlite": "main"}
# What a record takes from its parts: it changes with them, without a version of its own.
CHANGE_WITHOUT_VERSION = {"version", "modified_at"}
# SQLite stores instants as texts in UTC.
_ZONE = {"postgresql": "+00", "sqlite": ""}


@functools.cache
def recorded() -> tuple[Any, ...]:
    """The kinds of record."""
    return tuple(model for model in apps.get_models() if issubclass(model, Record))


def unrecorded() -> list[Any]:
    """The other models that have a table."""
    kinds = apps.get_models(include_auto_created=True)
    return [model for model in kinds if model._meta.managed and not issubclass(model, Record)]


@functools.cache
def can_be_hidden(model: Any) -> bool:
    """Whether a record of the kind may be hidden from the public, by itself or with another."""
    return issubclass(model, Publishable) or bool(hiding_links(model))


def anything_hidden() -> bool:
    """Whether there is any record now that the public does not see."""
    some = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table(model)} WHERE {_NOT_PUBLISHED})"  # noqa: S608
        for model in publishable_models(recorded())
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {some}")
        return bool(cursor.fetchone()[0])


@functools.cache
def hiding_links(model: Any) -> tuple[Any, ...]:
    """The links with whose target a record is hidden."""
    return tuple(link for link in _links(model) if _hides(model, link) and can_be_hidden(link.related_model))


@functools.cache
def fading_links(model: Any) -> tuple[Any, ...]:
    """The links that read as null where their target is hidden."""
    return tuple(link for link in _links(model) if not _hides(model, link) and can_be_hidden(link.related_model))


def behind(kinds: Iterable[Any], *, public: bool = True) -> frozenset[Any]:
    """The kinds, and for the public those whose records hide theirs or fade their links."""
    if not public:
        return frozenset(kinds)
    found, further = set(), list(kinds)
    while further:
        kind = further.pop()
        if kind not in found:
            found.add(kind)
            further += [link.related_model for link in (*hiding_links(kind), *fading_links(kind))]
    return frozenset(found)


def named(model: Any, schema: str) -> str:
    """The name of what a reader sees of the model, who reads a schema; on SQLite only within the reader's scope."""
    name = _name(model._meta.db_table)
    return f"{schema}.{name}" if schema and connection.vendor == "postgresql" else name


def shown_with(model: Any, link: Any) -> bool:
    """Whether a record of the kind is shown wherever the record is that the link leads to: nothing else can hide it."""
    hiding = hiding_links(model)
    others = [each for each in hiding if each != link and not (model.OF_ONE_WHOLE and each.name in model.PART_OF)]
    return link in hiding and not others and not issubclass(model, Publishable)


def _links(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]


def _hides(model: Any, link: Any) -> bool:
    return not link.null or link.remote_field.on_delete is models.CASCADE or link.name in model.HIDDEN_WITH


class Reader(NamedTuple):
    """Who reads: as of an instant (an expression in SQL), or of now (empty); all, or what is public.

    `unpublished` has for the past, of each kind that is published or not, the keys that the public does not see. They
    are few, and looked up once: no view then has to look for them in the whole history. `last` has the numbers of
    versions, by kind: what it has of a kind is read as it was when that version was the last one.
    """

    instant: str = ""
    public: bool = False
    unpublished: dict[Any, str] = {}
    last: Mapping[Any, int] = {}


def reader(instant: datetime.datetime | None, *, public: bool, still: bool = True) -> Reader:
    """A reader of one day, for views that are made for it (see `unpublished`)."""
    keys = unpublished(instant, still=still) if public and instant else {}
    texts = {model: ", ".join(map(str, found)) for model, found in keys.items()}
    return Reader(_literal(instant) if instant else "", public, texts)


def reading_as(
    statement: str,
    kinds: Iterable[Any],
    by: Reader,
    only: Mapping[Any, Collection[Any]] = MappingProxyType({}),
    *,
    everything: bool = False,
) -> str:
    """The statement, with its tables of the kinds as a reader sees them who reads what there was before.

    Not `everything`: but for those of which the reader sees what is read here anyway. Of the kinds in `only` it reads
    the records with these keys alone.
    """
    others = {kind for kind in kinds if everything or not by.last.keys().isdisjoint(behind([kind], public=by.public))}
    ctes = [_as_seen(kind, shown(kind, by), only) for kind in others.union(only)]
    return f"WITH {', '.join(ctes)} SELECT * FROM ({statement}) AS asked" if ctes else statement  # noqa: S608


def _as_seen(kind: Any, rows: str, only: Mapping[Any, Collection[Any]]) -> str:
    name = _name(kind._meta.db_table)
    if kind not in only:
        return f"{name} AS NOT MATERIALIZED ({rows})"
    some = f"{_name(kind._meta.pk.column)} IN ({', '.join(map(str, only[kind])) or 'NULL'})"
    return f"{name} AS MATERIALIZED (SELECT * FROM ({rows}) AS seen WHERE {some})"  # noqa: S608


def unpublished(instant: datetime.datetime, *, still: bool = True) -> dict[Any, list[Any]]:
    """By kind, the keys of what the public does not see of what was held at the instant.

    With `still` it sees what was public then and is public now; else what was public then.
    """
    return {model: _keys_unpublished(model, _literal(instant), still) for model in publishable_models(recorded())}


def _keys_unpublished(model: Any, instant: str, still: bool) -> list[Any]:
    key, versions = _name(model._meta.pk.column), table(model.history.model)
    statement = f"SELECT {key} FROM {versions} WHERE {_NOT_PUBLISHED} AND {_at(instant)}"  # noqa: S608
    if still:
        statement += f" UNION SELECT {key} FROM {versions} WHERE history_type = '-'"  # noqa: S608
        statement += f" UNION SELECT {key} FROM {table(model)} WHERE {_NOT_PUBLISHED}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def shown(model: Any, by: Reader) -> str:
    """A statement for the model's rows: as they were at the instant, and only what is public, where asked for."""
    if not by.public or not can_be_hidden(model):
        return _rows(model, by)
    return _published_then(model, by) if by.instant else _published(model, by)


def _published(model: Any, by: Reader) -> str:
    """What is public, now or before. A row is hidden by what is not published: that is little, and looked for."""
    columns, joins = [], ""
    fading = {link.column: link for link in fading_links(model)}
    for column in (field.column for field in model._meta.concrete_fields):
        link, name = fading.get(column), _name(column)
        if link is None:
            columns.append(f"x.{name}")
        elif hiding_links(link.related_model):
            columns.append(f"CASE WHEN NOT {_leads_to_hidden(link, 'x', by)} THEN x.{name} END AS {name}")
        else:
            # As a join, through which PostgreSQL sees that an index on the column helps.
            key = _name(link.related_model._meta.pk.column)
            joins += f" LEFT JOIN {_source(link.related_model, by)} AS {column}"
            joins += f" ON {column}.{key} = x.{name} AND {column}.publication = '{Publication.PUBLISHED}'"
            columns.append(f"{column}.{key} AS {name}")
    conditions = [f"x.publication = '{Publication.PUBLISHED}'"] if issubclass(model, Publishable) else []
    for link in hiding_links(model):
        # Not joined to each of what it may be a part of: there would be too many ways for PostgreSQL to choose from.
        may_lack = f"x.{_name(link.column)} IS NULL OR " if link.null else ""
        conditions.append(f"({may_lack}NOT {_leads_to_hidden(link, 'x', by)})")
    return f"SELECT {', '.join(columns)} FROM {_source(model, by)} AS x{joins} WHERE {' AND '.join(conditions)}"  # noqa: S608


def _source(model: Any, by: Reader) -> str:
    """All rows of the model, as it is named in FROM."""
    return f"({_rows(model, by)})" if model in by.last else table(model)


def _leads_to_hidden(link: Any, alias: str, by: Reader) -> str:
    """The condition that the link of the row under the alias leads to what is hidden; false where it is null."""
    other, inner = link.related_model, f"{alias}_{link.column}"
    hidden = [f"NOT {inner}.publication = '{Publication.PUBLISHED}'"] if issubclass(other, Publishable) else []
    hidden += [_leads_to_hidden(further, inner, by) for further in hiding_links(other)]
    same = f"{inner}.{_name(other._meta.pk.column)} = {alias}.{_name(link.column)}"
    return f"EXISTS (SELECT 1 FROM {_source(other, by)} AS {inner} WHERE {same} AND ({' OR '.join(hidden)}))"  # noqa: S608


def _published_then(model: Any, by: Reader) -> str:
    """What was public at the instant, as it was."""
    fading = {link.column: _hidden(link.related_model, by) for link in fading_links(model)}
    columns = [
        f"CASE WHEN {column} IN ({hidden}) THEN NULL ELSE {column} END AS {column}" if hidden else column
        for column, hidden in ((_name(field.column), fading.get(field.column)) for field in model._meta.concrete_fields)
    ]
    conditions = [f"NOT ({condition})" for condition in _unpublished(model, by)]
    for link in hiding_links(model):
        column, hidden = _name(link.column), _hidden(link.related_model, by)
        if hidden:
            condition = f"{column} NOT IN ({hidden})"
            conditions.append(f"({column} IS NULL OR {condition})" if link.null else condition)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(columns)} FROM ({_rows(model, by)}) AS then_known{where}"  # noqa: S608


def _unpublished(model: Any, by: Reader) -> list[str]:
    """The condition of not having been public by itself, where that can be."""
    if not issubclass(model, Publishable):
        return []
    keys = by.unpublished[model]
    return [f"{_name(model._meta.pk.column)} IN ({keys})"] if keys else []


def _hidden(model: Any, by: Reader) -> str:
    """A statement for the keys of the hidden records; empty where there are none. They are few: a list is asked."""
    rows = f"({_rows(model, by)}) AS then_known"
    conditions = _unpublished(model, by)
    conditions += [
        f"{_name(link.column)} IN ({hidden})"
        for link in hiding_links(model)
        if (hidden := _hidden(link.related_model, by))
    ]
    if not conditions:
        return ""
    return f"SELECT {_name(model._meta.pk.column)} FROM {rows} WHERE {' OR '.join(conditions)}"  # noqa: S608


_NOT_PUBLISHED = f"NOT publication = '{Publication.PUBLISHED}'"


@functools.cache
def _columns(model: Any) -> str:
    """All columns of the model's table; both databases quote them alike."""
    return ", ".join(_name(field.column) for field in model._meta.concrete_fields)


def _rows(model: Any, by: Reader) -> str:
    columns, versions = _columns(model), table(model.history.model)
    if by.instant:
        return f"SELECT {columns} FROM {versions} WHERE {_at(by.instant)} AND history_type <> '-'"  # noqa: S608
    if model not in by.last:
        return f"SELECT {columns} FROM {table(model)}"  # noqa: S608
    key = _name(model._meta.pk.column)
    changed = f"SELECT {key} FROM {versions} WHERE history_id > {by.last[model]}"  # noqa: S608
    unchanged = f"SELECT {columns} FROM {table(model)} WHERE {key} NOT IN ({changed})"  # noqa: S608
    before = f"{key} IN ({changed}) AND {_at_number(model, by.last[model])} AND history_type <> '-'"
    return f"{unchanged} UNION ALL SELECT {columns} FROM {versions} AS v WHERE {before}"  # noqa: S608


def _at(instant: str) -> str:
    """The condition for the version that was the last one at the instant."""
    return f"history_date <= {instant} AND (superseded_at IS NULL OR superseded_at > {instant})"


def _at_number(model: Any, number: int) -> str:
    """The condition for the version `v` that was its record's last one when the one of that number was its kind's."""
    key, versions = _name(model._meta.pk.column), table(model.history.model)
    later = f"n.{key} = v.{key} AND n.history_id > v.history_id AND n.history_id <= {number}"
    return f"history_id <= {number} AND NOT EXISTS (SELECT 1 FROM {versions} AS n WHERE {later})"  # noqa: S608


def _literal(instant: datetime.datetime) -> str:
    return "'" + instant.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S.%f") + _ZONE[connection.vendor] + "'"


def table(model: Any) -> str:
    """The name of the model's own table, whatever stands for it while the public or the past is read."""
    return f"{TABLES[connection.vendor]}.{_name(model._meta.db_table)}"


def _name(name: str) -> str:
    return connection.ops.quote_name(name)


# Views that stay, for PostgreSQL

# Schemas in which every table is what a reader sees of it: what is published now; what was held at an instant; what of
# that is published. The instant, and the keys of what is hidden then, are settings of the transaction.
PUBLISHED, KNOWN, KNOWN_PUBLISHED = "published", "known", "known_published"
_SETTINGS = "reading"


def publishing() -> Iterator[str]:
    """Statements that make the schemas anew. What is not in one is not there for its readers: it fails, closed."""
    yield from unpublishing()
    # Asked for once in a statement: a setting would be read again for every row.
    then = f"(SELECT CAST(current_setting('{_SETTINGS}.instant') AS timestamptz))"
    hidden = {
        model: f"SELECT unnest(CAST(current_setting('{_setting(model)}') AS bigint[]))"
        for model in publishable_models(recorded())
    }
    readers = {PUBLISHED: Reader(public=True), KNOWN: Reader(then), KNOWN_PUBLISHED: Reader(then, True, hidden)}
    for schema, by in readers.items():
        yield f"CREATE SCHEMA {schema}"
        for model in recorded():
            yield f"CREATE VIEW {schema}.{_name(model._meta.db_table)} AS {shown(model, by)}"
        for model in unrecorded():
            yield f"CREATE VIEW {schema}.{_name(model._meta.db_table)} AS SELECT * FROM {table(model)}"  # noqa: S608


def unpublishing() -> Iterator[str]:
    """The statement that takes the schemas away."""
    yield f"DROP SCHEMA IF EXISTS {PUBLISHED}, {KNOWN}, {KNOWN_PUBLISHED} CASCADE"


def settings_for(instant: datetime.datetime, keys: dict[Any, list[Any]]) -> Iterator[str]:
    """Statements that tell the views of the past which instant a transaction reads, and what is hidden from it."""
    yield f"SET LOCAL {_SETTINGS}.instant = {_literal(instant)}"
    for model, found in keys.items():
        yield f"SET LOCAL {_setting(model)} = '{{{', '.join(map(str, found))}}}'"


def _setting(model: Any) -> str:
    return f"{_SETTINGS}.hidden_{model._meta.model_name}"
