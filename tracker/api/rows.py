"""How the database writes a record: the fields that a serializer declares as expressions in SQL."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from rest_framework import serializers

from tracker.api import fields
from tracker.api.addresses import key_field
from tracker.api.json_sql import dialect
from tracker.api.ordering import Term, default_terms
from tracker.api.selection import Selection, described, nested_in
from tracker.partial_dates import PartialDate
from tracker.records.views import PUBLISHED, can_be_hidden, named, shown_with, table


class Reader(NamedTuple):
    """For whom records are written: who reads a schema of views, or the tables where it is empty."""

    schema: str = ""
    as_of: PartialDate | None = None


class NotDescribedError(TypeError):
    """Nothing here says how the database writes a field of this kind."""


class Statement:
    """What the parts of a statement share: for whom it is, the aliases in it, and the values."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.values: dict[str, Any] = {}
        self.addressed: set[Any] = set()
        self._aliases = (f"r{number}" for number in itertools.count())
        self.then: dict[Any, str] = {}
        self._linked: dict[tuple[str, ...], str] = {}

    def row(self, model: Any, *, proper: bool = False) -> "Row":
        """A row of the model under an alias of its own."""
        return Row(self, model, next(self._aliases), proper)

    def parameter(self, value: Any) -> str:
        """The place of a value."""
        name = f"given_{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def there_then(self, model: Any) -> str | None:
        """The name of a table with the `key` of what was there at the time that is read; null for all that is there."""
        as_of, rows = self.reader.as_of, model._default_manager.order_by()
        if as_of is None or not hasattr(rows, "as_of"):
            return None
        name = f"{model._meta.model_name}_then"
        if model not in self.then:
            # Not within the conditions where it is asked: SQLite reads nothing so deep.
            sql, values = rows.as_of(as_of).values("pk").query.sql_with_params()
            then = sql % tuple(self.parameter(value) for value in values)
            self.then[model] = f"{name} (key) AS NOT MATERIALIZED ({then})"
        return name

    def linked(self, row: "Row", link: str, path: Sequence[str]) -> str:
        """What stands at the end of the path from where the row's link leads: in the same words wherever it is shown
        and ordered by, so that PostgreSQL looks for it once."""
        words = row.alias, link, *path
        if words not in self._linked:
            other = self.row(row.model._meta.get_field(link).related_model)
            condition = f"{other.key} = {row.column(link)}"
            self._linked[words] = f"(SELECT {other.value(path)} FROM {other.source} WHERE {condition})"
        return self._linked[words]

    def base(self, model: Any) -> str:
        """The place of the address of the model's list."""
        self.addressed.add(model)
        return f"CAST(%(base_{model._meta.model_name})s AS text)"


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
        name = table(self.model) if self.proper else named(self.model, self.statement.reader.schema)
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
        return self.statement.linked(self, name, further)

    def joined(self, path: Sequence[str]) -> tuple[str, str]:
        """The same, and the joins that it needs: so an index may give the rows in its order, and none are sorted."""
        at, joins, (*links, last) = self, "", path
        for link in links:
            field = at.model._meta.get_field(link)
            other = at.statement.row(field.related_model)
            kind = "LEFT JOIN" if field.null or joins.startswith("LEFT") else "JOIN"
            joins += f" {kind} {other.source} ON {other.key} = {at.column(link)}"
            at = other
        return at.column(at.model._meta.get_field(last).name), joins

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

    def _is_proper(self, link: Any) -> bool:
        """Whether what belongs to this row by the link can be read from its table: nothing else could hide it."""
        return self.statement.reader.schema == PUBLISHED and shown_with(link.model, link)

    def belonging(self, relation: str, only: Mapping[str, Any] | None = None) -> "tuple[Row, str]":
        """A row at the end of a relation to many, and the condition for those that belong to this one.

        `only` narrows them by their columns, or by `column__isnull`; with `as_of` only those that were there then.
        """
        field = self.model._meta.get_field(relation).field
        row = self.statement.row(field.model, proper=self._is_proper(field))
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
        return f"{self.value([*links, name])} {term.direction}"


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


def _stored(field: Any, row: Row) -> str:
    return row.column(field.source)


@written.register
def _number(field: serializers.DecimalField, row: Row) -> str:
    return dialect().number(_stored(field, row), field.decimal_places or 0)


@written.register
def _truth(field: serializers.BooleanField, row: Row) -> str:
    return dialect().truth(_stored(field, row))


@written.register
def _moment(field: serializers.DateTimeField, row: Row) -> str:
    return dialect().moment(_stored(field, row))


@written.register
def _mapping(field: serializers.JSONField, row: Row) -> str:
    return dialect().mapping(_stored(field, row))


@written.register
def _related(field: fields.RelatedField, row: Row) -> str:
    return row.value([str(field.source), field.key])


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
