"""Every error of the API as an RFC 9457 problem: one shape, a stable code, and the fields that caused it."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.core.signals import got_request_exception
from django.db import DatabaseError, IntegrityError, InterfaceError
from django.db.models import Model, ProtectedError, RestrictedError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.encoding import escape_uri_path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response

from tracker.records.locks import BusyError, is_away

logger = logging.getLogger(__name__)

MAX_DEPENDANTS = 100

# The kinds of problem: their code, which is also the end of `type`, and their title.
TITLES = {
    "invalid": _("The request holds something that is not valid"),
    "parse_error": _("The body cannot be read"),
    "not_authenticated": _("Sign in first"),
    "authentication_failed": _("Signing in failed"),
    "permission_denied": _("Not permitted"),
    "not_found": _("Not found"),
    "method_not_allowed": _("This address does not take this method"),
    "not_acceptable": _("Not available in the form asked for"),
    "conflict": _("In conflict with what is stored"),
    "protected": _("Other records depend on it"),
    "too_large": _("The body is too large"),
    "unsupported_media_type": _("The body is of a kind that is not read here"),
    "throttled": _("Too many requests"),
    "version_required": _("Say which version you have seen"),
    "stale": _("Someone else has changed it"),
    "idempotency_key_reused": _("The Idempotency-Key belongs to another request"),
    "busy": _("Too many write the same records"),
    "unavailable": _("The database does not answer"),
    "error": _("The server failed"),
}


class TooLarge(exceptions.APIException):
    """A body over the limit."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class Conflict(exceptions.APIException):
    """The request is in order, but what is stored does not allow it."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    default_detail = _("Another record that was saved in the meantime does not allow this. Read it again and retry.")


class Protected(Conflict):
    """What others depend on is not deleted; `detail` has a sentence for each of them."""

    default_code = "protected"


class Busy(exceptions.APIException):
    """Others kept writing the same records; nothing was changed."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = _("Others kept writing the same records. Nothing was changed; send it again in a moment.")
    wait = 1


class Unavailable(exceptions.APIException):
    """The database cannot be reached. Of a write it may not be known whether it was done."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("The database does not answer at the moment. Send it again in a few seconds.")
    wait = 5


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """The problem that answers `error`; an unforeseen one is logged and told to nobody."""
    request = context["request"]
    error = _counted(error, context["view"], request)
    known = as_api_exception(error)
    if known is None:
        logger.error("%s %s", request.method, request.path, exc_info=error)
        # Whoever listens for failures (the test client, a monitor) hears of this one too.
        got_request_exception.send(sender=type(context["view"]), request=request._request)
        known = exceptions.APIException(_("The failure is in our log."))
    headers = {}
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if scheme := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    body = problem(known, request.path)
    if (record := getattr(known, "record", None)) is not None:
        # Only a request for the record itself is answered with this one error.
        address = request.build_absolute_uri(request.path)
        body["current"] = {"url": address, "version": record.version}
    return Response(body, status=known.status_code, headers=headers, exception=True)


def _counted(error: Exception, view: Any, request: Any) -> Exception:
    """The error, or instead of it that there were too many: what is refused before the limits were asked counts, too.

    Who cannot sign in is counted by the address.
    """
    if hasattr(request._request, "tightest_rate") or as_api_exception(error) is None:
        return error
    try:
        with suppress(exceptions.APIException):
            view.perform_authentication(request)
        view.check_throttles(request)
    except (exceptions.Throttled, DatabaseError) as other:
        return other
    return error


def as_api_exception(error: Exception) -> exceptions.APIException | None:
    """The exception of the framework that says the same; None for an unforeseen one."""
    match error:
        case exceptions.APIException():
            return error
        case BusyError():
            return Busy()
        case Http404():
            return exceptions.NotFound(*[text for text in error.args[:1] if isinstance(text, str)])
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case ModelValidationError():
            return exceptions.ValidationError(from_model(error))
        case ProtectedError():
            return Protected(dependants(error.protected_objects))
        case RestrictedError():
            return Protected(dependants(error.restricted_objects))
        case IntegrityError():
            return Conflict()
        case DatabaseError() | InterfaceError() if is_away(error):
            return Unavailable()
        case SuspiciousOperation() | BadRequest() | MultiPartParserError():
            return exceptions.ParseError(_("The request is malformed."))
        case _:
            return None


def from_model(error: ModelValidationError) -> Any:
    """The errors of a model's own validation, with their codes: by field, or a list where they have none."""
    if not hasattr(error, "error_dict"):
        return [_detail(each) for each in error.error_list]
    return {field: [_detail(each) for each in errors] for field, errors in error.error_dict.items()}


def _detail(error: ModelValidationError) -> ErrorDetail:
    return ErrorDetail(" ".join(error.messages), code=error.code or "invalid")


def dependants(records: Any) -> list[ErrorDetail]:
    """A line for each record, by kind and name: “budget line COPOLAD-B1 Initial total budget”."""
    lines = sorted(_describe(record) for record in records)
    return [ErrorDetail(line, code="protected") for line in lines[:MAX_DEPENDANTS]]


def _describe(record: Model) -> str:
    return f"{record._meta.verbose_name} {record}"


def problem(error: exceptions.APIException, path: str) -> dict[str, Any]:
    """The body of the answer: RFC 9457's members, `code`, and `errors` with one entry for each cause."""
    found = list(causes(error.detail)) if isinstance(error.detail, (dict, list)) else []
    code = _kind(error)
    if found:
        detail = found[0]["detail"] if len(found) == 1 else str(_("%d things to put right.") % len(found))
        if code == "protected":
            detail = str(_("%d records depend on it; delete or move them first.") % len(found))
    else:
        detail = str(error.detail)
    return {
        "type": f"{settings.API_PROBLEM_TYPES}{code}",
        "title": str(TITLES[code]),
        "status": error.status_code,
        "detail": capfirst(detail),
        "instance": escape_uri_path(path),
        "code": code,
        "errors": found,
    }


def _kind(error: exceptions.APIException) -> str:
    return error.default_code if error.default_code in TITLES else "invalid"


def causes(detail: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """One entry for each message; `field` is the path to the value, such as "phases[0].label", null for the whole.

    What belongs to a number stands on that line of a file; there `field` is a column.
    """
    match detail:
        case dict():
            for name, value in detail.items():
                if isinstance(name, int):  # a line of a file
                    yield from ({"line": name, **cause} for cause in causes(value))
                    continue
                whole = name in ("non_field_errors", "__all__")
                yield from causes(value, path if whole else f"{path}.{name}".lstrip("."))
        case list() | tuple():
            for position, value in enumerate(detail):
                yield from causes(value, f"{path}[{position}]" if isinstance(value, (dict, list)) else path)
        case _:
            code = getattr(detail, "code", None) or "invalid"
            yield {"field": path or None, "code": code, "detail": str(detail)}
