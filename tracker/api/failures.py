"""What is answered where a request fails before or beside the API: 503 while the database is away, else 500."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from tracker.api.errors import Unavailable, problem
from tracker.api.renderers import MEDIA_TYPE
from tracker.records.locks import is_away


def failed(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`, which is called while the error is handled."""
    error = sys.exc_info()[1]
    if error is None or not is_away(error):
        return server_error(request)
    away = Unavailable()
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse(problem(away, request.path), status=away.status_code, content_type=MEDIA_TYPE)
    else:
        words = {"title": _("The database does not answer"), "text": _("Try again in a few seconds.")}
        response = HttpResponse(PAGE % words, status=away.status_code)
    response["Retry-After"] = str(away.wait)
    return response


# Without a template: what those show is read from the database.
PAGE = "<!doctype html><title>%(title)s</title><h1>%(title)s</h1><p>%(text)s</p>"
