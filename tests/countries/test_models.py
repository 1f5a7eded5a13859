"""Countries and groupings: who was a member on a day."""

import datetime

import pytest

from countries.models import Country, Membership
from tests.factories import CountryFactory, GroupingFactory, MembershipFactory

DAY = datetime.date


@pytest.fixture
def mercosur(db):
    """Spells as they are known: by day, by year, suspended, associated, undated, ended."""
    mercosur = GroupingFactory(code="MERCOSUR")
    spells = {
        "AR": [("1991", None, "member")],
        "PY": [("1991", "2012-06-28", "member"), ("2012-06-29", "2013", "suspended"), ("2013", None, "member")],
        "VE": [("2012-07-31", "2016", "member"), ("2016", None, "suspended")],
        "CL": [("1996", None, "associate")],
        "UY": [(None, None, "member")],
        "BR": [("1991", "2000-12", "member")],
        "BO": [(None, "2000", "eligible")],
    }
    for code, rows in spells.items():
        country = CountryFactory(code=code)
        for start, end, status in rows:
            MembershipFactory(grouping=mercosur, country=country, start=start, end=end, status=status)
    MembershipFactory(country=CountryFactory(code="PA"))
    return mercosur


@pytest.mark.parametrize(
    ("day", "certain", "possible"),
    [
        (DAY(1990, 12, 31), ["BO", "UY"], ["BO", "UY"]),
        (DAY(1991, 1, 1), ["BO", "UY"], ["AR", "BO", "BR", "PY", "UY"]),
        (DAY(1991, 12, 31), ["AR", "BO", "BR", "PY", "UY"], ["AR", "BO", "BR", "PY", "UY"]),
        (DAY(2000, 1, 1), ["AR", "BO", "BR", "PY", "UY"], ["AR", "BO", "BR", "PY", "UY"]),
        (DAY(2000, 6, 1), ["AR", "BR", "PY", "UY"], ["AR", "BO", "BR", "PY", "UY"]),
        (DAY(2000, 12, 2), ["AR", "PY", "UY"], ["AR", "BO", "BR", "PY", "UY"]),
        (DAY(2001, 1, 1), ["AR", "PY", "UY"], ["AR", "PY", "UY"]),
        (DAY(2012, 6, 28), ["AR", "PY", "UY"], ["AR", "PY", "UY"]),
        (DAY(2012, 6, 29), ["AR", "UY"], ["AR", "UY"]),
        (DAY(2012, 7, 31), ["AR", "UY", "VE"], ["AR", "UY", "VE"]),
        (DAY(2013, 6, 1), ["AR", "UY", "VE"], ["AR", "PY", "UY", "VE"]),
        (DAY(2014, 1, 1), ["AR", "PY", "UY", "VE"], ["AR", "PY", "UY", "VE"]),
        (DAY(2016, 6, 1), ["AR", "PY", "UY"], ["AR", "PY", "UY", "VE"]),
        (DAY(2017, 1, 1), ["AR", "PY", "UY"], ["AR", "PY", "UY"]),
        (DAY(9999, 12, 31), ["AR", "PY", "UY"], ["AR", "PY", "UY"]),
    ],
)
def test_members_of_on_a_day_are_those_certain(mercosur, day, certain, possible):
    possibly = Membership.objects.full().filter(grouping=mercosur).possibly_on(day)

    assert list(Country.objects.members_of(mercosur, day).order_by("code").values_list("code", flat=True)) == certain
    assert sorted(possibly.values_list("country", flat=True)) == possible


def test_members_of_at_any_time_are_all_that_ever_were(mercosur):
    members = Country.objects.members_of(mercosur).order_by("code").values_list("code", flat=True)

    assert list(members) == ["AR", "BO", "BR", "PY", "UY", "VE"]


@pytest.mark.parametrize(
    ("status", "full"), [("member", True), ("eligible", True), ("associate", False), ("suspended", False)]
)
@pytest.mark.django_db
def test_full_memberships_by_status(status, full):
    MembershipFactory(status=status)

    assert Membership.objects.full().exists() is full


@pytest.mark.django_db
def test_membership_order_undated_first():
    grouping, country = GroupingFactory(), CountryFactory()
    for start in ("2016-02", None, "2016", "2015-12-31"):
        MembershipFactory(grouping=grouping, country=country, start=start)

    assert [spell.start for spell in Membership.objects.all()] == [None, "2015-12-31", "2016", "2016-02"]


@pytest.mark.django_db
def test_membership_named_by_country_and_grouping():
    assert str(MembershipFactory(grouping__code="SICA", country__code="PA")) == "PA in SICA"
