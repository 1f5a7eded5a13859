"""Answers are compressed where the client asks, and only there."""

import gzip
from collections.abc import Callable

import pytest
import zstandard
from django.test import Client

from tests.factories import ProgrammeFactory
from tracker.operations import compression

pytestmark = pytest.mark.django_db
LIST, CSV, SHORT = (
    "/api/v1/programmes/",
    "/api/v1/reports/programmes.csv",
    "/api/v1/programmes/?fields=code&page_size=1",
)


def unzstd(text: bytes) -> bytes:
    """As a client that reads on behind the first frame."""
    reader = zstandard.ZstdDecompressor().stream_reader(text, read_across_frames=True)
    return b"".join(iter(lambda: reader.read(1000), b""))


WAYS = pytest.mark.parametrize(
    ("asked", "name", "expanded"),
    [
        ("br;q=0.1, gzip", "gzip", gzip.decompress),
        ("zstd", "zstd", unzstd),
        ("gzip, deflate, br, zstd", "zstd", unzstd),
        ("gzip, ZSTD;q=0.5", "zstd", unzstd),
        ("zstd;q=0, gzip", "gzip", gzip.decompress),
        ("zstd; q=0.000, gzip", "gzip", gzip.decompress),
        ("xzstd, zstdx, gzip", "gzip", gzip.decompress),
    ],
)


@pytest.fixture(autouse=True)
def programmes() -> None:
    for _each in range(3):
        ProgrammeFactory()


@WAYS
def test_list_is_compressed_where_the_client_asks(
    client: Client, asked: str, name: str, expanded: Callable[[bytes], bytes]
) -> None:
    plain, small = client.get(LIST), client.get(LIST, headers={"Accept-Encoding": asked})
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == name
    assert expanded(small.content) == plain.content
    assert len(small.content) < len(plain.content)
    assert small["Content-Length"] == str(len(small.content))
    assert small["ETag"] == f"W/{plain['ETag']}"
    assert "Accept-Encoding" in small["Vary"]


@pytest.mark.parametrize("asked", ["gzip", "zstd"])
def test_client_that_has_a_compressed_answer_is_told_so(client: Client, asked: str) -> None:
    headers = {"Accept-Encoding": asked}
    tag = client.get(LIST, headers=headers)["ETag"]
    again = client.get(LIST, headers=headers | {"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@WAYS
def test_file_is_compressed_while_it_is_made(
    client: Client, asked: str, name: str, expanded: Callable[[bytes], bytes]
) -> None:
    plain = b"".join(client.get(CSV).streaming_content)
    small = client.get(CSV, headers={"Accept-Encoding": asked})
    assert small["Content-Encoding"] == name
    assert "Content-Length" not in small
    assert expanded(b"".join(small.streaming_content)) == plain


def test_what_is_short_is_sent_as_it_is(client: Client) -> None:
    plain = client.get(SHORT, headers={"Accept-Encoding": "zstd"})
    assert "Content-Encoding" not in plain
    assert plain.json()["count"] == 3


def test_client_that_takes_the_first_frame_alone_has_all(client: Client) -> None:
    small = client.get(LIST, headers={"Accept-Encoding": "zstd"})
    assert zstandard.ZstdDecompressor().decompress(small.content) == client.get(LIST).content


def test_length_varies_by_bytes_that_say_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    for size in (0, 99):
        monkeypatch.setattr(compression.secrets, "randbelow", lambda _most, size=size: size)
        sizes.append(len(client.get(LIST, headers={"Accept-Encoding": "zstd"}).content))
    assert sizes[1] - sizes[0] == 99
