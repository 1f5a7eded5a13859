"""`manage.py create_demo_users`."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.factories import ProgrammeFactory
from tracker.access.roles import Role, role_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def _debug(settings):
    settings.DEBUG = True


def test_create_demo_users_without_debug_creates_nobody():
    with pytest.raises(CommandError, match="only with DEBUG"):
        call_command("create_demo_users")
    assert User.objects.count() == 0


@pytest.mark.usefixtures("_debug")
def test_create_demo_users_says_how_to_sign_in(capsys, client):
    call_command("create_demo_users")
    assert capsys.readouterr().out.splitlines() == [
        "Sign in at /admin/ as",
        "  viewer         password: viewer",
        "  officer        password: officer",
        "  editor         password: editor",
        "  administrator  password: administrator",
    ]
    assert client.login(username="officer", password="officer")
    assert client.login(username="administrator", password="administrator")


@pytest.mark.usefixtures("_debug")
def test_create_demo_users_again_keeps_a_changed_password(capsys):
    call_command("create_demo_users")
    officer = User.objects.get(username="officer")
    officer.set_password("my own")
    officer.save()
    capsys.readouterr()
    call_command("create_demo_users")
    assert "  officer        password: as it was changed" in capsys.readouterr().out.splitlines()
    officer.refresh_from_db()
    assert officer.check_password("my own")
    assert User.objects.count() == 4


@pytest.mark.usefixtures("_debug")
def test_each_demonstration_user_has_a_role_and_the_officer_programmes():
    copolad = ProgrammeFactory(code="COPOLAD")
    call_command("create_demo_users")
    users = {user.username: user for user in User.objects.all()}
    assert {name: role_of(user) for name, user in users.items()} == {
        "viewer": Role.VIEWER,
        "officer": Role.OFFICER,
        "editor": Role.EDITOR,
        "administrator": Role.ADMINISTRATOR,
    }
    assert all(user.is_staff for user in users.values())
    assert list(users["officer"].assigned_programmes.all()) == [copolad]
