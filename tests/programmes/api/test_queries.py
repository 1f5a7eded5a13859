"""No list and no detail asks the database more often for three records than for one."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

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
