"""The made-up portfolio is the same each time, and nothing in it breaks a rule."""

from typing import Any

import pytest
from django.db import connection, models, transaction

from bench.seed import seed
from programmes.models import (
    Budget,
    BudgetCountry,
    Citation,
    Indicator,
    Observation,
    ParticipatingOrganisation,
    Participation,
    Phase,
    Programme,
    Result,
)
from tests.factories import ProgrammeFactory

pytestmark = pytest.mark.usefixtures("portfolio")

SIZE = 20
SAMPLE = 20  # records of each model
STAMPS = {"created_at", "modified_at"}


def made_up() -> dict[type[models.Model], list[dict[str, Any]]]:
    """The rows that `seed` writes, without the time of writing, by model; taken back again."""
    with transaction.atomic():
        before = {model: set(model._base_manager.values_list("pk", flat=True)) for model in models_of_portfolio()}
        seed(SIZE)
        rows = {
            model: [
                row for row in model._base_manager.order_by("pk").values() if row[model._meta.pk.attname] not in pks
            ]
            for model, pks in before.items()
        }
        transaction.set_rollback(True)
    return {model: [{k: v for k, v in row.items() if k not in STAMPS} for row in each] for model, each in rows.items()}


def models_of_portfolio() -> list[type[models.Model]]:
    return [
        model
        for model in Programme._meta.apps.get_app_config("programmes").get_models()
        if not hasattr(model, "history_id")
    ]


def test_seed_twice_writes_the_same() -> None:
    assert made_up() == made_up()


def test_seed_writes_as_many_programmes_as_asked_with_what_belongs_to_them() -> None:
    rows = made_up()

    belonging = (Phase, Participation, ParticipatingOrganisation, Budget, BudgetCountry, Result, Indicator, Observation)
    assert len(rows[Programme]) == SIZE
    assert [model.__name__ for model in (*belonging, Citation) if not rows[model]] == []


def test_seed_writes_what_the_models_accept() -> None:
    before = {model: model._base_manager.count() for model in models_of_portfolio()}
    seed(SIZE)

    connection.check_constraints()
    for model, known in before.items():
        for record in model._base_manager.order_by("pk")[known : known + SAMPLE]:
            record.full_clean()


def test_seed_links_lines_in_every_way() -> None:
    seed(SIZE)

    lines = Budget.objects.filter(programme__code__startswith="MADE-UP")
    ways = ("part_of", "same_as", "revises")
    assert [way for way in ways if lines.filter(**{f"{way}__isnull": False}).exists()] == list(ways)


def test_record_after_seed_gets_a_key_of_its_own() -> None:
    seed(SIZE)

    assert ProgrammeFactory().pk == 1_000_001 + SIZE
