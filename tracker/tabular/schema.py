"""The Table Schema (Frictionless Data) of a table: what a machine needs to read it with its types."""

from collections.abc import Iterable
from typing import Any

from tracker.tabular.columns import Column

PARTIAL_DATE = {"pattern": r"\d{4}(-\d{2}(-\d{2})?)?"}


def table_schema(columns: Iterable[Column]) -> dict[str, Any]:
    """The descriptor, with titles in the active language. An empty cell is null; nothing else is."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [_field(column) for column in columns],
        "missingValues": [""],
    }


def _field(column: Column) -> dict[str, Any]:
    constraints = dict(column.constraints)
    if column.type == "partial_date":
        constraints |= PARTIAL_DATE
    described: dict[str, Any] = {
        "name": column.name,
        "type": "string" if column.type == "partial_date" else column.type,
        "title": str(column.title),
        "description": str(column.description),
        "constraints": constraints,
    }
    return {key: value for key, value in described.items() if value}
