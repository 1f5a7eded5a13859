"""Store the OpenAPI document as it is now: `python -m tests.contract.store`. Prints what that breaks for clients."""

import json
import os
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

from tests.contract.changes import breaking

STORED = Path(__file__).with_name("openapi.json")


def written(document: dict[str, Any]) -> str:
    """The document in JSON with a line for each address and each component, so that a difference can be read."""

    def lines(value: Any, depth: int) -> str:
        if depth == 0 or not isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return "{\n" + ",\n".join(f"{json.dumps(key)}: {lines(each, depth - 1)}" for key, each in value.items()) + "\n}"

    parts = (f"{json.dumps(key)}: {lines(each, 2 if key == 'components' else 1)}" for key, each in document.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Compare, then write over the copy."""
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    before = json.loads(STORED.read_text()) if STORED.exists() else None
    call_command("spectacular", "--format", "openapi-json", "--fail-on-warn", "--file", str(STORED))
    now = json.loads(STORED.read_text())
    STORED.write_text(written(now))
    found = breaking(before, now) if before else []
    print("\n".join(found) or "Nothing in it breaks a client.")


if __name__ == "__main__":
    main()
