"""How a client says who it is."""

from drf_spectacular.authentication import SessionScheme as BaseSessionScheme
from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """The admin's session. Without it the answer is 401: signing in would help. A browser asks nothing by itself."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SessionScheme(BaseSessionScheme):
    """The session in the OpenAPI document."""

    target_class = "tracker.api.authentication.SessionAuthentication"
