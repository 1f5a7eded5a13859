"""`Idempotency-Key`: a request that is sent twice is carried out once, also when both arrive at the same time."""

import hashlib
import json
from typing import Any

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.etags import tagged
from tracker.requests.models import AnsweredRequest

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
MAX_LENGTH = 255
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": (
        "A text of your own, such as a UUID, for this request: sent again within 24 hours with the same body, it is"
        f" not done again but gets the first answer, marked {REPLAYED}."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[!-~]+$"},
}
# What is kept beside the answers of requests that were carried out: that a body is not valid.
KEPT = (200, 201, 204, 400)


class KeyReused(APIException):
    """Another request under a key that is taken."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = gettext_lazy("Another request was sent under this Idempotency-Key. Take a new key for a new one.")


def key_of(request: Request) -> str | None:
    """The key that the request names, if any. Raises ValidationError."""
    header = request.headers.get(HEADER)
    if header is None:
        return None
    key = header.strip().strip('"')
    if not 0 < len(key) <= MAX_LENGTH or not all("!" <= character <= "~" for character in key):
        message = _("Write 1 to %d visible characters of ASCII, such as a UUID.") % MAX_LENGTH
        raise ValidationError({HEADER: [ErrorDetail(message, code="invalid_key")]})
    return key


def claim(request: Request, key: str) -> AnsweredRequest:
    """The row of the key, answered where the request was here before; locked until the transaction ends.

    Whoever sends the same request at the same time waits here. Raises KeyReused.
    """
    row = AnsweredRequest.objects.claimed(request.user.pk, key, fingerprint(request))
    if row.fingerprint != fingerprint(request):
        raise KeyReused
    return row


def keep(row: AnsweredRequest, response: Response, data: Any) -> None:
    """Store the answer, with this data, for whoever sends the request again."""
    row.status = response.status_code
    row.body = orjson.dumps(data, default=str).decode()
    row.headers = {name: value for name, value in response.headers.items() if name == "Location"}
    row.tag = getattr(response, "tag", "")
    row.save()


def replayed(row: AnsweredRequest) -> Response:
    """The first answer once more."""
    status_code = row.status or 500
    response = Response(json.loads(row.body), status=status_code, headers={**row.headers, REPLAYED: "true"})
    response.exception = status_code >= 400
    return tagged(response, row.tag) if row.tag else response


def fingerprint(request: Request) -> str:
    """A hash of what the request asks for: method, address with its parameters, and body."""
    asked = [request.method, request.get_full_path(), request.data]
    # Not by orjson, which knows no whole number of more than 64 bits; a body may hold one that is refused later.
    text = json.dumps(asked, default=str, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
