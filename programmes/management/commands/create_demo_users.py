"""`manage.py create_demo_users`: a user of each role for a demonstration on one's own machine."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from programmes.models import Programme
from tracker.access.roles import Role, give_role, make_roles

# The first portfolio's programmes that the officer edits, with all below them.
ASSIGNED = ("COPOLAD", "COCAINE-ROUTE", "EL-PACCTO")


class Command(BaseCommand):
    """Creates what is missing, changes nothing that is there, and says how to sign in."""

    help = "Create a demonstration viewer, officer, editor and administrator. Only with DEBUG."
    requires_system_checks: list[str] = []  # they load every address, and `make run` starts several commands

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demonstration users have known passwords: they are created only with DEBUG=1.")
        make_roles()
        self.stdout.write("Sign in at /admin/ as")
        self.create("viewer", Role.VIEWER)
        self.create("officer", Role.OFFICER)
        self.create("editor", Role.EDITOR)
        self.create("administrator", None, is_superuser=True)

    def create(self, name: str, role: Role | None, *, is_superuser: bool = False) -> None:
        """Create the user, with the name as password, unless there is one of that name."""
        user, created = User.objects.get_or_create(
            username=name, defaults={"is_staff": True, "is_superuser": is_superuser}
        )
        if created:
            user.set_password(name)
            user.save()
            if role is not None:
                give_role(user, role)
            if role == Role.OFFICER:
                user.assigned_programmes.set(Programme.objects.filter(code__in=ASSIGNED))
        password = name if user.check_password(name) else "as it was changed"
        self.stdout.write(f"  {name:13}  password: {password}")
