"""Who may do what: anyone reads what is published, unless a setting asks to sign in; writing needs the permission."""

import functools
from typing import Any

from django.conf import settings
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission, DjangoModelPermissions
from rest_framework.request import Request

from tracker.access.authentication import require_scope, resource
from tracker.access.models import WRITE, Token
from tracker.access.rules import permission, refusal, sees_all
from tracker.api.addresses import list_path


class ReadForAnyone(BasePermission):
    """Reads for anyone, or with API_REQUIRE_SIGN_IN for anyone who has signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return not settings.API_REQUIRE_SIGN_IN or bool(request.user and request.user.is_authenticated)


class ReadForViewers(BasePermission):
    """For those who see what is not published, too."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return sees_all(request.user)


class ModelPermissionsOrReadOnly(DjangoModelPermissions):
    """Reads as above; adding, changing and deleting need the model's permission of that name, and for the record."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return ReadForAnyone().has_permission(request, view)
        return super().has_permission(request, view)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        if request.method not in SAFE_METHODS:
            require_scope_for(request, type(obj))
            kept = "add" if obj._state.adding else "change"
            require(request.user, "delete" if request.method == "DELETE" else kept, obj)
        return True


def require(user: Any, verb: str, record: Any) -> None:
    """Raise PermissionDenied, with the reason, where the user may not do this to the record as it is in memory."""
    name = permission(verb, type(record))
    if not user.has_perm(name, record):
        raise PermissionDenied(refusal(user, record))


def require_scope_for(request: Request, kind: Any) -> None:
    """Raise PermissionDenied where the request came by a token that does not open writing this kind of record.

    What stands within another record is asked about, too: a token for programmes alone writes no budget line in them.
    """
    if isinstance(request.auth, Token):
        require_scope(request.auth, WRITE, _resource(kind))


@functools.cache
def _resource(kind: Any) -> str:
    return resource(list_path(kind))
