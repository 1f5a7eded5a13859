"""Reports whose rows the database makes: the same file, whoever writes the lines."""

from decimal import Decimal
from typing import Any

import pytest

from programmes.codelists import NullReason
from programmes.models import Budget, Programme
from programmes.reports import stored
from programmes.reports.formats import chunks
from programmes.reports.registry import BY_ID, REPORTS
from programmes.reports.stored import StoredReport
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    ObservationFactory,
    ParticipatingOrganisationFactory,
    PhaseFactory,
    ProgrammeFactory,
    SourceFactory,
)
from tracker.records.past import reading
from tracker.tabular.csv_writer import csv_chunks

pytestmark = pytest.mark.django_db

STORED = [report for report in REPORTS if issubclass(report, StoredReport)]
HOSTILE = [
    "=1+1",
    "'=1+1",
    "＝1+1",
    "'quoted'",
    'say "no", twice',
    "two\r\nlines",
    "\t@SUM(A1)",
    "ñandú 🦤",
    "%s %(line)s",
    "\\N",
]


def portfolio() -> None:
    source = SourceFactory.create(code="BRIEFING")
    countries = [CountryFactory.create(name_en=name, name_es="") for name in ("Zambia", "=Aruba", "Perú; sur")]
    for number, text in enumerate(HOSTILE):
        programme = ProgrammeFactory.create(code=f"P{number:02}", name=text, acronym="" if number % 2 else text[:20])
        phase = PhaseFactory.create(programme=programme, name=text, label=text[:10], order=1)
        line = BudgetFactory.create(
            programme=programme, phase=phase, title=text, note=text, amount=Decimal(number), currency="EUR"
        )
        for country in countries[: number % 4]:
            BudgetCountryFactory.create(budget=line, country=country)
        for place in (text, "line 9", text, ""):
            CitationFactory.create(source=source, budget=line, place=place[:60], field="" if place else "amount")
        ObservationFactory.create(
            indicator__result__programme=programme,
            value=Decimal(number) / 4,
            comment=text,
            disaggregation={"substance": "cocaine"} if number % 2 else {},
        )
        ParticipatingOrganisationFactory.create(
            programme=programme, organisation__name=text, organisation__country=countries[0]
        )
    BudgetFactory.create(programme=programme, amount_null_reason=NullReason.UNDISCLOSED)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("report", [pytest.param(report, id=report.id) for report in STORED])
def test_file_is_byte_by_byte_what_is_written_of_its_rows(report: type[StoredReport], language: str) -> None:
    portfolio()
    made = report()
    written = b"".join(chunks(made, "csv", language))
    rows = chunks(made, "json", language, watch := Watched())
    assert b"".join(rows).startswith(b'{"report"')
    assert len(watch.rows) >= len(HOSTILE)
    assert written == b"".join(csv_chunks(made.all_columns(), watch.rows))


class Watched:
    """Keeps the rows that go by."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def __call__(self, rows: Any) -> Any:
        for row in rows:
            self.rows.append(row)
            yield row


@pytest.mark.parametrize("largest", [1, 2, 100])
def test_rows_read_part_by_part_are_all_in_order(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio()
    whole_line = Budget.objects.earliest("code")
    for programme in Programme.objects.all()[:3]:  # whose money is held through a line of which no amount is stated
        between = BudgetFactory.create(
            programme=programme, amount_null_reason=NullReason.UNDISCLOSED, part_of=whole_line
        )
        BudgetFactory.create(programme=programme, revises=BudgetFactory.create(programme=programme, part_of=between))
    lines = BY_ID["budget-lines"]
    whole = list(lines().rows())
    monkeypatch.setattr(stored, "FIRST_PART", 1)
    monkeypatch.setattr(stored, "GROWTH", 2)
    monkeypatch.setattr(stored, "LARGEST_PART", largest)
    assert list(lines().rows()) == whole
    assert [row[0] for row in whole] == [line.code for line in Budget.objects.order_by("programme__code", "code")]


def test_public_gets_no_line_of_a_draft_and_none_that_points_there() -> None:
    draft = ProgrammeFactory.create(code="DRAFT", publication="draft")
    whole = BudgetFactory.create(programme=draft, code="SECRET")
    BudgetFactory.create(programme__code="OPEN", code="PART", part_of=whole)
    replaced = BudgetFactory.create(programme=Programme.objects.get(code="OPEN"), code="OLD")
    BudgetFactory.create(programme=draft, code="NEW", revises=replaced)
    names = ("code", "part_of", "counted")
    seen = {}
    for public in (False, True):
        with reading(public=public):
            report = BY_ID["budget-lines"]()
            at = [[column.name for column in report.all_columns()].index(name) for name in names]
            seen[public] = [tuple(row[place] for place in at) for row in report.rows()]
            assert b"".join(chunks(report, "csv", "en")).count(b"\r\n") == len(seen[public]) + 1
    assert seen == {
        False: [("NEW", None, True), ("SECRET", None, True), ("OLD", None, False), ("PART", "SECRET", False)],
        True: [("OLD", None, True), ("PART", None, True)],
    }
