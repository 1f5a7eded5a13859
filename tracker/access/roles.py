"""The roles: groups of Django's, each with its permissions, which follow from the models there are."""

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from tracker.records.publication import TRANSITIONS, Publishable
from tracker.records.views import can_be_hidden, recorded

WRITING = ("add", "change", "delete")


class Role(models.TextChoices):
    """What a user is; one who is none of these sees what the public sees."""

    VIEWER = "Viewers", _("viewer: sees all")
    OFFICER = "Officers", _("officer: edits the programmes assigned to them, and creates drafts")
    EDITOR = "Editors", _("editor: edits all programmes and reference data")
    ADMINISTRATOR = "Administrators", _("administrator: also users and their tokens")


def permissions(role: Role) -> set[str]:
    """The role's permissions, as Django names them: application.verb_model."""
    names = {_permission("view", model) for model in recorded()} | {
        _permission("view", model.history.model) for model in recorded()
    }
    names |= {f"access.{verb}_token" for verb in ("view", *WRITING)}  # of one's own
    if role == Role.VIEWER:
        return names
    for model in recorded():
        if can_be_hidden(model) or role != Role.OFFICER:
            names |= {_permission(verb, model) for verb in WRITING}
        if issubclass(model, Publishable):
            names |= {_permission(transition, model) for transition in TRANSITIONS}
            if role != Role.OFFICER:
                names.add(_permission("change_every", model))
    if role == Role.ADMINISTRATOR:
        names |= {_permission(verb, model) for model in (User, Group) for verb in ("view", *WRITING)}
        names.add("access.manage_every_token")
    return names


def make_roles() -> None:
    """Make the groups that are missing, and give each exactly its permissions."""
    stored = {
        f"{label}.{codename}": key
        for key, label, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    with transaction.atomic():
        for role in Role:
            group, _created = Group.objects.get_or_create(name=role)
            wanted = {stored[name] for name in permissions(role) if name in stored}
            if set(group.permissions.values_list("pk", flat=True)) != wanted:
                group.permissions.set(wanted)


def role_of(user: Any) -> Role | None:
    """The highest role that the user has; a superuser is an administrator."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role in names), None)


def give_role(user: Any, role: Role | None) -> None:
    """Make it the user's only role. Who has one may come into the admin."""
    user.groups.remove(*Group.objects.filter(name__in=Role.values))
    if role is not None:
        user.groups.add(Group.objects.get(name=role))
    user.is_staff = user.is_superuser or role is not None
    user.save(update_fields=["is_staff"])


def _permission(verb: str, model: Any) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
