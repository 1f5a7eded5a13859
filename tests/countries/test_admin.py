"""The pages of countries and groupings."""

import pytest
from django.test import Client
from django.utils import translation

from countries.models import Country, Grouping
from tests.factories import CountryFactory, GroupingFactory, MembershipFactory
from tests.people import person
from tests.programmes.admin.pages import added, data_of, errors_in, page
from tracker.access.roles import Role


@pytest.fixture
def browser(db):
    client = Client()
    client.force_login(person(Role.EDITOR))
    return client


def test_countries_are_named_in_the_language_of_the_reader(browser):
    country = CountryFactory(name_en="Brazil", name_es="Brasil")
    pages = browser.get(page(Country, "changelist")).context["cl"].model_admin
    with translation.override("es"):
        assert pages.name(country) == "Brasil"


@pytest.mark.parametrize("words", ["méxico", "MEX", "Mexique"])
def test_country_is_found_without_regard_to_accents_case_and_language(browser, words):
    country = CountryFactory(name_en="Mexico", name_es="México", name_fr="Mexique")
    CountryFactory()
    assert list(browser.get(page(Country, "changelist"), {"q": words}).context["cl"].result_list) == [country]


def test_code_of_a_country_is_not_changed(browser):
    country = CountryFactory()
    form = browser.get(page(country, "change")).context["adminform"].form
    assert "code" not in form.fields
    assert "code" in browser.get(page(Country, "add")).context["adminform"].form.fields


def test_country_that_takes_part_somewhere_is_not_deleted(browser):
    country = MembershipFactory().country
    assert len(browser.get(page(country, "delete")).context["protected"]) == 1


def test_groupings_say_how_many_countries_they_have_had(browser):
    grouping, country = GroupingFactory(), CountryFactory()
    for start in ("2000", "2010"):
        MembershipFactory(grouping=grouping, country=country, start=start)
    MembershipFactory(grouping=grouping)
    changelist = browser.get(page(Grouping, "changelist")).context["cl"]
    assert [changelist.model_admin.members(each) for each in changelist.result_list] == [2]


def test_memberships_are_kept_on_the_page_of_the_grouping(browser):
    grouping, country = GroupingFactory(), CountryFactory()
    row = {"country": country.pk, "status": "member", "evidence": "sourced", "start": "2004-05-01"}
    browser.post(page(grouping, "change"), added(data_of(browser.get(page(grouping, "change"))), "memberships", **row))
    assert list(grouping.memberships.values_list("country", "start")) == [(country.pk, "2004-05-01")]


def test_membership_that_ends_before_it_starts_is_refused_beside_the_end(browser):
    membership = MembershipFactory(start="2004")
    data = data_of(browser.get(page(membership.grouping, "change"))) | {"memberships-0-end": "2003"}
    response = browser.post(page(membership.grouping, "change"), data)
    assert errors_in(response) == {"memberships-0-end": ["The end is before the start."]}
