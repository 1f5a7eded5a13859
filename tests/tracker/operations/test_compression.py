"""Answers are compressed where the client asks, and only there."""

import gzip

import pytest
from django.test import Client

from tests.factories import ProgrammeFactory

pytestmark = pytest.mark.django_db
LIST, CSV = "/api/v1/programmes/", "/api/v1/reports/programmes.csv"
ASKED = {"Accept-Encoding": "br;q=0.1, gzip"}


@pytest.fixture(autouse=True)
def programmes() -> None:
    for _each in range(3):
        ProgrammeFactory()


def test_list_is_compressed_where_the_client_asks(client: Client) -> None:
    plain, small = client.get(LIST), client.get(LIST, headers=ASKED)
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.content) == plain.content
    assert len(small.content) < len(plain.content)
    assert small["ETag"] == f"W/{plain['ETag']}"
    assert "Accept-Encoding" in small["Vary"]


def test_client_that_has_a_compressed_answer_is_told_so(client: Client) -> None:
    tag = client.get(LIST, headers=ASKED)["ETag"]
    again = client.get(LIST, headers=ASKED | {"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_file_is_compressed_while_it_is_made(client: Client) -> None:
    plain = b"".join(client.get(CSV).streaming_content)
    small = client.get(CSV, headers=ASKED)
    assert small["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(small.streaming_content)) == plain
