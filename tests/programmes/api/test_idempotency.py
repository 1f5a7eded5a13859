"""A request that is sent twice under one key is carried out once."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from programmes.models import Theme
from tests import factories
from tracker.requests.models import AnsweredRequest

pytestmark = pytest.mark.django_db
THEMES = "/api/v1/themes/"
KEYED: dict[str, Any] = {"headers": {"Idempotency-Key": "8e03978e-40d5"}}


def test_repeated_request_gets_the_first_answer(api: APIClient) -> None:
    first = api.post(THEMES, {"code": "A", "name_en": "A"}, **KEYED)
    Theme.objects.get().delete()
    again = api.post(THEMES, {"name_en": "A", "code": "A"}, headers={"Idempotency-Key": '"8e03978e-40d5"'})
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert {name: again.headers[name] for name in ("Location", "ETag")} == {
        name: first.headers[name] for name in ("Location", "ETag")
    }
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Theme.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "body"), [(THEMES, {"code": "B", "name_en": "A"}), (f"{THEMES}?fields=code", {"code": "A"})]
)
def test_other_request_under_the_key_is_refused(api: APIClient, address: str, body: dict[str, Any]) -> None:
    api.post(THEMES, {"code": "A", "name_en": "A"}, **KEYED)
    response = api.post(address, body, **KEYED)
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert Theme.objects.count() == 1


def test_what_is_not_valid_is_answered_alike(api: APIClient) -> None:
    first = api.post(THEMES, {"code": "A"}, **KEYED)
    again = api.post(THEMES, {"code": "A"}, **KEYED)
    assert (first.status_code, again.status_code, again.json()) == (400, 400, first.json())
    assert (again.headers["Content-Type"], again.headers["Idempotency-Replayed"]) == (
        "application/problem+json",
        "true",
    )


def test_key_belongs_to_its_user_and_a_trial_takes_none(api: APIClient) -> None:
    api.post(f"{THEMES}?dry_run=1", {"code": "C", "name_en": "C"}, **KEYED)
    api.post(THEMES, {"code": "A", "name_en": "A"}, **KEYED)
    other = APIClient()
    other.force_authenticate(User.objects.create_superuser("other"))
    assert other.post(THEMES, {"code": "B", "name_en": "B"}, **KEYED).status_code == 201


def test_lists_are_repeatable_too(api: APIClient) -> None:
    factories.ThemeFactory(code="A")
    change, deletion = [{"code": "A", "version": 1, "name_en": "B"}], [{"code": "A", "version": 2}]
    answers = [api.patch(THEMES, change, **KEYED).json() for _ in "ab"]
    assert answers[0] == answers[1]
    assert [api.delete(THEMES, deletion, headers={"Idempotency-Key": "2"}).status_code for _ in "ab"] == [204, 204]


@pytest.mark.parametrize("key", ["", "ñ", "x" * 256, "a b"])
def test_key_that_is_none_is_refused(api: APIClient, key: str) -> None:
    response = api.post(
        THEMES, {"code": "A", "name_en": "A"}, headers={"Idempotency-Key": key.encode().decode("latin-1")}
    )
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "invalid_key")


def test_key_is_free_again_after_a_day(api: APIClient, capsys: pytest.CaptureFixture[str]) -> None:
    api.post(THEMES, {"code": "A", "name_en": "A"}, **KEYED)
    AnsweredRequest.objects.update(created_at=timezone.now() - datetime.timedelta(hours=25))
    assert api.post(THEMES, {"code": "B", "name_en": "B"}, **KEYED).status_code == 201
    call_command("expire_idempotency_keys")
    AnsweredRequest.objects.update(created_at=timezone.now() - datetime.timedelta(hours=25))
    call_command("expire_idempotency_keys")
    assert capsys.readouterr().out.splitlines() == ["0 deleted", "1 deleted"]


def test_number_that_no_database_holds_is_not_valid_under_a_key_either(api: APIClient) -> None:
    response = api.post(THEMES, f'{{"code": {10**40}, "name_en": "A"}}', content_type="application/json", **KEYED)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "code")


def test_steps_of_publication_and_going_back_are_repeatable(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", publication="draft")
    then = programme.history.first().history_date.isoformat()
    address = "/api/v1/programmes/AIRCOP/"
    first, again = (api.post(f"{address}publish/", **KEYED) for _ in "ab")
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert again.headers["ETag"] == first.headers["ETag"] == api.get(address).headers["ETag"]
    assert api.post(f"{address}publish/", headers={"Idempotency-Key": "2"}).status_code == 409
    asked, key = {"to": then, "dry_run": False, "reason": "x"}, {"Idempotency-Key": "3"}
    taken_back, again = (api.post(f"{address}revert/", asked, headers=key) for _ in "ab")
    assert (taken_back.status_code, again.json()) == (200, taken_back.json())
    assert again.headers["Idempotency-Replayed"] == "true"
