"""No body stays unread, whatever is answered."""

import io

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("address", "status"), [("/api/v1/programmes/", 401), ("/api/v1/nowhere/", 404), ("/no", 404)])
def test_body_of_a_refused_request_is_read(client: Client, address: str, status: int) -> None:
    body = io.BytesIO(b"x" * 300_000)
    given = {"CONTENT_LENGTH": "300000", "wsgi.input": body}
    assert client.generic("POST", address, content_type="application/json", **given).status_code == status
    assert body.tell() == 300_000


def test_body_longer_than_any_that_is_taken_is_left(client: Client) -> None:
    body = io.BytesIO(b"x" * 9_000_000)
    client.generic("POST", "/api/v1/programmes/", **{"CONTENT_LENGTH": "9000000", "wsgi.input": body})
    assert body.tell() == 2 * 1024 * 1024
