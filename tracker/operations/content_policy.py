"""Which scripts and styles a browser takes from a page of ours: as few as the page can do without."""

import functools
from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse

EXPLAINED_BY_DJANGO = (404, 500)  # with DEBUG, by pages with scripts and styles of their own


class ContentPolicyMiddleware:
    """The policy of the settings, and what CONTENT_SECURITY_POLICY_ALSO allows below an address beside it.

    It is written once for each of these: the library's own middleware writes it anew for each answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in EXPLAINED_BY_DJANGO):
            response.setdefault(HEADER, _policy(_also(request.path_info)))
        return response


def _also(path: str) -> str:
    """The beginning of the address below which more is allowed; empty where nothing is."""
    return next((start for start in settings.CONTENT_SECURITY_POLICY_ALSO if path.startswith(start)), "")


@functools.cache
def _policy(below: str) -> str:
    more: dict[str, Any] | None = settings.CONTENT_SECURITY_POLICY_ALSO.get(below)
    return build_policy(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], update=more)
