"""`revert/` of each record: back to what it was at an instant, shown first, refused with reasons."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError as InvalidValue
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.access.rules import refusal
from tracker.api import fields, reasons
from tracker.api.errors import Conflict
from tracker.api.etags import HEADER, check_version, tag, tagged
from tracker.api.history import WHAT, HistoryMixin, moment
from tracker.api.past import KnownOn
from tracker.api.permissions import ModelPermissionsOrReadOnly, require_scope_for
from tracker.api.suggestions import did_you_mean
from tracker.records.changes import Scope, kind_name
from tracker.records.history import because
from tracker.records.revert import Refusal, Step, revert, steps_back, was_there

ASKED: dict[str, Any] = {
    "type": "object",
    "required": ["to"],
    "additionalProperties": False,
    "properties": {
        "to": {"type": "string", "description": "A day, which stands for its end, or a moment."},
        "reason": {"type": "string", "maxLength": reasons.MAX_LENGTH, "description": "Needed unless it is a dry run."},
        "dry_run": {"type": "boolean", "default": True, "description": "Only show what would be done."},
    },
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["to", "dry_run", "changes", "refused"],
    "properties": {
        "to": {"type": "string", "format": "date-time"},
        "dry_run": {"type": "boolean"},
        "changes": {"type": "array", "items": {"type": "object", "required": list(WHAT), "properties": WHAT}},
        "refused": {
            "type": "array",
            "description": "Why it would be refused; empty where it would be done.",
            "items": {
                "type": "object",
                "required": ["record", "key", "field", "code", "detail"],
                "properties": {
                    "record": WHAT["record"],
                    "key": WHAT["key"],
                    "field": {"type": ["string", "null"]},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}


class RevertPermission(ModelPermissionsOrReadOnly):
    """Changing; what has to be added or deleted besides is checked when it is known."""

    perms_map = ModelPermissionsOrReadOnly.perms_map | {"POST": ["%(app_label)s.change_%(model_name)s"]}


class RevertSerializer(serializers.Serializer):
    """To which instant, why, and whether only to show it."""

    to = fields.TextField()
    reason = fields.TextField(required=False, default="")
    dry_run = fields.BooleanField(required=False, default=True)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            for name in data.keys() - self.fields.keys():
                message = _("There is no field “%s”.") % name[:100] + did_you_mean(name, self.fields)
                raise ValidationError({name: [ErrorDetail(message, code="unknown_field")]})
        return super().to_internal_value(data)

    def validate_to(self, text: str) -> Any:
        try:
            return KnownOn().clean(text)
        except InvalidValue as error:
            raise ValidationError([ErrorDetail(each, code=error.code) for each in error.messages]) from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["reason"] or not attrs["dry_run"]:
            reasons.check(attrs["reason"], "reason")
        return attrs


class RevertMixin(HistoryMixin):
    """`revert/` of each record of a view set, of deleted ones too."""

    check_object_permissions: Any
    _written: Any

    @action(detail=True, methods=["post"], permission_classes=[RevertPermission])
    def revert(self, request: Request, **kwargs: Any) -> Response:
        """Back to what it was at an instant."""
        done: Response = self._written(lambda: self._reverted(request, kwargs), repeatable=True)
        return done

    def _reverted(self, request: Request, kwargs: dict[str, Any]) -> Response:
        key = self.keys_ever(kwargs)[0]
        if (stored := self.queryset.model._default_manager.filter(pk=key).first()) is not None:
            self.check_object_permissions(request, stored)
        asked = RevertSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        to, dry_run = asked.validated_data["to"], asked.validated_data["dry_run"]
        if not was_there(self.queryset.model, key, to):
            message = _("There was no such record at that moment.")
            raise Conflict({"to": [ErrorDetail(message, code="not_there_then")]})

        with because(asked.validated_data["reason"]):
            steps = steps_back(self.revert_scope(key, to), to)
            if stored is not None and HEADER in request.headers:
                check_version(stored, request)
            check_rights(request, steps)
            done = revert(steps, dry_run=dry_run)
        if done.refusals and not dry_run:
            raise Conflict(_as_problem(done.refusals))
        response = Response(
            {
                "to": moment(to),
                "dry_run": dry_run,
                "changes": [self._shown_step(step) for step in done.steps],
                "refused": [_shown_refusal(each) for each in done.refusals],
            }
        )
        now = self.queryset.model._default_manager.filter(pk=key).first()
        return response if now is None else tagged(response, tag(now))

    def revert_scope(self, key: Any, to: Any) -> Scope:
        """The records that are taken back with the one that has the key, itself among them."""
        return {self.queryset.model: [key]}

    def _shown_step(self, step: Step) -> dict[str, Any]:
        return {**_named(step), "type": step.type, "fields": self.told_fields(step.model, step.fields)}


def _named(step: Step) -> dict[str, Any]:
    return {"record": kind_name(step.model), "key": step.key}


def _shown_refusal(refusal: Refusal) -> dict[str, Any]:
    return {**_named(refusal.step), "field": refusal.field, "code": refusal.code, "detail": refusal.sentence}


def check_rights(request: Request, steps: Iterable[Step]) -> None:
    """Raise PermissionDenied where the user may not do one of the steps, from what is stored or to what was."""
    user: Any = request.user
    for step in steps:
        require_scope_for(request, step.model)
        if not user.has_perm(step.permission):
            raise PermissionDenied(_("It needs the permission %s.") % step.permission)
        if not step.allowed(user):
            raise PermissionDenied(next(filter(None, (refusal(user, state) for state in step.states)), None))


def _as_problem(refusals: list[Refusal]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in refusals:
        place = ".".join(str(part) for part in (*_named(each.step).values(), each.field) if part is not None)
        found.setdefault(place, []).append(ErrorDetail(each.sentence, code=each.code))
    return found
