"""An id for each request, in its answer and in every line of the log that it leads to."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,100}")

logger = logging.getLogger(__name__)

_current: ContextVar[str] = ContextVar("request_id", default="-")


class RequestIdMiddleware:
    """Takes the id that a client or a proxy gives, if it is well formed, or makes one; logs each answer.

    The address is logged without its parameters: what somebody searches for is nobody else's concern.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        name = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        request.id = name  # type: ignore[attr-defined]
        token, begun = _current.set(name), time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = name
            if logger.isEnabledFor(logging.INFO):
                _log(request, response, time.perf_counter() - begun)
            return response
        finally:
            _current.reset(token)


def _log(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    path = escape_uri_path(request.path)
    said = {
        "method": request.method,
        "path": path,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
    }
    logger.info("%s %s %s", request.method, path, response.status_code, extra=said)


class RequestIdFilter(logging.Filter):
    """Puts the id into every record of the log: `request_id`, a hyphen outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs a refusal after the last middleware, and then names the request.
        record.request_id = getattr(getattr(record, "request", None), "id", None) or _current.get()
        return True
