"""Who may do what: anyone reads, unless a setting asks to sign in; writing needs the model's permission."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS, BasePermission, DjangoModelPermissions
from rest_framework.request import Request


class ReadForAnyone(BasePermission):
    """Reads for anyone, or with API_REQUIRE_SIGN_IN for anyone who has signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return not settings.API_REQUIRE_SIGN_IN or bool(request.user and request.user.is_authenticated)


class ModelPermissionsOrReadOnly(DjangoModelPermissions):
    """Reads as above; adding, changing and deleting need the model's permission of that name."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return ReadForAnyone().has_permission(request, view)
        return super().has_permission(request, view)
