"""What is answered to who has given too many wrong passwords."""

from typing import Any

from axes.helpers import get_lockout_message
from django.conf import settings
from django.http import HttpRequest, HttpResponse


def locked_out(
    _request: HttpRequest, _answer: HttpResponse | None, _credentials: dict[str, Any] | None
) -> HttpResponse:
    """429 with the whole time to wait: each attempt in the meantime begins it anew."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return HttpResponse(get_lockout_message(), status=429, content_type="text/plain", headers={"Retry-After": seconds})
