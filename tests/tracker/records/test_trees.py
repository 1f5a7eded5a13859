"""Trees: circles are refused at any length, and what lies below is found at any depth."""

import pytest

from programmes.models import Programme, Theme
from tests.factories import ProgrammeFactory, ThemeFactory
from tests.programmes.models.errors import errors_of, message_of
from tracker.records.trees import with_descendants


def chain(factory, length, link="parent"):
    """Records of which each has the one before it as its `link`."""
    records = []
    for number in range(length):
        records.append(factory(code=f"C{number}", **{link: records[-1] if records else None}))
    return records


@pytest.mark.django_db
@pytest.mark.parametrize("factory", [ProgrammeFactory, ThemeFactory])
@pytest.mark.parametrize("length", [1, 2, 3, 10])
def test_parent_circle_of_any_length_is_refused(factory, length):
    records = chain(factory, length)

    assert errors_of(records[0], parent=records[-1]) == {"parent": ["cycle"]}


@pytest.mark.django_db
def test_parent_circle_refusal_shows_the_way():
    *_others, third = chain(lambda **kwargs: ProgrammeFactory(acronym=kwargs["code"], **kwargs), 3)

    first = Programme.objects.get(code="C0")
    assert message_of(first, "parent", parent=third) == "This leads back to itself: C0 → C2 → C1 → C0."


@pytest.mark.django_db
def test_parent_elsewhere_in_the_tree_is_taken():
    first, *_middle, last = chain(ProgrammeFactory, 4)

    assert errors_of(last, parent=first) == {}


@pytest.mark.django_db
def test_parent_below_a_circle_that_was_forced_into_the_database_ends():
    first, second = chain(ProgrammeFactory, 2)
    Programme.objects.filter(pk=first.pk).update(parent=second)

    assert errors_of(ProgrammeFactory(code="NEW"), parent=Programme.objects.get(pk=first.pk)) == {}


@pytest.mark.django_db
def test_with_descendants_of_any_depth_are_found():
    records = chain(ThemeFactory, 30)
    aside = ThemeFactory(parent=records[28])
    ThemeFactory()

    below = with_descendants(Theme.objects.filter(code="C20"), "parent")
    assert sorted(below) == sorted([record.pk for record in records[20:]] + [aside.pk])


@pytest.mark.django_db
def test_with_descendants_of_nothing_is_nothing():
    chain(ThemeFactory, 2)

    assert with_descendants(Theme.objects.filter(code="OTHER"), "parent") == {}
    assert with_descendants(Theme.objects.none(), "parent") == {}


@pytest.mark.django_db
def test_with_descendants_several_roots_of_one_tree_counts_each_once():
    records = chain(ThemeFactory, 4)

    roots = Theme.objects.filter(code__in=["C1", "C3"]).order_by("-code")
    assert sorted(with_descendants(roots, "parent")) == sorted(record.pk for record in records[1:])


@pytest.mark.django_db
def test_with_descendants_on_a_forced_circle_ends():
    first, second = chain(ThemeFactory, 2)
    Theme.objects.filter(pk=first.pk).update(parent=second)

    assert sorted(with_descendants(Theme.objects.filter(pk=first.pk), "parent")) == sorted([first.pk, second.pk])


@pytest.mark.django_db
def test_with_descendants_one_statement_whatever_the_depth(django_assert_num_queries):
    chain(ThemeFactory, 5)

    with django_assert_num_queries(1):
        assert len(with_descendants(Theme.objects.filter(code="C0"), "parent")) == 5
