"""What both databases can hold, and what goes with a programme that is deleted."""

import pytest
from django.apps import apps
from django.db import models

from programmes.models import Programme
from tests.factories import (
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    SuccessionFactory,
)
from tests.programmes.models.errors import errors_of


def test_decimal_fields_hold_no_more_digits_than_sqlite_keeps():
    wide = [
        f"{model.__name__}.{field.name}"
        for app in ("countries", "programmes")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.DecimalField) and field.max_digits > 15
    ]

    assert wide == []


@pytest.mark.django_db
def test_delete_programme_with_phases_that_follow_takes_them_along():
    programme = ProgrammeFactory()
    first = PhaseFactory(programme=programme, order=1)
    PhaseFactory(programme=programme, order=2, follows=first)
    ParticipationFactory(programme=programme, phase=first)
    programme.delete()

    assert Programme.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("life", "until"),
    [
        ({"status": "3"}, None),
        ({"status": "2", "actual_end": "2016-01"}, None),
        ({"status": "2"}, "2016-08"),
    ],
)
def test_known_active_until_only_while_in_implementation_and_not_ended(life, until):
    assert ProgrammeFactory(status_as_of="2016-08", **life).known_active_until == until


@pytest.mark.django_db
def test_succession_again_is_refused():
    succession = SuccessionFactory()
    again = SuccessionFactory.build(predecessor=succession.predecessor, successor=succession.successor)

    assert errors_of(again) == {"successor": ["not_unique"]}


@pytest.mark.parametrize(("count", "codes"), [(2**31 - 1, {}), (2**31, {"components_stated": ["max_value"]})])
@pytest.mark.django_db
def test_counts_end_where_four_bytes_end(count, codes):
    assert errors_of(ProgrammeFactory.build(components_stated=count)) == codes


@pytest.mark.django_db
def test_saving_some_fields_keeps_the_search_key_and_the_time_up_to_date():
    programme = ProgrammeFactory(name="before")
    saved = programme.modified_at
    programme.name = "Afterwards"
    programme.save(update_fields=["name"])
    programme.refresh_from_db()

    assert programme.search_key.endswith("afterwards")
    assert programme.modified_at > saved
