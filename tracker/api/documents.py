"""Records as JSON that the database writes: what the serializers declare, in one statement, nothing made in Python.

A serializer says which fields a record has, which records are nested in it, and in which order; a selection says which
of them are shown. From the two comes a statement for a page of keys. Its answer is the text of a list, byte by byte
what the serializer itself would give of the same records: a test holds the two together. A kind of field that is not
described here is no error: NotDescribedError says so, and the serializer is asked instead.
"""

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from django.db import connection
from rest_framework.request import Request

from tracker.api.addresses import code_fields, found_by, list_path, read_key
from tracker.api.json_sql import dialect
from tracker.api.ordering import Term
from tracker.api.rows import NotDescribedError, Reader, Row, Statement
from tracker.api.selection import Selection
from tracker.api.serializers import load
from tracker.records.fresh import kinds_read
from tracker.records.in_order import FAR, LINK, Range, page, place
from tracker.records.journal import Listed, Of
from tracker.records.past import SEEN, moment_read
from tracker.records.statements import asked

BOUNDS = (1000, FAR)  # records before the end of a page: how many at most its statement says


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
        if not self.described:
            return self.serialized(keys, active)
        statement = self.statement()
        parameters = dialect().page_parameters(keys, active) | statement.given(self.request)
        return orjson.Fragment(asked(statement.page, parameters)[0][0])

    def one(self, key: str) -> Document | None:
        """The record with the key in its address; null where there is none."""
        model = self.serializer.Meta.model
        wanted = read_key(model, key)
        if wanted is None:
            return None
        if not self.described:
            record = model._default_manager.filter(found_by(model, [key])).first()
            return record and Document(record.pk, record.version, self.serialized([record.pk])[0])
        statement = self.statement()
        found = asked(statement.one, {"key": wanted} | statement.given(self.request))
        if not found:
            return None
        [(pk, version, shown, *seen)] = found
        if seen and (moment := moment_read()):
            moment.saw(*seen)
        return Document(pk, version, orjson.Fragment(shown))

    def made_of(self, keys: Sequence[Any], listed: Listed | None = None) -> Of | None:
        """What an answer with the records is made of, which were found in the list; null where that cannot be told."""
        kinds = kinds_read(self.statement().page) if self.described else None
        if kinds is None:
            return None
        kinds = kinds | listed.kinds if listed else kinds
        return Of(self.serializer.Meta.model, kinds, frozenset(keys), listed)

    @property
    def described(self) -> bool:
        """Whether the database can write them, by one statement that says what of each table the reader sees."""
        try:
            self.statement()
        except NotDescribedError:
            return False
        return True

    def statement(self) -> "Shown":
        """What the database is asked for such records. Raises NotDescribedError."""
        return _statement(self.serializer, self.selection, self.reader, connection.vendor)

    def serialized(self, keys: Sequence[Any], active: Sequence[str] = ()) -> list[Any]:
        """The same as `page`, given by the serializer."""
        records = self.serializer.Meta.model._default_manager.all()
        found = load(records, self.serializer, self.selection, as_of=self.reader.as_of).in_bulk(keys)
        shown = []
        for nth, key in enumerate(keys):
            if key in found:
                if active:
                    found[key].active = active[nth]
                record = self.serializer(found[key], selection=self.selection, context={"request": self.request})
                shown.append(record.data)
        return shown


class KeyRow(NamedTuple):
    """A record of a page, by its key."""

    pk: Any


def keys(model: Any, order: Sequence[Term], start: int, stop: int) -> list[KeyRow]:
    """The keys of all records of the kind from one place of the order up to another, within `past.reading`."""
    moment = moment_read()
    schema = moment.schema if moment else ""
    most = min((bound for bound in BOUNDS if stop <= bound), default=None)
    statement = _keys_statement(model, tuple(order), schema, connection.vendor, most)
    return [KeyRow(key) for (key,) in asked(statement, {"start": start, "stop": stop, "number": stop - start})]


@functools.lru_cache(maxsize=1000)
def _keys_statement(model: Any, order: tuple[Term, ...], schema: str, _vendor: str, most: int | None) -> str:
    """That for pages which end within the first `most` records; for all others where that is null."""
    row = Statement(Reader(schema)).row(model)
    found = [row.joined(term.path.split("__")) for term in order]
    joins = " ".join(join for _value, join in found if join)
    places = ", ".join(f"{value} AS {place(nth)}" for nth, (value, _join) in enumerate(found))
    link = f", {row.column(order[0].link)} AS {LINK}" if order[0].link else ""
    rows = f"SELECT {row.key} AS pk, {places}{link} FROM {row.source} {joins}"
    wanted = Range("%(start)s", "%(stop)s", "%(number)s", most)
    return page(rows, [term.direction for term in order], wanted, by_index=most is not None, link=bool(link))


class Shown(Statement):
    """What is asked of the database for records as they are shown: for a page of keys, and for one."""

    def __init__(self, serializer: Any, selection: Selection, reader: Reader) -> None:
        super().__init__(reader)
        row = self.row(serializer.Meta.model)
        page, one = self._page(row, serializer, selection), self._one(row, serializer, selection)
        then = ", ".join(self.then.values())
        self.page, self.one = (f"WITH {then} {each}" if then else each for each in (page, one))

    def given(self, request: Request) -> dict[str, Any]:
        """The values in the statement, but for the keys."""
        bases = {
            f"base_{model._meta.model_name}": request.build_absolute_uri(list_path(model)) for model in self.addressed
        }
        return self.values | bases

    def _page(self, row: Row, serializer: Any, selection: Selection) -> str:
        page = dialect().page(row.model._meta.pk.rel_db_type(connection))
        rows = f"{page} JOIN {row.source} ON {row.key} = page.key ORDER BY page.place"
        return f"SELECT {dialect().text(dialect().records(row.record(serializer, selection, 'page.active'), rows))}"

    def _one(self, row: Row, serializer: Any, selection: Selection) -> str:
        record = dialect().text(dialect().record(row.record(serializer, selection)))
        keys = [row.column(name) for name in code_fields(row.model)] or [row.key]
        found = " OR ".join(f"{column} = %(key)s" for column in keys)
        columns = [row.key, row.column("version"), record, *([SEEN] if connection.vendor == "postgresql" else [])]
        return f"SELECT {', '.join(columns)} FROM {row.source} WHERE {found}"


@functools.lru_cache(maxsize=1000)
def _statement(serializer: Any, selection: Selection, reader: Reader, _vendor: str) -> Shown:
    return Shown(serializer, selection, reader)
