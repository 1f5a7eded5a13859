"""The checks of a programme, and the share of them that hold."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import resolve

from programmes.analysis.gaps import CHECKS, Severity, concerned, examine
from programmes.codelists import ActivityStatus, Coverage
from programmes.models import Programme
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    IndicatorFactory,
    ObservationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    TransactionFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.date(2017, 11, 10)


def test_all_checks_hold_of_a_complete_programme() -> None:
    programme = ProgrammeFactory.create(actual_start="2010", actual_end="2016", status=ActivityStatus.CLOSED)
    CitationFactory.create(programme=programme)
    CitationFactory.create(budget=BudgetFactory.create(programme=programme), as_of="2016")
    ParticipatingOrganisationFactory.create(programme=programme)
    (found,) = examine(Programme.objects.all(), DAY)
    assert (found.gaps, found.checks, found.held, found.share) == ({}, 26, 26, Decimal("1.0000"))


def test_share_is_that_of_the_checks_that_hold() -> None:
    ProgrammeFactory.create(code="LITTLE")
    (found,) = examine(Programme.objects.all(), DAY)
    assert list(found.gaps) == ["programme-no-source", "no-budget", "no-implementer", "no-start", "no-end"]
    assert (found.held, found.share) == (21, Decimal("0.8077"))
    assert [found.of(severity) for severity in Severity] == [
        ["programme-no-source"],
        ["no-budget", "no-implementer"],
        ["no-start", "no-end"],
    ]


def test_transaction_without_source_and_indicator_without_target_are_gaps() -> None:
    TransactionFactory.create(code="PAID", programme__code="P")
    indicator = IndicatorFactory.create(code="I", result__programme=Programme.objects.get())
    (found,) = examine(Programme.objects.all(), DAY)
    gaps = {code: [each.code for each in found.gaps.get(code, [])] for code in CHECKS}
    assert (gaps["transaction-no-source"], gaps["indicator-no-target"]) == (["PAID"], ["I"])
    ObservationFactory.create(indicator=indicator, kind="target")
    (found,) = examine(Programme.objects.all(), DAY)
    assert "indicator-no-target" not in found.gaps


def test_competing_citation_is_a_gap_of_the_record_once() -> None:
    line = BudgetFactory.create(code="LINE")
    for field, value in (("amount", "90.00"), ("amount", "80.00"), ("period_end", "2016")):
        CitationFactory.create(budget=line, field=field, value=value, preferred=False)
    (found,) = examine(Programme.objects.all(), DAY)
    assert [each.code for each in found.gaps["competing-citations"]] == ["LINE"]


def test_figures_are_old_after_the_years_asked_for() -> None:
    CitationFactory.create(budget=BudgetFactory.create(), as_of="2014")
    assert ["old-figures" in examine(Programme.objects.all(), DAY, years)[0].gaps for years in (2, 3)] == [True, False]


def test_every_record_links_to_a_page_that_there_is() -> None:
    populate()
    links = [
        each.link
        for programme in examine(Programme.objects.all(), DAY)
        for gap in programme.gaps.values()
        for each in gap
    ]
    links += [each.link for each in examine(Programme.objects.all(), DAY)]
    for link in links:
        assert resolve(link).namespace == "admin"
    assert len(links) == 22


def test_only_the_programmes_asked_for_are_examined() -> None:
    for code in "AB":
        BudgetFactory.create(programme__code=code)
    found = examine(Programme.objects.filter(code="B"), DAY)
    assert [each.code for each in found] == ["B"]
    assert concerned(Programme.objects.filter(code="B"), ["budget-no-source"], DAY) == {found[0].key}
    assert concerned(Programme.objects.all(), ["parts-exceed-whole"], DAY) == set()


def test_queries_are_as_many_for_one_programme_as_for_all(django_assert_num_queries: Any) -> None:
    for _time in range(3):
        populate()
        with django_assert_num_queries(36):
            examine(Programme.objects.all(), DAY)


def populate() -> None:
    """One more of everything that a check looks at, with a gap in most."""
    programme = ProgrammeFactory.create(coverage=Coverage.BILATERAL, actual_start="2014")
    PhaseFactory.create(programme=programme, actual_end="2015")
    line = BudgetFactory.create(programme=programme, period_start="2009", period_end="2010")
    part = BudgetFactory.create(programme=programme, part_of=line, amount=Decimal(150), exactness="about")
    TransactionFactory.create(programme=programme)
    ParticipationFactory.create(programme=programme, percentage=Decimal(10))
    ProgrammeThemeFactory.create(programme=programme, percentage=Decimal(10))
    BudgetCountryFactory.create(budget=part, percentage=Decimal(10))
    indicator = IndicatorFactory.create(result__programme=programme, accumulation="cumulative")
    ObservationFactory.create(indicator=indicator, as_of="2010", value=Decimal(9))
    ObservationFactory.create(indicator=indicator, as_of="2011", value=Decimal(8))
    ObservationFactory.create(indicator=indicator, as_of="2011", value=Decimal(7), disaggregation={"sex": "male"})
    CitationFactory.create(budget=line, as_of="2001", field="amount", value="70.00", preferred=False)
