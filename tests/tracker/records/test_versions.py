"""Each write of a record is a new version of it and of all that it is a part of."""

import datetime

import pytest
from django.utils import timezone

from countries.models import Country, Grouping
from programmes.models import Budget, Programme
from tests import factories
from tracker.records.parts import depth, parts_of, paths_to_wholes

pytestmark = pytest.mark.django_db


def test_version_grows_with_each_save_and_stands_in_the_history() -> None:
    programme = factories.ProgrammeFactory()
    programme.save()
    programme.save(update_fields=["name"])
    assert programme.version == Programme.objects.get().version == 3
    assert list(programme.history.order_by("history_id").values_list("version", flat=True)) == [1, 2, 3]


def test_version_of_a_stale_instance_follows_the_stored_one() -> None:
    first = factories.ProgrammeFactory()
    second = Programme.objects.get()
    first.save()
    second.save()
    assert (first.version, second.version, Programme.objects.get().version) == (2, 3, 3)


def test_modified_at_is_later_each_time_even_where_the_clock_goes_back() -> None:
    programme = factories.ProgrammeFactory()
    ahead = timezone.now() + datetime.timedelta(hours=1)
    Programme.objects.update(modified_at=ahead)
    programme.save()
    assert programme.modified_at == Programme.objects.get().modified_at == ahead + datetime.timedelta(microseconds=1)
    factories.AliasFactory(programme=programme)
    assert Programme.objects.get().modified_at == ahead + datetime.timedelta(microseconds=2)


def test_write_of_a_part_renews_the_whole_without_a_row_in_its_history() -> None:
    observation = factories.ObservationFactory()
    indicator = observation.indicator
    programme = Programme.objects.get()
    before = programme.version
    observation.save()
    factories.CitationFactory(observation=observation)
    observation.delete()
    indicator.refresh_from_db()
    programme.refresh_from_db()
    assert (indicator.version, indicator.history.count()) == (5, 1)  # added, changed, cited, without it again
    assert (programme.version - before, programme.history.count()) == (3, 1)


def test_part_that_moves_renews_both_wholes() -> None:
    alias, other = factories.AliasFactory(), factories.ProgrammeFactory()
    former = alias.programme
    alias.programme = other
    alias.save()
    former.refresh_from_db()
    other.refresh_from_db()
    assert (former.version, other.version) == (3, 2)


def test_membership_renews_its_grouping() -> None:
    factories.MembershipFactory()
    assert Grouping.objects.get().version == 2


def test_version_of_a_record_that_comes_back_goes_on() -> None:
    country = factories.CountryFactory(code="XA")
    country.save()
    country.delete()
    again = Country(code="XA", alpha3="XAZ", numeric="999", name_en="Again")
    again.save()
    assert again.version == 3


def test_parts_and_wholes_are_known_by_kind() -> None:
    assert (depth(Programme), depth(Budget), depth(factories.Observation)) == (0, 1, 3)
    assert paths_to_wholes(factories.Observation) == ["indicator__result__programme"]
    assert parts_of(Budget) == {"budget_countries": "budget", "citations": "budget"}
