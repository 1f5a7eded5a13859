"""What will go is announced in headers and in the OpenAPI document."""

import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from tracker.api.deprecation import Deprecation, mark_deprecated

pytestmark = pytest.mark.django_db

DAYS = {"deprecated": datetime.date(2026, 12, 1), "sunset": datetime.date(2027, 12, 1)}
HEADERS = ("Deprecation", "Sunset", "Link")


def headers(address: str) -> list[str | None]:
    answer = APIClient().get(address)
    return [answer.headers.get(name) for name in HEADERS]


def test_nothing_is_announced_where_nothing_is_deprecated() -> None:
    assert headers("/api/v1/themes/") == [None, None, None]


def test_deprecated_address_says_so_and_when_it_goes(settings: Any) -> None:
    settings.API_DEPRECATIONS = [Deprecation("/api/v1/themes/{code}/", link="/docs/themes", **DAYS)]
    assert headers("/api/v1/themes/DRUGS/") == [
        "@1796083200",
        "Wed, 01 Dec 2027 00:00:00 GMT",
        '</docs/themes>; rel="deprecation"',
    ]
    assert headers("/api/v1/themes/") == [None, None, None]


def test_deprecated_parameter_says_so_where_it_is_used(settings: Any) -> None:
    settings.API_DEPRECATIONS = [Deprecation("/api/v1/themes/", link="/docs/q", parameter="search", **DAYS)]
    assert headers("/api/v1/themes/?search=x")[0] == "@1796083200"
    assert headers("/api/v1/themes/")[0] is None


def test_document_marks_what_is_deprecated(settings: Any) -> None:
    settings.API_DEPRECATIONS = [
        Deprecation("/a/", link="", **DAYS),
        Deprecation("/b/", link="", parameter="old", **DAYS),
    ]
    document = {
        "paths": {
            "/a/": {"get": {}},
            "/b/": {"get": {"parameters": [{"name": "old"}, {"name": "new"}]}},
        }
    }
    assert mark_deprecated(document)["paths"] == {
        "/a/": {"get": {"deprecated": True}},
        "/b/": {"get": {"parameters": [{"name": "old", "deprecated": True}, {"name": "new"}]}},
    }
