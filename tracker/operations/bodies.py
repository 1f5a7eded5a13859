"""Bodies that nobody has read: of requests that were refused before."""

from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CHUNK = 64 * 1024


class UnreadBodyMiddleware:
    """Reads what is left of a body, as far as one may be long.

    The server closes a connection on which something is left unread, and the client's next request on it would fail.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        with suppress(OSError):  # the client may be gone
            for _chunk in range(settings.API_MAX_BODY_BYTES // CHUNK):
                if not request.read(CHUNK):
                    break
        return response
