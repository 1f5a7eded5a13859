"""Reports over the API: addresses, formats, filters, languages and refusals."""

import io
import json
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from programmes.reports.phases import Phases
from programmes.reports.registry import REPORTS
from tests.factories import BudgetFactory, PhaseFactory, ProgrammeFactory
from tracker.tabular import xlsx_writer

pytestmark = pytest.mark.django_db

URL = "/api/v1/reports/"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def problem(response: Any) -> tuple[int, str, str | None, str]:
    """Status, media type, and of the only cause its field and sentence."""
    ((cause),) = json.loads(body(response))["errors"]
    return response.status_code, response["Content-Type"], cause["field"], cause["detail"]


def phases() -> None:
    for code in ("AIRCOP", "SEACOP"):
        PhaseFactory.create(programme=ProgrammeFactory.create(code=code), label="IV", order=4, status="2")


def codes(response: Any) -> list[str]:
    return [row["programme"] for row in json.loads(body(response))["rows"]]


def test_list_names_every_report_with_its_addresses(client: Client) -> None:
    answer = client.get(URL).json()
    assert [each["id"] for each in answer["results"]] == [report.id for report in REPORTS]
    assert answer["count"] == len(REPORTS)
    assert answer["results"][1] == {
        "id": "phases",
        "title": "Phases",
        "description": str(Phases.description),
        "url": f"http://testserver{URL}phases/",
        "csv": f"http://testserver{URL}phases.csv",
        "xlsx": f"http://testserver{URL}phases.xlsx",
        "json": f"http://testserver{URL}phases.json",
        "schema": f"http://testserver{URL}phases/schema/",
    }


@pytest.mark.parametrize("report", [report.id for report in REPORTS])
def test_every_address_of_the_list_answers(client: Client, report: str) -> None:
    ProgrammeFactory.create(code="ICSP-BILATERAL")
    described = next(each for each in client.get(URL).json()["results"] if each["id"] == report)
    answers = map(client.get, (described[name] for name in ("url", "csv", "xlsx", "json", "schema")))
    assert [(answer.status_code, bool(body(answer))) for answer in answers] == [(200, True)] * 5


@pytest.mark.parametrize(
    ("address", "accept", "media_type", "start"),
    [
        ("phases.csv", "*/*", "text/csv; charset=utf-8", b"\xef\xbb\xbfprogramme,"),
        ("phases/?format=csv", "*/*", "text/csv; charset=utf-8", b"\xef\xbb\xbfprogramme,"),
        ("phases/", "text/csv", "text/csv; charset=utf-8", b"\xef\xbb\xbfprogramme,"),
        ("phases.xlsx", "*/*", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
        ("phases/", "*/*", "application/json", b'{"report": "phases", "title": "Phases", "language": "en", "rows"'),
        ("phases/", "text/html,*/*;q=0.8", "application/json", b'{"report": "phases"'),
    ],
)
def test_report_comes_in_the_format_asked_for(
    client: Client, address: str, accept: str, media_type: str, start: bytes
) -> None:
    phases()
    response = client.get(f"{URL}{address}", headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, media_type)
    assert body(response)[: len(start)] == start


def test_report_file_has_a_name(client: Client) -> None:
    response = client.get(f"{URL}phases.csv")
    assert response["Content-Disposition"] == 'attachment; filename="phases.csv"'
    assert body(response)  # what is not read to its end keeps its place in the database


def test_report_takes_the_filters_of_its_list(client: Client) -> None:
    phases()
    assert codes(client.get(f"{URL}phases/")) == ["AIRCOP", "SEACOP"]
    assert codes(client.get(f"{URL}phases/?programme=SEACOP")) == ["SEACOP"]
    assert codes(client.get(f"{URL}phases/?programme__not=SEACOP&status=2")) == ["AIRCOP"]


def test_budget_by_programme_counts_among_the_lines_that_the_filters_leave(client: Client) -> None:
    whole = BudgetFactory.create(programme__code="WHOLE", amount=120)
    BudgetFactory.create(programme__code="PART", amount=40, part_of=whole)
    rows = json.loads(body(client.get(f"{URL}budget-by-programme/?programme=PART")))["rows"]
    assert [(row["row"], row["programme"], row["amount"]) for row in rows] == [
        ("group", "PART", "40.00"),
        ("total", None, "40.00"),
    ]


def test_icsp_bilateral_speaks_of_another_umbrella_where_one_is_named(client: Client) -> None:
    ProgrammeFactory.create(name="Elsewhere", parent=ProgrammeFactory.create(code="OTHER"))
    rows = json.loads(body(client.get(f"{URL}icsp-bilateral/?under=OTHER")))["rows"]
    assert [row["country"] for row in rows] == ["Elsewhere", "Total"]


@pytest.mark.parametrize(
    ("address", "field", "detail"),
    [
        (
            "phases.csv?statu=2",
            "statu",
            "There is no parameter “statu” here. Did you mean “status”?",
        ),
        (
            "phases/?format=cvs",
            "format",
            "There is no format “cvs” here. Did you mean “csv”?",
        ),
        ("phases.csv?format=xlsx", "format", "There is no parameter “format” here."),
        ("phases/?lang=ex", "lang", "There is no language “ex” here. Did you mean “es”?"),
        ("phases/schema/?format=csv", "format", "There is no format “csv” here."),
        ("phases.csv?programme=AIRCAP", "programme", "There is no programme “AIRCAP”. Did you mean “AIRCOP”?"),
        ("icsp-bilateral.csv", "under", "There is no programme “ICSP-BILATERAL”."),
    ],
)
def test_what_is_not_known_is_refused_with_the_nearest_right_one(
    client: Client, address: str, field: str, detail: str
) -> None:
    phases()
    assert problem(client.get(f"{URL}{address}")) == (400, "application/problem+json", field, detail)


def test_unknown_report_is_not_found_with_the_nearest_one(client: Client) -> None:
    response = client.get(f"{URL}phase/")
    assert (response.status_code, response.json()["detail"]) == (
        404,
        "There is no report “phase”. Did you mean “phases”?",
    )


def test_report_is_only_read(client: Client) -> None:
    assert client.post(f"{URL}phases/").status_code == 405


@pytest.mark.parametrize(("asked", "language"), [("?lang=es", "es"), ("?lang=en", "en"), ("", "es")])
def test_report_speaks_the_language_asked_for(client: Client, asked: str, language: str) -> None:
    response = client.get(f"{URL}phases/{asked}", headers={"accept-language": "es"})
    assert json.loads(body(response))["language"] == language
    assert response["Content-Language"] == language


def test_schema_describes_the_columns(client: Client) -> None:
    answer = client.get(f"{URL}phases/schema/").json()
    assert [field["name"] for field in answer["fields"]] == [column.name for column in Phases.columns]


def test_xlsx_with_too_many_rows_points_to_csv(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    phases()
    monkeypatch.setattr(xlsx_writer, "MAX_ROWS", 2)
    assert problem(client.get(f"{URL}phases.xlsx")) == (
        400,
        "application/problem+json",
        "format",
        "An XLSX sheet holds 1 rows at most: ask for CSV.",
    )
    assert (
        len(openpyxl.load_workbook(io.BytesIO(body(client.get(f"{URL}phases.xlsx?programme=AIRCOP")))).active["A"]) == 2
    )


def test_failure_before_the_first_chunk_is_a_problem_and_no_file(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts(_report: Phases) -> Iterator[Any]:
        raise RuntimeError("the database went away")

    monkeypatch.setattr(Phases, "parts", parts)
    client.raise_request_exception = False
    response = client.get(f"{URL}phases.csv")
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")


def test_where_signing_in_is_asked_for_a_report_needs_its_permission(client: Client) -> None:
    reader = User.objects.create_user("reader")
    chief = User.objects.create_superuser("chief")
    with override_settings(API_REQUIRE_SIGN_IN=True):
        statuses = [client.get(f"{URL}phases.csv").status_code]
        for user in (reader, chief):
            client.force_login(user)
            statuses.append(client.get(f"{URL}phases.csv").status_code)
            statuses.append(client.get(URL).json()["count"])
    assert statuses == [401, 403, 0, 200, len(REPORTS)]
