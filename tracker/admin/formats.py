"""The kinds of file that the admin reads and writes: those of the library, with limits on what is read."""

import io
import json
import zipfile
from typing import Any

import openpyxl
import tablib
from django.utils.translation import gettext as _
from import_export.formats import base_formats

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_UNPACKED = 200_000_000  # bytes; a file of a few kilobytes can hold many gigabytes


class UnreadableError(ValueError):
    """The file cannot be read, with the reason in words for whoever sent it."""


class CSV(base_formats.CSV):
    """As the library has it, up to MAX_ROWS."""

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        return _counted(super().create_dataset(in_stream, **kwargs))


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
            rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
            headers = list(next(rows, ()))
            while headers and headers[-1] is None:
                headers.pop()
            _refuse_repeated(headers)
            dataset = tablib.Dataset(headers=headers)
            for row in rows:
                if any(cell is not None for cell in row[len(headers) :]):
                    raise UnreadableError(_("There are more cells than columns."))
                dataset.append(row[: len(headers)])
        finally:
            book.close()
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


def _refuse_constant(name: str) -> Any:
    raise UnreadableError(_("“%(name)s” is not JSON.") % {"name": name})
