"""The OpenAPI document, a client that another tool generates from it, and a server to call."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import call_command

from tests.factories import PhaseFactory, ProgrammeFactory
from tracker.api import imports

NODE_MODULES = Path(__file__).parent / "node_modules"


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file as clients get it."""
    path = tmp_path_factory.mktemp("openapi") / "openapi.json"
    call_command("spectacular", "--format", "openapi-json", "--fail-on-warn", "--file", str(path))
    return path


@pytest.fixture(scope="session")
def described(document: Path) -> Any:
    """What stands in it."""
    return json.loads(document.read_text())


@pytest.fixture(scope="session")
def generated(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package that openapi-python-client writes; it may not say that it left anything out.

    It knows files only as bytes of any kind.
    """
    folder = tmp_path_factory.mktemp("generated")
    options = folder / "options.yaml"
    files = dict.fromkeys(imports.READERS, "application/octet-stream")
    options.write_text(json.dumps({"post_hooks": [], "content_type_overrides": files}))
    tool = Path(sys.executable).with_name("openapi-python-client")
    command = [tool, "generate", "--path", document, "--config", options, "--output-path", folder / "client"]
    done = subprocess.run(
        [*command, "--meta", "none", "--fail-on-warning"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("client")
    sys.path.remove(str(folder))


@pytest.fixture
def programmes(transactional_db: None) -> None:
    """Three of them, one a mission, and a phase."""
    for code, name, kind in (
        ("ONE", "The first", "programme"),
        ("TWO", "The second", "mission"),
        ("THREE", "The third", "programme"),
    ):
        ProgrammeFactory(code=code, name=name, kind=kind)
    PhaseFactory(programme__code="FOUR", programme__name="The fourth", code="FOUR-I", label="I")
