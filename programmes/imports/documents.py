"""Nested documents of records, told apart by natural keys: the writer behind fixtures."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Self

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models.fields.related import ForeignKey
from django.utils.translation import gettext as _

from tracker.records.models import Record
from tracker.records.units import one_unit

Document = dict[str, Any]
Key = tuple[Any, ...]
KEYS = 100  # that are reserved at a time, for the next new records of a kind


class DocumentError(Exception):
    """A document that cannot be stored: where in it, and why."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{place}: {reason}")


class DocumentWriter:
    """Writes documents into the database: creates what is new, changes what differs, leaves the rest untouched.

    A document holds the fields of one record, relations as the key of what they point at, and lists of documents
    under the names by which the record knows its children. A field that a document does not name keeps its value.
    Each record meets the model's own validation. Run it inside a transaction, as a context manager: what it writes is
    one unit.
    """

    def __init__(self, on_record: Callable[[], None] = lambda: None) -> None:
        self.on_record = on_record
        self.created = self.changed = self.unchanged = 0
        self._stored: dict[type[Record], dict[Key, Record]] = {}
        self._unit = ExitStack()

    def __enter__(self) -> Self:
        self.unit = self._unit.enter_context(one_unit())
        return self

    def __exit__(self, *error: Any) -> None:
        self._unit.__exit__(*error)

    def write(self, model: type[Record], document: Document, place: str, **owner: Record) -> Record:
        """Store one document and its children; `owner` is the record that it belongs to, under the link's name.

        Raises DocumentError that names the place in the document.
        """
        if not isinstance(document, dict):
            raise DocumentError(place, _("a mapping is expected"))
        children, values = _split(model, document, place)
        values = {name: self._value(model, name, value, f"{place}.{name}") for name, value in values.items()} | owner
        record = self._store(model, values, place)
        self.on_record()
        for name, documents in children.items():
            relation: Any = model._meta.get_field(name)
            if not isinstance(documents, list):
                raise DocumentError(f"{place}.{name}", _("a list is expected"))
            for number, child in enumerate(documents):
                child_place = f"{place}.{name}[{number}]"
                self.write(relation.related_model, child, child_place, **{relation.field.name: record})
        return record

    def _store(self, model: type[Record], values: Document, place: str) -> Record:
        fresh = model(**values)
        record = self._find(model, _key(fresh))
        if record is None:
            self.created += 1
            return self._save(fresh, place)
        changed = False
        for name, value in values.items():
            if getattr(record, name) != value:
                setattr(record, name, value)
                changed = True
        if changed:
            self.changed += 1
            return self._save(record, place)
        self.unchanged += 1
        return record

    def _save(self, record: Record, place: str) -> Record:
        try:
            record.full_clean()
        except ValidationError as error:
            raise DocumentError(place, "; ".join(_sentences(error))) from error
        if not (record._state.adding and self.unit.insert_later(record, more=KEYS)):
            record.save()
        self._all(type(record))[_key(record)] = record
        return record

    def _value(self, model: type[Record], name: str, value: Any, place: str) -> Any:
        field: Any = model._meta.get_field(name)
        if value is None:
            return None
        if isinstance(field, ForeignKey):
            kind: Any = field.related_model
            target = self._find(kind, (value,))
            if target is None:
                reason = _("there is no %(kind)s “%(key)s”")
                raise DocumentError(place, reason % {"kind": kind._meta.verbose_name, "key": value})
            return target
        try:
            return field.to_python(value)
        except ValidationError as error:
            raise DocumentError(place, " ".join(error.messages)) from error

    def _find(self, model: type[Record], key: Key) -> Record | None:
        return self._all(model).get(key)

    def _all(self, model: type[Record]) -> dict[Key, Record]:
        """Every stored record of the kind by natural key: read once, kept up to date by `_save`."""
        if model not in self._stored:
            self._stored[model] = {_key(record): record for record in model._default_manager.all()}
        return self._stored[model]


def _split(model: type[Record], document: Document, place: str) -> tuple[Document, Document]:
    """The document's lists of children, and its own values."""
    children: Document = {}
    values: Document = {}
    for name, value in document.items():
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            raise DocumentError(f"{place}.{name}", _("there is no such field")) from None
        if field.one_to_many:
            children[name] = value
        elif field.concrete and not isinstance(field, models.GeneratedField):
            values[name] = value
        else:
            raise DocumentError(f"{place}.{name}", _("this field cannot be written"))
    return children, values


def _key(record: Record) -> Key:
    """The natural key in values of one row, so that it can be compared without reading others."""
    columns: list[Any] = [record._meta.get_field(name) for name in record.NATURAL_KEY]
    values = (getattr(record, column.attname) for column in columns)
    return tuple(json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for value in values)


def _sentences(error: ValidationError) -> Iterator[str]:
    for field, messages in error.message_dict.items():
        yield from messages if field == "__all__" else (f"{field}: {message}" for message in messages)
