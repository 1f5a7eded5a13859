"""How often one may ask."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from tests.people import person
from tests.tracker.access.test_tokens import by, made
from tracker.access import throttles
from tracker.access.roles import Role

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/programmes/?fields=code"


@pytest.fixture(autouse=True)
def at_a_fixed_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Twenty seconds after the beginning of a minute, with nothing counted yet."""
    cache.clear()
    monkeypatch.setattr(throttles.time, "time", lambda: 1_800_000_020.0)
    yield
    cache.clear()


def statuses(client: APIClient, times: int) -> list[int]:
    return [client.get(ADDRESS).status_code for _each in range(times)]


def test_too_many_requests_are_429_with_what_to_do(settings: Any) -> None:
    settings.API_RATES = {"address": "2/min"}
    assert statuses(APIClient(), 2) == [200, 200]
    response = APIClient().get(ADDRESS)
    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (429, "throttled", "40")


def test_answers_say_how_much_is_left(settings: Any) -> None:
    settings.API_RATES = {"address": "2/min"}
    response = APIClient().get(ADDRESS)
    headers = {name: value for name, value in response.headers.items() if name.startswith("RateLimit")}
    assert headers == {
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "1",
        "RateLimit-Reset": "40",
        "RateLimit-Policy": "2;w=60",
    }


def test_there_is_room_again_in_the_next_minute(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_RATES = {"address": "1/min"}
    assert statuses(APIClient(), 2) == [200, 429]
    monkeypatch.setattr(throttles.time, "time", lambda: 1_800_000_061.0)
    assert statuses(APIClient(), 1) == [200]


def test_addresses_users_and_tokens_are_counted_apart(settings: Any) -> None:
    settings.API_RATES = {"address": "1/min", "user": "3/min", "token": "2/min"}
    user = person(Role.VIEWER)
    first, second = by(made(user, name="first")), by(made(user, name="second"))
    assert statuses(APIClient(), 2) == [200, 429]
    assert statuses(APIClient(REMOTE_ADDR="2001:db8::1"), 2) == [200, 429]
    assert statuses(first, 3) == [200, 200, 429]
    assert statuses(second, 1) == [429]  # the user's own limit is used up


def test_no_rate_is_no_limit(settings: Any) -> None:
    settings.API_RATES = {"address": ""}
    response = APIClient().get(ADDRESS)
    assert (response.status_code, response.has_header("RateLimit-Limit")) == (200, False)


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "programmes/?contry=PA", 400),
        ("get", "nowhere/", 404),
        ("post", "programmes/", 401),
        ("get", "programmes/NOBODY/", 404),
        ("get", "programmes/UMBRELLA/history/", 401),
    ],
)
def test_what_is_refused_counts_too(method: str, address: str, status: int, settings: Any) -> None:
    settings.API_RATES = {"address": "2/min"}
    answers = [getattr(APIClient(), method)(f"/api/v1/{address}") for _ in range(3)]
    assert [(each.status_code, each["RateLimit-Remaining"]) for each in answers] == [
        (status, "1"),
        (status, "0"),
        (429, "0"),
    ]
    assert (answers[2].json()["code"], answers[2]["Retry-After"]) == ("throttled", "40")


def test_who_cannot_sign_in_is_counted_by_address(settings: Any) -> None:
    settings.API_RATES = {"address": "2/min", "user": "9/min", "token": "9/min"}
    unknown = by("ptt_0123456789ab_" + "x" * 43)
    assert statuses(unknown, 3) == [401, 401, 429]
    narrow = by(made(person(Role.VIEWER), scopes="read:budgets"))
    assert statuses(narrow, 1) == [429]  # the token opens nothing here, so it is the address that asks


def test_refusal_of_a_user_counts_for_the_user(settings: Any) -> None:
    settings.API_RATES = {"address": "1/min", "user": "3/min"}
    viewer = by(made(person(Role.VIEWER), scopes="read write"))
    assert [viewer.get("/api/v1/programmes/?contry=PA").status_code for _ in range(2)] == [400, 400]
    assert [viewer.post("/api/v1/programmes/").status_code for _ in range(2)] == [403, 429]
