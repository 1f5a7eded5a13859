"""ETags, and no write over a version that the client has not seen."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from programmes.models import Programme
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/programmes/AIRCOP/"


@pytest.fixture
def careful(officer: User) -> APIClient:
    """The officer's client, which says nothing of versions by itself."""
    client = APIClient()
    client.force_authenticate(officer)
    return client


@pytest.fixture
def programme(db: None) -> Programme:
    """A programme."""
    return factories.ProgrammeFactory(code="AIRCOP", name="Airports")


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}?fields=name", "/api/v1/programmes/?fields=name"])
def test_same_answer_is_not_sent_again(careful: APIClient, programme: Programme, address: str) -> None:
    first = careful.get(address)
    again = careful.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    programme.name = "Other"
    programme.save()
    assert careful.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_forms_of_an_answer_have_tags_of_their_own(careful: APIClient, programme: Programme) -> None:
    tags = [careful.get(f"{ADDRESS}{query}").headers["ETag"] for query in ("", "?fields=name", "?fields=code")]
    assert len(set(tags)) == 3
    assert {tag.strip('"').rpartition(".")[0] for tag in tags} == {f"{programme.pk}.1"}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_write_that_says_no_version_is_refused(careful: APIClient, programme: Programme, method: str) -> None:
    response = getattr(careful, method)(ADDRESS, {"code": "AIRCOP", "name": "New"})
    assert (response.status_code, response.json()["code"]) == (428, "version_required")
    assert Programme.objects.get().name == "Airports"


def test_write_without_a_version_is_done_where_the_setting_allows_it(
    careful: APIClient, programme: Programme, settings: Any
) -> None:
    settings.API_REQUIRE_VERSION = False
    assert careful.patch(ADDRESS, {"name": "New"}).status_code == 200


@pytest.mark.parametrize("said", [{"data": {"name": "New", "version": 1}}, {"headers": {"If-Match": "seen"}}])
def test_write_over_what_was_seen_answers_with_the_new_tag(
    careful: APIClient, programme: Programme, said: dict[str, Any]
) -> None:
    seen = careful.get(ADDRESS).headers["ETag"]
    headers = {"If-Match": f'"other", {seen}'} if "headers" in said else {}
    response = careful.patch(ADDRESS, said.get("data", {"name": "New"}), headers=headers)
    assert (response.status_code, response.json()["version"]) == (200, 2)
    assert careful.get(ADDRESS).headers["ETag"] == response.headers["ETag"] != seen


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_write_over_what_was_not_seen_is_refused(careful: APIClient, programme: Programme, method: str) -> None:
    seen = careful.get(ADDRESS).headers["ETag"]
    factories.PhaseFactory(programme=programme)  # a change of a part is one of the programme
    response = getattr(careful, method)(ADDRESS, {"code": "AIRCOP", "name": "New"}, headers={"If-Match": seen})
    assert (response.status_code, response.json()["code"]) == (412, "stale")
    assert response.json()["current"] == {"url": f"http://testserver{ADDRESS}", "version": 2}
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [("version", "stale")]
    assert Programme.objects.get().name == "Airports"


def test_stale_version_in_the_body_is_refused(careful: APIClient, programme: Programme) -> None:
    programme.save()
    assert careful.patch(ADDRESS, {"name": "New", "version": 1}).status_code == 412
    assert careful.patch(ADDRESS, {"name": "New", "version": "2"}).status_code == 400


def test_tag_of_another_record_is_stale(careful: APIClient, programme: Programme) -> None:
    factories.ProgrammeFactory(code="OTHER")
    other = careful.get("/api/v1/programmes/OTHER/").headers["ETag"]
    assert careful.delete(ADDRESS, headers={"If-Match": other}).status_code == 412


@pytest.mark.parametrize("tag", ["*", "weak"])
def test_whatever_is_there_and_weakened_tags_are_taken(careful: APIClient, programme: Programme, tag: str) -> None:
    tag = tag.replace("weak", f"W/{careful.get(ADDRESS).headers['ETag']}")
    assert careful.delete(ADDRESS, headers={"If-Match": tag}).status_code == 204


def test_going_back_heeds_and_gives_tags(careful: APIClient, programme: Programme) -> None:
    then = programme.history.get().history_date.isoformat()
    seen = careful.get(ADDRESS).headers["ETag"]
    programme.name = "Other"
    programme.save()
    asked = {"to": then, "dry_run": False, "reason": "Wrong"}
    assert careful.post(f"{ADDRESS}revert/", asked, headers={"If-Match": seen}).status_code == 412
    response = careful.post(f"{ADDRESS}revert/", asked, headers={"If-Match": careful.get(ADDRESS).headers["ETag"]})
    assert (response.status_code, response.headers["ETag"].split(".")[1]) == (200, "3")
