"""Indexes for the orders that lists have."""

from typing import Any

from django.db.models import F, Index


def when_written(name: str) -> list[Index]:
    """For lists in the order in which records were made or changed, and for those who copy what changed since."""
    return [Index(fields=[field], name=f"{name}_{field}") for field in ("created_at", "modified_at")]


class DescendingIndex(Index):
    """For the descending order of one field that may be unknown. What is unknown comes last there as well, where an
    index of the other direction, read backwards, has it first; to SQLite it is less than anything else."""

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """The statement that makes it."""
        (name,) = self.fields
        last = {"nulls_last": True} if schema_editor.connection.vendor == "postgresql" else {}
        return Index(F(name).desc(**last), name=self.name).create_sql(model, schema_editor, using, **kwargs)
