"""What Prometheus may know: how many requests of which kind were answered how, and how long it took.

With several workers METRICS_FOLDER (settings) names a folder where each keeps its numbers; any of them tells the sum.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}
NOWHERE = "none"

REQUESTS = Counter("tracker_requests", "Requests that were answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "tracker_request_seconds",
    "From the arrival of a request to its answer; a streamed one to its beginning.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class MetricsMiddleware:
    """Counts each answer under the route of its address, of which there are few, not under the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else NOWHERE
        route = request.resolver_match.route if request.resolver_match else NOWHERE
        SECONDS.labels(method, route).observe(time.perf_counter() - begun)
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        return response


def text() -> bytes:
    """All metrics in the form that Prometheus reads: of this process, or where there is a folder of all of them."""
    if not settings.METRICS_FOLDER:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    collector: Any = MultiProcessCollector
    collector(registry)
    return generate_latest(registry)
