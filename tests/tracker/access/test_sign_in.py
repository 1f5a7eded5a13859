"""Signing in with a password: refused for a while after too many wrong ones."""

import base64
import datetime
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _locks(settings: Any) -> None:
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    User.objects.create_user("officer", password=PASSWORD, is_staff=True)


def sign_in(password: str, **extra: Any) -> int:
    return Client().post(reverse("admin:login"), {"username": "officer", "password": password}, **extra).status_code


def basic(password: str) -> int:
    client, text = APIClient(), base64.b64encode(f"officer:{password}".encode()).decode()
    client.credentials(HTTP_AUTHORIZATION=f"Basic {text}")
    return client.get("/api/v1/countries/").status_code


def test_too_many_wrong_passwords_lock_the_admin_for_a_while() -> None:
    assert [sign_in("wrong") for _each in range(3)] == [200, 200, 429]
    assert sign_in(PASSWORD) == 429
    assert sign_in(PASSWORD, REMOTE_ADDR="192.0.2.7") == 302  # nobody else is locked out with it
    AccessAttempt.objects.update(attempt_time=timezone.now() - datetime.timedelta(hours=1))
    assert sign_in(PASSWORD) == 302


def test_lock_says_how_long_to_wait_and_shows_itself_to_no_other_site() -> None:
    for _each in range(3):
        sign_in("wrong")
    sent = {"username": "officer", "password": PASSWORD}
    response = Client().post(reverse("admin:login"), sent, headers={"X-Requested-With": "XMLHttpRequest"})
    assert (response.status_code, response["Retry-After"]) == (429, "900")
    assert "Access-Control-Allow-Origin" not in response


def test_too_many_wrong_passwords_lock_the_api() -> None:
    assert [basic("wrong") for _each in range(3)] == [401, 401, 401]
    assert (basic(PASSWORD), sign_in(PASSWORD)) == (401, 429)


def test_right_password_begins_anew() -> None:
    assert [sign_in(each) for each in ("wrong", "wrong", PASSWORD, "wrong", "wrong")] == [200, 200, 302, 200, 200]


@pytest.mark.parametrize("password", ["officer-officer", "short pass", "password1234", "123456789012"])
def test_weak_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(username="officer-officer"))
