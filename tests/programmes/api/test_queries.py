"""No list and no detail asks the database more often for three records than for one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests import factories
from tests.programmes.api.resources import RESOURCES, make, paths, populate
from tracker.api.addresses import key_field

pytestmark = pytest.mark.django_db


def queries(client: APIClient, address: str) -> int:
    """How many queries a GET makes."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
    assert response.status_code == 200, response.json()
    return len(captured)


@pytest.mark.parametrize("prefix", RESOURCES)
def test_list_asks_as_often_for_three_as_for_one(anyone: APIClient, prefix: str) -> None:
    view = RESOURCES[prefix]
    everything = ",".join(paths(view.serializer_class))
    addresses = [f"/api/v1/{prefix}/", f"/api/v1/{prefix}/?pagination=cursor"]
    if everything:
        addresses.append(f"/api/v1/{prefix}/?expand={everything}")
    populate(make(view.queryset.model, 0), view.serializer_class, 1)
    one = [queries(anyone, address) for address in addresses]
    for number in (1, 2):
        populate(make(view.queryset.model, number), view.serializer_class, 2)
    assert [queries(anyone, address) for address in addresses] == one


@pytest.mark.parametrize("prefix", RESOURCES)
def test_detail_asks_as_often_for_three_children_as_for_one(anyone: APIClient, prefix: str) -> None:
    view = RESOURCES[prefix]
    counts = []
    for number, children in enumerate((1, 3)):
        record = make(view.queryset.model, number)
        populate(record, view.serializer_class, children)
        counts.append(queries(anyone, f"/api/v1/{prefix}/{getattr(record, key_field(type(record)))}/"))
    assert counts[0] == counts[1]


def test_list_of_codes_asks_for_nothing_else(api: APIClient) -> None:
    populate(make(RESOURCES["programmes"].queryset.model), RESOURCES["programmes"].serializer_class, 1)
    with CaptureQueriesContext(connection) as captured:
        api.get("/api/v1/programmes/?fields=code")
    _count, _keys, page = [query["sql"] for query in captured if " FROM " in query["sql"]]
    assert set(re.findall(r'r0\."(\w+)"', page)) == {"id", "code"}
    assert "r1" not in page


@pytest.mark.django_db(transaction=True)  # whose end, where it is taken back, would take what is kept with it
def test_filtered_list_is_planned_for_its_values_and_others_once(anyone: APIClient) -> None:
    factories.ProgrammeFactory()
    assert anyone.get("/api/v1/programmes/?modified_at__gte=2000-01-01").json()["count"] == 1
    assert [each for each in kept_statements() if '"modified_at" >=' in each] == []
    assert anyone.get("/api/v1/programmes/?ordering=-modified_at").json()["count"] == 1
    assert any('"modified_at"' in each for each in kept_statements()) is (connection.vendor == "postgresql")


def kept_statements() -> list[str]:
    """Those that PostgreSQL keeps for the connection, each with one plan for all values."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]
