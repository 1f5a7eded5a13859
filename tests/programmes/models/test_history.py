"""Every kind of record keeps every version: made, changed, deleted, with what the database derives."""

import pytest
from django.apps import apps

from programmes.models import Programme
from tests.factories import ObservationFactory, PhaseFactory, ProgrammeFactory
from tests.programmes.models.test_factories import FACTORIES
from tracker.records.models import Record


@pytest.mark.django_db
@pytest.mark.parametrize("factory", FACTORIES, ids=lambda factory: factory.__name__)
def test_history_of_every_kind_has_each_version(factory):
    record = factory()
    key = record.pk
    record.save()
    record.delete()

    versions = type(record).history.filter(**{type(record)._meta.pk.attname: key}).order_by("history_id")
    assert list(versions.values_list("history_type", flat=True)) == ["+", "~", "-"]


def test_history_every_model_of_ours_has_one():
    ours = [model for app in ("countries", "programmes") for model in apps.get_app_config(app).get_models()]
    kept = [model for model in ours if not hasattr(model, "instance_type")]

    assert [model.__name__ for model in kept if not issubclass(model, Record) or not hasattr(model, "history")] == []
    assert len(ours) == 2 * len(kept)


@pytest.mark.django_db
@pytest.mark.parametrize("factory", [ProgrammeFactory, PhaseFactory])
def test_history_of_a_life_has_the_dates_of_each_version(factory):
    record = factory(planned_start="2016", planned_end="2018", status="2", status_as_of="2016-08")
    record.actual_start, record.revised_end, record.status = "2016-05", "2019", "4"
    record.save()

    assert list(record.history.order_by("history_id").values_list("start", "end", "known_active_until")) == [
        ("2016", "2018", "2016-08"),
        ("2016-05", "2019", None),
    ]


@pytest.mark.django_db
def test_history_of_an_observation_has_its_date():
    assert ObservationFactory(as_of=None, period_end="2017").history.get().date == "2017"


@pytest.mark.django_db
def test_history_version_as_a_record_is_what_it_was():
    programme = ProgrammeFactory(name="before", actual_start="2016-02")
    programme.name = "after"
    programme.save()
    first = programme.history.earliest().instance

    assert (type(first), first.name, first.actual_start, first.start, first.pk) == (
        Programme,
        "before",
        "2016-02",
        "2016-02",
        programme.pk,
    )
