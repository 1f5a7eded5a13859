"""CSV that spreadsheets open, that executes nothing and that says where it was cut off."""

import io
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tracker.partial_dates import PartialDate
from tracker.tabular.columns import Column
from tracker.tabular.csv_writer import LINES, csv_chunks, escaped, unescaped
from tracker.tabular.reader import read_csv

NAME = Column("name")
NAME_AND_AMOUNT = (NAME, Column("amount", "number"))

DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://example.org","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "'=1+1",
    "''+",
    "+",
]
HARMLESS = ["", "AIRCOP", "'quoted'", "a=b", " =1+1", "II", "€ 5", "Guatemala (shared with Belize)", "5 - 3"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_escaped_dangerous_starts_with_an_apostrophe_and_comes_back(text: str) -> None:
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_escaped_harmless_stays_and_comes_back(text: str) -> None:
    assert escaped(text) == text
    assert unescaped(text) == text


@pytest.mark.parametrize("text", DANGEROUS)
def test_csv_chunks_dangerous_text_reads_back(text: str) -> None:
    file = b"".join(csv_chunks([NAME], [[text]]))
    assert [row.values for row in read_csv(io.BytesIO(file), [NAME])] == [{"name": text}]


def test_csv_chunks_every_type_as_documented() -> None:
    columns = [
        Column("text"),
        Column("number", "number"),
        Column("whole", "integer"),
        Column("yes", "boolean"),
        Column("partial", "partial_date"),
    ]
    rows = [
        ['Panamá, "país"', Decimal("-5.00"), -3, True, PartialDate("2016-02")],
        [None, None, None, None, None],
        ["two\nlines", Decimal("12345678901234.56"), 0, False, PartialDate("2016")],
    ]
    assert (
        b"".join(csv_chunks(columns, rows))
        == (
            "\ufefftext,number,whole,yes,partial\r\n"
            '"Panamá, ""país""",-5.00,-3,true,2016-02\r\n'
            ",,,,\r\n"
            '"two\nlines",12345678901234.56,0,false,2016\r\n'
        ).encode()
    )


def test_csv_chunks_without_rows_has_the_header() -> None:
    assert list(csv_chunks([NAME], [])) == [b"\xef\xbb\xbfname\r\n"]


@pytest.mark.parametrize("value", [1.5, PartialDate("2016"), True, "5"])
def test_csv_chunks_value_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        list(csv_chunks([Column("amount", "number")], [[value]]))


def test_csv_chunks_too_few_values_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        list(csv_chunks(NAME_AND_AMOUNT, [["a"]]))


def test_csv_chunks_are_made_as_they_are_asked_for() -> None:
    pulled = 0

    def rows() -> Iterator[list[str]]:
        nonlocal pulled
        for _number in range(10_000):
            pulled += 1
            yield ["x" * 100]

    chunks = csv_chunks([NAME], rows())
    assert pulled == 0
    first = next(chunks)
    assert pulled == LINES
    assert len(first) == 3 + 6 + LINES * 102
    assert len(first) + sum(map(len, chunks)) == 3 + 6 + 10_000 * 102


def failing_after(count: int) -> Iterator[list[str]]:
    for number in range(count):
        yield [f"row {number} {'x' * 100}"]
    raise RuntimeError("the database went away")


def until_failure(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks before the failure that the rows end with."""
    while True:
        try:
            yield next(chunks)
        except RuntimeError:
            return


def test_csv_chunks_failure_midway_ends_with_a_visible_line() -> None:
    received = b"".join(until_failure(csv_chunks([NAME], failing_after(1000))))
    lines = received.decode("utf-8-sig").split("\r\n")
    assert lines[1000].startswith("row 999 ")
    assert lines[1001:] == ["INCOMPLETE: an error ended this file after 1000 rows.", ""]


def test_csv_chunks_failure_before_anything_is_out_leaves_nothing() -> None:
    with pytest.raises(RuntimeError):
        next(csv_chunks([NAME], failing_after(3)))
