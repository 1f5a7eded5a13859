"""The reports of data quality and of disagreements."""

from decimal import Decimal
from typing import Any

import pytest

from programmes.reports.base import Report
from programmes.reports.disagreements import Disagreements
from programmes.reports.quality import Quality
from tests.factories import BudgetFactory, CitationFactory, ProgrammeFactory, SourceFactory

pytestmark = pytest.mark.django_db


def rows(report: Report, *names: str) -> list[tuple[Any, ...]]:
    columns = [column.name for column in report.all_columns()]
    places = [columns.index(name) for name in names]
    return [tuple(row[place] for place in places) for row in report.rows()]


def test_quality_has_a_row_for_each_programme() -> None:
    ProgrammeFactory.create(code="LITTLE", acronym="Little")
    ProgrammeFactory.create(code="MORE", actual_start="2010", actual_end="2012")
    names = ("programme", "score", "checks", "held", "gaps_high", "gaps_medium", "gaps_low", "gaps")
    assert rows(Quality(), *names) == [
        (
            "LITTLE",
            Decimal("0.8077"),
            26,
            21,
            1,
            2,
            2,
            "programme-no-source; no-budget; no-implementer; no-start; no-end",
        ),
        ("MORE", Decimal("0.8846"), 26, 23, 1, 2, 0, "programme-no-source; no-budget; no-implementer"),
    ]


def test_disagreements_have_a_row_for_each_value_and_citation() -> None:
    line = BudgetFactory.create(code="LINE", programme__code="P", exactness="about")
    CitationFactory.create(budget=line, source=SourceFactory.create(code="FIRST"), place="line 1", quote="hundred")
    CitationFactory.create(
        budget=line,
        source=SourceFactory.create(code="SECOND"),
        place="line 2",
        field="amount",
        value="90",
        exactness="at_least",
        preferred=False,
        as_of="2016",
    )
    names = ("programme", "kind", "record", "field", "preferred", "value", "exactness", "source", "place", "as_of")
    assert rows(Disagreements(), *names) == [
        ("P", "budget", "LINE", "amount", True, "100.00", "about", "FIRST", "line 1", None),
        ("P", "budget", "LINE", "amount", False, "90.00", "at_least", "SECOND", "line 2", "2016"),
    ]


def test_value_of_the_record_has_a_row_where_no_source_gives_it() -> None:
    programme = ProgrammeFactory.create(planned_end="2016")
    CitationFactory.create(programme=programme, field="planned_end", value="2018", preferred=False)
    assert rows(Disagreements(), "kind_label", "field_label", "value", "place") == [
        ("Programme", "planned end", "2016", None),
        ("Programme", "planned end", "2018", "line 1"),
    ]
