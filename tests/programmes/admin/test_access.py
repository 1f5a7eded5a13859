"""What each role may do on the pages of the admin."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from programmes.models import Budget, Programme, Source
from tests import factories
from tests.people import person
from tests.programmes.admin.pages import added, data_of, page
from tests.programmes.admin.test_every_page import FACTORIES
from tracker.access.roles import Role
from tracker.admin.records import RecordAdmin
from tracker.records.views import can_be_hidden

pytestmark = pytest.mark.django_db

PAGES = [model for model, each in admin.site._registry.items() if isinstance(each, RecordAdmin)]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def own() -> Programme:
    return factories.ProgrammeFactory(code="OWN", publication="draft")


@pytest.fixture
def officer(own: Programme) -> User:
    return person(Role.OFFICER, own)


@pytest.fixture
def client(officer: User) -> Client:
    return browser(officer)


def rights(user: User, model: Any, record: Any, rf: Any) -> dict[str, bool]:
    request = rf.get("/")
    request.user = user
    of_page = admin.site._registry[model]
    return {
        "view": of_page.has_view_permission(request, record),
        "add": of_page.has_add_permission(request),
        "change": of_page.has_change_permission(request, record),
        "delete": of_page.has_delete_permission(request, record),
    }


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_rights_of_each_role_on_every_page(model: Any, rf: Any) -> None:
    record, anything = FACTORIES[model](), {"view": True, "add": True, "change": True, "delete": True}
    only_view = dict.fromkeys(anything, False) | {"view": True}
    foreign = (anything | {"change": False, "delete": False}) if can_be_hidden(model) else only_view
    found = {role: rights(person(role), model, record, rf) for role in Role}
    assert found == {
        Role.VIEWER: only_view, Role.OFFICER: foreign, Role.EDITOR: anything, Role.ADMINISTRATOR: anything,
    }  # fmt: skip


def test_officer_changes_what_lies_below_an_assigned_umbrella(own: Programme, officer: User, rf: Any) -> None:
    below = factories.ProgrammeFactory(parent=factories.ProgrammeFactory(parent=own))
    line = factories.BudgetFactory(programme=below)
    share = factories.BudgetCountryFactory(budget=line)
    observation = factories.ObservationFactory(
        indicator=factories.IndicatorFactory(result=factories.ResultFactory(programme=below))
    )
    for record in (below, line, share, observation, factories.CitationFactory(observation=observation)):
        assert rights(officer, type(record), record, rf)["change"] is True


def test_page_of_a_foreign_programme_is_for_reading(client: Client) -> None:
    foreign = factories.BudgetFactory().programme
    response = client.get(page(foreign, "change"))
    assert response.status_code == 200
    assert [
        each.formset.has_changed() for each in response.context["inline_admin_formsets"] if each.has_change_permission
    ] == []
    assert client.post(page(foreign, "change"), {"name": "Mine"}).status_code == 403
    assert client.post(page(foreign, "delete"), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:programmes_programme_take_back", args=[foreign.pk])).status_code == 403
    assert client.post(reverse("admin:programmes_programme_withdraw", args=[foreign.pk])).status_code == 403
    assert Programme.objects.get(pk=foreign.pk).publication == "published"


def test_officer_deletes_only_what_is_theirs(client: Client, own: Programme) -> None:
    mine, foreign = factories.AliasFactory(programme=own), factories.AliasFactory()
    for alias in (mine, foreign):
        chosen = {"action": "delete_selected", "_selected_action": [alias.pk], "post": "yes"}
        client.post(page(type(alias), "changelist"), chosen)
    assert list(type(mine).objects.all()) == [foreign]


def test_search_boxes_for_parts_offer_only_what_may_be_edited(client: Client, own: Programme) -> None:
    foreign = factories.ProgrammeFactory(code="FOREIGN")

    def offered(model: str, field: str) -> list[str]:
        asked = {"app_label": "programmes", "model_name": model, "field_name": field}
        return sorted(each["text"] for each in client.get(reverse("admin:autocomplete"), asked).json()["results"])

    assert offered("budget", "programme") == [str(own)]
    assert offered("programme", "parent") == [str(own)]
    assert offered("succession", "successor") == sorted([str(own), str(foreign)])


def test_record_is_not_moved_to_a_foreign_programme(client: Client, own: Programme) -> None:
    line, foreign = factories.BudgetFactory(programme=own), factories.ProgrammeFactory(code="FOREIGN")
    data = data_of(client.get(page(line, "change")))
    response = client.post(page(line, "change"), data | {"programme": foreign.pk})
    assert response.context["adminform"].form.errors["__all__"] == [
        "FOREIGN is not among the programmes assigned to you."
    ]
    assert Budget.objects.get().programme == own
    data = data_of(client.get(page(own, "change")))
    response = client.post(page(own, "change"), data | {"parent": foreign.pk})
    assert response.context["adminform"].form.errors["__all__"] == [
        "FOREIGN is not among the programmes assigned to you."
    ]


def test_new_programme_is_a_draft_of_its_officer(client: Client, officer: User) -> None:
    data = data_of(client.get(page(Programme, "add")))
    client.post(page(Programme, "add"), data | {"code": "NEW", "name": "New"})
    made = Programme.objects.get(code="NEW")
    assert (made.publication, list(made.officers.all())) == ("draft", [officer])
    data = data_of(client.get(page(made, "change", section="names")))
    client.post(page(made, "change", section="names"), added(data, "aliases", name="Another"))
    assert [alias.name for alias in made.aliases.all()] == ["Another"]


def test_officer_publishes_and_withdraws_their_own(client: Client, own: Programme, officer: User) -> None:
    publish, withdraw = (
        reverse(f"admin:programmes_programme_{step}", args=[own.pk]) for step in ("publish", "withdraw")
    )
    assert b"From now on the public sees the programme" in client.get(publish).content
    assert client.get(withdraw).status_code == 403
    assert client.post(publish)["Location"] == page(own, "change")
    own.refresh_from_db()
    assert (own.publication, own.published_by, own.history.first().history_user) == ("published", "officer", officer)
    client.post(withdraw)
    own.refresh_from_db()
    assert (own.publication, own.withdrawn_by) == ("withdrawn", "officer")


@pytest.mark.parametrize(("code", "errors"), [("OWN", 0), ("FOREIGN", 1)])
def test_import_of_a_row_of_a_foreign_programme_is_refused(
    code: str, errors: int, client: Client, own: Programme
) -> None:
    factories.ProgrammeFactory(code="FOREIGN")
    file = SimpleUploadedFile("aliases.csv", f"programme,name,language\n{code},Another,en\n".encode())
    response = client.post(
        page(type(factories.AliasFactory(programme=own)), "import"), {"format": 0, "import_file": file}
    )
    assert len(response.context["result"].invalid_rows) == errors


def test_officer_does_not_change_reference_data(client: Client) -> None:
    source = factories.SourceFactory()
    assert client.get(page(source, "change")).status_code == 200
    assert client.post(page(source, "change"), {"title": "Mine"}).status_code == 403
    assert client.get(page(Source, "add")).status_code == 403


def test_administrator_gives_roles_and_programmes_but_makes_no_superuser(own: Programme) -> None:
    client, user = browser(person(Role.ADMINISTRATOR)), person(None, name="new")
    data = data_of(client.get(page(user, "change")))
    officers = Role.OFFICER.value
    group = admin.site._registry[User].model.groups.field.related_model.objects.get(name=officers)
    rows = added(data, "Programme_officers", programme=own.pk, user=user.pk)
    client.post(
        page(user, "change"),
        rows | {"groups": [group.pk], "is_superuser": "on", "date_joined_0": "2026-01-01", "date_joined_1": "00:00"},
    )
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, list(user.assigned_programmes.all())) == (True, False, [own])
    root = User.objects.create_superuser("root")
    assert client.post(page(root, "change"), data).status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OFFICER])
def test_version_is_restored_only_by_those_who_may_change_the_record(role: Role) -> None:
    source, foreign = factories.SourceFactory(title="Before"), factories.AliasFactory(name="Before")
    client = browser(person(role))
    for record in (source, foreign):
        version = record.history.first()
        address = page(type(record), "simple_history", record.pk, version.pk)
        assert client.get(address).status_code == 200
        assert client.post(address, {"title": "After", "name": "After"}).status_code == 403
