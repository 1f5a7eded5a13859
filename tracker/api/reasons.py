"""`Change-Reason`: why a client changes something, as a header of the request; it stands in the history."""

import unicodedata
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

HEADER = "Change-Reason"
MAX_LENGTH = 100
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": f"Why; at most {MAX_LENGTH} characters, in UTF-8. It stands in the history.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
}


def read(header: str) -> str:
    """The text of the header: UTF-8 where its bytes are, else Latin-1."""
    try:
        return header.encode("latin-1").decode().strip()
    except UnicodeError:
        return header.strip()


def check(reason: str, name: str) -> str:
    """The reason, if it is one. Raises ValidationError by the name."""
    if not reason:
        fault = ErrorDetail(_("It has no value."), code="empty")
    elif len(reason) > MAX_LENGTH:
        fault = ErrorDetail(_("At most %d characters.") % MAX_LENGTH, code="too_long")
    elif any(unicodedata.category(character).startswith("C") for character in reason):
        fault = ErrorDetail(_("There is a character in it that is not text."), code="invalid_character")
    else:
        return reason
    raise ValidationError({name: [fault]})
