"""`manage.py report`."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from programmes.management.commands import report as command
from programmes.reports.registry import REPORTS
from tests.factories import PhaseFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_phases() -> None:
    for code in ("AIRCOP", "SEACOP"):
        PhaseFactory.create(programme__code=code, label="IV", order=4)


def run(*arguments: str) -> str:
    """What the command says on the standard error."""
    said = io.StringIO()
    call_command("report", *arguments, stderr=said)
    return said.getvalue()


def test_report_goes_to_the_standard_output_byte_by_byte(capfdbinary: Any) -> None:
    run("phases")
    output = capfdbinary.readouterr().out
    assert output[:13] == b"\xef\xbb\xbfprogramme,"
    assert [line[0] for line in csv.reader(io.StringIO(output.decode("utf-8-sig")))] == [
        "programme",
        "AIRCOP",
        "SEACOP",
    ]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("a.csv", []), ("a.xlsx", []), ("a.json", []), ("a", ["--format", "xlsx"]), ("a.txt", [])],
)
def test_report_to_a_file_in_the_format_of_its_ending_or_the_one_named(
    tmp_path: Path, name: str, arguments: list[str]
) -> None:
    path = tmp_path / name
    assert run("phases", "--output", str(path), *arguments) == "phases: 2 rows\n"
    content = path.read_bytes()
    if content.startswith(b"PK"):
        programmes = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(content)).active["A"]][1:]
    elif content.startswith(b"{"):
        programmes = [row["programme"] for row in json.loads(content)["rows"]]
    else:
        programmes = [line.split(",")[0] for line in content.decode("utf-8-sig").splitlines()][1:]
    assert programmes == ["AIRCOP", "SEACOP"]


def test_filters_narrow_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    run("phases", "--filter", "programme=SEACOP", "--filter", "search=iv", "--output", str(path))
    assert [row["programme"] for row in json.loads(path.read_text())["rows"]] == ["SEACOP"]


def test_language_is_the_one_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    run("phases", "--lang", "es", "--output", str(path))
    assert json.loads(path.read_text())["language"] == "es"


def test_list_has_a_line_for_each_report(capsys: Any) -> None:
    run("--list")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [report.id for report in REPORTS]


def test_long_ones_say_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "SECONDS_OF_SILENCE", -1)
    said = run("phases", "--output", str(tmp_path / "a.csv"))
    assert said.splitlines() == ["phases: 1 rows so far", "phases: 2 rows so far", "phases: 2 rows"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name a report; --list shows them."),
        (["phase"], "There is no report “phase”. Did you mean “phases”? See --list."),
        (["phases", "--filter", "programme"], "Write --filter programme=VALUE."),
        (
            ["phases", "--filter", "statu=2", "--filter", "progamme=X"],
            "statu: There is no parameter “statu” here. Did you mean “status”?\n"
            "progamme: There is no parameter “progamme” here. Did you mean “programme”?",
        ),
        (
            ["phases", "--filter", "programme=AIRCAP"],
            "programme: There is no programme “AIRCAP”. Did you mean “AIRCOP”?",
        ),
        (
            ["phases", "--output", "/no/such/folder/a.csv"],
            "[Errno 2] No such file or directory: '/no/such/folder/a.csv'",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    assert str(caught.value) == message
