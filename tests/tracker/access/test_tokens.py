"""Tokens: what is stored of them, what they open, and what they do not."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from programmes.models import Alias, Programme
from tests import factories
from tests.people import person
from tracker.access.models import Token, find_token
from tracker.access.roles import Role
from tracker.requests.models import AnsweredRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return person(Role.EDITOR)


@pytest.fixture
def client(editor: User) -> APIClient:
    """The editor's own client, by session."""
    client = APIClient()
    client.force_login(editor)
    return client


def made(user: User, **values: Any) -> str:
    token = Token(user=user, **({"name": "copy"} | values))
    text = token.renew_secret()
    token.save()
    return text


def by(text: str, scheme: str = "Bearer", **extra: Any) -> APIClient:
    client = APIClient(**extra)
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {text}")
    return client


def status(text: str, method: str = "get", address: str = "programmes/", **extra: Any) -> int:
    return getattr(by(text, **extra), method)(f"/api/v1/{address}").status_code


def test_token_is_shown_once_and_stored_as_a_digest(client: APIClient, editor: User) -> None:
    answer = client.post("/api/v1/tokens/", {"name": "nightly copy", "scopes": "read"}).json()
    text = answer["token"]
    assert (answer["user"], answer["name"], answer["scopes"]) == ("editor", "nightly copy", "read")
    assert client.get(f"/api/v1/tokens/{answer['id']}/").json() == answer | {"token": None}
    stored = Token.objects.get()
    assert text not in [str(value) for value in vars(stored).values()]
    assert len(stored.digest) == 64
    for scheme in ("Bearer", "Token", "bearer"):
        assert by(text, scheme).get("/api/v1/programmes/").status_code == 200


def test_token_that_is_not_valid_is_401(editor: User) -> None:
    good = made(editor)
    past = timezone.now() - datetime.timedelta(seconds=1)
    over, gone = made(editor, name="over", expires_at=past), made(editor, name="gone", revoked_at=past)
    for text in (over, gone, good[:-1], good[:-1] + ("a" if good[-1] != "a" else "b"), "", "a b", "ptt_é", "x" * 9000):
        response = by(text).get("/api/v1/programmes/")
        assert (response.status_code, response.json()["code"]) == (401, "authentication_failed"), text
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    editor.is_active = False
    editor.save()
    assert status(good) == 401


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        ("read", [200, 200, 403, 403]),
        ("write", [403, 403, 400, 400]),
        ("read write:budgets", [200, 200, 400, 403]),
        ("read:budgets write:phases", [200, 403, 403, 403]),
        ("import", [403, 403, 403, 403]),
        ("", [403, 403, 403, 403]),
    ],
)
def test_scopes(scopes: str, statuses: list[int], editor: User) -> None:
    text = made(editor, scopes=scopes)
    asked = [("get", "budgets/"), ("get", "programmes/"), ("post", "budgets/"), ("post", "programmes/")]
    assert [status(text, *each) for each in asked] == statuses


def test_token_has_no_more_rights_than_its_user() -> None:
    assert status(made(person(Role.VIEWER), scopes="read write"), "post") == 403


@pytest.mark.parametrize(
    ("addresses", "address", "expected"),
    [
        ("192.0.2.0/24 2001:db8::/32", "192.0.2.7", 200),
        ("192.0.2.0/24 2001:db8::/32", "2001:db8::1", 200),
        ("192.0.2.0/24", "::ffff:192.0.2.7", 200),
        ("192.0.2.0/24", "192.0.3.7", 401),
        ("192.0.2.7", "", 401),
    ],
)
def test_token_comes_from_where_it_may(addresses: str, address: str, expected: int, editor: User) -> None:
    assert status(made(editor, addresses=addresses), REMOTE_ADDR=address) == expected


def test_address_behind_a_proxy_is_what_our_own_proxy_says(editor: User, settings: Any) -> None:
    text = made(editor, addresses="192.0.2.7")
    forged = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7, 203.0.113.9"}
    assert status(text, **forged) == 401
    settings.PROXIES_IN_FRONT = 1
    assert status(text, **forged) == 401
    assert status(text, **(forged | {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 192.0.2.7"})) == 200


@pytest.mark.parametrize(
    "query", ["token=x", "access_token=x", "api_key=x", "search=ptt_0123456789ab_x", "format=json&authorization=x"]
)
@pytest.mark.parametrize("address", ["/api/v1/programmes/", "/api/schema/"])
def test_token_in_an_address_is_refused(query: str, address: str) -> None:
    response = APIClient().get(f"{address}?{query}")
    assert response.status_code == 400
    assert "0123456789ab" not in response.content.decode()


def test_last_use_is_kept_to_the_minute(editor: User, django_assert_num_queries: Any) -> None:
    text = made(editor)
    assert status(text) == 200
    first = Token.objects.get().last_used_at
    assert first is not None
    assert status(text) == 200
    assert Token.objects.get().last_used_at == first
    Token.objects.update(last_used_at=first - datetime.timedelta(minutes=1))
    assert status(text) == 200
    assert Token.objects.get().last_used_at > first


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "x", "scopes": "read admin"}, "scopes", "unknown_scope"),
        ({"name": "x", "scopes": "write:Budgets"}, "scopes", "unknown_scope"),
        ({"name": "x", "scopes": "read", "addresses": "10.0.0.0/99"}, "addresses", "invalid_network"),
        ({"name": "x", "scopes": "read", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at", "in_the_past"),
        ({"name": "x", "scopes": "read", "user": "root"}, "user", "unknown_field"),
        ({"scopes": "read"}, "name", "required"),
    ],
)
def test_token_that_is_not_made(body: dict[str, str], field: str, code: str, client: APIClient) -> None:
    errors = client.post("/api/v1/tokens/", body).json()["errors"]
    assert [(each["field"], each["code"]) for each in errors] == [(field, code)]


def test_tokens_of_others_are_for_administrators(client: APIClient, editor: User) -> None:
    made(person(Role.VIEWER), name="other")
    made(editor, name="own")
    chief = APIClient()
    chief.force_login(person(Role.ADMINISTRATOR))

    def names(client: APIClient) -> list[str]:
        return [each["name"] for each in client.get("/api/v1/tokens/").json()["results"]]

    assert (names(client), names(chief)) == (["own"], ["other", "own"])
    other = Token.objects.get(name="other")
    assert client.delete(f"/api/v1/tokens/{other.pk}/").status_code == 404
    assert chief.delete(f"/api/v1/tokens/{other.pk}/").status_code == 204
    other.refresh_from_db()
    assert not other.is_valid


def test_token_is_tried_without_being_made_or_revoked(client: APIClient) -> None:
    asked = {"name": "copy", "scopes": "read", "expires_at": "2100-01-01T00:00:00Z"}
    tried = client.post("/api/v1/tokens/?dry_run=1", asked)
    assert (tried.status_code, tried["Dry-Run"], tried.json()["name"], tried.json()["token"]) == (
        200,
        "true",
        "copy",
        None,
    )
    assert client.post("/api/v1/tokens/?dry_run=1", asked | {"scopes": "fly"}).status_code == 400
    assert not Token.objects.exists()
    token = client.post("/api/v1/tokens/", asked).json()
    tried = client.delete(f"/api/v1/tokens/{token['id']}/?dry_run=1")
    assert (tried.status_code, tried.json()["revoked_at"] is None) == (200, False)
    assert Token.objects.get().is_valid


def test_token_is_made_once_under_a_key_and_its_text_kept_nowhere(client: APIClient) -> None:
    asked, key = {"name": "copy", "scopes": "read"}, {"HTTP_IDEMPOTENCY_KEY": "one"}
    first, again = (client.post("/api/v1/tokens/", asked, **key) for _time in range(2))
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.json() == first.json() | {"token": None}
    assert client.post("/api/v1/tokens/", asked | {"name": "other"}, **key).status_code == 422
    assert Token.objects.count() == 1
    assert first.json()["token"] not in AnsweredRequest.objects.get().body


def test_token_makes_no_tokens(editor: User) -> None:
    text = made(editor, scopes="read write")
    assert [status(text, method, "tokens/") for method in ("get", "post")] == [403, 403]


def test_token_is_for_those_with_a_role() -> None:
    client = APIClient()
    client.force_login(person(None))
    assert client.get("/api/v1/tokens/").status_code == 403


def test_revoked_token_leaves_its_name(client: APIClient) -> None:
    body = {"name": "copy", "scopes": "read"}
    first = client.post("/api/v1/tokens/", body).json()
    assert client.post("/api/v1/tokens/", body).status_code == 400
    assert client.delete(f"/api/v1/tokens/{first['id']}/").status_code == 204
    assert client.post("/api/v1/tokens/", body).status_code == 201
    assert status(first["token"]) == 401


def test_history_knows_the_user_of_a_token(editor: User) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    client = by(made(editor, scopes="read write"))
    client.patch("/api/v1/programmes/AIRCOP/", {"name": "New"}, headers={"If-Match": "*"})
    assert programme.history.first().history_user == editor


def test_admin_shows_a_new_token_once_and_revokes_it(editor: User) -> None:
    browser = Client()
    browser.force_login(editor)
    made(person(Role.VIEWER), name="another's")
    values = {"name": "copy", "scopes": "read", "expires_at_0": "2099-01-01", "expires_at_1": "00:00"}
    page = browser.post(reverse("admin:access_token_add"), values)
    token = Token.objects.get(user=editor)
    text = page.context["text"]
    assert (find_token(text), "no-store" in page["Cache-Control"]) == (token, True)
    listed = browser.get(reverse("admin:access_token_changelist"))
    assert [each.name for each in listed.context["cl"].result_list] == ["copy"]
    assert text not in browser.get(reverse("admin:access_token_change", args=[token.pk])).content.decode()
    assert browser.post(reverse("admin:access_token_change", args=[token.pk]), values).status_code == 403
    browser.post(reverse("admin:access_token_changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    assert find_token(text) is None


def test_token_writes_parts_only_of_the_kinds_that_it_opens(editor: User) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="Old")
    alias = factories.AliasFactory(programme=programme)
    then = alias.history.first().history_date.isoformat()
    alias.name = "New"
    alias.save()
    items: list[tuple[str, str, Any]] = [
        ("post", "programmes/", {"code": "A", "name": "A", "aliases": [{"name": "A", "language": "en"}]}),
        ("post", "programmes/", [{"code": "B", "name": "B", "aliases": [{"name": "B", "language": "en"}]}]),
        ("patch", "programmes/AIRCOP/", {"aliases": [{"id": alias.pk, "name": "Newer"}]}),
        ("post", "programmes/AIRCOP/revert/", {"to": then, "dry_run": False, "reason": "x"}),
    ]
    narrow, wide = (made(editor, name=each, scopes=f"write:programmes {each}") for each in ("read", "write:aliases"))

    def statuses(text: str) -> list[int]:
        client = by(text)
        answers = [
            getattr(client, method)(f"/api/v1/{address}", body, headers={"If-Match": "*"})
            for method, address, body in items
        ]
        return [each.status_code for each in answers]

    assert statuses(narrow) == [403, 403, 403, 403]
    assert (sorted(Programme.objects.values_list("code", flat=True)), Alias.objects.get().name) == (["AIRCOP"], "New")
    refused = by(narrow).post("/api/v1/programmes/", items[0][2]).json()
    assert refused["detail"] == "The token has neither the scope “write” nor “write:aliases”."
    assert statuses(wide) == [201, 201, 200, 200]
    assert by(narrow).post("/api/v1/programmes/", {"code": "C", "name": "C"}).status_code == 201


def test_token_in_a_path_is_refused() -> None:
    for address in ("programmes/ptt_0123456789ab_x/", "programmes/ptt%5F0123456789ab_x/", "programmes/?search=ptt%5f0"):
        assert APIClient().get(f"/api/v1/{address}").status_code == 400
