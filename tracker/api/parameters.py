"""Query parameters are checked by name before anything else: what is not known is refused, never passed over."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from tracker.api.suggestions import did_you_mean, shown

MAX_FAULTS = 20  # that are told; to look for the right word takes time
MAX_LENGTH = 4000
READS = ("list", "retrieve")
FORMATS = ("json", "api")
FORMAT: dict[str, Any] = {
    "name": "format",
    "in": "query",
    "description": "json, whatever the client's Accept says. (api gives the pages that a browser is shown.)",
    "schema": {"type": "string", "enum": ["json"], "default": "json"},
}


def check(request: Request, parameters: list[dict[str, Any]]) -> None:
    """Raise ValidationError, by name, for parameters that are not among `parameters` or that cannot be a value."""
    if not request.query_params:
        return
    known = {parameter["name"]: parameter for parameter in parameters}
    errors: dict[str, list[ErrorDetail]] = {}
    for name, given in request.query_params.lists():
        if len(errors) == MAX_FAULTS:
            break
        if name not in known:
            message = _("There is no parameter “%s” here.") % shown(name) + did_you_mean(name, known)
            errors[shown(name)] = [ErrorDetail(message, code="unknown_parameter")]
        elif fault := _fault(given, may_be_empty=known[name].get("allowEmptyValue", False)):
            errors[name] = [fault]
    described = known.get("format", FORMAT)
    formats = FORMATS if described is FORMAT else described["schema"]["enum"]
    if not errors and request.query_params.get("format", "json") not in formats:
        word = request.query_params["format"]
        message = _("There is no format “%s” here.") % shown(word) + did_you_mean(word, formats)
        errors["format"] = [ErrorDetail(message, code="unknown_value")]
    if errors:
        raise ValidationError(errors)


def _fault(given: list[str], *, may_be_empty: bool) -> ErrorDetail | None:
    if len(given) > 1:
        return ErrorDetail(_("It stands there twice. Separate several values by commas."), code="repeated")
    text = given[0]
    if not text.strip() and not may_be_empty:
        return ErrorDetail(_("It has no value."), code="empty")
    if len(text) > MAX_LENGTH:
        return ErrorDetail(_("It is too long."), code="too_long")
    if "\0" in text:
        return ErrorDetail(_("There is a character in it that is not text."), code="invalid_character")
    return None
