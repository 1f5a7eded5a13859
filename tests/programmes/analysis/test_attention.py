"""What needs an officer's eye."""

import datetime

import pytest

from programmes.analysis import attention
from programmes.codelists import ActivityStatus, ObservationKind
from tests.factories import (
    BudgetFactory,
    CitationFactory,
    IndicatorFactory,
    ObservationFactory,
    PhaseFactory,
    ProgrammeFactory,
    SuccessionFactory,
    TransactionFactory,
)

TODAY = datetime.date(2017, 3, 31)

pytestmark = pytest.mark.django_db


def codes(records):
    return [each.code for each in records]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2017-03-31", 12, "2018-03-31"),
        ("2017-03-31", -24, "2015-03-31"),
        ("2016-02-29", 12, "2017-02-28"),
        ("2016-12-31", 2, "2017-02-28"),
        ("2017-01-01", -1, "2016-12-01"),
    ],
)
def test_months_later_stays_within_the_month(day, months, expected):
    later = attention.months_later(datetime.date.fromisoformat(day), months)
    assert later.isoformat() == expected


# Programmes that end


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ("2017-03-30", []),
        ("2017-03-31", ["P"]),
        ("2017-12", ["P"]),
        ("2018-03-31", ["P"]),
        ("2018-04-01", []),
        ("2018-03", ["P"]),
        ("2018", []),  # it may end after the 12 months
        ("2017", []),  # it may have ended before today
    ],
)
def test_programme_that_certainly_ends_within_12_months_is_found(end, found):
    ProgrammeFactory(code="P", planned_end=end)
    assert codes(attention.programmes_ending(TODAY)) == found


def test_programme_with_a_following_phase_is_not_found():
    for code, phase in {
        "LATER-START": {"planned_start": "2017-09"},
        "LATER-END": {"planned_end": "2020"},
        "IN-PIPELINE": {"status": ActivityStatus.PIPELINE},
    }.items():
        PhaseFactory(programme=ProgrammeFactory(code=code, planned_end="2017-08"), **phase)
    assert codes(attention.programmes_ending(TODAY)) == []


def test_programme_whose_other_phases_are_over_is_found():
    PhaseFactory(programme=ProgrammeFactory(code="P", planned_end="2017-08"), actual_end="2015")
    assert codes(attention.programmes_ending(TODAY)) == ["P"]


def test_programme_without_an_end_of_its_own_ends_with_its_last_phase():
    phase = PhaseFactory(programme=ProgrammeFactory(code="P"), planned_end="2017-08")
    assert codes(attention.programmes_ending(TODAY)) == ["P"]
    PhaseFactory(programme=phase.programme, follows=phase, order=phase.order + 1, planned_start="2017-09")
    assert codes(attention.programmes_ending(TODAY)) == []


def test_programme_that_another_continues_as_a_whole_is_not_found():
    for code, whole in (("WHOLE", True), ("PART", False)):
        SuccessionFactory(predecessor=ProgrammeFactory(code=code, planned_end="2017-08"), whole=whole)
    assert codes(attention.programmes_ending(TODAY)) == ["PART"]


@pytest.mark.parametrize("status", [ActivityStatus.CLOSED, ActivityStatus.CANCELLED])
def test_closed_and_cancelled_programmes_are_not_found(status):
    ProgrammeFactory(planned_end="2017-08", status=status)
    ProgrammeFactory(planned_end="2016", status=status)
    assert codes(attention.programmes_ending(TODAY)) == []
    assert codes(attention.programmes_overdue(TODAY)) == []


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        ({"planned_end": "2016"}, ["P"]),
        ({"planned_end": "2017-03-30"}, ["P"]),
        ({"planned_end": "2017-03-31"}, []),
        ({"planned_end": "2017-03"}, []),
        ({"planned_end": "2017"}, []),
        ({"planned_end": "2016", "revised_end": "2018"}, []),
        ({"planned_end": "2015", "revised_end": "2016"}, ["P"]),
        ({"planned_end": "2016", "actual_end": "2016"}, []),
        ({}, []),
    ],
)
def test_programme_whose_end_has_passed_without_an_actual_end_is_found(dates, found):
    ProgrammeFactory(code="P", **dates)
    assert codes(attention.programmes_overdue(TODAY)) == found


# Figures


def test_budget_lines_without_a_source_are_found():
    CitationFactory(budget=BudgetFactory(code="WITH"))
    BudgetFactory(code="WITHOUT")
    assert codes(attention.budgets_without_source(TODAY)) == ["WITHOUT"]


def test_observations_without_a_source_are_found():
    CitationFactory(observation=ObservationFactory())
    without = ObservationFactory()
    assert list(attention.observations_without_source(TODAY)) == [without]


def test_amounts_not_stated_are_found():
    BudgetFactory(code="NOT-STATED", amount_null_reason="not_stated")
    BudgetFactory(amount_null_reason="not_applicable")
    BudgetFactory(amount="0")
    TransactionFactory(code="NOT-STATED-EITHER", amount_null_reason="not_stated")
    TransactionFactory(amount_null_reason="undisclosed")
    assert codes(attention.budgets_not_stated(TODAY)) == ["NOT-STATED"]
    assert codes(attention.transactions_not_stated(TODAY)) == ["NOT-STATED-EITHER"]


@pytest.mark.parametrize(
    ("observation", "found"),
    [
        ({"as_of": "2015-03-31"}, []),
        ({"as_of": "2015-03-30"}, ["I"]),
        ({"as_of": "2015"}, []),  # it may be of these two years
        ({"as_of": None, "period_start": "2014", "period_end": "2015"}, []),
        ({"as_of": "2016", "kind": ObservationKind.TARGET}, ["I"]),
        ({"as_of": None}, ["I"]),
    ],
)
def test_indicator_without_an_actual_value_in_two_years_is_found(observation, found):
    ObservationFactory(indicator=IndicatorFactory(code="I"), **observation)
    assert codes(attention.indicators_not_observed(TODAY)) == found


def test_indicator_without_any_value_is_found():
    IndicatorFactory(code="I")
    assert codes(attention.indicators_not_observed(TODAY)) == ["I"]
