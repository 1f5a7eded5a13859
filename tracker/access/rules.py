"""The questions that the faces ask about a user: each is answered by the authentication backends that know."""

from typing import Any

from django.contrib.auth import get_backends
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

NOT_ASSIGNED = "not_assigned"  # the code of what is refused for who asks


def sees_all(user: Any) -> bool:
    """Whether the user sees what is not published, and the history."""
    return any(backend.sees_all(user) for backend in get_backends() if hasattr(backend, "sees_all"))


def editable(user: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Those records of the queryset to which the user may add parts."""
    for backend in get_backends():
        if hasattr(backend, "editable"):
            queryset = backend.editable(user, queryset)
    return queryset


def refusal(user: Any, record: Any) -> str | None:
    """Why the user may not write the record although they may write its kind; null where nothing stands against it."""
    reasons = (backend.refusal(user, record) for backend in get_backends() if hasattr(backend, "refusal"))
    return next((reason for reason in reasons if reason), None)


def check(user: Any, record: Any) -> None:
    """Raise ValidationError, with the reason, where the user may not write the record as it is in memory."""
    reason = refusal(user, record) if user is not None else None
    if reason:
        raise ValidationError(reason, code=NOT_ASSIGNED)


def adopt(user: Any, record: Any) -> None:
    """Give a record that the user has made into their care, where it is of a kind that is assigned."""
    for backend in get_backends():
        if hasattr(backend, "adopt"):
            backend.adopt(user, record)


def permission(verb: str, model: Any) -> str:
    """The permission for a kind of record, as Django names it."""
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
