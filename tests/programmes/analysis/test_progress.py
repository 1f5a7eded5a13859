"""From baseline to target, and added up over umbrella programmes."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.analysis.progress import (
    Direction,
    Figure,
    LeftOutBecause,
    Progress,
    RollUp,
    Without,
    months_between,
    percentage,
    progress,
    roll_ups,
    sentence,
    sentence_of_sum,
    umbrellas,
)
from programmes.codelists import Accumulation, Exactness, IndicatorMeasure, ObservationKind
from programmes.models import Indicator, Programme
from tests.factories import IndicatorFactory, ObservationFactory, ProgrammeFactory, ResultFactory

pytestmark = pytest.mark.django_db

DAY = datetime.date(2017, 11, 10)
CUMULATIVE, PER_PERIOD = Accumulation.CUMULATIVE, Accumulation.PER_PERIOD
BASELINE, TARGET, ACTUAL = ObservationKind.BASELINE, ObservationKind.TARGET, ObservationKind.ACTUAL


def indicator(
    values: dict[ObservationKind, str] | None = None, of: Programme | None = None, **fields: Any
) -> Indicator:
    """An indicator with those values, such as "at_least 400" as of 2017-03."""
    made = IndicatorFactory.create(result=ResultFactory.create(programme=of or ProgrammeFactory.create()), **fields)
    for kind, text in (values or {}).items():
        observe(made, kind, text)
    return made


def observe(made: Indicator, kind: ObservationKind, text: str, **fields: Any) -> None:
    exactness, _space, value = text.rpartition(" ")
    ObservationFactory.create(
        indicator=made, kind=kind, value=Decimal(value), exactness=exactness or Exactness.EXACT, **fields
    )


def all_progress(**asked: Any) -> list[Progress]:
    return progress(Indicator.objects.all(), DAY, **asked)


def figure(text: str) -> Figure:
    exactness, _space, value = text.rpartition(" ")
    return Figure(Decimal(value), Exactness(exactness or Exactness.EXACT), None)


def percent(baseline: str, target: str, latest: str, *, ascending: bool = True) -> str:
    found = percentage(
        IndicatorMeasure.UNIT,
        ascending=ascending,
        baseline=figure(baseline),
        target=figure(target),
        latest=figure(latest),
    )
    return f"{found.exactness} {found.value}" if found.exactness else str(found.without)


@pytest.mark.parametrize(
    ("baseline", "target", "latest", "share"),
    [
        ("0", "200", "50", "exact 25.0"),
        ("100", "200", "150", "exact 50.0"),
        ("100", "200", "50", "exact -50.0"),
        ("100", "200", "250", "exact 150.0"),
        ("0", "3", "1", "exact 33.3"),
        ("0", "200", "at_least 50", "at_least 25.0"),
        ("0", "at_least 200", "50", "at_most 25.0"),
        ("0", "at_least 200", "at_least 50", "about 25.0"),
        ("0", "about 200", "50", "about 25.0"),
        ("at_least 100", "200", "150", "at_most 50.0"),
        ("at_least 100", "200", "250", "at_least 150.0"),
        ("0", "at_least 200", "0", "exact 0.0"),
        ("at_most 0", "200", "200", "exact 100.0"),
        ("100", "100", "150", "no_distance"),
        ("100", "50", "75", "against"),
    ],
)
def test_percentage_is_the_way_from_baseline_to_target(baseline: str, target: str, latest: str, share: str) -> None:
    assert percent(baseline, target, latest) == share


@pytest.mark.parametrize(
    ("baseline", "target", "latest", "share"),
    [
        ("100", "50", "75", "exact 50.0"),
        ("100", "50", "at_least 75", "at_most 50.0"),
        ("100", "at_least 50", "75", "at_least 50.0"),
        ("0", "100", "50", "against"),
    ],
)
def test_percentage_where_less_is_better(baseline: str, target: str, latest: str, share: str) -> None:
    assert percent(baseline, target, latest, ascending=False) == share


@pytest.mark.parametrize(
    ("fields", "values", "without"),
    [
        ({}, {}, Without.NO_VALUE),
        ({}, {ACTUAL: "5"}, Without.NO_TARGET),
        ({}, {ACTUAL: "5", TARGET: "10"}, Without.NO_BASELINE),
        ({"accumulation": PER_PERIOD}, {ACTUAL: "5", TARGET: "10"}, Without.NO_BASELINE),
        ({"accumulation": CUMULATIVE}, {ACTUAL: "5", TARGET: "10"}, None),
        ({"accumulation": CUMULATIVE}, {ACTUAL: "5", TARGET: "0"}, Without.NO_DISTANCE),
        ({"measure": IndicatorMeasure.ORDINAL}, {BASELINE: "0", ACTUAL: "5", TARGET: "10"}, Without.NOT_COUNTED),
        ({"measure": IndicatorMeasure.PERCENTAGE}, {BASELINE: "0", ACTUAL: "5", TARGET: "10"}, None),
    ],
)
def test_percentage_only_where_it_means_something(fields: Any, values: Any, without: Without | None) -> None:
    indicator(values, **fields)
    ((found,), expected) = all_progress(), None if without else Decimal("50.0")
    assert (found.percentage.value, found.percentage.without) == (expected, without)


def test_the_baseline_of_what_counts_from_the_start_is_zero_unless_another_is_stated() -> None:
    indicator(accumulation=CUMULATIVE)
    indicator({BASELINE: "20"}, accumulation=CUMULATIVE)
    assert [
        (each.baseline and str(each.baseline.value), each.baseline and each.baseline.stated) for each in all_progress()
    ] == [
        ("0", False),
        ("20.0000", True),
    ]


def test_direction_is_by_what_is_good() -> None:
    for ascending, value in ((True, "5"), (True, "20"), (False, "5"), (False, "10")):
        indicator({BASELINE: "10", ACTUAL: value}, ascending=ascending)
    indicator({ACTUAL: "5"})
    assert [each.direction for each in all_progress()] == [
        Direction.WORSE,
        Direction.BETTER,
        Direction.BETTER,
        Direction.SAME,
        None,
    ]


def test_the_last_figure_of_each_kind_counts() -> None:
    made = indicator()
    for kind in ObservationKind:
        for number, date in enumerate(("2015", "2017-03", "2016"), start=1):
            observe(made, kind, str(number), as_of=date)
    (found,) = all_progress()
    assert [each and (each.value, each.date) for each in (found.baseline, found.target, found.latest)] == [
        (2, "2017-03"),
        (2, "2017-03"),
        (2, "2017-03"),
    ]


def test_in_the_past_the_last_value_certainly_observed_counts() -> None:
    made = indicator()
    for number, date in enumerate(("2016", "2017", "2017-12"), start=1):
        observe(made, ACTUAL, str(number), as_of=date)
    assert [each.latest and each.latest.value for each in (*all_progress(), *all_progress(past=True))] == [3, 1]


def test_age_is_in_whole_months_since_the_last_day_it_may_speak_of() -> None:
    for date in ("2016", "2017-03", "2017-10-10", "2017-10-11", "2018"):
        indicator({}, code=f"I-{date}")
        observe(Indicator.objects.get(code=f"I-{date}"), ACTUAL, "1", as_of=date)
    assert {str(each.latest and each.latest.date): each.age for each in all_progress()} == {
        "2016": 10,
        "2017-03": 7,
        "2017-10-10": 1,
        "2017-10-11": 0,
        "2018": 0,
    }


def test_months_between_end_of_month_days() -> None:
    last = datetime.date(2017, 1, 31)
    assert [months_between(last, day) for day in (datetime.date(2017, 2, 28), datetime.date(2017, 3, 31))] == [0, 2]


def test_each_breakdown_has_progress_of_its_own() -> None:
    made = indicator({TARGET: "100", ACTUAL: "10"}, accumulation=CUMULATIVE)
    observe(made, ACTUAL, "4", disaggregation={"sex": "female"})
    observe(made, TARGET, "8", disaggregation={"sex": "female"})
    assert [(each.breakdown, each.percentage.value) for each in all_progress()] == [
        ((), Decimal("10.0")),
        ((("sex", "female"),), Decimal("50.0")),
    ]


def test_a_value_that_is_not_stated_is_no_value() -> None:
    made = indicator({TARGET: "100"})
    ObservationFactory.create(indicator=made, value=None, value_null_reason="not_stated")
    (found,) = all_progress()
    assert (found.latest, found.age, sentence(found)) == (None, None, "No value is stated.")


def test_sentences_tell_the_way_or_why_there_is_none() -> None:
    indicator({TARGET: "at_least 1000", ACTUAL: "400"}, accumulation=CUMULATIVE)
    indicator({ACTUAL: "at_least 400"}, unit="agents hired")
    assert [sentence(each) for each in all_progress()] == [
        "400 persons trained (2017-03): at most 40.0 % of the way from 0 to at least 1000.",
        "at least 400 agents hired (2017-03); no percentage: no target is stated.",
    ]


@pytest.fixture
def umbrella() -> Programme:
    return ProgrammeFactory.create(code="TOP", acronym="Top")


def additive(values: dict[ObservationKind, str], of: Programme, code: str, **fields: Any) -> Indicator:
    return indicator(values, of=of, code=code, **({"additive": True, "accumulation": CUMULATIVE} | fields))


def sums(found: RollUp) -> list[tuple[str, str, list[str]]]:
    """Unit, sum, and the codes of the indicators in it."""
    return [
        (each.unit, f"{each.latest.exactness} {each.latest.value:.0f}", [term.indicator.code for term in each.terms])
        for each in found.sums
    ]


def all_roll_ups() -> list[RollUp]:
    return roll_ups(Indicator.objects.all(), umbrellas(Indicator.objects.all()), DAY)


def test_sums_are_of_one_unit_over_the_whole_tree(umbrella: Programme) -> None:
    middle = ProgrammeFactory.create(code="MIDDLE", parent=umbrella)
    additive({ACTUAL: "10"}, umbrella, "T-1")
    additive({ACTUAL: "at_least 400"}, middle, "M-1", unit="Persons  trained")
    additive({ACTUAL: "7"}, ProgrammeFactory.create(parent=middle), "L-1")
    additive({ACTUAL: "412"}, middle, "M-2", unit="agents hired")
    additive({ACTUAL: "1"}, ProgrammeFactory.create(code="APART"), "A-1")
    found = all_roll_ups()
    assert {each.umbrella.code: sums(each) for each in found} == {
        "MIDDLE": [
            ("agents hired", "exact 412", ["M-2"]),
            ("Persons  trained", "at_least 407", ["M-1", "L-1"]),
        ],
        "TOP": [
            ("agents hired", "exact 412", ["M-2"]),
            ("Persons  trained", "at_least 417", ["M-1", "L-1", "T-1"]),
        ],
    }
    assert [each.left_out for each in found] == [[], []]


def test_what_counts_in_another_way_is_a_sum_of_its_own(umbrella: Programme) -> None:
    child = ProgrammeFactory.create(parent=umbrella)
    additive({ACTUAL: "1"}, child, "I-1")
    additive({ACTUAL: "2"}, child, "I-2", accumulation=PER_PERIOD)
    additive({ACTUAL: "4"}, child, "I-3", ascending=False)
    assert [codes for _unit, _sum, codes in sums(all_roll_ups()[0])] == [["I-3"], ["I-1"], ["I-2"]]


def test_what_is_in_no_sum_has_a_reason(umbrella: Programme) -> None:
    child = ProgrammeFactory.create(parent=umbrella)
    additive({ACTUAL: "1"}, child, "I-1")
    additive({ACTUAL: "2"}, child, "I-2", additive=False)
    additive({ACTUAL: "50"}, child, "I-3", measure=IndicatorMeasure.PERCENTAGE)
    additive({TARGET: "9"}, child, "I-4")
    broken_down = additive({}, child, "I-5")
    observe(broken_down, ACTUAL, "3", disaggregation={"sex": "female"})
    (found,) = all_roll_ups()
    assert [codes for _unit, _sum, codes in sums(found)] == [["I-1"]]
    assert [(each.indicator.code, each.reason, each.sentence()) for each in found.left_out] == [
        (
            "I-2",
            LeftOutBecause.NOT_ADDITIVE,
            "Not added: it is not declared that it may be added across programmes.",
        ),
        (
            "I-3",
            LeftOutBecause.NOT_A_COUNT,
            "Not added: only numbers of things are added, not percentages, ranks or words.",
        ),
        ("I-4", LeftOutBecause.NO_VALUE, "Not added: it has no value for the whole."),
        ("I-5", LeftOutBecause.NO_VALUE, "Not added: it has no value for the whole."),
    ]


def test_a_sum_has_a_percentage_where_each_of_its_terms_has_a_target(umbrella: Programme) -> None:
    child = ProgrammeFactory.create(parent=umbrella)
    additive({TARGET: "100", ACTUAL: "10"}, child, "I-1")
    other = additive({TARGET: "about 300"}, child, "I-2")
    observe(other, ACTUAL, "190", as_of="2016")
    (found,) = all_roll_ups()[0].sums
    assert (found.percentage.value, found.percentage.exactness) == (Decimal("50.0"), Exactness.ABOUT)
    assert (found.since, found.until, found.age) == ("2016", "2017-03", 10)
    assert sentence_of_sum(found) == (
        "200 persons trained, added from 2 indicators: about 50.0 % of the way from 0 to about 400."
    )
    additive({ACTUAL: "5"}, child, "I-3")
    (found,) = all_roll_ups()[0].sums
    assert (found.target, found.percentage.without) == (None, Without.NO_TARGET)


def test_queries_do_not_grow_with_the_indicators(umbrella: Programme) -> None:
    counts = []
    for number in (1, 3):
        for _ in range(number):
            child = ProgrammeFactory.create(parent=umbrella)
            indicator({BASELINE: "1", TARGET: "3", ACTUAL: "2"}, of=child, additive=True)
        for question in (all_progress, all_roll_ups):
            with CaptureQueriesContext(connection) as captured:
                question()
            counts.append(len(captured))
    assert counts == [3, 8, 3, 8]


def test_roll_ups_are_of_the_umbrellas_asked_for(umbrella: Programme) -> None:
    middle = ProgrammeFactory.create(code="MIDDLE", parent=umbrella)
    additive({ACTUAL: "10"}, ProgrammeFactory.create(parent=middle), "L-1")
    every = Indicator.objects.all()
    assert list(umbrellas(every).items()) == [(middle.pk, "MIDDLE"), (umbrella.pk, "TOP")]
    assert [each.umbrella.code for each in roll_ups(every, [umbrella.pk], DAY)] == ["TOP"]
