"""Records as JSON that the database writes: what the serializers declare, in one statement, nothing made in Python.

A serializer says which fields a record has, which records are nested in it, and in which order; a selection says which
of them are shown. From the two comes a statement for a page of keys. Its answer is the text of a list, byte by byte
what the serializer itself would give of the same records: a test holds the two together. A kind of field that is not
described here is no error: NotDescribedError says so, and the serializer is asked instead.
"""

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request

from tracker.api import fields
from tracker.api.addresses import code_fields, found_by, key_field, read_key
from tracker.api.json_sql import dialect
from tracker.api.ordering import Term, default_terms
from tracker.api.selection import Selection, described, nested_in
from tracker.api.serializers import load
from tracker.partial_dates import PartialDate
from tracker.records.past import moment_read
from tracker.records.statements import asked
from tracker.records.views import can_be_hidden, named, shown_with, table


class Reader(NamedTuple):
    """For whom records are written: `public` where the tables' names stand for what is published now."""

    public: bool = False
    as_of: PartialDate | None = None


class NotDescribedError(TypeError):
    """Nothing here says how the database writes a field of this kind."""


class Document(NamedTuple):
    """A record as it is shown, with its key and version."""

    key: Any
    version: int
    shown: Any


class Documents(NamedTuple):
    """Records as a request shows them: by the database, or where that is not described by the serializer."""

    serializer: Any
    selection: Selection
    reader: Reader
    request: Request

    def page(self, keys: Sequence[Any], active: Sequence[str] = ()) -> Any:
        """The records with the keys, in their order, as a list; those that are not there are left out.

        `active` says of each record whether it was active, if that was asked.
        """
        try:
            statement = self.statement()
        except NotDescribedError:
            return self.serialized(keys, active)
        parameters = dialect().page_parameters(keys, active) | statement.given(self.request)
        return orjson.Fragment(asked(statement.page, parameters)[0][0])

    def one(self, key: str) -> Document | None:
        """The record with the key in its address; null where there is none."""
        model = self.serializer.Meta.model
        wanted = read_key(model, key)
        if wanted is None:
            return None
        try:
            statement = self.statement()
        except NotDescribedError:
            record = model._default_manager.filter(found_by(model, [key])).first()
            return record and Document(record.pk, record.version, self.serialized([record.pk])[0])
        found = asked(statement.one, {"key": wanted} | statement.given(self.request))
        return Document(found[0][0], found[0][1], orjson.Fragment(found[0][2])) if found else None

    def statement(self) -> "Shown":
        """What the database is asked for such records. Raises NotDescribedError."""
        return _statement(self.serializer, self.selection, self.reader, connection.vendor)

    def serialized(self, keys: Sequence[Any], active: Sequence[str] = ()) -> list[Any]:
        """The same as `page`, given by the serializer."""
        records = self.serializer.Meta.model._default_manager.all()
        found = load(records, self.serializer, self.selection, as_of=self.reader.as_of).in_bulk(keys)
        shown = []
        for key, answer in zip(keys, active or [None] * len(keys), strict=True):
            if key in found:
                if answer is not None:
                    found[key].active = answer
                record = self.serializer(found[key], selection=self.selection, context={"request": self.request})
                shown.append(record.data)
        return shown


class KeyRow(NamedTuple):
    """A record of a page, by its key."""

    pk: Any


def keys(model: Any, order: Sequence[Term], start: int, stop: int) -> list[KeyRow]:
    """The keys of all records of the kind from one place of the order up to another, within `past.reading`."""
    moment = moment_read()
    published = moment is not None and moment.public and moment.instant is None
    statement = _keys_statement(model, tuple(order), published, connection.vendor)
    return [KeyRow(key) for (key,) in asked(statement, {"start": start, "count": stop - start})]


@functools.lru_cache(maxsize=1000)
def _keys_statement(model: Any, order: tuple[Term, ...], published: bool, _vendor: str) -> str:
    row = Statement(Reader(published)).row(model)
    terms = ", ".join(row.ordered(term) for term in order)
    return f"SELECT {row.key} FROM {row.source} ORDER BY {terms} LIMIT %(count)s OFFSET %(start)s"


class Statement:
    """What the parts of a statement share: for whom it is, the aliases in it, and the values."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._values: dict[str, Any] = {}
        self._addressed: set[Any] = set()
        self._aliases = (f"r{number}" for number in itertools.count())
        self._then: dict[Any, str] = {}

    def given(self, request: Request) -> dict[str, Any]:
        """The values in the statement, but for the keys."""
        bases = {
            f"base_{model._meta.model_name}": request.build_absolute_uri(_list_path(model)) for model in self._addressed
        }
        return self._values | bases

    def row(self, model: Any, *, proper: bool = False) -> "Row":
        """A row of the model under an alias of its own."""
        return Row(self, model, next(self._aliases), proper)

    def parameter(self, value: Any) -> str:
        """The place of a value."""
        name = f"given_{len(self._values)}"
        self._values[name] = value
        return f"%({name})s"

    def there_then(self, model: Any) -> str | None:
        """The name of a table with the `key` of what was there at the time that is read; null for all that is there."""
        as_of, rows = self.reader.as_of, model._default_manager.order_by()
        if as_of is None or not hasattr(rows, "as_of"):
            return None
        name = f"{model._meta.model_name}_then"
        if model not in self._then:
            # Not within the conditions where it is asked: SQLite reads nothing so deep.
            sql, values = rows.as_of(as_of).values("pk").query.sql_with_params()
            then = sql % tuple(self.parameter(value) for value in values)
            self._then[model] = f"{name} (key) AS NOT MATERIALIZED ({then})"
        return name

    def base(self, model: Any) -> str:
        """The place of the address of the model's list."""
        self._addressed.add(model)
        return f"CAST(%(base_{model._meta.model_name})s AS text)"


class Shown(Statement):
    """What is asked of the database for records as they are shown: for a page of keys, and for one."""

    def __init__(self, serializer: Any, selection: Selection, reader: Reader) -> None:
        super().__init__(reader)
        row = self.row(serializer.Meta.model)
        page, one = self._page(row, serializer, selection), self._one(row, serializer, selection)
        then = ", ".join(self._then.values())
        self.page, self.one = (f"WITH {then} {each}" if then else each for each in (page, one))

    def _page(self, row: "Row", serializer: Any, selection: Selection) -> str:
        page = dialect().page(row.model._meta.pk.rel_db_type(connection))
        rows = f"{page} JOIN {row.source} ON {row.key} = page.key ORDER BY page.place"
        return f"SELECT {dialect().text(dialect().records(row.record(serializer, selection, 'page.active'), rows))}"

    def _one(self, row: "Row", serializer: Any, selection: Selection) -> str:
        record = dialect().text(dialect().record(row.record(serializer, selection)))
        keys = [row.column(name) for name in code_fields(row.model)] or [row.key]
        found = " OR ".join(f"{column} = %(key)s" for column in keys)
        return f"SELECT {row.key}, {row.column('version')}, {record} FROM {row.source} WHERE {found}"


class Row(NamedTuple):
    """A row of a model in a statement, under its alias.

    `proper`: it stands in the table itself although the public reads. Its links may then lead to what is hidden.
    """

    statement: Statement
    model: Any
    alias: str
    proper: bool

    @property
    def key(self) -> str:
        """Its key."""
        return self.column(self.model._meta.pk.name)

    @property
    def source(self) -> str:
        """Its table, as it stands after FROM."""
        name = table(self.model) if self.proper else named(self.model, public=self.statement.reader.public)
        return f"{name} {self.alias}"

    def column(self, name: str) -> str:
        """One of its columns, by the name of the field."""
        return f"{self.alias}.{connection.ops.quote_name(self.model._meta.get_field(name).column)}"

    def value(self, path: Sequence[str]) -> str:
        """What stands at the end of a path of links; null where one of them is, or leads to what is hidden."""
        name, *further = path
        if not further:
            return self.column(name)
        link = self.model._meta.get_field(name)
        other = link.related_model
        if further == [other._meta.pk.name] and not (self.proper and can_be_hidden(other)):
            return self.column(name)
        row = self.statement.row(other)
        return f"(SELECT {row.value(further)} FROM {row.source} WHERE {row.key} = {self.column(name)})"

    def record(self, serializer: Any, selection: Selection, active: str = "NULL") -> dict[str, str]:
        """The expressions of a record's fields, by their names."""
        known = described(serializer)
        found = {}
        for name in (name for name in known if name in selection):
            field, inner = known[name], nested_in(known[name])
            if inner is not None:
                found[name] = self._nested(field.source, inner, selection[name])
            elif isinstance(field, fields.ActiveField):
                found[name] = active
            else:
                found[name] = written(field, self)
        return found

    def _nested(self, source: str, serializer: Any, selection: Selection) -> str:
        row, condition = self.belonging(source)
        link = self.model._meta.get_field(source).field.name
        order = [row.ordered(term) for term in default_terms(row.model) if term.path.split("__")[0] != link]
        rows = f"{row.source} WHERE {condition} ORDER BY {', '.join(order)}"
        return dialect().records(row.record(serializer, selection), rows)

    def belonging(self, relation: str, only: Mapping[str, Any] | None = None) -> "tuple[Row, str]":
        """A row at the end of a relation to many, and the condition for those that belong to this one.

        `only` narrows them by their columns, or by `column__isnull`; with `as_of` only those that were there then.
        """
        field = self.model._meta.get_field(relation).field
        row = self.statement.row(field.model, proper=self.statement.reader.public and shown_with(field.model, field))
        conditions = [f"{row.column(field.name)} = {self.key}"]
        for name, value in (only or {}).items():
            column, _, lookup = name.partition("__")
            known = {True: "IS NULL", False: "IS NOT NULL"}
            wanted = known[value] if lookup else f"= {self.statement.parameter(value)}"
            conditions.append(f"{row.column(column)} {wanted}")
        return row, " AND ".join([*conditions, *row._then()])

    def _then(self) -> list[str]:
        """The condition that it was there at the time that is read; none where its kind does not come and go."""
        then = self.statement.there_then(self.model)
        return [f"EXISTS (SELECT 1 FROM {then} WHERE {then}.key = {self.key})"] if then else []

    def ordered(self, term: Term) -> str:
        """A term of an order over it."""
        *links, last = term.path.split("__")
        name = self.model._meta.get_field(last).name if not links else last
        nulls = " NULLS LAST" if term.nullable else ""
        return f"{self.value([*links, name])} {'DESC' if term.descending else 'ASC'}{nulls}"


@functools.singledispatch
def written(field: Any, _row: Row) -> str:
    """How the database writes a field of the row. Raises NotDescribedError."""
    raise NotDescribedError(f"{type(field).__name__} {field.field_name}")


@written.register(serializers.CharField)
@written.register(serializers.ChoiceField)
@written.register(serializers.IntegerField)
@written.register(serializers.DateField)
@written.register(fields.PartialDateField)
def _as_stored(field: Any, row: Row) -> str:
    return row.value(field.source.split("."))


@written.register
def _number(field: serializers.DecimalField, row: Row) -> str:
    return dialect().number(row.column(field.source), field.decimal_places)


@written.register
def _truth(field: serializers.BooleanField, row: Row) -> str:
    return dialect().truth(row.column(field.source))


@written.register
def _moment(field: serializers.DateTimeField, row: Row) -> str:
    return dialect().moment(row.column(field.source))


@written.register
def _mapping(field: serializers.JSONField, row: Row) -> str:
    return dialect().mapping(row.column(field.source))


@written.register
def _related(field: fields.RelatedField, row: Row) -> str:
    return row.value([field.source, field.key()])


@written.register
def _address(_field: fields.AddressField, row: Row) -> str:
    return f"{row.statement.base(row.model)} || {row.column(key_field(row.model))} || '/'"


@written.register
def _codes(field: fields.CodesField, row: Row) -> str:
    other, condition = row.belonging(field.relation, field.only)
    source = other.source
    *links, code = _path(field.code, other.model)
    for link in links:
        at_end = row.statement.row(other.model._meta.get_field(link).related_model)
        source += f" JOIN {at_end.source} ON {at_end.key} = {other.column(link)}"
        other = at_end
    return dialect().texts(other.column(code), f"{source} WHERE {condition}")


@written.register
def _unknown(field: fields.UnknownField, row: Row) -> str:
    words = []
    for word, known in field.words.items():
        if isinstance(known, fields.Some):
            other, belongs = row.belonging(known.relation, known.only)
            condition = f"EXISTS (SELECT 1 FROM {other.source} WHERE {belongs})"
        else:
            condition = f"coalesce({row.column(known)}, '') <> ''"
        words.append(f"CASE WHEN NOT {condition} THEN '{word}' END")
    return dialect().array(words)


def _path(path: str, model: Any) -> list[str]:
    """The steps of a path, with `country` for `country_id`."""
    *links, last = path.split("__")
    return [*links, last] if links else [model._meta.get_field(last).name]


@functools.cache
def _list_path(model: Any) -> str:
    return reverse(f"{model._meta.model_name}-list")


@functools.lru_cache(maxsize=1000)
def _statement(serializer: Any, selection: Selection, reader: Reader, _vendor: str) -> Shown:
    return Shown(serializer, selection, reader)
