"""Spans say of dates in memory what the conditions of the database say of stored ones."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from programmes.analysis.spans import Certainty, Course, courses, days, life, part, surest
from programmes.models import Phase, Programme
from tracker.partial_dates import PartialDate

DAY = datetime.date(2016, 6, 15)


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [
        (("2010", "2015"), ("2014", "2020"), "yes"),
        (("2010", "2015"), ("2015", "2020"), "undetermined"),
        (("2010", "2014"), ("2015", "2020"), "no"),
        (("2010", None), ("2015", "2020"), "undetermined"),
        (("2010", None, "2017"), ("2015", "2020"), "yes"),
        ((None, "2015-12"), ("2016", None), "no"),
        ((None, None), (None, None), "undetermined"),
        (("2010", "2012", "2017"), ("2015", "2016"), "yes"),
    ],
)
def test_lives_meet(one: tuple[str, ...], other: tuple[str, ...], answer: str) -> None:
    assert life(*one).meets(life(*other)) == answer
    assert life(*other).meets(life(*one)) == answer


def test_an_end_that_activity_overran_is_not_an_end() -> None:
    assert (life("2010", "2012", "2017").end, life("2010", "2017", "2017").end) == (None, "2017")


def test_a_missing_date_of_a_part_is_no_limit() -> None:
    assert [part(start, None).meets(days(DAY, DAY)).value for start in (None, "2016", "2017")] == [
        "yes",
        "undetermined",
        "no",
    ]
    assert part(None, "2016-05").meets(days(DAY, DAY)) == Certainty.NO


def test_a_course_is_as_certain_as_its_phases() -> None:
    unknown, phase = life(None, None), life("2016", "2018")
    assert Course(unknown).meets(Course(days(datetime.date(2017, 1, 1), DAY.replace(year=2017)))) == "undetermined"
    assert Course(unknown, (phase,)).meeting(Course(life("2017", "2017-03"))) == (
        Certainty.YES,
        phase,
        life("2017", "2017-03"),
    )


def test_surest_of_nothing_is_no() -> None:
    assert (surest([]), surest(["no", "undetermined"]), surest(["undetermined", "yes"])) == (
        "no",
        "undetermined",
        "yes",
    )


dates = st.sampled_from([None, "2015", "2016", "2016-05", "2016-06", "2016-06-15", "2017", "2017-01-01"])


class GeneratedLives(HypothesisTestCase):
    """Whatever the dates: the same answer as the database gives."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(dates, dates, dates), st.tuples(dates, dates, dates), dates.filter(bool))
    def test_courses_are_active_when_the_database_says_so(
        self, own: tuple[str | None, ...], phase: tuple[str | None, ...], period: str
    ) -> None:
        if any(start and end and end < start[: len(end)] for start, end, _known in (own, phase)):
            return
        names = ("actual_start", "planned_end", "status_as_of")
        programme = Programme(code="P", name="P", status="2" if own[2] else "", **dict(zip(names, own, strict=True)))
        Programme.objects.bulk_create([programme])
        dated = dict(zip(names, phase, strict=True))
        Phase.objects.bulk_create(
            [Phase(programme=programme, code="P-1", label="1", order=1, status="2" if phase[2] else "", **dated)]
        )
        asked = PartialDate(period)
        (stored,) = Programme.objects.with_active_in(asked)
        found = courses(Programme.objects.all())[programme.pk]
        assert found.meets(Course(days(asked.earliest, asked.latest))) == stored.active
