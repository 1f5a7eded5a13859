"""The kinds of file that the admin reads and writes: those of the library, with limits on what is read.

CSV and XLSX are those of the reports: spreadsheets of any country take and write them, and execute nothing of them.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
import tablib
from django.utils.translation import gettext as _
from import_export.formats import base_formats

from tracker.tabular.columns import NUMBER, Column
from tracker.tabular.csv_writer import escaped
from tracker.tabular.reader import TableError, csv_lines
from tracker.tabular.xlsx_writer import xlsx_chunks

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_UNPACKED = 200_000_000  # bytes; a file of a few kilobytes can hold many gigabytes


class UnreadableError(ValueError):
    """The file cannot be read, with the reason in words for whoever sent it."""


class CSV(base_formats.CSV):
    """With cells apart by comma, semicolon or tab, up to MAX_ROWS."""

    def create_dataset(self, in_stream: str, **kwargs: Any) -> Any:
        try:
            return _table(cells for _line, cells in csv_lines(io.BytesIO(in_stream.encode())) if any(cells))
        except TableError as error:
            raise UnreadableError(" ".join(error.messages)) from error

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        rows = ([_safe(cell) for cell in row] for row in dataset)
        return super().export_data(tablib.Dataset(*rows, headers=dataset.headers), **kwargs)


class JSON(base_formats.JSON):
    """As the library has it, up to MAX_ROWS."""

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        try:
            json.loads(in_stream, parse_constant=_refuse_constant)
            return _counted(super().create_dataset(in_stream, **kwargs))
        except RecursionError as error:
            raise UnreadableError(_("It is nested too deeply.")) from error


class XLSX(base_formats.XLSX):
    """The first sheet, within the limits: a sheet may claim seventeen thousand million cells that are empty."""

    def create_dataset(self, in_stream: bytes) -> Any:
        with zipfile.ZipFile(io.BytesIO(in_stream)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableError(_("It unpacks to more than is read."))
        book = openpyxl.load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True, keep_links=False)
        try:
            return _table(book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True))
        finally:
            book.close()

    def export_data(self, dataset: Any, **kwargs: Any) -> bytes:
        columns = [_column(name, dataset[name]) for name in dataset.headers]
        rows = ([None if cell == "" else cell for cell in row] for row in dataset)
        return b"".join(xlsx_chunks(columns, rows, sheet="records", count=dataset.height))


def _column(name: str, cells: Sequence[Any]) -> Column:
    """A column of numbers where all that stands in it are such; else of texts."""
    numbers = all(cell == "" or isinstance(cell, int | Decimal) for cell in cells)
    return Column(name, "number" if numbers else "string")


def _table(lines: Iterator[Sequence[Any]]) -> Any:
    """The rows under the names in the first line."""
    headers = list(next(lines, ()))
    while headers and not headers[-1]:
        headers.pop()
    _refuse_repeated(headers)
    dataset = tablib.Dataset(headers=headers)
    for cells in lines:
        if any(cell not in (None, "") for cell in cells[len(headers) :]):
            raise UnreadableError(_("There are more cells than columns."))
        dataset.append([*cells[: len(headers)], *[""] * (len(headers) - len(cells))])
    return _counted(dataset)


def _counted(dataset: Any) -> Any:
    if dataset.height > MAX_ROWS:
        raise UnreadableError(_("There are more than %(rows)s rows.") % {"rows": MAX_ROWS})
    _refuse_repeated(dataset.headers or [])
    return dataset


def _refuse_repeated(headers: list[Any]) -> None:
    repeated = next((name for name in headers if name and headers.count(name) > 1), None)
    if repeated is not None:
        raise UnreadableError(_("The column “%(name)s” stands there twice.") % {"name": str(repeated)[:60]})


def _safe(cell: Any) -> Any:
    """The cell so that no spreadsheet executes it; a negative number stays one."""
    return escaped(cell) if isinstance(cell, str) and not NUMBER.fullmatch(cell) else cell


def _refuse_constant(name: str) -> Any:
    raise UnreadableError(_("“%(name)s” is not JSON.") % {"name": name})
