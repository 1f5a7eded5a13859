"""PartialDate: what it takes, what it means, how it sorts."""

import copy
import datetime
import json
import pickle

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given

from tests.tracker.partial_dates.strategies import partial_dates
from tracker.partial_dates import PartialDate

DAY = datetime.date

INVALID = [
    "",
    " ",
    "2016 ",
    "2016\n",
    "16",
    "02016",
    "2016-",
    "2016-2",
    "2016-2-1",
    "2016-00",
    "2016-13",
    "2016-02-00",
    "2016-02-30",
    "2015-02-29",
    "2016-02-15T00:00",
    "2016/02",
    "201602",
    "15-02-2016",
    "+2016",
    "-2016",
    "0000",
    "1899",
    "1899-12-31",
    "2200",
    "2200-01-01",
    "٢٠١٦",
    "2016\0",
    "NaN",
    "today",
]


@pytest.mark.parametrize(
    ("text", "precision", "earliest", "latest"),
    [
        ("2016", "year", DAY(2016, 1, 1), DAY(2016, 12, 31)),
        ("2016-02", "month", DAY(2016, 2, 1), DAY(2016, 2, 29)),
        ("2015-02", "month", DAY(2015, 2, 1), DAY(2015, 2, 28)),
        ("2016-12", "month", DAY(2016, 12, 1), DAY(2016, 12, 31)),
        ("2016-02-29", "day", DAY(2016, 2, 29), DAY(2016, 2, 29)),
        ("1900", "year", DAY(1900, 1, 1), DAY(1900, 12, 31)),
        ("2199-12-31", "day", DAY(2199, 12, 31), DAY(2199, 12, 31)),
    ],
)
def test_partial_date_valid_means_its_days(text, precision, earliest, latest):
    date = PartialDate(text)

    assert (date, date.precision, date.earliest, date.latest, date.year) == (
        text,
        precision,
        earliest,
        latest,
        earliest.year,
    )


@pytest.mark.parametrize("text", INVALID)
def test_partial_date_invalid_text_is_refused(text):
    with pytest.raises(ValidationError) as error:
        PartialDate(text)

    assert error.value.code == "invalid_partial_date"


def test_partial_date_refusal_shows_the_text_shortened():
    with pytest.raises(ValidationError) as error:
        PartialDate("9" * 1000)

    assert error.value.messages == [
        f"“{'9' * 40}” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15."
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2016", "2016"),
        ("  2016-02\n", "2016-02"),
        (PartialDate("2016-02"), "2016-02"),
        (DAY(2016, 2, 5), "2016-02-05"),
        (datetime.datetime(2016, 2, 5, 23, 59, tzinfo=datetime.UTC), "2016-02-05"),
    ],
)
def test_of_text_or_day_gives_a_partial_date(value, text):
    date = PartialDate.of(value)

    assert (type(date), date) == (PartialDate, text)


@pytest.mark.parametrize("value", [2016, 2016.0, None, True, b"2016", ["2016"], {}, datetime.time(1), DAY(1899, 1, 1)])
def test_of_anything_else_is_refused(value):
    with pytest.raises(ValidationError) as error:
        PartialDate.of(value)

    assert error.value.code == "invalid_partial_date"


def test_partial_dates_sorted_vaguer_first():
    dates = ["2017", "2016-02-01", "2016-02", "2016", "2016-01-31", "2016-01-01", "2016-01", "2015-12-31"]

    assert sorted(PartialDate(date) for date in dates) == [
        "2015-12-31",
        "2016",
        "2016-01",
        "2016-01-01",
        "2016-01-31",
        "2016-02",
        "2016-02-01",
        "2017",
    ]


@given(partial_dates(), partial_dates())
def test_text_order_is_order_of_first_day_then_precision(one, other):
    coarseness = ("year", "month", "day")
    keys = [(date.earliest, coarseness.index(date.precision)) for date in (one, other)]

    assert (one < other, one == other) == (keys[0] < keys[1], keys[0] == keys[1])


@given(partial_dates())
def test_partial_date_means_exactly_the_days_that_begin_with_its_text(date):
    outside = [date.earliest - datetime.timedelta(1), date.latest + datetime.timedelta(1)]

    assert [day.isoformat().startswith(date) for day in (date.earliest, date.latest, *outside)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda date: pickle.loads(pickle.dumps(date))])
def test_partial_date_copied_is_still_one(again):
    date = again(PartialDate("2016-02"))

    assert (type(date), date, date.latest) == (PartialDate, "2016-02", DAY(2016, 2, 29))


def test_partial_date_in_json_is_its_text():
    assert json.dumps([PartialDate("2016-02")]) == '["2016-02"]'
