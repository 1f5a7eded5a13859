"""The examples of docs/api.md do what it says."""

import json
import re
import shlex
import sys
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core.management import call_command
from requests.auth import HTTPBasicAuth
from rest_framework.test import RequestsClient

from programmes.models import Programme

pytestmark = pytest.mark.usefixtures("portfolio")

GUIDE = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(curl .*?)\n```(?:\n\n```json\n(.*?)\n```)?", GUIDE, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)\n```", GUIDE, re.DOTALL)


class Curl(NamedTuple):
    """What a curl command asks for."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    auth: HTTPBasicAuth | None


def parse(command: str) -> Curl:
    words = iter(shlex.split(command)[1:])
    method, url, headers, body, auth = "GET", "", {}, None, None
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                body = next(words)
            case "-u":
                auth = HTTPBasicAuth(*next(words).split(":"))
            case _:
                url = word
    return Curl(method, url, headers, body, auth)


@pytest.fixture
def client(settings: Any) -> RequestsClient:
    """A client that reaches the application without a server; the demonstration users are there."""
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    call_command("create_demo_users", verbosity=0)
    client = RequestsClient()
    client.headers["Host"] = "127.0.0.1:8000"
    return client


@pytest.mark.parametrize(("command", "expected"), SHELL, ids=lambda value: value[-60:])
def test_curl_example(command: str, expected: str, client: RequestsClient) -> None:
    asked = parse(command)
    response = client.request(asked.method, asked.url, headers=asked.headers, data=asked.body, auth=asked.auth)
    if expected:
        assert response.json() == json.loads(expected)
    else:
        assert response.status_code in (200, 201), response.text


def test_written_programme_is_there(client: RequestsClient) -> None:
    asked = parse(next(command for command, expected in SHELL if "COPOLAD-III" in command and not expected))
    client.request(asked.method, asked.url, headers=asked.headers, data=asked.body, auth=asked.auth)
    written = Programme.objects.get(code="COPOLAD-III")
    assert (written.name, written.start) == ("COPOLAD, third phase", "2021")


@pytest.mark.parametrize("block", PYTHON, ids=["records", "pandas"])
def test_python_example(block: str, client: RequestsClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block's own assertions hold; its requests reach the application without a server."""
    monkeypatch.setitem(sys.modules, "requests", SimpleNamespace(get=client.get))
    exec(compile(block, "docs/api.md", "exec"), {})
