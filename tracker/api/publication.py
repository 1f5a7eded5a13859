"""`publish/` and `withdraw/` of records that the public sees only once they are published."""

from typing import Any, ClassVar

from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access.rules import refusal
from tracker.api.errors import Conflict
from tracker.api.etags import HEADER, check_version
from tracker.records.publication import TRANSITIONS, Transition, WrongStateError


class TransitionPermission(BasePermission):
    """Each step has a permission of its own, for the kind of record and for the record."""

    def has_permission(self, request: Request, view: Any) -> bool:
        record = view.queryset.model()
        return bool(request.user.has_perm(record.needs(TRANSITIONS[view.action])))

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        if not request.user.has_perm(obj.needs(TRANSITIONS[view.action]), obj):
            raise PermissionDenied(refusal(request.user, obj))
        return True


class PublicationMixin:
    """The steps of publication, each an address below the record's own."""

    _written: Any
    _locked_object: Any
    _stored: Any
    transitions: ClassVar = tuple(TRANSITIONS)

    @action(detail=True, methods=["post"], permission_classes=[TransitionPermission])
    def publish(self, request: Request, **kwargs: Any) -> Response:
        """From now on the public sees it, with all that is part of it."""
        return self._take(request, TRANSITIONS["publish"])

    @action(detail=True, methods=["post"], permission_classes=[TransitionPermission])
    def withdraw(self, request: Request, **kwargs: Any) -> Response:
        """From now on the public does not see it; nothing is deleted."""
        return self._take(request, TRANSITIONS["withdraw"])

    def _take(self, request: Request, transition: Transition) -> Response:
        def act() -> Response:
            record = self._locked_object([])
            if HEADER in request.headers:
                check_version(record, request)
            try:
                record.take(transition, request.user)
            except WrongStateError as error:
                raise Conflict({"publication": [ErrorDetail(error.sentence, code="wrong_state")]}) from None
            stored: Response = self._stored(record)
            return stored

        done: Response = self._written(act, repeatable=True)
        return done
