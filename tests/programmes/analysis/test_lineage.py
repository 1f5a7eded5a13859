"""What continues what, and the days between."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.analysis.lineage import Gap, Stage, gap, links, sentence
from programmes.codelists import ActivityStatus
from programmes.models import Programme
from tests.factories import PhaseFactory, ProgrammeFactory, SuccessionFactory
from tracker.partial_dates import PartialDate

pytestmark = pytest.mark.django_db

DAY = datetime.date(2017, 11, 10)


def found(day: datetime.date = DAY, **filters: Any) -> list[tuple[Any, ...]]:
    """Kind, state, code, code of what follows, days between."""
    return [
        (each.kind.value, each.state.value, each.before.code, each.after and each.after.code, each.gap)
        for each in links(Programme.objects.filter(**filters), day)
    ]


def sentences() -> list[str]:
    return [sentence(each, DAY) for each in links(Programme.objects.all(), DAY)]


def stage(start: str | None, end: str | None) -> Stage:
    return Stage("S", "S", "P", start and PartialDate(start), end and PartialDate(end))


@pytest.mark.parametrize(
    ("end", "start", "days"),
    [
        ("2015-12-31", "2016-01-01", (0, 0)),
        ("2015-12-31", "2016-01-31", (30, 30)),
        ("2015-12-31", "2015-12-31", (-1, -1)),
        ("2015", "2016", (0, 729)),
        ("2015-12", "2016-02-15", (45, 75)),
        ("2016", "2016", (-366, 364)),
        (None, "2016", None),
        ("2015", None, None),
    ],
)
def test_gap_is_between_the_least_and_the_most_days(
    end: str | None, start: str | None, days: tuple[int, int] | None
) -> None:
    assert gap(stage(None, end), stage(start, None)) == (days and Gap(*days))


def test_phases_are_linked_as_they_say() -> None:
    programme = ProgrammeFactory.create(code="P", acronym="Project")
    first = PhaseFactory.create(
        programme=programme, label="I", order=1, code="P-I", actual_start="2010", actual_end="2015-12-31"
    )
    PhaseFactory.create(
        programme=programme,
        label="II",
        order=2,
        code="P-II",
        follows=first,
        actual_start="2016-03-01",
        planned_end="2019",
    )
    assert found() == [("phase", "continued", "P-I", "P-II", Gap(60, 60))]
    assert sentences() == ["Project I ended 2015-12-31; Project II continues it, from 2016-03-01. 60 days lie between."]


def test_an_end_that_activity_overran_gives_no_gap() -> None:
    programme = ProgrammeFactory.create(code="P")
    first = PhaseFactory.create(
        programme=programme, label="I", order=1, planned_end="2012", status="2", status_as_of="2014"
    )
    PhaseFactory.create(programme=programme, label="II", order=2, follows=first, actual_start="2015")
    assert [each[-1] for each in found()] == [None]


def test_last_phases_that_ended_or_end_soon_are_open() -> None:
    for code, dates in {
        "ENDED": {"actual_end": "2016"},
        "SOON": {"planned_end": "2018-10"},
        "LATER": {"planned_end": "2019"},
        "UNKNOWN": {},
        "THIS-YEAR": {"planned_end": "2017"},
        "CANCELLED": {"planned_end": "2016", "status": ActivityStatus.CANCELLED},
        "OVERRUN": {"planned_end": "2016", "status": "2", "status_as_of": "2017"},
    }.items():
        PhaseFactory.create(programme__code=code, code=f"{code}-I", label="I", **dates)
    assert found() == [
        ("phase", "ended", "ENDED-I", None, None),
        ("phase", "ending", "SOON-I", None, None),
        ("phase", "ending", "THIS-YEAR-I", None, None),
    ]


def test_phases_before_others_or_of_continued_programmes_are_not_open() -> None:
    programme = ProgrammeFactory.create(code="P")
    PhaseFactory.create(programme=programme, order=1, actual_end="2012")
    PhaseFactory.create(programme=programme, order=2)
    continued = PhaseFactory.create(programme__code="Q", actual_end="2012").programme
    SuccessionFactory.create(predecessor=continued, successor=None, successor_name="Elsewhere")
    assert found() == [("programme", "continued", "Q", None, None)]


def test_programmes_without_phases_are_open_when_nothing_continues_them() -> None:
    ended = ProgrammeFactory.create(code="A", actual_end="2015")
    ProgrammeFactory.create(code="B", actual_end="2016")
    ProgrammeFactory.create(code="C", planned_end="2030")
    SuccessionFactory.create(predecessor=ended, successor=ProgrammeFactory.create(code="D", actual_start="2016"))
    assert found() == [
        ("programme", "continued", "A", "D", Gap(0, 729)),
        ("programme", "ended", "B", None, None),
    ]


def test_successions_are_found_from_either_end() -> None:
    SuccessionFactory.create(predecessor=ProgrammeFactory.create(code="A"), successor=ProgrammeFactory.create(code="B"))
    assert found(code="A") == found(code="B") == [("programme", "continued", "A", "B", None)]
    assert found(code="C") == []


def test_sentences_say_what_is_known() -> None:
    part = ProgrammeFactory.create(code="A", acronym="Police network", actual_end="2015-12")
    SuccessionFactory.create(predecessor=part, successor=None, successor_name="the regional programme")
    whole = ProgrammeFactory.create(code="B", acronym="Network", planned_end="2018-06-30")
    heir = ProgrammeFactory.create(code="D", acronym="Heir", planned_start="2018-05-01")
    SuccessionFactory.create(predecessor=whole, successor=heir, whole=True)
    ProgrammeFactory.create(code="C", acronym="Alone", actual_end="2015")
    silent = ProgrammeFactory.create(code="E", acronym="Silent")
    SuccessionFactory.create(predecessor=silent, successor=heir, whole=True)
    assert sentences() == [
        "Police network ended 2015-12; some of its activities continue under the regional programme. The days between"
        " are not known.",
        "Network ends 2018-06-30; Heir continues it, from 2018-05-01. They overlap by 61 days.",
        "Alone ended 2015; nothing is recorded that follows it.",
        "When Silent ends is not known; Heir continues it, from 2018-05-01. The days between are not known.",
    ]


@pytest.mark.parametrize(
    ("end", "start", "words"),
    [
        ("2015-12-31", "2016-01-01", "No day lies between."),
        ("2015-12-31", "2016-01-02", "1 day lies between."),
        ("2015-12-31", "2016-01", "0 to 30 days lie between."),
        ("2015-12-31", "2015-12-31", "They overlap by 1 day."),
        ("2015-12-31", "2015-12", "They overlap by 1 to 31 days."),
        ("2016-01", "2016-01-15", "They overlap by up to 17 days, or up to 13 days lie between."),
    ],
)
def test_days_between_are_told_in_words(end: str, start: str, words: str) -> None:
    SuccessionFactory.create(
        predecessor=ProgrammeFactory.create(code="A", acronym="A", actual_end=end),
        successor=ProgrammeFactory.create(code="B", acronym="B", actual_start=start),
        whole=True,
    )
    assert sentences() == [f"A ended {end}; B continues it, from {start}. {words}"]


def test_queries_do_not_grow_with_the_programmes() -> None:
    counts = []
    for number in (1, 3):
        for _ in range(number):
            programme = ProgrammeFactory.create()
            first = PhaseFactory.create(programme=programme, actual_end="2015")
            PhaseFactory.create(programme=programme, follows=first, actual_end="2016")
            SuccessionFactory.create()
            PhaseFactory.create(actual_end="2016")
            ProgrammeFactory.create(actual_end="2016")
        with CaptureQueriesContext(connection) as captured:
            list(links(Programme.objects.all(), DAY))
        counts.append(len(captured))
    assert counts == [4, 4]
