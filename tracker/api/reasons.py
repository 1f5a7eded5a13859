"""`Change-Reason`: why a client changes something, as a header of the request; it stands in the history."""

import unicodedata
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rest_framework.exceptions import ErrorDetail, ValidationError

HEADER = "Change-Reason"
MAX_LENGTH = 100
UNREAD = gettext_noop("It has no value, or one that is not ASCII: write that as RFC 8187 has it.")
ENCODED = "utf-8''"  # how RFC 8187 begins a text that is not ASCII
PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "description": (
        f"Why; at most {MAX_LENGTH} characters. It stands in the history. What is not ASCII is written as RFC 8187 has"
        " it: UTF-8''revisi%C3%B3n."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH},
}


def read(header: str) -> str:
    """The text of the header: as RFC 8187 writes it, else UTF-8 where its bytes are, else Latin-1.

    Servers pass on no header, or an empty one, where its bytes are not ASCII.
    """
    try:
        if header.lower().startswith(ENCODED):
            return unquote(header[len(ENCODED) :], errors="strict").strip()
        return header.encode("latin-1").decode().strip()
    except UnicodeError:
        return header.strip()


def check(reason: str, name: str) -> str:
    """The reason, if it is one. Raises ValidationError by the name."""
    if not reason:
        fault = ErrorDetail(_("It has no value.") if name != HEADER else _(UNREAD), code="empty")
    elif len(reason) > MAX_LENGTH:
        fault = ErrorDetail(_("At most %d characters.") % MAX_LENGTH, code="too_long")
    elif any(unicodedata.category(character).startswith("C") for character in reason):
        fault = ErrorDetail(_("There is a character in it that is not text."), code="invalid_character")
    else:
        return reason
    raise ValidationError({name: [fault]})
