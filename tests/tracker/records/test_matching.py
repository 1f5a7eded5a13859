"""Ways of searching: whichever is taken, the same is found, and by the index what few hold."""

from contextlib import nullcontext
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from countries.models import Country
from programmes.models import Budget, Participation, Programme
from tests.factories import (
    AliasFactory,
    BudgetFactory,
    CountryFactory,
    ObjectiveFactory,
    ParticipationFactory,
    ProgrammeFactory,
)
from tracker.records import matching as module
from tracker.records.fresh import Kept
from tracker.records.matching import for_page, matching
from tracker.records.past import known_on
from tracker.records.search import words_of

pytestmark = pytest.mark.django_db

ALL_BY_INDEX, ALL_BY_READING = 1.0, -1.0
BY_INDEX = {"postgresql": "ngrams(", "sqlite": "_search"}


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.records.fresh.kept", Kept())


@pytest.fixture
def portfolio() -> None:
    """A hundred programmes: the word `common` in every second, `rare` in one, `alias` and `aim` at one each."""
    for number in range(100):
        ProgrammeFactory(code=f"P{number:02}", name="A common name" if number % 2 else "Another")
    first, second, third = Programme.objects.order_by("code")[:3]
    AliasFactory(programme=first, name="The alias")
    ObjectiveFactory(programme=second, text="Its aim")
    third.name = "Rare"
    third.save()


def codes(words: str) -> list[str]:
    return list(Programme.objects.search(words).order_by("code").values_list("code", flat=True))


def is_by_index(model: Any, words: str, *paths: str) -> bool:
    statement, _values = model.objects.filter(matching(model, words_of(words), *paths)).query.sql_with_params()
    return BY_INDEX[connection.vendor] in statement


@pytest.fixture(params=[ALL_BY_INDEX, ALL_BY_READING, None], ids=["by index", "by reading", "as it comes"])
def way(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param is not None:
        monkeypatch.setattr(module, "MOST_BY_INDEX", request.param)


@pytest.mark.usefixtures("portfolio", "way")
@pytest.mark.parametrize("wanted", [for_page, nullcontext], ids=["a page", "all"])
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("rare", ["P02"]),
        ("RÁRE", ["P02"]),
        ("are", ["P02"]),
        ("common p99", ["P99"]),
        ("alias", ["P00"]),
        ("aim", ["P01"]),
        ("aim common", ["P01"]),
        ("alias aim", []),
        ("p9 mmo", ["P91", "P93", "P95", "P97", "P99"]),
        ("p0 x", []),
        ("rarest", []),
        ("com%on", []),
        ('"rare"', []),
        ("", [f"P{number:02}" for number in range(100)]),
    ],
)
def test_same_is_found_whichever_way_it_is_looked_for(words: str, found: list[str], wanted: Any) -> None:
    with wanted():
        assert codes(words) == found


@pytest.mark.usefixtures("portfolio")
@pytest.mark.parametrize("wanted", [for_page, nullcontext], ids=["a page", "all"])
@pytest.mark.parametrize(
    ("words", "by_index"),
    [
        ("nothing", True),
        ("rare", True),
        ("common rare", True),
        ("alias", True),  # all aliases hold it, which are few beside the programmes
        ("common", False),
        ("xy", True),
        ("c", False),
        ("p01", False),  # the only objective but one has it
    ],
)
def test_index_is_asked_for_what_few_hold(words: str, by_index: bool, wanted: Any) -> None:
    ObjectiveFactory(programme=Programme.objects.get(code="P05"), text="More than p01")
    with wanted():
        assert is_by_index(Programme, words, *Programme.SEARCHED) == by_index


@pytest.mark.usefixtures("way")
def test_words_are_found_at_what_a_record_belongs_to() -> None:
    budget, other = BudgetFactory(title="Justice"), BudgetFactory(title="Security")
    Programme.objects.filter(pk=other.programme_id).update(search_key="justice")
    found = Budget.objects.filter(matching(Budget, ["justice"], "search_key", "programme__search_key"))
    assert set(found) == {budget, other}


@pytest.mark.usefixtures("way")
def test_words_are_found_at_kinds_of_which_there_are_few() -> None:
    panama, other = CountryFactory(code="PA", name_en="Panama"), CountryFactory(code="XX", name_en="Elsewhere")
    there = ParticipationFactory(country=panama)
    named = ParticipationFactory(country=other, programme=ProgrammeFactory(name="Panama Canal"))
    ParticipationFactory(country=other)
    paths = "programme__search_key", "country__search_key"
    assert set(Participation.objects.filter(matching(Participation, ["panama"], *paths))) == {there, named}
    assert set(Participation.objects.filter(matching(Participation, ["panama", "canal"], *paths))) == {named}


@pytest.mark.parametrize(
    ("term", "found"),
    [("panama", ["PA"]), ("PANAMÁ", ["PA"]), ("rep dominicana", ["DO"]), ("a_a", []), ("", ["DO", "PA"])],
)
def test_matching_every_word_in_one_of_the_keys(term, found):
    CountryFactory(code="PA", name_en="Panama", name_es="Panamá")
    CountryFactory(code="DO", name_en="Dominican Republic", name_es="República Dominicana")

    countries = Country.objects.filter(matching(Country, words_of(term), "search_key")).order_by("code")
    assert list(countries.values_list("code", flat=True)) == found


def test_texts_that_have_no_key_are_read_whatever_their_case() -> None:
    CountryFactory(code="PA", alpha3="PAN", name_en="Panama")
    CountryFactory(code="DO", alpha3="DOM", name_en="Dominican Republic")
    found = Country.objects.filter(matching(Country, ["dom"], "search_key", "alpha3"))
    assert [each.code for each in found] == ["DO"]
    assert not is_by_index(Country, "nothing", "search_key")


def test_the_past_is_searched_as_it_was() -> None:
    programme = ProgrammeFactory(code="ONE", name="Cohesión")
    then = programme.history.get().history_date
    programme.name = "Migración"
    programme.save()
    with known_on(then):
        assert (codes("cohesion"), codes("migracion")) == (["ONE"], [])
    assert (codes("cohesion"), codes("migracion")) == ([], ["ONE"])


@pytest.mark.usefixtures("portfolio")
def test_page_and_number_are_those_of_what_is_found() -> None:
    for words, number, first in (("common", 50, "P01"), ("rare", 1, "P02"), ("p9", 10, "P90"), ("nothing", 0, None)):
        page = APIClient().get(f"/api/v1/programmes/?search={words}&page_size=1&fields=code").json()
        assert page["count"] == number
        assert [each["code"] for each in page["results"]] == ([first] if first else [])
