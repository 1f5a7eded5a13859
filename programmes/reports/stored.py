"""Reports whose rows the database makes: a row for each record, every column an expression."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from programmes.reports.base import CHUNK, Report
from programmes.reports.columns import ReportColumn
from tracker.records.statements import copied, share_no_hashes
from tracker.tabular.csv_writer import FIRST, FORMULA

# The records are read part by part: those that belong to so many others, or are so many, each time several times as
# many. So the first rows are there at once, and what the database has to sort at a time has an end.
FIRST_PART, GROWTH, LARGEST_PART = 25, 50, 40_000

FIRST_CODES = ", ".join(str(ord(character)) for character in sorted(FIRST))


class StoredReport(Report):
    """A table with a row for each record of the selection.

    `order` begins with the code of the record, or of that which it belongs to, and names each record's place.
    """

    order: ClassVar[Sequence[Any]]

    def rows(self) -> Iterator[Sequence[Any]]:
        for part in self.parts():
            yield from part.iterator(chunk_size=CHUNK)

    def lines(self) -> Iterator[bytes] | None:
        return self._copied() if connection.vendor == "postgresql" else None

    def count(self) -> int:
        return self.selection.count()

    def parts(self) -> Iterator[QuerySet[Any, Any]]:
        """The rows part by part, in order."""
        share_no_hashes()
        path = str(self.order[0])
        owner: Any = self.model
        for link in path.split("__")[:-1]:
            owner = owner._meta.get_field(link).related_model
        after: str | None = ""
        size = FIRST_PART
        while after is not None:
            owners = owner.objects.filter(code__gt=after).order_by("code")
            last = next(iter(owners.values_list("code", flat=True)[size - 1 : size]), None)
            until = {} if last is None else {f"{path}__lte": last}
            part = self.selection.filter(**{f"{path}__gt": after}, **until)
            yield self.table(part, owners[:size] if size == LARGEST_PART else None)
            after, size = last, min(GROWTH * size, LARGEST_PART)

    def looked_at(self, part: Any, owners: QuerySet[Any, Any] | None) -> Any:
        """A part with what its columns need to know of it besides what is stored; `owners` as of `table`."""
        return part

    def table(self, part: Any, owners: QuerySet[Any, Any] | None = None) -> QuerySet[Any, Any]:
        """The rows of some of the selection. Where they are many, `owners` are the records to which they belong."""
        cells = {f"c{place}": each.expression(self.model) for place, each in enumerate(self.all_columns())}
        rows = self.looked_at(part, owners).order_by(*self.order)
        table: QuerySet[Any, Any] = rows.annotate(**cells).values_list(*cells)
        return table

    def statement(self, table: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
        """The SQL and its parameters for the rows of a table as PostgreSQL is to write them. Raises EmptyResultSet."""
        cells = ", ".join(_cell(column, f"c{place}") for place, column in enumerate(self.all_columns()))
        statement, parameters = table.query.sql_with_params()
        # In order as it is written within: PostgreSQL sorts nothing anew.
        return f"SELECT {cells} FROM ({statement}) AS part", parameters  # noqa: S608

    def _copied(self) -> Iterator[bytes]:
        for part in self.parts():
            with suppress(EmptyResultSet):
                yield from copied(*self.statement(part))


def _cell(column: ReportColumn, name: str) -> str:
    """How PostgreSQL writes a value of the column, as `csv_chunks` does; `escaped` says why there are apostrophes."""
    match column.type:
        case "boolean":
            return f"CASE WHEN {name} THEN 'true' WHEN NOT {name} THEN 'false' END"
        case "string":
            pattern = FORMULA.pattern.replace("'", "''")
            dangerous = f"ascii({name}) IN ({FIRST_CODES}) AND {name} ~ E'^{_quoted(pattern)}'"
            return f"CASE WHEN {dangerous} THEN '''' || {name} WHEN {name} <> '' THEN {name} END"
    return name


def _quoted(pattern: str) -> str:
    """The pattern within E''."""
    return pattern.replace("\\", "\\\\")
