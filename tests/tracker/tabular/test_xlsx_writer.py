"""XLSX in which texts are texts and numbers are the numbers stated."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from tracker.partial_dates import PartialDate
from tracker.tabular import xlsx_writer
from tracker.tabular.columns import Column
from tracker.tabular.reader import read_xlsx
from tracker.tabular.xlsx_writer import TooManyRowsError, xlsx_chunks

COLUMNS = (
    Column("text"),
    Column("number", "number"),
    Column("whole", "integer"),
    Column("yes", "boolean"),
    Column("date", "partial_date"),
)


def cells(rows: list[list[Any]], columns: tuple[Column, ...] = COLUMNS) -> list[list[tuple[Any, str]]]:
    """Value and type of each cell below the header: s text, n number (or nothing), b boolean, f formula."""
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_chunks(columns, rows, sheet="a-report"))))
    assert book.sheetnames == ["a-report"]
    return [[(cell.value, cell.data_type) for cell in line] for line in book["a-report"].iter_rows(min_row=2)]


def test_xlsx_chunks_every_type_as_documented() -> None:
    assert cells(
        [
            ["=1+1", Decimal("45844918.00"), -3, True, PartialDate("2016-02")],
            ["https://example.org", Decimal("-0.10"), None, False, PartialDate("2016")],
        ]
    ) == [
        [("=1+1", "s"), (45844918, "n"), (-3, "n"), (True, "b"), ("2016-02", "s")],
        [("https://example.org", "s"), (-0.1, "n"), (None, "n"), (False, "b"), ("2016", "s")],
    ]


def test_xlsx_chunks_number_beyond_what_excel_keeps_is_a_text() -> None:
    columns = (Column("number", "number"),)
    assert cells([[Decimal("1234567890123.45")], [Decimal("1234567890123.456")]], columns) == [
        [(1234567890123.45, "n")],
        [("1234567890123.456", "s")],
    ]


def test_xlsx_chunks_long_text_says_that_it_goes_on() -> None:
    (((text, _type),),) = cells([["x" * 40_000]], (Column("text"),))
    assert len(text) == 32_767
    assert text.endswith("x … (too long for a cell: the whole text is in the CSV)")


def test_xlsx_chunks_read_back() -> None:
    rows = [["=1+1", Decimal("-5.25"), 7, False, PartialDate("2016")], [None, Decimal(0), None, None, None]]
    file = io.BytesIO(b"".join(xlsx_chunks(COLUMNS, rows, sheet="a")))
    assert [list(row.values.values()) for row in read_xlsx(file, COLUMNS)] == rows


def test_xlsx_chunks_too_many_rows_points_to_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_writer, "MAX_ROWS", 3)
    with pytest.raises(TooManyRowsError, match=r"An XLSX sheet holds 2 rows at most: ask for CSV\."):
        next(xlsx_chunks((Column("text"),), [["a"]] * 3, sheet="a"))


def test_xlsx_chunks_failure_leaves_no_file() -> None:
    def rows() -> Iterator[list[str]]:
        yield ["a"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        next(xlsx_chunks((Column("text"),), rows(), sheet="a"))


def test_xlsx_chunks_text_that_xml_would_change_is_what_excel_writes_of_it() -> None:
    package = zipfile.ZipFile(
        io.BytesIO(b"".join(xlsx_chunks((Column("text"),), [["a\r\nb\x0b<&>_x0041_ "]], sheet="a")))
    )
    sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert '<t xml:space="preserve">a_x000D_\nb_x000B_&lt;&amp;&gt;_x005F_x0041_ </t>' in sheet


def test_xlsx_chunks_of_so_many_rows_are_made_as_they_are_asked_for() -> None:
    pulled = 0

    def rows() -> Iterator[list[str]]:
        nonlocal pulled
        for number in range(20_000):
            pulled += 1
            yield [hashlib.sha256(str(number).encode()).hexdigest()]

    chunks = xlsx_chunks((Column("text"),), rows(), sheet="a", count=20_000)
    first = next(chunks)
    assert 0 < pulled < 5000
    book = openpyxl.load_workbook(io.BytesIO(first + b"".join(chunks)), read_only=True)
    assert sum(1 for _line in book["a"].iter_rows()) == 20_001


def test_xlsx_chunks_failure_midway_leaves_what_no_reader_takes_for_a_file() -> None:
    def rows() -> Iterator[list[str]]:
        for number in range(20_000):
            yield [hashlib.sha256(str(number).encode()).hexdigest()]
        raise RuntimeError("the database went away")

    chunks, received = xlsx_chunks((Column("text"),), rows(), sheet="a", count=30_000), []
    with pytest.raises(RuntimeError):
        received.extend(chunks)
    with pytest.raises(zipfile.BadZipFile):
        openpyxl.load_workbook(io.BytesIO(b"".join(received)))


def test_xlsx_chunks_count_known_to_be_too_large_is_refused_before_the_first_row() -> None:
    with pytest.raises(TooManyRowsError):
        next(xlsx_chunks((Column("text"),), (), sheet="a", count=xlsx_writer.MAX_ROWS))
