"""`manage.py create_demo_users`."""

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

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
        "  officer        password: officer",
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
    assert User.objects.count() == 2


@pytest.mark.usefixtures("_debug")
def test_officer_edits_the_domain_but_neither_users_nor_history():
    call_command("create_demo_users")
    officer = User.objects.get(username="officer")
    assert officer.is_staff
    assert not officer.is_superuser
    assert officer.has_perms(f"countries.{verb}_country" for verb in ("add", "change", "delete", "view"))
    assert officer.has_perm("countries.view_historicalcountry")
    assert not officer.has_perm("countries.change_historicalcountry")
    assert not officer.has_module_perms("auth")
