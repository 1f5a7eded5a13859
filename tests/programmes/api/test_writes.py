"""Adding, replacing, changing and deleting."""

import pytest
from django.contrib.auth.models import Permission, User
from rest_framework.test import APIClient

from programmes.models import Budget, Indicator, Programme, Source
from tests import factories
from tests.clients import OverwritingClient
from tests.programmes.api.resources import RESOURCES, make
from tracker.api.addresses import key_field

pytestmark = pytest.mark.django_db


def test_post_answers_with_the_record_and_its_address(api: APIClient) -> None:
    response = api.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "Airports", "actual_start": "2010-02"})
    assert response.status_code == 201
    assert response.headers["Location"] == response.json()["url"] == "http://testserver/api/v1/programmes/AIRCOP/"
    assert (response.json()["start"], response.json()["phases"]) == ("2010-02", [])
    assert response.json() == api.get("/api/v1/programmes/AIRCOP/").json()


def test_post_without_code_derives_it(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    body = {"programme": "aircop", "title": "x", "amount": "10.5"}
    codes = [api.post("/api/v1/budgets/", body).json()["code"] for _ in range(2)]
    assert codes == ["AIRCOP-B1", "AIRCOP-B2"]


def test_amount_is_kept_exactly(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    body = b'{"programme": "AIRCOP", "title": "x", "amount": 1234567890123.45}'
    response = api.post("/api/v1/budgets/", body, content_type="application/json")
    assert response.json()["amount"] == "1234567890123.45"


def test_country_is_taken_by_alpha_3_and_shown_by_alpha_2(api: APIClient) -> None:
    factories.CountryFactory(code="PA", alpha3="PAN", numeric="591")
    factories.ProgrammeFactory(code="AIRCOP")
    response = api.post("/api/v1/participations/", {"programme": "AIRCOP", "country": "pan"})
    assert (response.status_code, response.json()["country"]) == (201, "PA")


def test_indicator_belongs_to_the_programme_of_its_result(api: APIClient) -> None:
    result = factories.ResultFactory(code="AIRCOP-R1")
    response = api.post("/api/v1/indicators/", {"result": "AIRCOP-R1", "title": "x", "unit": "kg"})
    assert Indicator.objects.get(code=response.json()["code"]).programme == result.programme


def test_patch_changes_only_what_it_names(api: APIClient) -> None:
    factories.BudgetFactory(code="B1", title="Old", note="Kept")
    response = api.patch("/api/v1/budgets/B1/", {"title": "New"})
    assert (response.status_code, response.json()["title"], response.json()["note"]) == (200, "New", "Kept")


def test_put_resets_what_it_does_not_name(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", acronym="A", planned_start="2010", components_stated=9)
    response = api.put("/api/v1/programmes/AIRCOP/", {"code": "AIRCOP", "name": "New"})
    assert response.status_code == 200
    programme.refresh_from_db()
    assert (programme.name, programme.acronym, programme.start, programme.components_stated) == ("New", "", None, None)


def test_put_without_a_required_field_is_refused(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    response = api.put("/api/v1/programmes/AIRCOP/", {"code": "AIRCOP"})
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [("name", "required")]


@pytest.mark.parametrize("prefix", RESOURCES)
def test_what_get_shows_put_takes_back_unchanged(api: APIClient, prefix: str) -> None:
    record = make(RESOURCES[prefix].queryset.model)
    # `make` links records of different programmes.
    within = {"phase", "budget", "part_of", "revises", "follows"}
    links = [field.name for field in record._meta.fields if field.name in within and field.null]
    type(record).objects.filter(pk=record.pk).update(**dict.fromkeys(links))
    address = f"/api/v1/{prefix}/{getattr(record, key_field(type(record)))}/"
    before = api.get(address).json()
    response = api.put(address, before)
    assert response.status_code == 200, response.json()
    after = response.json()
    assert after.pop("modified_at") > before.pop("modified_at")
    assert after.pop("version") == before.pop("version") + 1
    assert after == before


def test_delete_leaves_nothing(api: APIClient) -> None:
    factories.SourceFactory(code="EPRS")
    response = api.delete("/api/v1/sources/EPRS/")
    assert (response.status_code, response.content, Source.objects.count()) == (204, b"", 0)


def test_link_of_a_source_is_written_and_its_errors_are_named_so(api: APIClient) -> None:
    response = api.post("/api/v1/sources/", {"code": "EPRS", "title": "T", "link": "https://example.org/a"})
    assert (response.status_code, Source.objects.get().url) == (201, "https://example.org/a")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_write_without_signing_in_is_refused(anyone: APIClient, method: str) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    address = "/api/v1/programmes/" if method == "post" else "/api/v1/programmes/AIRCOP/"
    response = getattr(anyone, method)(address, {"code": "X", "name": "X"})
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.parametrize(
    ("method", "permission"), [("post", "add"), ("put", "change"), ("patch", "change"), ("delete", "delete")]
)
def test_write_needs_the_permission_of_its_kind(method: str, permission: str) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    user = User.objects.create_user("viewer")
    others = Permission.objects.filter(content_type__app_label="programmes").exclude(codename=f"{permission}_programme")
    user.user_permissions.set(others)
    client = OverwritingClient()
    client.force_authenticate(user)
    address = "/api/v1/programmes/" if method == "post" else "/api/v1/programmes/AIRCOP/"
    body = {"code": "X", "name": "X"}
    assert getattr(client, method)(address, body).status_code == 403
    user.user_permissions.add(Permission.objects.get(codename=f"{permission}_programme"))
    client.force_authenticate(User.objects.get(pk=user.pk))
    assert getattr(client, method)(address, body).status_code in (200, 201, 204)


def test_reading_asks_to_sign_in_where_the_setting_says_so(anyone: APIClient, api: APIClient, settings: object) -> None:
    settings.API_REQUIRE_SIGN_IN = True  # type: ignore[attr-defined]
    for address in ("", "programmes/", "countries/"):
        assert anyone.get(f"/api/v1/{address}").status_code == 401
        assert api.get(f"/api/v1/{address}").status_code == 200


def test_history_knows_who_wrote_by_password(officer: User) -> None:
    client = OverwritingClient()
    client.credentials(HTTP_AUTHORIZATION="Basic b2ZmaWNlcjpvZmZpY2VyLXMgc2VjcmV0")
    client.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "A"})
    client.patch("/api/v1/programmes/AIRCOP/", {"name": "B"})
    client.delete("/api/v1/programmes/AIRCOP/")
    rows = Programme.history.order_by("history_id").values_list("history_type", "name", "history_user__username")
    assert list(rows) == [("+", "A", "officer"), ("~", "B", "officer"), ("-", "B", "officer")]


def test_history_knows_who_wrote_by_session(officer: User) -> None:
    client = OverwritingClient()
    client.force_login(officer)
    client.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "A"})
    assert Programme.history.get().history_user == officer


def test_session_without_csrf_token_is_refused(officer: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(officer)
    response = client.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "A"})
    assert (response.status_code, response.json()["code"], Programme.objects.count()) == (403, "permission_denied", 0)


def test_wrong_password_is_refused_on_reads_too(officer: User) -> None:
    client = OverwritingClient()
    client.credentials(HTTP_AUTHORIZATION="Basic b2ZmaWNlcjp3cm9uZw==")
    response = client.get("/api/v1/programmes/")
    assert (response.status_code, response.json()["code"]) == (401, "authentication_failed")


def test_method_that_is_not_there_is_refused(api: APIClient) -> None:
    response = api.put("/api/v1/budgets/")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert Budget.objects.count() == 0
