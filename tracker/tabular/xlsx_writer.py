"""XLSX in which every text is a text and every number is the number that was stated, sent while it is made.

The few parts of the package that a table needs are written here: libraries write its table of contents, or the whole
sheet, before the first byte can leave. ECMA-376, parts 1 and 2.
"""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from tracker.tabular.columns import Column

CHUNK = 65_536
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_DIGITS = 15  # Excel's numbers keep no more
LARGE = 2**30  # bytes of a sheet from which on ZIP is told that it may have more than its first version could count
COMPRESSION = 3  # of 9: the rest takes twice the time for a tenth of the size

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

BOLD = 1  # the style after the plain one; then one for each number of decimals
FIRST_NUMBER = 2
# What XML cannot hold, or would change as it is read, is written as _xHHHH_; so is a text that looks like that.
SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class TooManyRowsError(ValueError):
    """A sheet has no room for them; CSV has."""


def xlsx_chunks(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, sheet: str, count: int | None = None
) -> Iterator[bytes]:
    """The file in chunks. Where the `count` of the rows is known, each is made as it is asked for.

    Null is no cell at all. Dates are texts, as precise as they are known, and so are numbers above 15 digits. Raises
    TooManyRowsError, and without `count` any error, before the first chunk. An error later on leaves a file without its
    table of contents, which no reader takes for the whole.
    """
    if count is not None:
        _check(count)
        yield from _package(columns, rows, sheet, large=count * len(columns) * 64 > LARGE)
        return
    with tempfile.TemporaryFile() as file:
        file.writelines(_package(columns, rows, sheet, large=True))
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK), b"")


def _check(rows: int) -> None:
    if rows >= MAX_ROWS:
        raise TooManyRowsError(_("An XLSX sheet holds %(rows)s rows at most: ask for CSV.") % {"rows": MAX_ROWS - 1})


def _package(columns: Sequence[Column], rows: Iterable[Sequence[Any]], sheet: str, *, large: bool) -> Iterator[bytes]:
    """The parts, zipped."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:  # type: ignore[call-overload]
        for name, text in _frame(sheet[:31], len(columns)).items():
            archive.writestr(name, XML + text)
        with archive.open(SHEET, "w", force_zip64=large) as part:
            for piece in _sheet(columns, rows):
                part.write(piece)
                if sink.size >= CHUNK:
                    yield sink.taken()
    yield sink.taken()


class _Sink:
    """Where the archive is written to: it cannot be wound back, only emptied."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0

    def write(self, piece: bytes) -> int:
        self.pieces.append(bytes(piece))
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        """All is here already."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self.pieces)
        self.pieces, self.size = [], 0
        return taken


# The sheet


def _sheet(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The rows as XML, in pieces."""
    letters = [_letters(at) for at in range(len(columns))]
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{max(len(column.name) + 2, 12)}" customWidth="1"/>'
        for at, column in enumerate(columns, start=1)
    )
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    head = f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews><cols>{widths}</cols>'
    yield f'{XML}<worksheet xmlns="{MAIN}">{head}<sheetData>'.encode()
    names = [_text(f"{letter}1", column.name, f' s="{BOLD}"') for letter, column in zip(letters, columns, strict=True)]
    pieces, line = [f'<row r="1">{"".join(names)}</row>'], 1
    cells = [_cell(column) for column in columns]
    for line, row in enumerate(rows, start=2):
        _check(line - 1)
        filled = zip(letters, cells, row, strict=True)
        written = [cell(f"{letter}{line}", value) for letter, cell, value in filled if value is not None]
        pieces.append(f'<row r="{line}">{"".join(written)}</row>')
        if len(pieces) >= 100:
            yield "".join(pieces).encode()
            pieces = []
    filters = f'<autoFilter ref="A1:{letters[-1]}{line}"/>'
    yield f"{''.join(pieces)}</sheetData>{filters}</worksheet>".encode()


def _letters(at: int) -> str:
    """A, B … Z, AA, as the columns are called; the first is 0."""
    text = ""
    at += 1
    while at:
        at, letter = divmod(at - 1, 26)
        text = chr(ord("A") + letter) + text
    return text


def _cell(column: Column) -> Callable[[str, Any], str]:
    """How a value of the column is written at a place; the common case comes first, for this runs for every cell."""

    def cell(place: str, value: Any) -> str:
        text = value if type(value) is str and column.type == "string" else column.text(value)
        if not text:
            return ""
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        if isinstance(value, int | Decimal) and sum(character.isdigit() for character in text) <= MAX_DIGITS:
            decimals = len(text.partition(".")[2])
            return f'<c r="{place}" s="{FIRST_NUMBER + decimals}"><v>{text}</v></c>'
        return _text(place, text)

    return cell


def _text(place: str, text: str, style: str = "") -> str:
    if len(text) > MAX_TEXT:
        remark = _(" … (too long for a cell: the whole text is in the CSV)")
        text = text[: MAX_TEXT - len(remark)] + remark
    if not text.isprintable() or "_x" in text:
        text = SPECIAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f'<c r="{place}"{style} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


# What is around it


def _frame(sheet: str, columns: int) -> dict[str, str]:
    """The other parts by their names."""
    area = f"'{sheet}'!$A$1:${_letters(columns - 1)}$1"
    styles = range(MAX_DIGITS + 1)
    formats = "".join(
        f'<numFmt numFmtId="{164 + decimals}" formatCode="#,##0{"." * bool(decimals)}{"0" * decimals}"/>'
        for decimals in styles
    )
    numbers = "".join(
        f'<xf numFmtId="{164 + decimals}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for decimals in styles
    )
    plain = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    bold = plain.replace('fontId="0"', 'fontId="1"')
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    parts = {"/xl/workbook.xml": "sheet.main", f"/{SHEET}": "worksheet", "/xl/styles.xml": "styles"}
    types = "".join(f'<Override PartName="{name}" ContentType="{CONTENT}.{kind}+xml"/>' for name, kind in parts.items())
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">'
        f'<sheets><sheet name={quoteattr(sheet)} sheetId="1" r:id="rId1"/></sheets>'
        '<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
        f"{escape(area)}</definedName></definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml")),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(styles)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        f'<cellStyleXfs count="1">{plain}/></cellStyleXfs>'
        f'<cellXfs count="{FIRST_NUMBER + len(styles)}">{plain} xfId="0"/>'
        f'{bold} xfId="0" applyFont="1"/>{numbers}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    }


def _relations(*targets: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="rId{number}" Type="{DOCUMENT}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{each}</Relationships>'
