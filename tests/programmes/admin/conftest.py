"""Who works in the admin."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.people import person
from tracker.access.roles import Role


@pytest.fixture
def officer(db: None) -> User:
    """An officer who edits everything; what other roles may do is tested apart."""
    return person(Role.EDITOR, name="officer")


@pytest.fixture
def browser(officer: User) -> Client:
    """The officer's browser."""
    client = Client()
    client.force_login(officer)
    return client
