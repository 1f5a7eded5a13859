"""Any day in the past: queries inside `known_on` read what was held then."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from programmes.analysis.totals import totals
from programmes.models import Budget, Programme
from tests.factories import BudgetFactory, PhaseFactory, ProgrammeFactory
from tracker.records.history import WayIn, change
from tracker.records.past import known_on

pytestmark = pytest.mark.django_db


def test_known_on_shows_the_value_of_the_time() -> None:
    programme = ProgrammeFactory.create(name="before")
    before = timezone.now()
    programme.name = "after"
    programme.save()
    with known_on(before):
        assert Programme.objects.get(pk=programme.pk).name == "before"
    assert Programme.objects.get(pk=programme.pk).name == "after"


def test_known_on_lacks_what_came_later_and_has_what_went_since() -> None:
    gone = ProgrammeFactory.create(code="GONE")
    instant = timezone.now()
    gone.delete()
    ProgrammeFactory.create(code="NEW")
    with known_on(instant):
        assert list(Programme.objects.values_list("code", flat=True)) == ["GONE"]
    assert list(Programme.objects.values_list("code", flat=True)) == ["NEW"]


def test_known_on_before_everything_is_empty() -> None:
    ProgrammeFactory.create()
    with known_on(timezone.now() - datetime.timedelta(days=1)):
        assert Programme.objects.count() == 0


def test_known_on_reaches_relations_search_and_totals() -> None:
    phase = PhaseFactory.create(programme=ProgrammeFactory.create(code="AIRCOP", name="Airports"))
    line = BudgetFactory.create(programme=phase.programme, amount=40)
    instant = timezone.now()
    line.amount = 50
    line.save()
    phase.programme.name = "Other"
    phase.programme.save()
    with known_on(instant):
        assert [str(each.amount) for each in totals(Budget.objects.all()).total] == ["40.00"]
        assert [each.code for each in Programme.objects.search("airports")] == ["AIRCOP"]
        assert [each.name for each in Programme.objects.filter(phases=phase.pk)] == ["Airports"]
    assert [str(each.amount) for each in totals(Budget.objects.all()).total] == ["50.00"]


def test_known_on_refuses_writes() -> None:
    programme = ProgrammeFactory.create(name="before")
    with known_on(timezone.now()), pytest.raises(DatabaseError), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).update(name="inside")
    programme.refresh_from_db()
    assert (programme.name, programme.history.count()) == ("before", 1)


def test_versions_end_when_the_next_begins() -> None:
    programme = ProgrammeFactory.create()
    programme.save()
    programme.delete()
    versions = list(Programme.history.order_by("history_date").values_list("history_date", "superseded_at"))
    assert [end for _start, end in versions] == [versions[1][0], versions[2][0], None]


def test_bulk_writes_keep_versions() -> None:
    programmes = bulk_create_with_history(ProgrammeFactory.build_batch(3), Programme)
    instant = timezone.now()
    for programme in programmes:
        programme.name = "changed"
    bulk_update_with_history(programmes, Programme, ["name"])
    with known_on(instant):
        assert Programme.objects.filter(name="changed").count() == 0
        assert Programme.objects.count() == 3
    assert Programme.history.filter(superseded_at=None).count() == 3
    assert Programme.history.count() == 6


def test_version_knows_its_way_in_and_reason() -> None:
    with change(WayIn.IMPORT, "figures of the annual report"):
        programme = ProgrammeFactory.create()
    programme.save()
    versions = programme.history.order_by("history_date").values_list("history_via", "history_change_reason")
    assert list(versions) == [("import", "figures of the annual report"), ("", None)]
