"""The reports across programmes: overlap, coverage, lineage, progress."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from programmes.analysis import overlap
from programmes.codelists import ObservationKind
from programmes.reports.base import Report
from programmes.reports.coverage import CoverageReport
from programmes.reports.lineage import Lineage
from programmes.reports.overlap import Overlap
from programmes.reports.progress import ProgressReport, ProgressRollUps
from tests.factories import (
    BudgetFactory,
    CountryFactory,
    IndicatorFactory,
    ObservationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    SuccessionFactory,
    ThemeFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.date(2017, 11, 10)


def rows(report: Report, *names: str) -> list[tuple[Any, ...]]:
    columns = [column.name for column in report.all_columns()]
    places = [columns.index(name) for name in names]
    return [tuple(row[place] for place in places) for row in report.rows()]


def two_programmes() -> None:
    """A and B in Panama on justice, A with a line of 2017 and a longer one."""
    panama, justice = CountryFactory.create(name_en="Panama"), ThemeFactory.create(code="JUSTICE", name_en="Justice")
    for code, dates in (("A", {"actual_start": "2010", "planned_end": "2018-06"}), ("B", {"actual_end": "2012"})):
        made = ProgrammeFactory.create(code=code, acronym=code, **dates)
        ParticipationFactory.create(programme=made, country=panama)
        ProgrammeThemeFactory.create(programme=made, theme=justice)
        if code == "A":
            BudgetFactory.create(programme=made, amount=Decimal("9.00"), period_start="2017-02", period_end="2017-03")
            BudgetFactory.create(programme=made, amount=Decimal("5.00"), period_start="2017", period_end="2018")


def test_overlap_has_a_row_for_each_pair() -> None:
    two_programmes()
    assert rows(Overlap(), "programme", "other", "countries_number", "countries_names", "themes", "time", "since") == [
        ("A", "B", 1, "Panama", "JUSTICE", "yes", "2010")
    ]


def test_overlap_of_too_many_programmes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    two_programmes()
    monkeypatch.setattr(overlap, "MOST_PAIRS", 0)
    response = Client().get("/api/v1/reports/overlap.csv")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "too_many_rows")


def test_coverage_has_a_row_for_each_country_and_theme() -> None:
    two_programmes()
    ThemeFactory.create(code="DRUGS", name_en="Drugs")
    names = (
        "country_name",
        "theme",
        "state",
        "programmes",
        "programmes_perhaps",
        "year",
        "budget_eur",
        "lines_undivided",
    )
    assert rows(CoverageReport(day=DAY), *names) == [
        ("Panama", "DRUGS", "empty", "", "", 2017, None, 0),
        ("Panama", "JUSTICE", "ending", "A", "", 2017, Decimal("9.00"), 1),
    ]


def test_lineage_has_a_row_for_each_link_and_open_end() -> None:
    programme = ProgrammeFactory.create(code="P", acronym="P")
    first = PhaseFactory.create(programme=programme, order=1, label="I", actual_end="2015-12-31")
    PhaseFactory.create(
        programme=programme, order=2, label="II", follows=first, actual_start="2016", actual_end="2017-01"
    )
    ended = ProgrammeFactory.create(code="Q", acronym="Q", actual_end="2015")
    SuccessionFactory.create(predecessor=ended, successor=None, successor_name="R")
    names = ("kind", "state", "code", "next_code", "next_name", "extent", "days_least", "days_most")
    assert rows(Lineage(day=DAY), *names) == [
        ("phase", "continued", "P-I", "P-II", "P II", "whole", 0, 365),
        ("phase", "ended", "P-II", None, None, None, None, None),
        ("programme", "continued", "Q", None, "R", "part", None, None),
    ]


def some_indicators() -> None:
    """Under one umbrella two additive indicators, one of which has a baseline and a breakdown, and one that is not."""
    child = ProgrammeFactory.create(code="CHILD", parent=ProgrammeFactory.create(code="TOP"))
    for code, fields in (
        ("I-1", {"additive": True, "accumulation": "cumulative"}),
        ("I-2", {"additive": True, "accumulation": "cumulative"}),
        ("I-3", {"unit": "kg"}),
    ):
        made = IndicatorFactory.create(code=code, result__programme=child, **fields)
        ObservationFactory.create(indicator=made, value=Decimal(30), as_of="2016")
        ObservationFactory.create(indicator=made, kind=ObservationKind.TARGET, value=Decimal(50), as_of="2020")
        if code == "I-2":
            ObservationFactory.create(indicator=made, kind=ObservationKind.BASELINE, value=Decimal(10), as_of="2010")
            ObservationFactory.create(indicator=made, value=Decimal(4), as_of="2017-03", disaggregation={"sex": "male"})


def test_progress_has_a_row_for_each_indicator_and_breakdown() -> None:
    some_indicators()
    names = ("code", "sex", "baseline", "baseline_basis", "latest", "percent", "without_percent", "age_in_months")
    assert rows(ProgressReport(day=DAY), *names) == [
        ("I-1", None, 0, "definition", 30, Decimal("60.0"), None, 10),
        ("I-2", None, 10, "stated", 30, Decimal("50.0"), None, 10),
        ("I-2", "male", 0, "definition", 4, None, "no_target", 7),
        ("I-3", None, None, None, 30, None, "no_baseline", 10),
    ]


def test_roll_ups_have_the_sum_its_terms_and_what_is_left_out() -> None:
    some_indicators()
    names = ("programme", "row", "indicator", "unit", "latest", "baseline", "baseline_basis", "percent", "sentence")
    assert rows(ProgressRollUps(day=DAY), *names) == [
        (
            "TOP",
            "sum",
            None,
            "persons trained",
            60,
            10,
            "definition",
            Decimal("55.6"),
            "60 persons trained, added from 2 indicators: 55.6 % of the way from 10 to 100.",
        ),
        (
            "TOP",
            "counted",
            "I-1",
            "persons trained",
            30,
            0,
            "definition",
            Decimal("60.0"),
            "30 persons trained (2016): 60.0 % of the way from 0 to 50.",
        ),
        (
            "TOP",
            "counted",
            "I-2",
            "persons trained",
            30,
            10,
            "stated",
            Decimal("50.0"),
            "30 persons trained (2016): 50.0 % of the way from 10 to 50.",
        ),
        (
            "TOP",
            "left_out",
            "I-3",
            "kg",
            None,
            None,
            None,
            None,
            "Not added: it is not declared that it may be added across programmes.",
        ),
    ]


def test_queries_do_not_grow_with_the_records(django_assert_num_queries: Any) -> None:
    for number in (1, 3):
        for _ in range(number):
            some_programmes_apart()
        for report, queries in (
            (Overlap, 6),
            (CoverageReport, 17),
            (Lineage, 2),
            (ProgressReport, 4),
            (ProgressRollUps, 8),
        ):
            with django_assert_num_queries(queries):
                list(report().rows())


def some_programmes_apart() -> None:
    """A programme under an umbrella with a phase, a country, a theme, a line and an indicator."""
    child = ProgrammeFactory.create(parent=ProgrammeFactory.create())
    PhaseFactory.create(programme=child, actual_end="2016")
    ParticipationFactory.create(programme=child)
    ProgrammeThemeFactory.create(programme=child)
    BudgetFactory.create(programme=child)
    ObservationFactory.create(indicator=IndicatorFactory.create(result__programme=child, additive=True))
