"""How a program says who it is: `Authorization: Token …` or `Bearer …`, never in an address."""

import ipaddress
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, ParseError, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from tracker.access.models import PREFIX, READ, WRITE, Token, find_token

SCHEMES = (b"token", b"bearer")
# What clients call a token that they put into an address, where logs and histories keep it.
NAMES_IN_ADDRESSES = {"token", "access_token", "auth_token", "api_token", "api_key", "apikey", "authorization"}


class TokenAuthentication(BaseAuthentication):
    """A token that is known, valid, comes from where it may, and has the scope for what is asked."""

    def authenticate(self, request: Request) -> tuple[Any, Token] | None:
        if PREFIX in unquote(request.get_full_path()) or NAMES_IN_ADDRESSES & request.query_params.keys():
            raise ParseError(_("A token does not belong in an address: send it as Authorization: Bearer …"))
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in SCHEMES:
            return None
        token = find_token(words[1].decode("ascii", "replace")) if len(words) == 2 else None
        if token is None or not token.may_come_from(address_of(request)):
            raise AuthenticationFailed(_("This token is not known, is no longer valid, or comes from elsewhere."))
        require_scope(token, right_asked(request), resource(request.path_info))
        token.note_use()
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):
    """The token in the OpenAPI document."""

    target_class = "tracker.access.authentication.TokenAuthentication"
    name = "tokenAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """A header, in the usual scheme."""
        return {"type": "http", "scheme": "bearer"}


def right_asked(request: Request) -> str:
    """The right that the request needs of a token."""
    view = (request.parser_context or {}).get("view")
    return READ if request.method in SAFE_METHODS else getattr(view, "token_right", WRITE)


def resource(path: str) -> str:
    """What the path is of: the word after the API's own address."""
    return path.removeprefix("/api/v1/").partition("/")[0].partition(".")[0]


def require_scope(token: Token, right: str, resource: str) -> None:
    """Raise PermissionDenied where the token does not open this right for the resource."""
    if not token.allows(right, resource):
        words = {"scope": f"{right}:{resource}", "general": right}
        raise PermissionDenied(_("The token has neither the scope “%(general)s” nor “%(scope)s”.") % words)


def address_of(request: Any) -> str:
    """The client's address: that of the connection, or what the outermost of our own proxies says that it is."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = [each.strip() for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
    if settings.PROXIES_IN_FRONT and forwarded:
        address = forwarded[-min(settings.PROXIES_IN_FRONT, len(forwarded))]
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(getattr(known, "ipv4_mapped", None) or known)  # as a socket of both kinds writes an IPv4 address
