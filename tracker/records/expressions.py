"""Expressions for which Django has no words."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import CharField, DecimalField, F, Func, OuterRef, Subquery, Value
from django.db.models.expressions import RawSQL

SEPARATOR = "; "


class Joined(Subquery):
    """Texts of several rows in one cell: in the order of their `rank`, else each once in its own order.

    Null where there are none.
    """

    ranked = f"string_agg(cell, '{SEPARATOR}' ORDER BY rank)"
    sorted = f"""string_agg(DISTINCT cell COLLATE "C", '{SEPARATOR}' ORDER BY cell COLLATE "C")"""
    output_field = CharField()

    @classmethod
    def of(cls, model: Any, relation: str, *, text: Any, rank: Any = None) -> "Joined":
        """The `text` of all that belongs to a record of the model."""
        link = model._meta.get_field(relation).field
        rows = link.model._default_manager.filter(**{link.name: OuterRef("pk")}).order_by()
        return cls(rows.values(cell=text) if rank is None else rows.values(cell=text, rank=rank))

    @property
    def template(self) -> str:  # type: ignore[override]
        joined = self.ranked if "rank" in self.query.annotations else self.sorted
        return f"(SELECT {joined} FROM (%(subquery)s) AS cells)"  # noqa: S608

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """The order of the rows within is the order in which SQLite takes them."""
        rows = "SELECT %s FROM (%%(subquery)s) ORDER BY %s"
        rows %= ("*", "rank") if "rank" in self.query.annotations else ("DISTINCT cell", "1")
        template = f"(SELECT group_concat(cell, '{SEPARATOR}') FROM ({rows}) AS cells)"  # noqa: S608
        return self.as_sql(compiler, connection, template=template, **context)


class Plain(Func):
    """A number without zeros after the last decimal that says something."""

    function = "trim_scale"
    output_field = DecimalField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite has no such zeros: only as it is read the number gets its decimals."""
        return self.as_sql(compiler, connection, template="%(expressions)s", **context)

    @property
    def convert_value(self) -> Any:
        return lambda value, *_context: plain(None if value is None else Decimal(str(value)))


def plain(number: Decimal | None) -> Decimal | None:
    """The number without zeros after the last decimal that says something."""
    if number is None:
        return None
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


class Given(Func):
    """What is given for the text at the end of the path, by default the key of the row; null where nothing is."""

    template = "(CAST(%(expressions)s AS text))"
    arg_joiner = " AS jsonb) ->> CAST("
    output_field = CharField()

    def __init__(self, texts: Mapping[Any, str], path: str = "pk", **extra: Any) -> None:
        super().__init__(Value(json.dumps(texts)), F(path), **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s || '\"'))", arg_joiner=""" ->> ('$."' || """, **context
        )


def keys_given(keys: Iterable[int]) -> RawSQL:
    """The keys, for `__in`: one parameter, however many they are."""
    return RawSQL(_KEYS[connection.vendor], [json.dumps(list(keys))])  # noqa: S611 - our own words


_KEYS = {
    "postgresql": "SELECT CAST(jsonb_array_elements_text(CAST(%s AS jsonb)) AS bigint)",
    "sqlite": "SELECT value FROM json_each(%s)",
}
