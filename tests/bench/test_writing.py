"""Ours, stock DRF and the inserts by hand store the same rows of the same body; the goals are held against."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from rest_framework.test import APIClient

from bench.bodies import OF_A_LIST, Body, programme
from bench.inserts import TABLES, inserts
from bench.stock import NewProgrammeSerializer
from bench.writing import Writing
from programmes.models import Instrument, Organisation, Theme
from tracker.api.parsers import MAX_RECORDS

pytestmark = pytest.mark.usefixtures("portfolio")

APART = {"id", "created_at", "modified_at"}
PARTS = 17


@pytest.fixture
def body() -> Body:
    kinds = (Theme, Instrument, Organisation)
    return programme(1, *([record.code for record in kind.objects.order_by("pk")[:2]] for kind in kinds))


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.create_superuser("officer"))
    return client


def rows() -> dict[str, list[dict[str, Any]]]:
    """What is stored of the programmes that were made, by table; links to other rows of it by their place in theirs."""
    found: dict[str, list[dict[str, Any]]] = {}
    places: dict[tuple[str, Any], int] = {}
    for table in TABLES:
        model: Any = next(each for each in apps.get_models() if each._meta.db_table == table.name)
        stored = list(model._base_manager.extra(where=[table.made.replace("%", "%%")]).order_by("pk").values())
        found[table.name] = []
        for place, row in enumerate(stored):
            places[table.name, row["id"]] = place
            for field in model._meta.concrete_fields:
                if field.is_relation:
                    row[field.attname] = places.get(
                        (field.related_model._meta.db_table, row[field.attname]), row[field.attname]
                    )
            found[table.name].append({name: value for name, value in row.items() if name not in APART})
    return found


def by_hand(body: Body) -> None:
    with connection.cursor() as cursor:
        for statement, values in inserts(body):
            for each in values:
                cursor.execute(statement, each)


def by_stock(body: Body) -> None:
    serializer = NewProgrammeSerializer(data=body)
    serializer.is_valid(raise_exception=True)
    serializer.save()
    assert serializer.data["budgets"][1]["phase"] == body["phases"][1]["code"]


def test_all_three_store_the_same_rows(api: APIClient, body: Body, settings: Any) -> None:
    response = api.post("/api/v1/programmes/", body)
    assert response.status_code == 201, response.json()
    ours = rows()
    assert sum(map(len, ours.values())) == 1 + PARTS
    # The same once more, by others: what they link to within it stands at the same places.
    settings.SIMPLE_HISTORY_ENABLED = False
    for others in (by_hand, by_stock):
        empty()
        others(body)
        assert rows() == ours


def empty() -> None:
    with connection.cursor() as cursor:
        for table in reversed(TABLES):
            cursor.execute(f"DELETE FROM {table.history} WHERE id IN (SELECT id FROM {table.name} WHERE {table.made})")
            cursor.execute(f"DELETE FROM {table.name} WHERE {table.made}")
    assert not any(rows().values())


def test_list_is_as_long_as_the_api_takes(body: Body) -> None:
    assert OF_A_LIST * (1 + PARTS) <= MAX_RECORDS


def test_verdicts_hold_ratios_against_the_goals() -> None:
    found = Writing(
        {(number, name): [] for number in (1, 8) for name in ("ours", "stock", "limit")},
        {"ours": [2.0, 4.0], "stock": [12.0, 24.0], "limit": [1.0, 1.0], "copy": [0.1, 0.1]},
    ).verdicts()
    assert [(each.what.partition(" ")[0], each.met) for each in found] == [("POST", False)] * 4 + [
        ("1,000", True),
        ("1,000", False),
    ]
