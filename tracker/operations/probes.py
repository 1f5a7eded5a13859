"""Addresses for those who watch: does it answer, may it be sent requests, what has it done.

They are answered before anything else looks at the request, so that they work by plain HTTP and under any host name.
"""

import functools
import ipaddress
import logging
from collections.abc import Callable

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotAllowed, JsonResponse
from django.utils.crypto import constant_time_compare

from tracker.access.authentication import address_of
from tracker.operations import metrics

logger = logging.getLogger(__name__)

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


class ProbesMiddleware:
    """Answers /healthz, /readyz and /metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = ADDRESSES.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def healthy(_request: HttpRequest) -> HttpResponse:
    """200 whenever the process answers at all; no database is asked."""
    return JsonResponse({"process": OK})


def ready(_request: HttpRequest) -> HttpResponse:
    """200 where the database answers and its tables are those of this version; else 503 with which of them is not so.

    A migration that a later version has made stands in no one's way: the new one may be rolled out beside the old.
    """
    state = {"database": OK, "migrations": OK}
    try:
        connection.ensure_connection()
        missing = known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except Error:
        logger.exception("The database does not answer.")
        state = {"database": FAILED, "migrations": UNKNOWN}
    else:
        if missing:
            state["migrations"] = FAILED
    return JsonResponse(state, status=200 if set(state.values()) == {OK} else 503)


@functools.cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations that come with this version, by application and name."""
    return frozenset(MigrationLoader(None).graph.nodes)


def measured(request: HttpRequest) -> HttpResponse:
    """The metrics, for the addresses and the token of the settings; without either, for nobody."""
    if not may_see_metrics(request):
        return HttpResponseForbidden("Metrics are for METRICS_ADDRESSES and METRICS_TOKEN.", content_type="text/plain")
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)


def may_see_metrics(request: HttpRequest) -> bool:
    """Whether the request comes from an address of the settings, or brings their token."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN):
        return True
    address = address_of(request)
    networks = [ipaddress.ip_network(each) for each in settings.METRICS_ADDRESSES]
    return bool(address) and any(ipaddress.ip_address(address) in each for each in networks)


ADDRESSES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthy,
    "/readyz": ready,
    "/metrics": measured,
}
