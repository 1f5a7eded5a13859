"""How often one may ask: by token, by user, by address; each answer says how much is left."""

import math
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from tracker.access.authentication import address_of
from tracker.access.models import Token

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Throttle(BaseThrottle):
    """At most so many requests in each second, minute, hour or day, by settings.API_RATES; empty for no limit.

    One counter for each: no list of requests has to be kept. A cache that all workers share makes it one for them all.
    """

    scope: str

    def who(self, request: Request) -> Any:
        """Whom the limit is for; null where it is not for this request."""
        raise NotImplementedError

    def allow_request(self, request: Request, view: Any) -> bool:
        rate, who = settings.API_RATES.get(self.scope), self.who(request)
        if not rate or who is None:
            return True
        number, _slash, period = rate.partition("/")
        self.limit, self.seconds = int(number), SECONDS[period[0]]
        now = time.time()
        key = f"rate:{self.scope}:{who}:{int(now // self.seconds)}"
        cache.add(key, 0, self.seconds)
        try:
            used = cache.incr(key)
        except ValueError:  # it has just ended
            used = 1
        self.left, self.reset = max(0, self.limit - used), math.ceil(self.seconds - now % self.seconds)
        tightest = getattr(request._request, "tightest_rate", None)
        if tightest is None or self.left < tightest.left:
            request._request.tightest_rate = self  # type: ignore[attr-defined]
        return used <= self.limit

    def wait(self) -> float:
        return float(self.reset)


class TokenThrottle(Throttle):
    """Of one token."""

    scope = "token"

    def who(self, request: Request) -> Any:
        return request.auth.pk if isinstance(request.auth, Token) else None


class UserThrottle(Throttle):
    """Of one user, by whatever token or session."""

    scope = "user"

    def who(self, request: Request) -> Any:
        return request.user.pk if request.user.is_authenticated else None


class AddressThrottle(Throttle):
    """Of one address, of those who have not signed in."""

    scope = "address"

    def who(self, request: Request) -> Any:
        return None if request.user.is_authenticated else address_of(request).replace(":", "-")


class RateHeadersMiddleware:
    """RateLimit headers on the answers that count: the tightest limit, what is left of it, the seconds to its end."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        rate = getattr(request, "tightest_rate", None)
        if rate is not None:
            response["RateLimit-Limit"] = str(rate.limit)
            response["RateLimit-Remaining"] = str(rate.left)
            response["RateLimit-Reset"] = str(rate.reset)
            response["RateLimit-Policy"] = f"{rate.limit};w={rate.seconds}"
        return response
