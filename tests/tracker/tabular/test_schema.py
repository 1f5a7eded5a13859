"""The Table Schema of a table."""

from tracker.tabular.columns import Column
from tracker.tabular.schema import table_schema


def test_table_schema_types_words_and_constraints() -> None:
    columns = [
        Column("code", title="code", description="Stable.", constraints={"required": True}),
        Column("start", "partial_date"),
        Column("amount", "number", constraints={"minimum": 0}),
    ]
    assert table_schema(columns) == {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [
            {
                "name": "code",
                "type": "string",
                "title": "code",
                "description": "Stable.",
                "constraints": {"required": True},
            },
            {"name": "start", "type": "string", "constraints": {"pattern": r"\d{4}(-\d{2}(-\d{2})?)?"}},
            {"name": "amount", "type": "number", "constraints": {"minimum": 0}},
        ],
        "missingValues": [""],
    }
