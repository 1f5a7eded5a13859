"""`manage.py create_demo_users`: an officer and an administrator for a demonstration on one's own machine."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q, QuerySet

OFFICERS = "Programme officers"


def officer_permissions() -> QuerySet[Permission]:
    """All of the two applications' permissions; of the history only to view it. Nothing about users."""
    return Permission.objects.filter(content_type__app_label__in=["countries", "programmes"]).filter(
        ~Q(content_type__model__startswith="historical") | Q(codename__startswith="view_")
    )


class Command(BaseCommand):
    """Creates what is missing, changes nothing that is there, and says how to sign in."""

    help = "Create a demonstration officer and administrator. Only with DEBUG."
    requires_system_checks: list[str] = []  # they load every address, and `make run` starts several commands

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demonstration users have known passwords: they are created only with DEBUG=1.")
        officers, _created = Group.objects.get_or_create(name=OFFICERS)
        officers.permissions.add(*officer_permissions())
        self.stdout.write("Sign in at /admin/ as")
        self.create("officer", officers)
        self.create("administrator", is_superuser=True)

    def create(self, name: str, *groups: Group, is_superuser: bool = False) -> None:
        """Create the user, with the name as password, unless there is one of that name."""
        user, created = User.objects.get_or_create(
            username=name, defaults={"is_staff": True, "is_superuser": is_superuser}
        )
        if created:
            user.set_password(name)
            user.save()
            user.groups.add(*groups)
        password = name if user.check_password(name) else "as it was changed"
        self.stdout.write(f"  {name:13}  password: {password}")
