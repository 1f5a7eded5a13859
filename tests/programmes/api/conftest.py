"""Who asks."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.clients import OverwritingClient


@pytest.fixture
def anyone() -> APIClient:
    """A client that has not signed in."""
    return APIClient()


@pytest.fixture
def officer(db: None) -> User:
    """A user who may do everything; which permission what needs is tested apart."""
    return User.objects.create_superuser("officer", password="officer-s secret")


@pytest.fixture
def api(officer: User) -> APIClient:
    """The officer's client."""
    client = OverwritingClient()
    client.force_authenticate(officer)
    return client
