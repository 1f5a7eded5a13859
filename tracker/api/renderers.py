"""Writing JSON."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

# Of every error (RFC 9457). It stands here because the framework imports this file before any other of ours.
MEDIA_TYPE = "application/problem+json"


class JSONRenderer(BaseRenderer):
    """JSON by orjson. Money and other decimals are text by then; problems carry their own media type."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        context = renderer_context or {}
        response = context.get("response")
        if response is not None and response.exception and response.accepted_renderer.format == self.format:
            response["Content-Type"] = MEDIA_TYPE
        if data is None:
            return b""
        json = orjson.dumps(data, default=str)
        # Once more for people: what the database wrote goes through as it is.
        return orjson.dumps(orjson.loads(json), option=orjson.OPT_INDENT_2) if context.get("indent") else json
