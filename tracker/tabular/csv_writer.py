"""CSV that Excel, LibreOffice and pandas read alike and that executes nothing: RFC 4180, UTF-8 with BOM."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from tracker.tabular.columns import Column

LINES = 64  # in a chunk
INCOMPLETE = "INCOMPLETE: "
# Spreadsheets take a cell that starts with one of these for a formula, the wide forms included.
FIRST = frozenset("'=+-@\t\r\n＝＋－＠")
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def escaped(text: str) -> str:
    """The text, after an apostrophe where a spreadsheet might execute it. `unescaped` is the way back."""
    return f"'{text}" if FORMULA.match(text) else text


def unescaped(text: str) -> str:
    """The text as it was before `escaped`."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def csv_chunks(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file in chunks, each made when it is asked for: a line of column names, then a line for each row.

    Null is an empty cell. Where a row cannot be had, the error is raised; if some of the file is out by then,
    a last line says first that the file is incomplete.
    """
    cells = [_cell(column) for column in columns]
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    lines = (write([cell(value) for cell, value in zip(cells, row, strict=True)])[:-2].encode() for row in rows)
    return line_chunks(columns, lines)


def line_chunks(columns: Sequence[Column], lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same of rows that are lines already, each without its end."""
    chunk = ["\ufeff".encode() + ",".join(column.name for column in columns).encode()]
    more, rows = iter(lines), -1  # that are out; the line of names is none
    try:
        while True:
            chunk.extend(islice(more, LINES))  # what comes before an error is in it
            if not chunk:
                return
            yield _joined(chunk)
            rows += len(chunk)
            chunk = []
    except Exception:
        if rows >= 0:
            rows += len(chunk)
            said = INCOMPLETE + _("an error ended this file after %(rows)s rows.") % {"rows": rows}
            yield _joined([*chunk, said.encode()])
        raise


class _Echo:
    """Gives back what is written."""

    def write(self, text: str) -> str:
        return text


def _joined(lines: list[bytes]) -> bytes:
    return b"\r\n".join(lines) + b"\r\n"


def _cell(column: Column) -> Callable[[Any], str | None]:
    """How a value of the column is written; the common cases come first, for this runs for every cell."""
    text = column.text
    if column.type != "string":
        return text

    def cell(value: Any) -> str | None:
        if value is None:
            return None
        if type(value) is not str:
            value = text(value) or ""
        return escaped(value) if value[:1] in FIRST else value

    return cell
