"""Which version of a record a client has seen: ETags on what is answered, and none overwritten unseen."""

import hashlib
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.records.models import Record

HEADER = "If-Match"
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": (
        "The ETag of the record as it was read, or * for whatever is there. PUT and PATCH take the record's `version`"
        " in the body instead."
    ),
    "schema": {"type": "string", "examples": ['"12.3.900150983cd24fb0d6963f7d28e17f72"', "*"]},
}
IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier answer: where it would be the same again, 304 comes without a body.",
    "schema": {"type": "string"},
}
MISSING = object()


class VersionRequired(APIException):
    """A write that does not say which version it has seen."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "version_required"
    default_detail = gettext_lazy("Say which version you have seen: its ETag in If-Match, or `version` in the body.")


class Stale(APIException):
    """Someone else has written the record since the client read it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"
    default_detail = gettext_lazy("The record has changed since you read it.")

    def __init__(self, detail: Any = None, record: Record | None = None) -> None:
        if record is not None:
            words = {"version": record.version}
            text = _("The record has changed since you read it: it is at version %(version)d now.") % words
            detail = {"version": [ErrorDetail(text, code="stale")]}
        super().__init__(detail)
        self.record = record


def etag(start: str, content: bytes) -> str:
    """The ETag of an answer: what it begins with, if anything, and what its content tells."""
    digest = hashlib.sha256(content).hexdigest()[:32]
    return f'"{start}.{digest}"' if start else f'"{digest}"'


def tag(record: Record) -> str:
    """What the ETags of all forms of a version begin with: the record's number and the version."""
    return f"{record.pk}.{record.version}"


def tagged(response: Any, start: str) -> Response:
    """The response with an ETag made of the record's tag and of its own content: what is shown, and in what form."""
    response.tag = start  # for whoever keeps the answer

    def name(rendered: Response) -> None:
        rendered["ETag"] = etag(start, rendered.content)

    response.add_post_render_callback(name)
    answer: Response = response
    return answer


def check_version(record: Record, request: Request, *, given: Any = MISSING, header: bool = True) -> None:
    """Raise where the client has not seen the record as it is stored, or does not say what it has seen.

    `given` is the version in the body, `header` says whether If-Match counts: not for one record of many.
    """
    sent = request.headers.get(HEADER) if header else None
    if given is not MISSING:
        if not isinstance(given, int) or isinstance(given, bool):
            raise ValidationError({"version": [ErrorDetail(_("Write a whole number."), code="incorrect_type")]})
        if given != record.version:
            raise Stale(record=record)
    if sent is not None:
        if not _matches(sent, record):
            raise Stale(record=record)
    elif given is MISSING and settings.API_REQUIRE_VERSION:
        raise VersionRequired


def _matches(header: str, record: Record) -> bool:
    """Whether the header names the stored version, in whatever form it was shown.

    A proxy that compresses makes tags weak; what is compared here stands in them none the less.
    """
    if header.strip() == "*":
        return True
    tags = [each.strip().removeprefix("W/").strip('"') for each in header.split(",")]
    return any(each.rpartition(".")[0] == tag(record) for each in tags)
