"""Who works in the admin."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from programmes.management.commands.create_demo_users import officer_permissions


@pytest.fixture
def officer(db: None) -> User:
    """A programme officer: staff, with the permissions of the officers' group."""
    user = User.objects.create_user("officer", is_staff=True)
    user.user_permissions.set(officer_permissions())
    return user


@pytest.fixture
def browser(officer: User) -> Client:
    """The officer's browser."""
    client = Client()
    client.force_login(officer)
    return client
