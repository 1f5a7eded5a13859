"""Which scripts and styles a browser takes from a page of ours: as few as the page can do without."""

from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """The policy of the settings, and what CONTENT_SECURITY_POLICY_ALSO allows below an address beside it."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        also: dict[str, Any] = settings.CONTENT_SECURITY_POLICY_ALSO
        parts.update = next((more for start, more in also.items() if request.path_info.startswith(start)), None)
        return parts
