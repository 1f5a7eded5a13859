"""The comparison of two OpenAPI documents finds what breaks a client, and nothing else."""

import copy
from typing import Any

from tests.contract.changes import breaking

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/programmes/": {
            "get": {
                "parameters": [{"$ref": "#/components/parameters/kind"}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
                },
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Request"}}}},
                "responses": {"201": {}},
            },
        }
    },
    "components": {
        "parameters": {"kind": {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["a", "b"]}}},
        "schemas": {
            "Page": {
                "type": "object",
                "required": ["results"],
                "properties": {"results": {"type": "array", "items": {"$ref": "#/components/schemas/Programme"}}},
            },
            "Programme": {
                "type": "object",
                "required": ["code"],
                "properties": {"code": {"type": "string"}, "name": {"type": ["string", "null"]}},
            },
            "Request": {"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}},
        },
    },
}


def changed(*path: str, to: Any) -> list[str]:
    """What breaks where the value at the path becomes another, or where None goes."""
    new = copy.deepcopy(DOCUMENT)
    at: Any = new
    for step in path[:-1]:
        at = at[step]
    if to is None:
        del at[path[-1]]
    else:
        at[path[-1]] = to
    return breaking(DOCUMENT, new)


LIST = ("paths", "/programmes/", "get")
SCHEMAS = ("components", "schemas")


def test_the_same_document_breaks_nothing() -> None:
    assert breaking(DOCUMENT, DOCUMENT) == []


def test_an_address_or_an_operation_that_is_gone_breaks() -> None:
    assert changed("paths", "/programmes/", to=None) == ["/programmes/ is gone"]
    assert changed("paths", "/programmes/", "post", to=None) == ["POST /programmes/ is gone"]


def test_a_parameter_that_is_gone_or_takes_less_breaks() -> None:
    assert changed(*LIST, "parameters", to=[]) == ["GET /programmes/: the parameter kind is gone"]
    assert changed("components", "parameters", "kind", "schema", "enum", to=["a"]) == [
        "GET /programmes/: kind: b is no longer accepted"
    ]
    assert changed("components", "parameters", "kind", "required", to=True) == [
        "GET /programmes/: the parameter kind is required now"
    ]


def test_a_field_that_is_gone_or_of_another_kind_breaks() -> None:
    assert changed(*SCHEMAS, "Programme", "properties", "name", to=None) == [
        "GET /programmes/ 200: results, each: the field name is gone"
    ]
    assert changed(*SCHEMAS, "Programme", "properties", "code", "type", to="integer") == [
        "GET /programmes/ 200: results, each: code: it may be integer now"
    ]
    assert changed(*SCHEMAS, "Programme", "required", to=[]) == [
        "GET /programmes/ 200: results, each: the field code is not always there now"
    ]


def test_a_body_that_must_say_more_breaks() -> None:
    assert changed(*SCHEMAS, "Request", "required", to=["code", "name"]) == [
        "POST /programmes/, body: the field name is required now"
    ]


def test_what_is_added_breaks_nothing() -> None:
    assert changed("paths", "/phases/", to={}) == []
    assert changed(*SCHEMAS, "Programme", "properties", "acronym", to={"type": "string"}) == []
    assert changed(*SCHEMAS, "Request", "properties", "name", to={"type": "string"}) == []
    assert changed("components", "parameters", "kind", "schema", "enum", to=["a", "b", "c"]) == []
