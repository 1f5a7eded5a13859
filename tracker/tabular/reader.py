"""Reading CSV and XLSX: rows by column name with their types checked, and errors that say where they are."""

import csv
import datetime
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any, BinaryIO

import openpyxl
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.api.suggestions import did_you_mean, shown
from tracker.tabular.columns import Column
from tracker.tabular.csv_writer import INCOMPLETE, unescaped

DELIMITERS = ",;\t"
MAX_ROWS = 1_000_000
MAX_CELL = 100_000  # characters
MAX_UNPACKED = 200_000_000  # bytes; an XLSX file of a few kilobytes can hold many gigabytes

Line = tuple[int, Sequence[str | None]]


class TableError(ValidationError):
    """The file as a whole cannot be read; `line` where it is known, from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(
            _("Line %(line)s: %(message)s") % {"line": line, "message": message} if line else message, code="unreadable"
        )
        self.line = line


@dataclass(frozen=True)
class Row:
    """A row of the file: the line it starts on, its values by column, and by column what is wrong."""

    line: int
    values: dict[str, Any]
    errors: dict[str, ValidationError]


def read_csv(stream: BinaryIO, columns: Sequence[Column], most: int = MAX_ROWS) -> Iterator[Row]:
    """Rows of a UTF-8 file, with or without BOM, its cells apart by comma, semicolon or tab.

    What `csv_chunks` escaped is undone. Raises TableError where the file is not a table of these columns,
    or has more than `most` rows.
    """
    yield from _rows(csv_lines(stream), columns, most)


def read_xlsx(stream: BinaryIO, columns: Sequence[Column], most: int = MAX_ROWS) -> Iterator[Row]:
    """Rows of the first sheet; a formula gives the value last computed. Raises TableError like `read_csv`."""
    try:
        with zipfile.ZipFile(stream) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise TableError(_("This file unpacks to more than is read."))
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise TableError(_("This is not an XLSX file.")) from error
    try:
        lines = book.worksheets[0].iter_rows(max_col=len(columns) * 2 + 10, values_only=True)
        yield from _rows(enumerate(([_cell_text(cell) for cell in line] for line in lines), start=1), columns, most)
    finally:
        book.close()


def csv_lines(stream: BinaryIO) -> Iterator[Line]:
    """The cells of each line, and its number from 1. Raises TableError where it is no such file as `read_csv` takes."""
    texts = _decoded(stream)
    first = next(texts, "")
    reader = csv.reader(chain([first], texts), delimiter=max(DELIMITERS, key=first.count), strict=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) == 1 and cells[0].startswith(INCOMPLETE):
                raise TableError(_("This file is incomplete: it says so itself."), line)
            if max(map(len, cells), default=0) > MAX_CELL:
                raise TableError(_("A cell holds more than %(number)s characters.") % {"number": MAX_CELL}, line)
            yield line, [unescaped(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(_("This is not CSV: %(error)s.") % {"error": error}, line) from error


def _decoded(stream: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(stream, start=1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise TableError(_("This is not UTF-8: save it as “CSV UTF-8”."), number) from error
        if "\0" in text:
            raise TableError(_("There is a character in it that is not text."), number)
        yield text


def _rows(lines: Iterable[Line], columns: Sequence[Column], most: int) -> Iterator[Row]:
    header: list[Column] = []
    for count, (line, cells) in enumerate(lines):
        if count > most:
            raise TableError(_("There are more than %(rows)s rows.") % {"rows": most}, line)
        if not any(cells):
            continue
        if not header:
            header = _header(cells, columns, line)
            continue
        if any(cells[len(header) :]):
            raise TableError(_("There are more cells than columns."), line)
        yield _row(line, cells, header)
    if not header:
        raise TableError(_("This file is empty: its first line names the columns."))


def _header(cells: Sequence[str | None], columns: Sequence[Column], line: int) -> list[Column]:
    known = {column.name: column for column in columns}
    names = [(cell or "").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if name not in known:
            message = _("There is no column “%(name)s”.") % {"name": shown(name)}
            raise TableError(message + did_you_mean(name, known), line)
        if names.count(name) > 1:
            raise TableError(_("The column “%(name)s” is there twice.") % {"name": name}, line)
    for column in columns:
        if column.constraints.get("required") and column.name not in names:
            raise TableError(_("The column “%(name)s” is missing.") % {"name": column.name}, line)
    return [known[name] for name in names]


def _row(line: int, cells: Sequence[str | None], header: Sequence[Column]) -> Row:
    row = Row(line, {}, {})
    for at, column in enumerate(header):
        try:
            row.values[column.name] = column.value(cells[at] if at < len(cells) else None)
        except ValidationError as error:
            row.errors[column.name] = error
    return row


def _cell_text(value: Any) -> str | None:
    """The text that a CSV has for the cell: a day without a time, a whole number without a fraction."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case float():
            number = Decimal(repr(value))
            return f"{number.normalize():f}" if number.is_finite() else str(value)
    return str(value)
