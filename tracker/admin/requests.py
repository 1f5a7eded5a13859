"""What no page of the admin takes."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest


class NoNullCharactersMiddleware:
    """Answers 400 where an address of the admin holds a null character: PostgreSQL cannot even look for one.

    In what is sent in forms, the fields refuse it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or "admin" not in match.app_names:
            return None
        texts = [request.path, *request.GET, *(value for values in request.GET.lists() for value in values[1])]
        return HttpResponseBadRequest() if any("\0" in text for text in texts) else None
