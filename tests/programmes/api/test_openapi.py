"""The server does what the OpenAPI document says: no 5xx, no undocumented status, no other shape.

That the document is valid is a step of its own in `tests.check`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as bounds
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from programmes.api.urls import router
from tests.programmes.api.resources import RESOURCES, make
from tracker.api.pagination import PARAMETERS
from tracker.wsgi import application

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 2  # of each operation; there are some hundred and sixty
BASIC = "Basic b2ZmaWNlcjpvZmZpY2VyLXMgc2VjcmV0"


@pytest.fixture(scope="module")
def document() -> Any:
    """The OpenAPI document as clients get it."""
    return json.loads(json.dumps(SchemaGenerator().get_schema(request=None, public=True), default=str))


def test_document_has_nothing_left_of_openapi_3_0(document: Any) -> None:
    assert document["openapi"] == "3.1.1"
    assert re.findall(r'"nullable"|"exclusiveM[a-z]+": (?:true|false)', json.dumps(document)) == []


def test_every_operation_documents_its_problems(document: Any) -> None:
    for address, operations in document["paths"].items():
        for method, operation in operations.items():
            expected = {"400", "401", "403", "406"}
            if method in ("post", "put", "patch"):
                expected |= {"409", "413", "415"} if "requestBody" in operation else {"409"}
            assert expected <= operation["responses"].keys(), (method, address)


def test_operations_are_named_once(document: Any) -> None:
    names = [each["operationId"] for operations in document["paths"].values() for each in operations.values()]
    assert len(names) == len(set(names))
    assert {"programmes_list", "programmes_retrieve", "budget_countries_create"} <= set(names)


def test_every_list_has_pages_by_number_and_by_cursor(document: Any) -> None:
    lists = {}
    for address, operations in document["paths"].items():
        answer = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        schema = answer.get("application/json", {}).get("schema", {})
        name = schema.get("$ref", "").rpartition("/")[2]
        if "next" in document["components"]["schemas"].get(name, schema).get("properties", {}):
            parameters = operations["get"]["parameters"]
            lists[address] = {each.get("name") or each["$ref"].rpartition("/")[2] for each in parameters}
    assert [address for address, parameters in lists.items() if not parameters >= set(PARAMETERS)] == []
    questions = (
        "figures",
        "overlap",
        "gaps",
        "lineage",
        "progress",
        "disagreements",
        "tokens",
        "reports",
        "programmes",
    )
    assert lists.keys() >= {f"/api/v1/{each}/" for each in (*questions, "programmes/{code}/history")}


@pytest.mark.parametrize("address", ["/api/docs/", "/api/redoc/"])
def test_documentation_fetches_nothing_from_elsewhere(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']+""", page) == []


def test_document_is_the_same_each_time_in_each_language(client: Client) -> None:
    first, again, spanish = [client.get(f"/api/schema/?format=json&lang={each}") for each in ("en", "en", "es")]
    assert [each.headers["Content-Type"] for each in (first, again)] == ["application/vnd.oai.openapi+json"] * 2
    assert first.content == again.content != spanish.content


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    """The WSGI application as a server runs it, but on this test's connection, which no request closes."""
    settings.ALLOWED_HOSTS = ["localhost"]
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield application
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", [prefix for prefix, _view, _name in router.registry])
def test_server_does_what_the_document_says(document: Any, officer: User, server: Any, prefix: str) -> None:
    if prefix in RESOURCES:
        make(RESOURCES[prefix].queryset.model)
    check(document, server, prefix, {"Authorization": BASIC})


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["programmes", "budgets", "countries", "totals", "reports", "tokens"])
def test_server_does_what_the_document_says_for_the_public(document: Any, server: Any, prefix: str) -> None:
    check(document, server, prefix, {})


def check(document: Any, server: Any, prefix: str, headers: dict[str, str]) -> None:
    """Ask what the document describes below the prefix, and check the answers against it."""
    schema = schemathesis.openapi.from_dict(document).include(path_regex=rf"^/api/v1/{prefix}/")
    schema.app = server
    for operation in (each.ok() for each in schema.get_all_operations()):

        @bounds(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            # Called without a server between, it would not unpack what it asks to be packed.
            case.call_and_validate(headers={"Accept-Encoding": "identity"} | headers, checks=CHECKS)

        holds()
