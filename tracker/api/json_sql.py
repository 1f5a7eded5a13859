"""JSON that the database writes itself: the forms in which SQLite and PostgreSQL differ.

Both write what orjson writes of the same values, byte by byte: no spaces, nothing escaped that need not be.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Protocol

import orjson
from django.db import connection

SEPARATOR = "\x1f"  # of texts that stand in one; in no key


class Dialect(Protocol):
    """Expressions in SQL. A column is given as SQL; a record as its fields' expressions by their names."""

    def record(self, fields: Mapping[str, str]) -> str:
        """A record of the row that the expressions speak of."""

    def records(self, fields: Mapping[str, str], rows: str) -> str:
        """A list of records. `rows` is what stands after FROM, with their order."""

    def texts(self, column: str, rows: str) -> str:
        """A list of the different texts of a column, which is never null, sorted by code point."""

    def array(self, items: list[str]) -> str:
        """A list of the texts that are not null."""

    def number(self, column: str, places: int) -> str:
        """A decimal number as a text with all its places."""

    def truth(self, column: str) -> str:
        """true, false or null."""

    def moment(self, column: str) -> str:
        """An instant in UTC."""

    def mapping(self, column: str) -> str:
        """What a JSON column has, a mapping to texts."""

    def page(self, key_type: str) -> str:
        """The keys of a page with their order, as a table `page (key, active, place)` of its parameters."""

    def page_parameters(self, keys: Sequence[Any], active: Sequence[str]) -> dict[str, Any]:
        """The parameters of a page; `active` may be empty."""

    def text(self, json: str) -> str:
        """A record, or a list of them, as the text that goes out."""


class PostgreSQL:
    """The forms of PostgreSQL; arrays of JSON stand for lists until all is written."""

    def record(self, fields: Mapping[str, str]) -> str:
        return f"(SELECT row_to_json(d) FROM (SELECT {_columns(fields)}) d)"

    def records(self, fields: Mapping[str, str], rows: str) -> str:
        return f"ARRAY(SELECT row_to_json(d) FROM (SELECT {_columns(fields)} FROM {rows}) d)"

    def texts(self, column: str, rows: str) -> str:
        return f'ARRAY(SELECT DISTINCT {column} COLLATE "C" FROM {rows} ORDER BY 1)'

    def array(self, items: list[str]) -> str:
        return f"array_remove(CAST(ARRAY[{', '.join(items)}] AS text[]), NULL)"

    def number(self, column: str, places: int) -> str:
        return f"CAST({column} AS text)"

    def truth(self, column: str) -> str:
        return column

    def moment(self, column: str) -> str:
        text = f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        return f"replace({text}, '.000000Z', 'Z')"

    def mapping(self, column: str) -> str:
        pairs = "string_agg(concat(to_json(m.key), ':', m.value), ',')"
        return f"(SELECT CAST(concat('{{', {pairs}, '}}') AS json) FROM jsonb_each({column}) m)"

    def page(self, key_type: str) -> str:
        keys, active = (f"string_to_array(%({name})s, '{SEPARATOR}')" for name in ("keys", "active"))
        return f"unnest(CAST({keys} AS {key_type}[]), {active}) WITH ORDINALITY page (key, active, place)"

    def page_parameters(self, keys: Sequence[Any], active: Sequence[str]) -> dict[str, Any]:
        # As texts: a list is made into an array item by item. The shorter one is filled with null.
        return {"keys": SEPARATOR.join(map(str, keys)), "active": SEPARATOR.join(map(str, active)) if active else None}

    def text(self, json: str) -> str:
        return f"CAST(to_json({json}) AS text)"


class SQLite:
    """The forms of SQLite."""

    def record(self, fields: Mapping[str, str]) -> str:
        pairs = ", ".join(f"'{name}', {expression}" for name, expression in fields.items())
        return f"json_object({pairs})"

    def records(self, fields: Mapping[str, str], rows: str) -> str:
        record = self.record(fields)  # in a query within: only so the order is kept
        return f"(SELECT json_group_array(json(d.record)) FROM (SELECT {record} AS record FROM {rows}) d)"

    def texts(self, column: str, rows: str) -> str:
        return f"(SELECT json_group_array(d.text) FROM (SELECT DISTINCT {column} AS text FROM {rows} ORDER BY 1) d)"

    def array(self, items: list[str]) -> str:
        rows = f"json_each(json_array({', '.join(items)}))"
        return f"(SELECT json_group_array(value) FROM {rows} WHERE value IS NOT NULL)"

    def number(self, column: str, places: int) -> str:
        return f"CASE WHEN {column} IS NOT NULL THEN printf('%%.{places}f', {column}) END"

    def truth(self, column: str) -> str:
        return f"json(CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"

    def moment(self, column: str) -> str:
        return f"replace({column}, ' ', 'T') || 'Z'"

    def mapping(self, column: str) -> str:
        return f"(SELECT json_group_object(key, value) FROM json_each({column}))"

    def page(self, key_type: str) -> str:
        columns = "value ->> 0 AS key, value ->> 1 AS active, key AS place"
        return f"(SELECT {columns} FROM json_each(%(page)s)) page"

    def page_parameters(self, keys: Sequence[Any], active: Sequence[str]) -> dict[str, Any]:
        return {"page": orjson.dumps(list(zip_longest(keys, active))).decode()}

    def text(self, json: str) -> str:
        return json


def _columns(fields: Mapping[str, str]) -> str:
    return ", ".join(f'{expression} AS "{name}"' for name, expression in fields.items())


_DIALECTS: dict[str, Dialect] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}


def dialect() -> Dialect:
    """The forms of the database that is asked."""
    return _DIALECTS[connection.vendor]
