"""The index of words: it finds who holds a word, as the search keys are now, on both databases alike."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from programmes.models import Alias, Budget, Objective, Programme
from tests.factories import AliasFactory, BudgetFactory, ObjectiveFactory, ProgrammeFactory
from tracker.access.management.commands.migrate import run
from tracker.records.ngrams import LONGEST, index_name, indexed_kinds, indexing, is_indexed, ngrams
from tracker.records.search import normalise

# Letters that are alike without case or accents, letters of more bytes, and what the languages of searches are made of.
TEXTS = st.text(alphabet="aáAbBcñ€😀ßı \n\t\u00a0\u2003\"'*%_\\()-:^", max_size=30)


def holding(word: str) -> list[str]:
    """The codes of the programmes that the index finds."""
    return list(Programme.objects.filter(search_key__holds=word).order_by("code").values_list("code", flat=True))


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("cohesion", ["coh", "esi", "hes", "ion", "ohe", "sio"]),
        ("aaaa", ["aaa"]),
        ("año", ["año"]),
        ("eu", ["eu"]),
        ("", []),
        ("a bc defg", ["a", "bc", "def", "efg"]),
    ],
)
def test_ngrams_are_of_one_word(word: str, found: list[str]) -> None:
    assert ngrams(word) == found


class AnyText(TestCase):
    """Whatever the texts are."""

    @given(name=TEXTS, part=st.integers(0, 29), length=st.integers(1, 6), other=TEXTS)
    def test_index_finds_a_word_where_the_text_has_it(self, name: str, part: int, length: int, other: str) -> None:
        programme = ProgrammeFactory()
        Alias.objects.bulk_create([Alias(programme=programme, name=name)])
        for word in (normalise(name)[part : part + length], normalise(other)):
            if ngrams(word):
                found = Alias.objects.filter(search_key__holds=word)
                assert found.exists() == (word in normalise(name))


@pytest.mark.django_db
@pytest.mark.parametrize("length", [LONGEST, LONGEST + 1])
def test_index_finds_a_word_in_the_longest_text(length: int) -> None:
    text = f"{'x' * (length - 5)} last"
    assert len(text) == length
    objective = ObjectiveFactory(text=text)
    ObjectiveFactory(text="Another")
    for word in ("last", "x", "st", "xxxx"):
        assert [*Objective.objects.filter(search_key__holds=word)] == [objective]
    assert not Objective.objects.filter(search_key__holds="lost").exists()


@pytest.mark.django_db
def test_index_follows_what_is_written() -> None:
    programme = ProgrammeFactory(code="ONE", name="Cohesión social")
    assert (holding("cohesion"), holding("migra")) == (["ONE"], [])

    programme.name = "Migración"
    programme.save()
    assert (holding("cohesion"), holding("migra")) == ([], ["ONE"])

    Programme.objects.bulk_create([ProgrammeFactory.build(code="TWO", name="Migraciones")])
    assert holding("migra") == ["ONE", "TWO"]

    Programme.objects.filter(code="TWO").update(search_key="justicia")
    assert (holding("migra"), holding("justicia")) == (["ONE"], ["TWO"])

    programme.delete()
    assert (holding("migra"), holding("justicia")) == ([], ["TWO"])


@pytest.mark.django_db
def test_kinds_do_not_meet_in_the_index() -> None:
    budget = BudgetFactory(title="Justicia")
    AliasFactory(programme=budget.programme, name="Cohesión")
    assert [*Budget.objects.filter(search_key__holds="justicia")] == [budget]
    assert not Budget.objects.filter(search_key__holds="cohesion").exists()
    assert [each.name for each in Alias.objects.filter(search_key__holds="cohesion")] == ["Cohesión"]


@pytest.mark.django_db
def test_index_that_a_migration_took_away_is_made_again() -> None:
    ProgrammeFactory(code="ONE", name="Cohesión")
    # On SQLite a table is made anew to change it, without its triggers.
    name = index_name(Programme)
    connection.check_constraints()  # which PostgreSQL else does at the end
    taken = {"postgresql": f"DROP INDEX {name}", "sqlite": f"DROP TRIGGER {name}_changed"}[connection.vendor]
    run([taken])
    Programme.objects.update(search_key="migracion")
    connection.check_constraints()
    run(indexing())

    assert (holding("cohesion"), holding("migra")) == ([], ["ONE"])
    assert _made(name)
    Programme.objects.update(search_key="justicia")
    assert (holding("migra"), holding("justicia")) == ([], ["ONE"])


@pytest.mark.django_db
def test_index_that_is_there_is_left_as_it_is() -> None:
    expected = {"postgresql": 1 + 2 * len(indexed_kinds()), "sqlite": 0}  # which there change nothing
    assert len([*indexing()]) == expected[connection.vendor]


def test_index_has_the_kinds_of_which_there_may_be_many() -> None:
    names = {kind.__name__ for kind in indexed_kinds()}
    assert names == {
        "Alias",
        "Budget",
        "Grouping",
        "Indicator",
        "Instrument",
        "Objective",
        "Organisation",
        "Phase",
        "Programme",
        "Result",
        "Source",
        "Theme",
        "Transaction",
    }
    assert not is_indexed(Programme.participations.rel.related_model)


def _made(name: str) -> bool:
    there: dict[str, Any] = {
        "postgresql": "SELECT COUNT(*) FROM pg_indexes WHERE indexname = %s",
        "sqlite": "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s || '_%%'",
    }
    with connection.cursor() as cursor:
        cursor.execute(there[connection.vendor], [name])
        return bool(cursor.fetchone()[0])
