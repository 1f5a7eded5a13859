"""The matrix: role × endpoint × verb × own, foreign and draft programme, generated from the router."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import get_resolver
from rest_framework.test import APIClient

from programmes.api.urls import router
from programmes.models import Budget, Programme
from programmes.reports.registry import REPORTS
from tests import factories
from tests.clients import OverwritingClient
from tests.people import person
from tests.programmes.api.resources import FACTORIES, RESOURCES
from tracker.access.roles import Role
from tracker.access.rules import permission
from tracker.api.addresses import key_field
from tracker.api.imports import CSV
from tracker.records.parts import parts_of
from tracker.records.views import can_be_hidden
from tracker.transfer.resources import resource_for

pytestmark = pytest.mark.django_db

# What a caller gets of an endpoint: "yes", or the status that refuses. Of parts of programmes several in a row: of a
# draft, of a programme assigned to the officer, of another one. Who may write none of them is asked of the draft.
PUBLIC, VIEWER, OFFICER, EDITOR = "public", Role.VIEWER, Role.OFFICER, Role.EDITOR
CALLERS = (PUBLIC, VIEWER, OFFICER, EDITOR)
STATES = ("DRAFT", "OWN", "FOREIGN")

SEEN = ("404 yes yes", "yes", "yes", "yes")
TOLD = ("401", "yes", "yes", "yes")
WRITTEN = ("401", "403", "403 yes 403", "yes yes yes")
READ = ("yes", "yes", "yes", "yes")
ADDED = ("401", "403", "yes", "yes")
KEPT_BY_EDITORS = ("401", "403", "403", "yes")
FOR_VIEWERS = ("401", "yes", "yes", "yes")

PART = {
    ("get", "list"): READ, ("post", "create"): ADDED, ("get", "retrieve"): SEEN, ("put", "update"): WRITTEN,
    ("patch", "partial_update"): WRITTEN, ("delete", "destroy"): WRITTEN, ("patch", "change_many"): WRITTEN,
    ("delete", "destroy_many"): WRITTEN, ("get", "history"): TOLD, ("post", "revert"): WRITTEN,
    ("post", "import_table"): WRITTEN,
}  # fmt: skip
REFERENCE = {
    ("get", "list"): READ, ("post", "create"): KEPT_BY_EDITORS, ("get", "retrieve"): READ,
    ("put", "update"): KEPT_BY_EDITORS, ("patch", "partial_update"): KEPT_BY_EDITORS,
    ("delete", "destroy"): KEPT_BY_EDITORS, ("patch", "change_many"): KEPT_BY_EDITORS,
    ("delete", "destroy_many"): KEPT_BY_EDITORS, ("get", "history"): FOR_VIEWERS, ("post", "revert"): KEPT_BY_EDITORS,
    ("post", "import_table"): KEPT_BY_EDITORS,
}  # fmt: skip
QUESTION = {("get", "list"): READ}
TOKENS = {
    ("get", "list"): FOR_VIEWERS, ("post", "create"): FOR_VIEWERS, ("get", "retrieve"): FOR_VIEWERS,
    ("delete", "destroy"): FOR_VIEWERS,
}  # fmt: skip
# Withdrawing the draft and publishing what is published are refused for their state, after the right to it is known.
PROGRAMME = PART | {("post", "publish"): WRITTEN, ("post", "withdraw"): WRITTEN}

ENDPOINTS: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {
    "programmes": PROGRAMME, "aliases": PART, "objectives": PART, "successions": PART, "phases": PART,
    "budgets": PART, "budget-countries": PART, "transactions": PART, "participations": PART,
    "country-list-statements": PART, "participating-organisations": PART, "results": PART, "indicators": PART,
    "observations": PART, "programme-themes": PART, "citations": PART,
    "exchange-rates": REFERENCE, "organisations": REFERENCE, "instruments": REFERENCE, "themes": REFERENCE,
    "purpose-codes": REFERENCE, "sources": REFERENCE, "countries": REFERENCE, "groupings": REFERENCE,
    "memberships": REFERENCE,
    "totals": QUESTION, "overlap": QUESTION, "coverage": QUESTION, "lineage": QUESTION, "progress": QUESTION,
    "progress-roll-ups": QUESTION, "gaps": QUESTION, "disagreements": QUESTION, "figures": QUESTION,
    "reports": QUESTION, "tokens": TOKENS,
}  # fmt: skip


def routes(prefix: str) -> dict[tuple[str, str], str]:
    """The endpoints below a prefix: (method, action) and the end of the address."""
    ((view,),) = [[each for name, each, _basename in router.registry if name == prefix]]
    found = {}
    for route in router.get_routes(view):
        for method, action in router.get_method_map(view, route.mapping).items():
            found[method, action] = route.url.replace("{prefix}", prefix).replace("{trailing_slash}$", "/").lstrip("^")
    return found


def test_every_endpoint_is_in_the_matrix() -> None:
    assert {prefix: set(routes(prefix)) for prefix, _view, _name in router.registry} == {
        prefix: set(expected) for prefix, expected in ENDPOINTS.items()
    }


def test_every_other_address_of_the_api_is_a_report_or_is_known() -> None:
    others = {"api/schema/", "api/docs/", "api/redoc/", "^api/"}
    found = {
        str(each.pattern) for each in get_resolver().url_patterns if str(each.pattern).lstrip("^").startswith("api")
    }
    assert found - {"api/v1/"} == others
    (api,) = [each for each in get_resolver().url_patterns if str(each.pattern) == "api/v1/"]
    names = {str(each.pattern) for each in api.url_patterns} - {str(each.pattern) for each in router.urls}
    endings = ("/", "/schema/", ".csv", ".xlsx", ".json")
    assert names == {f"reports/{each.id}{ending}" for each in REPORTS for ending in endings} | {"reports/<str:id>/"}


def part_of(programme: Programme, model: Any) -> Any:
    """A record of the kind within the programme."""
    if model is Programme:
        return programme
    link = model.PART_OF[0]
    owner = part_of(programme, model._meta.get_field(link).related_model)
    return FACTORIES[model](**{link: owner})


@pytest.fixture
def programmes() -> dict[str, Programme]:
    states = dict(zip(STATES, ("draft", "published", "published"), strict=True))
    return {code: factories.ProgrammeFactory(code=code, publication=each) for code, each in states.items()}


@pytest.fixture
def clients(programmes: dict[str, Programme]) -> dict[str, APIClient]:
    found: dict[str, APIClient] = {PUBLIC: OverwritingClient()}
    for role in (VIEWER, OFFICER, EDITOR):
        found[role] = OverwritingClient()
        found[role].force_authenticate(person(role, *([programmes["OWN"]] if role == OFFICER else [])))
    return found


def outcome(client: APIClient, method: str, address: str, body: Any) -> str:
    """What came of the request, which is taken back."""
    with transaction.atomic():
        given = {} if method == "get" else {"data": body} | ({"content_type": CSV} if isinstance(body, str) else {})
        status = getattr(client, method)(address, **given).status_code
        transaction.set_rollback(True)
    return str(status) if status in (401, 403, 404) else "yes"


def asked(prefix: str, record: Any, path: str, action: str) -> tuple[str, Any]:
    """The address of an endpoint for a record, and a body."""
    name = key_field(type(record)) if prefix in RESOURCES else "pk"
    key = getattr(record, name)
    body = (
        [{name: key}]
        if action.endswith("_many")
        else {"to": record.created_at.isoformat()}
        if action == "revert"
        else resource_for(type(record))().export(type(record).objects.filter(pk=record.pk)).csv
        if action == "import_table"
        else {}
    )
    query = f"?fields={name}" if action == "retrieve" else ""
    return f"/api/v1/{path.replace('{lookup}', str(key))}{query}", body


@pytest.mark.parametrize("prefix", [prefix for prefix in RESOURCES if can_be_hidden(RESOURCES[prefix].queryset.model)])
def test_matrix_of_parts(prefix: str, programmes: dict[str, Programme], clients: dict[str, APIClient]) -> None:
    model = RESOURCES[prefix].queryset.model
    records = [part_of(programmes[state], model) for state in STATES]
    found: dict[Any, list[str]] = {}
    for (method, action), path in routes(prefix).items():
        for caller, expected in zip(CALLERS, ENDPOINTS[prefix][method, action], strict=True):
            of_records = records[: len(expected.split())]
            answers = [outcome(clients[caller], method, *asked(prefix, each, path, action)) for each in of_records]
            found.setdefault((method, action), []).append(" ".join(answers))
    assert {each: tuple(answers) for each, answers in found.items()} == ENDPOINTS[prefix]


@pytest.mark.parametrize("prefix", [prefix for prefix, each in ENDPOINTS.items() if each in (REFERENCE, QUESTION)])
def test_matrix_of_reference_data_and_questions(prefix: str, clients: dict[str, APIClient]) -> None:
    record = FACTORIES[RESOURCES[prefix].queryset.model]() if prefix in RESOURCES else None
    found: dict[Any, tuple[str, ...]] = {}
    for (method, action), path in routes(prefix).items():
        address, body = asked(prefix, record, path, action) if record else (f"/api/v1/{path}", {})
        found[method, action] = tuple(outcome(clients[caller], method, address, body) for caller in CALLERS)
    assert found == ENDPOINTS[prefix]


def test_matrix_of_tokens(clients: dict[str, APIClient]) -> None:
    tokens = {caller: clients[caller].post("/api/v1/tokens/", {"name": "x", "scopes": "read"}) for caller in CALLERS}
    found: dict[Any, tuple[str, ...]] = {}
    for (method, action), path in routes("tokens").items():
        found[method, action] = tuple(
            outcome(
                clients[each], method, f"/api/v1/{path.replace('{lookup}', str(tokens[each].json().get('id', 1)))}", {}
            )
            for each in CALLERS
        )
    assert found == TOKENS


def kinds_of_parts(model: Any = Programme) -> Iterator[tuple[Any, str]]:
    """Every kind of record that is part of a programme, with its link."""
    for relation, link in parts_of(model).items():
        kind = model._meta.get_field(relation).related_model
        yield kind, link
        yield from kinds_of_parts(kind)


def test_part_is_added_only_to_what_may_be_edited(programmes: dict[str, Programme], clients: Any) -> None:
    users = {caller: clients[caller].handler._force_user for caller in (VIEWER, OFFICER, EDITOR)}
    for kind, link in dict(kinds_of_parts()).items():
        for caller, expected in ((VIEWER, "no no no"), (OFFICER, "no yes no"), (EDITOR, "yes yes yes")):
            owners = [part_of(programmes[state], kind._meta.get_field(link).related_model) for state in STATES]
            found = [users[caller].has_perm(permission("add", kind), kind(**{link: owner})) for owner in owners]
            assert " ".join("yes" if each else "no" for each in found) == expected, (kind, caller)


def test_officer_writes_no_part_into_a_foreign_programme(programmes: dict[str, Programme], clients: Any) -> None:
    officer, line = clients[OFFICER], factories.BudgetFactory(programme=programmes["OWN"])
    body = {"programme": "FOREIGN", "title": "X", "amount": "1.00"}
    refused = officer.post("/api/v1/budgets/", body)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "FOREIGN is not among the programmes assigned to you.",
    )
    assert officer.post("/api/v1/budgets/", body | {"programme": "OWN"}).status_code == 201
    assert officer.patch(f"/api/v1/budgets/{line.code}/", {"programme": "FOREIGN"}).status_code == 403
    moved = {"code": line.code, "version": line.version, "programme": "FOREIGN"}
    assert officer.patch("/api/v1/budgets/", [moved]).status_code == 403
    assert officer.patch("/api/v1/budgets/", [moved | {"programme": "OWN"}]).status_code == 200
    assert officer.patch("/api/v1/programmes/OWN/", {"parent": "FOREIGN"}).status_code == 403
    assert officer.post("/api/v1/programmes/", {"code": "N", "name": "N", "parent": "FOREIGN"}).status_code == 403
    nested = {"code": "N", "name": "N", "parent": "OWN", "budgets": [{"title": "X", "amount": "1.00"}]}
    assert officer.post("/api/v1/programmes/", nested).status_code == 201
    assert {each.programme.code for each in Budget.objects.all()} == {"OWN", "N"}


def test_officer_goes_on_with_a_draft_of_their_own(clients: dict[str, APIClient]) -> None:
    officer = clients[OFFICER]
    made = officer.post("/api/v1/programmes/", {"code": "N", "name": "N", "phases": [{"label": "I", "order": 1}]})
    assert (made.status_code, made.json()["publication"]) == (201, "draft")
    assert officer.patch("/api/v1/programmes/N/", {"name": "New"}).status_code == 200
    assert officer.post("/api/v1/programmes/N/publish/").status_code == 200
    assert clients[PUBLIC].get("/api/v1/programmes/N/?fields=name").json() == {"name": "New"}


def test_officer_edits_what_lies_below_an_assigned_umbrella(programmes: dict[str, Programme], clients: Any) -> None:
    below = factories.ProgrammeFactory(code="BELOW", parent=factories.ProgrammeFactory(parent=programmes["OWN"]))
    assert clients[OFFICER].patch("/api/v1/programmes/BELOW/", {"name": "New"}).status_code == 200
    below.parent.parent = None
    below.parent.save()
    another = OverwritingClient()
    another.force_authenticate(type(clients[OFFICER].handler._force_user).objects.get(username="officer"))
    assert another.patch("/api/v1/programmes/BELOW/", {"name": "Newer"}).status_code == 403
