"""Indicators and their values: one unit, one value for a date and breakdown, the latest of each."""

from decimal import Decimal

import pytest

from programmes.models import Indicator, Observation
from tests.factories import (
    CountryFactory,
    IndicatorFactory,
    ObservationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ResultFactory,
)
from tests.programmes.models.errors import errors_of, message_of


@pytest.fixture
def indicator(db):
    return IndicatorFactory(result__programme__code="AIRCOP")


def test_indicator_code_and_programme_are_those_of_its_result(indicator):
    second = IndicatorFactory(result=indicator.result)

    assert (indicator.result.code, indicator.code, second.code) == ("AIRCOP-R1", "AIRCOP-I1", "AIRCOP-I2")
    assert second.programme.code == "AIRCOP"


def test_indicator_of_a_result_elsewhere_goes_to_its_programme(indicator):
    other = ResultFactory()
    indicator.result = other
    indicator.full_clean()
    indicator.save()

    assert Indicator.objects.get().programme == other.programme


def test_indicator_with_observations_of_a_phase_cannot_leave_the_programme(indicator):
    ObservationFactory(indicator=indicator, phase=PhaseFactory(programme=indicator.programme))

    assert errors_of(indicator, result=ResultFactory()) == {"result": ["leaves_dependants"]}


def test_result_with_indicators_cannot_leave_its_programme(indicator):
    assert errors_of(indicator.result, programme=ProgrammeFactory()) == {"programme": ["leaves_dependants"]}


@pytest.mark.parametrize(
    ("disaggregation", "errors"),
    [
        ({}, []),
        ({"substance": "cocaine"}, []),
        ({"sex": "F", "age": "18-25"}, []),
        ({"country": "PA"}, []),
        ({"country": "ZZ"}, ["unknown_country"]),
        ({"country": "pa"}, ["unknown_country"]),
        ({"colour": "red"}, ["unknown_dimension"]),
        ({"sex": ""}, ["invalid_category"]),
        ({"sex": " "}, ["invalid_category"]),
        ({"sex": 1}, ["invalid_category"]),
        ({"sex": None}, ["invalid_category"]),
        ({"sex": {"a": "b"}}, ["invalid_category"]),
        ({"sex": "x" * 101}, ["invalid_category"]),
        ({"sex": "a\0"}, ["invalid_category"]),
        ({"country": "a\0"}, ["invalid_category"]),
        ("sex", ["not_a_mapping"]),
        (["sex"], ["not_a_mapping"]),
        (1, ["not_a_mapping"]),
    ],
)
def test_disaggregation_pairs_of_dimension_and_category(indicator, disaggregation, errors):
    CountryFactory(code="PA")

    assert errors_of(ObservationFactory(indicator=indicator), disaggregation=disaggregation) == (
        {"disaggregation": errors} if errors else {}
    )


@pytest.mark.parametrize("empty", [None, [], "", {}])
def test_disaggregation_empty_is_the_whole(indicator, empty):
    observation = ObservationFactory(indicator=indicator, disaggregation=empty)
    observation.refresh_from_db()

    assert observation.disaggregation == {}


def test_disaggregation_stored_in_order(indicator):
    observation = ObservationFactory(indicator=indicator, disaggregation={"sex": "F", "age": "18-25"})

    assert list(observation.disaggregation) == ["age", "sex"]


@pytest.mark.parametrize(
    ("other", "taken"),
    [
        ({}, False),
        ({"value": Decimal(6), "exactness": "about"}, False),
        ({"disaggregation": {"age": "18-25", "sex": "F"}}, True),
        ({"kind": "target"}, True),
        ({"as_of": "2017"}, True),
        ({"as_of": None}, True),
        ({"as_of": None, "period_start": "2017"}, True),
    ],
)
def test_observation_repeated_for_date_and_breakdown_is_refused(indicator, other, taken):
    ObservationFactory(indicator=indicator, as_of="2017-03")

    again = ObservationFactory.build(indicator=indicator, **({"as_of": "2017-03"} | other))
    assert errors_of(again) == ({} if taken else {"as_of": ["not_unique"]})


def test_observation_repeated_breakdown_in_another_order_is_refused(indicator):
    ObservationFactory(indicator=indicator, disaggregation={"sex": "F", "age": "18-25"})
    again = ObservationFactory.build(indicator=indicator, disaggregation={"age": "18-25", "sex": "F"})

    assert errors_of(again) == {"as_of": ["not_unique"]}


def test_observation_saved_again_does_not_repeat_itself(indicator):
    assert errors_of(ObservationFactory(indicator=indicator), value=Decimal(6)) == {}


def test_observation_periods_that_differ_in_their_end_are_two(indicator):
    for end in ("2015", "2016", None):
        ObservationFactory(indicator=indicator, as_of=None, period_start="2014", period_end=end)

    assert len({each.natural_key()[:-1] for each in Observation.objects.all()}) == 3


@pytest.mark.parametrize(
    ("dates", "date"),
    [
        ({"as_of": "2017-03"}, "2017-03"),
        ({"as_of": None, "period_start": "2014", "period_end": "2016"}, "2016"),
        ({"as_of": None, "period_start": "2014"}, "2014"),
        ({"as_of": None}, None),
    ],
)
def test_observation_date_is_that_of_which_it_speaks(indicator, dates, date):
    assert ObservationFactory(indicator=indicator, **dates).date == date


def test_latest_of_each_indicator_and_breakdown(indicator):
    cocaine, cash = {"substance": "cocaine"}, {"substance": "cash"}
    for value, as_of, kind, disaggregation in (
        (1, "2016", "actual", cocaine),
        (2, "2017-03", "actual", cocaine),
        (3, "2020", "target", cocaine),
        (4, None, "actual", cocaine),
        (5, "2015", "actual", cash),
        (6, None, "actual", {}),
    ):
        ObservationFactory(indicator=indicator, value=value, as_of=as_of, kind=kind, disaggregation=disaggregation)
    ObservationFactory(value=7, as_of="2010")

    assert sorted(int(each.value) for each in Observation.objects.latest()) == [2, 5, 6, 7]


def test_latest_of_one_date_is_the_last_written(indicator):
    ObservationFactory(indicator=indicator, as_of=None, period_end="2017")
    last = ObservationFactory(indicator=indicator, as_of="2017")

    assert list(Observation.objects.latest()) == [last]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"value": Decimal("5.0000")}, "5 persons trained (2017-03)"),
        ({"value": Decimal("1200.50")}, "1200.5 persons trained (2017-03)"),
        ({"value": Decimal(1000), "as_of": None}, "1000 persons trained (?)"),
        ({"value_null_reason": "not_stated"}, "not stated persons trained (2017-03)"),
    ],
)
def test_observation_named_by_value_unit_and_date(indicator, values, text):
    assert str(ObservationFactory(indicator=indicator, **values)) == text


def test_disaggregation_unknown_dimension_is_told_what_is_known(indicator):
    assert message_of(ObservationFactory(indicator=indicator), "disaggregation", disaggregation={"sub": "x"}) == (
        "“sub” is not a dimension. Known: country, sex, age, substance, sector, organisation."
    )
