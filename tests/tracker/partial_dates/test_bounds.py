"""The conditions on the first and last day, against the same comparison in Python for every stored value and day."""

import datetime

import pytest
from django.db.models import Q

from countries.models import Membership
from tests.factories import CountryFactory, GroupingFactory
from tracker.partial_dates import PartialDate
from tracker.partial_dates.bounds import earliest_not_after, earliest_not_before, latest_not_after, latest_not_before

BOUNDS = {
    earliest_not_after: lambda date, day: date.earliest <= day,
    earliest_not_before: lambda date, day: date.earliest >= day,
    latest_not_after: lambda date, day: date.latest <= day,
    latest_not_before: lambda date, day: date.latest >= day,
}
MONTHS = ["2015-12", "2016-01", "2016-02", "2016-03", "2016-12", "2017-01"]
DATES = [
    PartialDate(text)
    for text in (
        *("1900", "1900-01", "1900-01-01", "2199", "2199-12", "2199-12-31"),
        *("2015", "2016", "2017", "2015-12-31"),
        *(text for month in MONTHS for text in (month, f"{month}-01", f"{month}-02", f"{month}-28")),
        *("2016-01-31", "2016-02-29", "2016-03-31", "2016-12-31"),
    )
]
DAYS = sorted(
    {edge + datetime.timedelta(step) for date in DATES for edge in (date.earliest, date.latest) for step in (-1, 0, 1)}
    | {datetime.date.min, datetime.date.max}
)


@pytest.fixture
def stored(db):
    """One membership per date, and one without a date."""
    grouping, country = GroupingFactory(), CountryFactory()
    Membership.objects.bulk_create(
        Membership(grouping=grouping, country=country, start=date) for date in [*DATES, None]
    )


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.__name__)
def test_bound_any_date_and_day_agrees_with_python(bound):
    def met(condition: Q) -> list[str | None]:
        return list(Membership.objects.filter(condition).order_by("start").values_list("start", flat=True))

    wrong = [day for day in DAYS if met(bound("start", day)) != sorted(d for d in DATES if BOUNDS[bound](d, day))]

    assert wrong == []


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.__name__)
def test_bound_missing_date_meets_only_the_opposite(bound):
    condition = bound("start", datetime.date(2016, 6, 1))
    undated = Membership.objects.filter(start=None)

    assert [undated.filter(each).count() for each in (condition, ~condition, ~~condition)] == [0, 1, 0]
