"""Store the OpenAPI document as it is now: `python -m tests.contract.store`. Prints what that breaks for clients."""

import json
import os
from pathlib import Path

import django
from django.core.management import call_command

from tests.contract.changes import breaking

STORED = Path(__file__).with_name("openapi.json")


def main() -> None:
    """Compare, then write over the copy."""
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    before = json.loads(STORED.read_text()) if STORED.exists() else None
    call_command("spectacular", "--format", "openapi-json", "--fail-on-warn", "--file", str(STORED))
    found = breaking(before, json.loads(STORED.read_text())) if before else []
    print("\n".join(found) or "Nothing in it breaks a client.")


if __name__ == "__main__":
    main()
