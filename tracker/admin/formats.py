"""The kinds of file that the admin reads and writes: those of the library, with limits on what is read."""

import io
import zipfile
from typing import Any

import openpyxl
import tablib
from import_export.formats import base_formats

MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_UNPACKED = 200_000_000  # bytes; a file of a few kilobytes can hold many gigabytes


class FileTooLargeError(ValueError):
    """The file holds more than is read, or says so."""


class CSV(base_formats.CSV):
    """As the library has it, up to MAX_ROWS."""

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        return _counted(super().create_dataset(in_stream, **kwargs))


class JSON(base_formats.JSON):
    """As the library has it, up to MAX_ROWS."""

    def create_dataset(self, in_stream: Any, **kwargs: Any) -> Any:
        try:
            return _counted(super().create_dataset(in_stream, **kwargs))
        except RecursionError as error:
            raise FileTooLargeError("nested too deeply") from error


class XLSX(base_formats.XLSX):
    """The first sheet, within the limits: a sheet may claim seventeen thousand million cells that are empty."""

    def create_dataset(self, in_stream: bytes) -> Any:
        with zipfile.ZipFile(io.BytesIO(in_stream)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
                raise FileTooLargeError("unpacks to more than is read")
        book = openpyxl.load_workbook(io.BytesIO(in_stream), read_only=True, data_only=True, keep_links=False)
        try:
            rows = book.worksheets[0].iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
            headers = list(next(rows, ()))
            while headers and headers[-1] is None:
                headers.pop()
            dataset = tablib.Dataset(headers=headers)
            for row in rows:
                if any(cell is not None for cell in row[len(headers) :]):
                    raise ValueError("more cells than columns")
                dataset.append(row[: len(headers)])
        finally:
            book.close()
        return _counted(dataset)


def _counted(dataset: Any) -> Any:
    if dataset.height > MAX_ROWS:
        raise FileTooLargeError(f"more than {MAX_ROWS} rows")
    return dataset
