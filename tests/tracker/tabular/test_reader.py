"""Reading CSV and XLSX: any of the usual kinds, and errors that say where."""

import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from tracker.tabular import reader
from tracker.tabular.columns import Column
from tracker.tabular.reader import TableError, read_csv, read_xlsx

COLUMNS = (
    Column("code", constraints={"required": True}),
    Column("amount", "number"),
    Column("count", "integer"),
    Column("open", "boolean"),
    Column("start", "partial_date"),
    Column("day", "date"),
    Column("status", constraints={"enum": ["1", "2"]}),
)


def csv_rows(text: str | bytes) -> list[reader.Row]:
    return list(read_csv(io.BytesIO(text if isinstance(text, bytes) else text.encode()), COLUMNS))


def sheet(*rows: list[object]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_read_csv_of_any_usual_kind(mark: str, delimiter: str, end: str) -> None:
    lines = [["code", "amount", "start"], ["PANAMÁ", "5.50", "2016-02"], ["B", "", ""]]
    file = mark + end.join(delimiter.join(cells) for cells in lines) + end
    assert [(row.line, row.values, row.errors) for row in csv_rows(file)] == [
        (2, {"code": "PANAMÁ", "amount": Decimal("5.50"), "start": "2016-02"}, {}),
        (3, {"code": "B", "amount": None, "start": None}, {}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("code", "", "A value is needed."),
        ("amount", "1,5", "“1,5” is not a number. Write it like 1234.56, without separators."),
        ("amount", "5E+07", "“5E+07” is not a number. Write it like 1234.56, without separators."),
        ("amount", "NaN", "“NaN” is not a number. Write it like 1234.56, without separators."),
        ("amount", "1" * 40, f"“{'1' * 40}” is not a number. Write it like 1234.56, without separators."),
        ("count", "1.5", "“1.5” is not a whole number. Write it like 1234."),
        ("open", "yes", "“yes” is neither true nor false."),
        (
            "start",
            "02/2016",
            "“02/2016” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15.",
        ),
        ("day", "2016-02", "“2016-02” is not a day. Write it like 2016-02-15."),
        ("status", "3", "“3” is not one of: 1, 2."),
    ],
)
def test_read_csv_wrong_cell_is_named_with_its_line(name: str, text: str, message: str) -> None:
    cells = {"code": "A", "count": "1"} | {name: text}
    (row,) = csv_rows(f"{';'.join(cells)}\n{';'.join(cells.values())}\n")
    assert row.line == 2
    assert {column: error.messages for column, error in row.errors.items()} == {name: [message]}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("", "This file is empty: its first line names the columns."),
        ("code;cuont\nA;1\n", "Line 1: There is no column “cuont”. Did you mean “count”?"),
        ("code,code\nA,B\n", "Line 1: The column “code” is there twice."),
        ("amount\n5\n", "Line 1: The column “code” is missing."),
        ("code,count\nA,1,2\n", "Line 2: There are more cells than columns."),
        ("code\nA\n\nINCOMPLETE: an error …\n", "Line 4: This file is incomplete: it says so itself."),
        ("code\nPanamá\n".encode("latin-1"), "Line 2: This is not UTF-8: save it as “CSV UTF-8”."),
        ('code\n"A\n', "Line 2: This is not CSV: unexpected end of data."),
        (f"code\n{'A' * 100_001}\n", "Line 2: A cell holds more than 100000 characters."),
    ],
)  # fmt: skip
def test_read_csv_that_is_no_table_says_why(file: str | bytes, message: str) -> None:
    with pytest.raises(TableError) as caught:
        csv_rows(file)
    assert caught.value.messages == [message]


def test_read_csv_line_breaks_in_cells_keep_the_line_right() -> None:
    rows = csv_rows('code,count\r\n"two\r\nlines",1\r\nB,x\r\n')
    assert [(row.line, row.values) for row in rows] == [(2, {"code": "two\r\nlines", "count": 1}), (4, {"code": "B"})]
    assert list(rows[1].errors) == ["count"]


def test_read_csv_too_many_rows_is_refused() -> None:
    with pytest.raises(TableError, match=r"Line 4: There are more than 2 rows\."):
        list(read_csv(io.BytesIO(b"code\nA\nB\nC\n"), COLUMNS, 2))


def test_read_xlsx_values_as_typed_by_a_person() -> None:
    file = sheet(
        ["code", "amount", "count", "open", "start"],
        ["=1+1", 5.5, 3, True, "2016-02"],
        [],
        ["A", 45844918, None, None, 2016],
    )
    # openpyxl writes a text that starts with = as a formula, whose value no program has computed here.
    rows = list(read_xlsx(file, COLUMNS))
    assert [(row.line, row.values) for row in rows] == [
        (2, {"amount": Decimal("5.5"), "count": 3, "open": True, "start": "2016-02"}),
        (4, {"code": "A", "amount": Decimal(45844918), "count": None, "open": None, "start": "2016"}),
    ]
    assert list(rows[0].errors) == ["code"]


def test_read_xlsx_of_something_else_says_so() -> None:
    with pytest.raises(TableError, match=r"This is not an XLSX file\."):
        list(read_xlsx(io.BytesIO(b"code\nA\n"), COLUMNS))


def test_read_xlsx_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    monkeypatch.setattr(reader, "MAX_UNPACKED", 999_999)
    with pytest.raises(TableError, match=r"This file unpacks to more than is read\."):
        list(read_xlsx(file, COLUMNS))


def test_read_xlsx_cell_far_away_does_not_widen_every_row() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "code"
    book.active["XFD3"] = "far"
    book.active["A3"] = "A"
    file = io.BytesIO()
    book.save(file)
    assert [row.values for row in read_xlsx(file, COLUMNS)] == [{"code": "A"}]
