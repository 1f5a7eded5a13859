"""Countries, groupings and memberships over REST."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from countries.models import Country, Grouping
from tests import factories
from tests.clients import OverwritingClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unasur() -> Grouping:
    """Peru left UNASUR in April 2018, Bolivia is there, Venezuela was suspended."""
    grouping = factories.GroupingFactory(code="UNASUR", name_en="Union of South American Nations")
    for code, alpha3, numeric, end, status in (
        ("PE", "PER", "604", "2018-04", "member"),
        ("BO", "BOL", "068", None, "member"),
        ("VE", "VEN", "862", None, "suspended"),
    ):
        country = factories.CountryFactory(code=code, alpha3=alpha3, numeric=numeric, name_en=f"Country {code}")
        factories.MembershipFactory(grouping=grouping, country=country, start="2008", end=end, status=status)
    return grouping


def codes(query: str, name: str = "code", resource: str = "countries") -> list[str]:
    """One field of the records that a query finds."""
    response = APIClient().get(f"/api/v1/{resource}/?fields={name}&{query}")
    assert response.status_code == 200, response.json()
    return [each[name] for each in response.json()["results"]]


@pytest.mark.parametrize("key", ["PE", "pe", "PER", "per"])
def test_country_is_found_by_either_code(key: str) -> None:
    assert APIClient().get(f"/api/v1/countries/{key}/?fields=code,alpha3").json() == {"code": "PE", "alpha3": "PER"}


def test_country_shows_its_memberships() -> None:
    memberships = APIClient().get("/api/v1/countries/PE/?fields=memberships").json()["memberships"]
    assert [(each["grouping"], each["start"], each["end"]) for each in memberships] == [("UNASUR", "2008", "2018-04")]


def test_grouping_means_members_today() -> None:
    assert timezone.localdate() > date(2018, 4, 30)
    assert codes("grouping=UNASUR") == ["BO"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2016-12-31", ["BO", "PE"]),
        ("2018-03-31", ["BO", "PE"]),
        ("2018-04-15", ["BO"]),  # Peru left at some day of April
        ("2008-06-01", []),  # all entered at some day of 2008
        ("2007-12-31", []),
    ],
)
def test_grouping_on_a_day_means_certain_members(day: str, expected: list[str]) -> None:
    assert codes(f"grouping=unasur&grouping_on={day}") == expected


def test_memberships_on_a_day_say_whether_they_held() -> None:
    response = APIClient().get(
        "/api/v1/memberships/?active_on=2018-04-15&activity=yes,no,undetermined&fields=country,active&ordering=country"
    )
    assert response.json()["results"] == [
        {"country": "BO", "active": "yes"},
        {"country": "PE", "active": "undetermined"},
        {"country": "VE", "active": "yes"},
    ]


def test_memberships_are_found_by_status() -> None:
    assert codes("status=suspended", "country", "memberships") == ["VE"]


def test_country_that_is_used_is_not_deleted() -> None:
    client = OverwritingClient()
    client.force_authenticate(User.objects.create_superuser("administrator"))
    response = client.delete("/api/v1/countries/PE/")
    assert (response.status_code, response.json()["code"]) == (409, "protected")
    assert Country.objects.count() == 3
