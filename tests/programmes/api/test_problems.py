"""Errors that no single resource causes."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.test import APIClient
from rest_framework.views import APIView

from programmes.models import Programme
from tests import factories
from tracker.api.errors import exception_handler

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/api/", "/api/v1/nonsense/", "/api/v2/programmes/", "/api/v1/programmes/A/B/"])
def test_unknown_address_is_a_problem(anyone: APIClient, method: str, address: str) -> None:
    response = getattr(anyone, method)(address)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:programme-tracker:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": address,
        "code": "not_found",
        "errors": [],
    }


def test_missing_slash_is_added_when_reading(anyone: APIClient) -> None:
    response = anyone.get("/api/v1/programmes?fields=code")
    assert (response.status_code, response.headers["Location"]) == (301, "/api/v1/programmes/?fields=code")


def test_missing_slash_is_named_when_writing(api: APIClient) -> None:
    response = api.post("/api/v1/programmes", {"code": "A", "name": "A"})
    assert (response.status_code, response.json()["detail"]) == (
        404,
        "There is nothing at this address. Addresses end with a slash.",
    )


def test_form_that_is_not_to_be_had_is_a_problem(anyone: APIClient) -> None:
    response = anyone.get("/api/v1/programmes/", headers={"accept": "text/csv"})
    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def test_browser_is_shown_a_page(anyone: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    for address in ("", "programmes/", "programmes/AIRCOP/", "programmes/NOBODY/", "programmes/?county=PA"):
        response = anyone.get(f"/api/v1/{address}", headers={"accept": "text/html"})
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        page = response.content.decode()
        assert "Programme tracker</title>" in page
        assert '<a class="navbar-brand" href="/api/v1/">Programme tracker</a>' in page
        assert 'rel="icon" type="image/svg+xml" href="/static/programmes/icon' in page


def test_officer_s_page_offers_to_write(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    page = api.get("/api/v1/programmes/AIRCOP/", headers={"accept": "text/html"}).content.decode()
    assert 'data-method="PUT"' in page or 'name="_content"' in page


def test_race_for_a_code_is_a_conflict(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another request takes the code after this one was validated."""
    factories.ProgrammeFactory(code="AIRCOP")
    monkeypatch.setattr(Programme, "full_clean", lambda _self: None)
    response = api.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "A"})
    assert (response.status_code, response.json()["code"], Programme.objects.count()) == (409, "conflict", 1)


def test_failure_says_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    bare = HttpRequest()
    bare.path, bare.method = "/api/v1/programmes/", "GET"
    response = exception_handler(RuntimeError("the password is 123"), {"request": Request(bare), "view": APIView()})
    body: Any = response.data
    assert (response.status_code, body["code"], body["errors"]) == (500, "error", [])
    assert "123" not in str(body)
    assert "the password is 123" in caplog.text


def test_conflict_hides_the_database_s_words() -> None:
    bare = HttpRequest()
    bare.path, bare.method = "/", "POST"
    response = exception_handler(
        IntegrityError("UNIQUE constraint failed"), {"request": Request(bare), "view": APIView()}
    )
    assert "UNIQUE" not in str(response.data)


def test_messages_come_in_the_reader_s_language(anyone: APIClient) -> None:
    assert anyone.get("/api/v1/programmes/?county=PA", headers={"accept-language": "es"}).status_code == 400
