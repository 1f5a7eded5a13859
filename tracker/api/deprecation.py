"""What of the API will go: said in the headers of each answer that uses it, and in the OpenAPI document."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date


class Deprecation(NamedTuple):
    """An address, or one parameter there, that is deprecated and will be gone after a day.

    `path` is the address as the OpenAPI document has it, with its variables in braces; `link` says what to use instead.
    """

    path: str
    deprecated: datetime.date
    sunset: datetime.date
    link: str
    parameter: str = ""

    def concerns(self, request: HttpRequest) -> bool:
        """Whether the request uses it."""
        mine, asked = self.path.strip("/").split("/"), request.path_info.strip("/").split("/")
        matches = len(mine) == len(asked) and all(
            one == other or one.startswith("{") for one, other in zip(mine, asked, strict=True)
        )
        return matches and (not self.parameter or self.parameter in request.GET)


class DeprecationMiddleware:
    """`Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link, by settings.API_DEPRECATIONS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        used = [each for each in settings.API_DEPRECATIONS if each.concerns(request)]
        if used:
            first = min(used, key=lambda each: each.sunset)
            response["Deprecation"] = f"@{_moment(first.deprecated)}"
            response["Sunset"] = http_date(_moment(first.sunset))
            links = [*filter(None, [response.get("Link")]), *(f'<{each.link}>; rel="deprecation"' for each in used)]
            response["Link"] = ", ".join(links)
        return response


def mark_deprecated(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """A hook for the OpenAPI document: operations and parameters that are deprecated say so."""
    for each in settings.API_DEPRECATIONS:
        for operation in _operations(result["paths"].get(each.path, {})):
            if not each.parameter:
                operation["deprecated"] = True
            for parameter in operation.get("parameters", ()):
                if each.parameter and parameter.get("name") == each.parameter:
                    parameter["deprecated"] = True
    return result


def _operations(address: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in address.values() if isinstance(each, dict))


def _moment(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())
