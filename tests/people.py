"""Users of each role, and what reading as the public costs."""

from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programmes.models import Programme
from tracker.access.roles import Role, give_role, make_roles
from tracker.records.past import reading


def person(role: Role | None, *programmes: Programme, name: str = "") -> User:
    """A user of the role, to whom the programmes are assigned."""
    if not Group.objects.filter(name=Role.VIEWER).exists():  # a test that empties all tables empties this one too
        make_roles()
    user = User.objects.create_user(name or (role.name.lower() if role else "nobody"))
    give_role(user, role)
    user.assigned_programmes.set(programmes)
    return user


def without(user: User, permission: str) -> None:
    """Leave the user the permissions of their role, but for the one with this code name."""
    user.user_permissions.set(Permission.objects.filter(group__in=user.groups.all()).exclude(codename=permission))
    user.groups.clear()


def statements_of_public_reading() -> int:
    """How many statements it takes to see only what is published, beside those that read."""
    with CaptureQueriesContext(connection) as captured, reading(public=True):
        pass
    return len(captured)
