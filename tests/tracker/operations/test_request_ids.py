"""The id of a request, in its answer and in the log; the log itself."""

import json
import logging
import logging.config
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client

from tracker.operations.request_ids import RequestIdFilter


@pytest.mark.parametrize("given", ["a", "4f1c-22.B_7", "x" * 100])
def test_well_formed_id_is_kept(client: Client, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 101, "a b", "ä", "a\r\nSet-Cookie: b=c", "a;b", "<script>"])
def test_any_other_id_is_replaced(client: Client, given: str) -> None:
    made = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]
    assert (len(made), made.isalnum()) == (32, True)


def test_ids_that_are_made_differ(client: Client) -> None:
    assert client.get("/healthz")["X-Request-ID"] != client.get("/healthz")["X-Request-ID"]


def logged(format_name: str, client: Client, address: str, capsys: Any) -> list[str]:
    """What a log of the format holds after a request."""
    config = project.LOGGING["formatters"][format_name]
    configurator: Any = logging.config.DictConfigurator({"version": 1})
    handler = logging.StreamHandler()
    handler.setFormatter(configurator.configure_formatter(dict(config)))
    handler.addFilter(RequestIdFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        client.get(address, headers={"X-Request-ID": "the-id-of-this-request"})
    finally:
        root.removeHandler(handler)
    return capsys.readouterr().err.splitlines()


@pytest.fixture
def streams(capsys: Any) -> Any:
    """What is printed."""
    return capsys


def test_json_log_has_the_id_in_every_line_and_no_parameters(client: Client, streams: Any) -> None:
    lines = [json.loads(line) for line in logged("json", client, "/nowhere/%0Ax?token=secret", streams)]
    assert [(line["level"], line["logger"], line["message"], line["request_id"]) for line in lines] == [
        ("INFO", "tracker.operations.request_ids", "GET /nowhere/%0Ax 404", "the-id-of-this-request"),
        ("WARNING", "django.request", "Not Found: /nowhere/\\nx", "the-id-of-this-request"),
    ]
    assert lines[0] | {"timestamp": "", "milliseconds": 0} == {
        "level": "INFO",
        "logger": "tracker.operations.request_ids",
        "message": "GET /nowhere/%0Ax 404",
        "request_id": "the-id-of-this-request",
        "method": "GET",
        "path": "/nowhere/%0Ax",
        "status": 404,
        "milliseconds": 0,
        "timestamp": "",
    }
    assert "secret" not in str(lines)


def test_readable_log_has_a_line_for_each(client: Client, streams: Any) -> None:
    lines = logged("line", client, "/healthz", streams)
    assert [line.split(" ", 2)[2] for line in lines] == [
        "INFO the-id-o tracker.operations.request_ids GET /healthz 200"
    ]
