"""XLSX in which every text is a text and every number is the number that was stated."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from tracker.tabular.columns import Column

CHUNK = 65_536
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_DIGITS = 15  # Excel's numbers keep no more


class TooManyRowsError(ValueError):
    """A sheet has no room for them; CSV has."""


def xlsx_chunks(columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, sheet: str) -> Iterator[bytes]:
    """The file in chunks. It is first written to disk, row by row: its table of contents stands at the end.

    Null is no cell at all. Dates are texts, as precise as they are known, and so are numbers above 15 digits.
    Any error is raised before the first chunk.
    """
    with tempfile.TemporaryFile() as file:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        }
        with xlsxwriter.Workbook(file, options) as book:
            _write(book, book.add_worksheet(sheet[:31]), columns, rows)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _write(book: Any, sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
    bold = book.add_format({"bold": True})
    formats: dict[int, Any] = {}  # by number of decimals
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, max(len(column.name) + 2, 12))
        sheet.write_string(0, at, column.name, bold)
    line = 0
    for line, row in enumerate(rows, start=1):
        if line >= MAX_ROWS:
            raise TooManyRowsError(
                _("An XLSX sheet holds %(rows)s rows at most: ask for CSV.") % {"rows": MAX_ROWS - 1}
            )
        for at, (column, value) in enumerate(zip(columns, row, strict=True)):
            text = column.text(value)
            if text is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(line, at, value)
            elif isinstance(value, int | Decimal) and sum(c.isdigit() for c in text) <= MAX_DIGITS:
                decimals = len(text.partition(".")[2])
                if decimals not in formats:
                    formats[decimals] = book.add_format({"num_format": f"#,##0.{'0' * decimals}".rstrip(".")})
                sheet.write_number(line, at, int(value) if value == int(value) else value, formats[decimals])
            else:
                sheet.write_string(line, at, _shortened(text))
    sheet.autofilter(0, 0, line, len(columns) - 1)


def _shortened(text: str) -> str:
    """The text, or as much of it as a cell takes with a remark that it goes on."""
    if len(text) <= MAX_TEXT:
        return text
    remark = _(" … (too long for a cell: the whole text is in the CSV)")
    return text[: MAX_TEXT - len(remark)] + remark
