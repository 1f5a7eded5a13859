"""Was it going on: every record is answered yes, no or undetermined, as going through all possible days answers it."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from programmes.models import Programme
from tests.tracker.partial_dates.strategies import days, partial_dates
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import activity

DAY = datetime.timedelta(days=1)
ALWAYS, STILL = datetime.date.min, datetime.date.max
LONG_AGO, FAR_AHEAD = datetime.date(1990, 1, 1), datetime.date(2050, 1, 1)


class Span(NamedTuple):
    """A start and an end as stored, and a date on which it was known to go on."""

    start: PartialDate | None
    end: PartialDate | None
    known: PartialDate | None = None


class Period(NamedTuple):
    """The days asked for, and what a missing start or end means."""

    first: datetime.date
    last: datetime.date
    open_start: bool = False
    open_end: bool = False


def completions(span: Span, period: Period) -> set[tuple[datetime.date, datetime.date]]:
    """Every first and last day that `span` may mean, of the days between which an answer can change."""
    edges = {period.first - DAY, period.first, period.last, period.last + DAY, LONG_AGO, FAR_AHEAD}
    edges |= {edge for date in span if date for edge in (date.earliest, date.latest)}

    def meant(date: PartialDate | None) -> list[datetime.date]:
        return [edge for edge in edges if date is None or date.earliest <= edge <= date.latest]

    starts = [ALWAYS] if span.start is None and period.open_start else meant(span.start)
    ends = [STILL] if span.end is None and period.open_end else meant(span.end)
    if span.known is None:
        return {(start, end) for start, end in product(starts, ends) if start <= end}
    if span.end is not None and span.end.latest < span.known.earliest:
        ends = meant(None)  # it was still going on after this end, which was only planned
    return {(start, end) for start, on, end in product(starts, meant(span.known), ends) if start <= on <= end}


def answer(span: Span, period: Period) -> str | None:
    """What all possible days say; None for dates that contradict each other, which no possible days have."""
    active = {start <= period.last and end >= period.first for start, end in completions(span, period)}
    return {frozenset({True}): "yes", frozenset({False}): "no", frozenset(): None}.get(
        frozenset(active), "undetermined"
    )


@contextmanager
def stored(spans: list[Span]) -> Iterator[None]:
    """The spans as programmes, in the order of their codes, for as long as the block lasts."""
    with transaction.atomic():
        Programme.objects.bulk_create(
            Programme(
                code=f"P{number:03}",
                name="Programme",
                # Of these two the database does not ask that they be in order.
                planned_start=span.start,
                revised_end=span.end,
                status="2" if span.known else "",
                status_as_of=span.known,
            )
            for number, span in enumerate(spans)
        )
        yield
        transaction.set_rollback(True)


def answers(period: Period, known: str | None) -> list[tuple[str, ...]]:
    """For each stored programme the conditions that it meets."""
    conditions = activity(*period[:2], open_start=period.open_start, open_end=period.open_end, known_active_until=known)
    met = {
        name: set(Programme.objects.filter(condition).values_list("code", flat=True))
        for name, condition in conditions._asdict().items()
    }
    codes = Programme.objects.order_by("code").values_list("code", flat=True)
    return [tuple(name for name in met if code in met[name]) for code in codes]


spans = st.builds(Span, *[st.none() | partial_dates()] * 3)
periods = st.builds(
    lambda edges, open_start, open_end: Period(*sorted(edges), open_start, open_end),
    st.tuples(days(), days()),
    st.booleans(),
    st.booleans(),
)


@pytest.mark.django_db
@settings(deadline=None)
@given(st.lists(spans, max_size=8), periods)
def test_activity_any_dates_meets_exactly_one_condition(spans, period):
    with stored(spans):
        met = answers(period, known="known_active_until")

    assert [len(names) for names in met] == [1] * len(spans)


@pytest.mark.django_db
@settings(deadline=None)
@given(st.lists(spans, max_size=8), periods, st.booleans())
def test_activity_any_dates_agrees_with_all_possible_days(spans, period, with_known):
    spans = [span if with_known else span._replace(known=None) for span in spans]
    spans = [span for span in spans if answer(span, period)]
    assume(spans)
    with stored(spans):
        met = answers(period, known="known_active_until" if with_known else None)

    assert met == [(answer(span, period),) for span in spans]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end", "known", "in_2015", "in_2016", "in_2017"),
    [
        ("2016-02", "2016-11", None, "no", "yes", "no"),
        ("2015", "2017", None, "yes", "yes", "yes"),
        ("2016", "2016", None, "no", "yes", "no"),
        # One end within the year is enough; beyond it nothing is known.
        ("2016-02", None, None, "no", "yes", "undetermined"),
        (None, "2016-02", None, "undetermined", "yes", "no"),
        (None, None, None, "undetermined", "undetermined", "undetermined"),
        # Under way on a date, whatever had been planned.
        (None, None, "2016-08", "undetermined", "yes", "undetermined"),
        ("2015-06", "2015-12", "2016-08", "yes", "yes", "undetermined"),
        ("2015-06", "2017-12", "2016-08", "yes", "yes", "yes"),
    ],
)
def test_activity_in_a_year_is_answered_by_both_ends(start, end, known, in_2015, in_2016, in_2017):
    span = Span(*(PartialDate(date) if date else None for date in (start, end, known)))
    years = [PartialDate(year) for year in ("2015", "2016", "2017")]
    with stored([span]):
        met = [Programme.objects.with_active_in(year).get().active for year in years]

    assert met == [in_2015, in_2016, in_2017]


@pytest.mark.django_db
@pytest.mark.parametrize(("year", "expected"), [("1900", ["P000"]), ("2199", ["P001"])])
def test_activity_first_and_last_year_is_answered(year, expected):
    with stored([Span(PartialDate(both), PartialDate(both)) for both in ("1900", "2199")]):
        met = list(Programme.objects.active_in(PartialDate(year)).values_list("code", flat=True))

    assert met == expected


@pytest.mark.django_db
@pytest.mark.parametrize("day", [datetime.date.min, datetime.date(1800, 6, 1), datetime.date.max])
def test_activity_day_outside_the_years_of_partial_dates_is_answered(day):
    with stored([Span(PartialDate("2016"), PartialDate("2017")), Span(None, None)]):
        met = answers(Period(day, day, open_start=True, open_end=True), known=None)

    assert met == [("no",), ("yes",)]
