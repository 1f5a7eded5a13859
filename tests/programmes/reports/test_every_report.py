"""What holds for every report in the registry, with the seed portfolio."""

import csv
import functools
import io
import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pandas
import pytest
from django.utils import translation

from programmes.models import Budget, Citation, Source
from programmes.reports.base import Report
from programmes.reports.formats import FORMATS, chunks
from programmes.reports.registry import REPORTS
from tracker.tabular.csv_writer import escaped, unescaped
from tracker.tabular.reader import read_csv, read_xlsx
from tracker.tabular.schema import table_schema

pytestmark = pytest.mark.usefixtures("portfolio")

every_report = pytest.mark.parametrize("report", [pytest.param(report, id=report.id) for report in REPORTS])


@pytest.fixture(autouse=True)
def another_source_disagrees(portfolio: None) -> None:
    """In the portfolio as it stands all sources agree, and a report of disagreements would have no rows."""
    Citation.objects.create(
        source=Source.objects.get(code="EPRS-2017-EU-LA-SECURITY"),
        budget=Budget.objects.get(code="COCAINE-ROUTE-ICSP"),
        field="amount",
        value="40000000.00",
        exactness="about",
        preferred=False,
        place="made up",
    )


@functools.cache  # the portfolio is the same for every test
def made(report: type[Report], kind: str, language: str = "en") -> bytes:
    return b"".join(chunks(report(), kind, language))


def rows_of(report: type[Report]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(made(report, "json"))["rows"]
    return rows


def test_registry_ids_are_unique_and_fit_into_an_address() -> None:
    ids = [report.id for report in REPORTS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each) for each in ids)


@every_report
def test_report_has_words_and_columns_with_names_of_their_own(report: type[Report]) -> None:
    names = [column.name for column in report().all_columns()]
    assert len(set(names)) == len(names)
    assert report.title
    assert report.description
    assert [column.name for column in report().all_columns() if not column.title] == []


@every_report
def test_report_has_rows(report: type[Report]) -> None:
    assert next(report().rows())


@every_report
def test_report_csv_is_valid_by_its_table_schema(report: type[Report], tmp_path: Path) -> None:
    path = tmp_path / f"{report.id}.csv"
    path.write_bytes(made(report, "csv"))
    with translation.override("en"):
        schema = frictionless.Schema.from_descriptor(json.loads(json.dumps(table_schema(report().all_columns()))))
    outcome = frictionless.Resource(path=path.name, basepath=str(tmp_path), schema=schema).validate()
    assert outcome.flatten(["rowNumber", "fieldName", "note"]) == []
    assert outcome.valid


@every_report
def test_report_csv_read_by_pandas_as_text_has_the_same_values(report: type[Report]) -> None:
    frame = pandas.read_csv(io.BytesIO(made(report, "csv")), dtype=str, keep_default_na=False, na_values=[""])
    rows = rows_of(report)
    assert frame.columns.tolist() == list(rows[0])
    read = [
        [None if isinstance(cell, float) and math.isnan(cell) else unescaped(cell) for cell in line]
        for line in frame.itertuples(index=False)
    ]
    assert read == [[as_text(value) for value in row.values()] for row in rows]


def as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


@every_report
def test_report_csv_read_by_pandas_with_types_has_the_same_numbers(report: type[Report]) -> None:
    frame = pandas.read_csv(io.BytesIO(made(report, "csv")), keep_default_na=False, na_values=[""])
    rows = rows_of(report)
    for column in report().all_columns():
        if column.type in ("integer", "number"):
            read = [None if math.isnan(number) else Decimal(str(number)) for number in frame[column.name]]
            assert read == [None if row[column.name] is None else Decimal(row[column.name]) for row in rows]
        elif column.type == "boolean":
            assert frame[column.name].tolist() == [row[column.name] for row in rows]


@every_report
def test_report_csv_comes_back_through_our_own_reader(report: type[Report]) -> None:
    columns = report().all_columns()
    with translation.override("en"):
        expected = [dict(zip([column.name for column in columns], row, strict=True)) for row in report().rows()]
        read = list(read_csv(io.BytesIO(made(report, "csv")), columns))
    assert [row.errors for row in read if row.errors] == []
    assert [row.values for row in read] == [
        {name: value if value != "" else None for name, value in row.items()} for row in expected
    ]


@every_report
def test_report_xlsx_has_the_same_values_and_no_formula(report: type[Report]) -> None:
    columns = report().all_columns()
    file = io.BytesIO(made(report, "xlsx"))
    by_csv = [row.values for row in read_csv(io.BytesIO(made(report, "csv")), columns)]
    assert [row.values for row in read_xlsx(file, columns)] == by_csv
    sheet = openpyxl.load_workbook(file).active
    assert [cell.coordinate for line in sheet.iter_rows() for cell in line if cell.data_type == "f"] == []


@every_report
def test_report_csv_has_no_cell_that_a_spreadsheet_executes(report: type[Report]) -> None:
    types = [column.type for column in report().all_columns()]
    lines = csv.reader(io.StringIO(made(report, "csv").decode("utf-8-sig"), newline=""))
    next(lines)
    texts = [cell for line in lines for cell, kind in zip(line, types, strict=True) if kind == "string"]
    assert [text for text in texts if escaped(text) != text and not text.startswith("'")] == []


@every_report
def test_report_in_spanish_has_the_same_codes_and_other_words(report: type[Report]) -> None:
    head, spanish = made(report, "csv", "en"), made(report, "csv", "es")
    assert head.splitlines()[0] == spanish.splitlines()[0]
    assert head.count(b"\r\n") == spanish.count(b"\r\n")
    assert json.loads(made(report, "json", "es"))["language"] == "es"


@every_report
def test_report_is_read_as_it_is_asked_for(report: type[Report], django_assert_num_queries: Any) -> None:
    made = report()
    with django_assert_num_queries(0):
        rows = made.rows()
    assert isinstance(rows, Iterator)


@pytest.mark.parametrize("kind", FORMATS)
def test_chunks_leave_the_language_of_their_reader_alone(kind: str) -> None:
    with translation.override("en"):
        for _chunk in chunks(REPORTS[0](), kind, "es"):
            assert translation.get_language() == "en"
