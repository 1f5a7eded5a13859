"""Clients of the API."""

from typing import Any

from rest_framework.test import APIClient


class OverwritingClient(APIClient):
    """Writes over whatever is there, unless a test says which version it has seen."""

    def generic(self, method: str, *args: Any, **extra: Any) -> Any:
        if method in ("PUT", "PATCH", "DELETE") and "If-Match" not in (extra.get("headers") or {}):
            extra.setdefault("HTTP_IF_MATCH", "*")
        return super().generic(method, *args, **extra)
