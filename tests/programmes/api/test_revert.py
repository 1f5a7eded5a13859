"""Back to an instant: shown first, refused with reasons, whole or not at all, itself a change in the history."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone
from rest_framework.test import APIClient

from programmes.models import Alias, Budget, BudgetCountry, Citation, Observation, Phase, Programme, Transaction
from tests import factories
from tests.clients import OverwritingClient
from tests.programmes.api.resources import RESOURCES, make
from tracker.api.addresses import key_field
from tracker.records.changes import kind_name

pytestmark = pytest.mark.django_db


def moment() -> str:
    return timezone.now().isoformat().replace("+00:00", "Z")


def undo(client: APIClient, address: str, to: str, **body: Any) -> Any:
    response = client.post(f"/api/v1/{address}/revert/", {"to": to, "dry_run": False, "reason": "Undone"} | body)
    assert response.status_code == 200, response.json()
    return response.json()


def faults(response: Any) -> tuple[int, str, list[tuple[str, str]]]:
    body = response.json()
    return response.status_code, body["code"], [(each["field"], each["code"]) for each in body["errors"]]


def test_dry_run_shows_the_difference_and_changes_nothing(api: APIClient) -> None:
    line = factories.BudgetFactory(code="B1", amount="10.00")
    before = moment()
    line.amount = 12
    line.save()
    response = api.post("/api/v1/budgets/B1/revert/", {"to": before})
    assert (response.status_code, response.json()) == (
        200,
        {
            "to": before,
            "dry_run": True,
            "changes": [
                {
                    "record": "budget",
                    "key": "B1",
                    "type": "changed",
                    "fields": [{"field": "amount", "old": "12.00", "new": "10.00"}],
                }
            ],
            "refused": [],
        },
    )
    line.refresh_from_db()
    assert (line.amount, line.history.count()) == (12, 2)


def test_record_goes_back_by_a_version_of_its_own(api: APIClient, officer: User) -> None:
    line = factories.BudgetFactory(code="B1", amount="10.00")
    before = moment()
    line.amount = 12
    line.save()
    assert undo(api, "budgets/B1", before)["dry_run"] is False
    last = line.history.first()
    assert [last.amount, last.history_user, last.history_via, last.history_change_reason, last.history_type] == [
        10, officer, "api", "Undone", "~",
    ]  # fmt: skip
    assert (Budget.objects.get().amount, line.history.count()) == (10, 3)
    assert undo(api, "budgets/B1", before)["changes"] == []
    assert line.history.count() == 3


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_resource_takes_a_deleted_record_back(prefix: str, api: APIClient) -> None:
    record = make(RESOURCES[prefix].queryset.model)
    model: Any = type(record)
    # `make` links records of different programmes.
    within = {"phase", "budget", "part_of", "revises", "follows"}
    model.objects.filter(pk=record.pk).update(
        **dict.fromkeys([field.name for field in model._meta.fields if field.name in within and field.null])
    )
    record = model.objects.get(pk=record.pk)
    record.save()
    key, number, before = getattr(record, key_field(model)), record.pk, moment()
    shown = api.get(f"/api/v1/{prefix}/{key}/").json()
    record.delete()
    steps = undo(api, f"{prefix}/{key}", before)["changes"]
    assert [(each["record"], each["key"], each["type"]) for each in steps] == [(kind_name(model), key, "created")]
    assert model.objects.get(pk=number).history.count() == 4
    times = {"created_at", "modified_at", "version"}
    again = api.get(f"/api/v1/{prefix}/{key}/").json()
    assert {name: again[name] for name in again.keys() - times} == {name: shown[name] for name in shown.keys() - times}


def test_programme_goes_back_with_all_that_belongs_to_it(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="Before")
    phase = factories.PhaseFactory(programme=programme, code="AIRCOP-I", label="I", order=1)
    whole = factories.BudgetFactory(programme=programme, code="AIRCOP-B1", amount="100.00")
    part = factories.BudgetFactory(programme=programme, code="AIRCOP-B2", amount="40.00", part_of=whole)
    share = factories.BudgetCountryFactory(budget=whole)
    payment = factories.TransactionFactory(programme=programme, code="AIRCOP-T1", budget=whole)
    result = factories.ResultFactory(programme=programme, code="AIRCOP-R1")
    observation = factories.ObservationFactory(
        indicator=factories.IndicatorFactory(result=result, code="AIRCOP-I1"), value="1", as_of="2016"
    )
    citation = factories.CitationFactory(programme=None, observation=observation, field="value", value="1")
    keys = [share.pk, citation.pk, observation.pk, phase.pk, whole.pk]
    before = moment()

    citation.delete()
    observation.value = 2
    observation.save()
    part.part_of = None
    part.amount = 150
    part.save()
    new = factories.BudgetFactory(programme=programme, code="AIRCOP-B3", amount="200.00")
    part.part_of = new
    part.save()
    payment.budget = new
    payment.save()
    whole.delete()
    phase.delete()
    other = factories.PhaseFactory(programme=programme, code="AIRCOP-X", label="I", order=1)
    factories.CitationFactory(programme=None, phase=other)
    programme.name = "After"
    programme.save()

    steps = undo(api, "programmes/AIRCOP", before)["changes"]
    new_citation = Citation.history.filter(phase_id=other.pk).first().id
    assert [(each["record"], each["key"], each["type"]) for each in steps] == [
        ("programme", "AIRCOP", "changed"),
        ("phase", "AIRCOP-I", "created"),
        ("budget", "AIRCOP-B1", "created"),
        ("budget", "AIRCOP-B2", "changed"),
        ("budget_country", keys[0], "created"),
        ("transaction", "AIRCOP-T1", "changed"),
        ("observation", keys[2], "changed"),
        ("citation", keys[1], "created"),
        ("citation", new_citation, "deleted"),
        ("budget", "AIRCOP-B3", "deleted"),
        ("phase", "AIRCOP-X", "deleted"),
    ]
    assert steps[3]["fields"] == [
        {"field": "amount", "old": "150.00", "new": "40.00"},
        {"field": "part_of", "old": "AIRCOP-B3", "new": "AIRCOP-B1"},
    ]
    assert Programme.objects.get(code="AIRCOP").name == "Before"
    assert list(Phase.objects.values_list("pk", "code")) == [(keys[3], "AIRCOP-I")]
    assert list(Budget.objects.order_by("code").values_list("pk", "amount", "part_of")) == [
        (keys[4], 100, None),
        (part.pk, 40, keys[4]),
    ]
    assert BudgetCountry.objects.get().pk == keys[0]
    assert Transaction.objects.get().budget.code == "AIRCOP-B1"
    assert Observation.objects.get().value == 1
    assert Citation.objects.get().pk == keys[1]
    assert {each.history_change_reason for each in Budget.history.all()[:3]} == {"Undone"}
    assert undo(api, "programmes/AIRCOP", before)["changes"] == []


def test_deleted_programme_comes_back_with_its_children(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    alias = factories.AliasFactory(programme=programme, name="Airports")
    keys, before = (programme.pk, alias.pk), moment()
    programme.delete()
    undo(api, "programmes/AIRCOP", before)
    assert (Programme.objects.get().pk, Alias.objects.get().pk) == keys


def test_what_left_for_another_programme_comes_back(api: APIClient) -> None:
    programme, other = factories.ProgrammeFactory(code="AIRCOP"), factories.ProgrammeFactory(code="SEACOP")
    alias = factories.AliasFactory(programme=programme)
    before = moment()
    alias.programme = other
    alias.save()
    undo(api, "programmes/AIRCOP", before)
    assert Alias.objects.get().programme == programme


def refused(client: APIClient, address: str, to: str) -> list[tuple[str, Any, str | None, str]]:
    """The reasons that the dry run gives."""
    response = client.post(f"/api/v1/{address}/revert/", {"to": to})
    assert response.status_code == 200, response.json()
    return [(each["record"], each["key"], each["field"], each["code"]) for each in response.json()["refused"]]


def test_refused_where_another_record_depends_on_what_would_go(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="Before")
    before = moment()
    programme.name = "After"
    programme.save()
    line = factories.BudgetFactory(programme=programme, code="AIRCOP-B1")
    factories.BudgetFactory(code="OTHER-B1", title="Other", same_as=line)
    assert refused(api, "programmes/AIRCOP", before) == [("budget", "AIRCOP-B1", None, "protected")]
    body = {"to": before, "reason": "x", "dry_run": False}
    response = api.post("/api/v1/programmes/AIRCOP/revert/", body)
    assert faults(response) == (409, "conflict", [("budget.AIRCOP-B1", "protected")])
    assert response.json()["detail"] == "Budget line OTHER-B1 Other depends on it."
    assert Programme.objects.get(code="AIRCOP").name == "After"
    assert Programme.history.filter(history_change_reason="x").count() == 0


def test_refused_where_a_linked_record_is_there_no_more(api: APIClient) -> None:
    instrument = factories.InstrumentFactory(code="DCI")
    line = factories.BudgetFactory(code="B1", instrument=instrument)
    before = moment()
    line.instrument = None
    line.save()
    instrument.delete()
    assert refused(api, "budgets/B1", before) == [("budget", "B1", "instrument", "invalid")]
    body = {"to": before, "reason": "x", "dry_run": False}
    assert faults(api.post("/api/v1/budgets/B1/revert/", body)) == (
        409, "conflict", [("budget.B1.instrument", "invalid")],
    )  # fmt: skip


def test_refused_where_the_rules_of_the_model_speak_against_it(api: APIClient) -> None:
    whole = factories.BudgetFactory(code="B1", amount="100.00")
    before = moment()
    whole.amount = 200
    whole.save()
    factories.BudgetFactory(code="B2", amount="150.00", part_of=whole)
    assert refused(api, "budgets/B1", before) == [("budget", "B1", "amount", "more_than_whole")]


def test_refused_where_the_code_is_taken(api: APIClient) -> None:
    source = factories.SourceFactory(code="EPRS")
    before = moment()
    source.code = "EPRS-OLD"
    source.save()
    factories.SourceFactory(code="EPRS")
    assert refused(api, "sources/EPRS-OLD", before) == [("source", "EPRS-OLD", "code", "unique")]


def test_refused_for_a_record_that_was_not_there(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    before = moment()
    factories.ProgrammeFactory(code="SEACOP")
    response = api.post("/api/v1/programmes/SEACOP/revert/", {"to": before})
    assert faults(response) == (409, "conflict", [("to", "not_there_then")])


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "to", "required"),
        ({"to": "2150-01-01"}, "to", "in_the_future"),
        ({"to": "2001-01-01"}, "to", "before_the_first_record"),
        ({"to": "soon"}, "to", "invalid_moment"),
        ({"to": 2016}, "to", "invalid"),
        ({"to": "now", "dryrun": True}, "dryrun", "unknown_field"),
        ({"to": "now", "dry_run": "no"}, "dry_run", "invalid"),
        ({"to": "now", "dry_run": False}, "reason", "empty"),
        ({"to": "now", "reason": "x" * 101}, "reason", "too_long"),
        ({"to": "now", "reason": "a\nb"}, "reason", "invalid_character"),
        ([], None, "invalid"),
    ],
)
def test_revert_refuses_what_it_cannot_read(api: APIClient, body: Any, field: str | None, code: str) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    if isinstance(body, dict) and body.get("to") == "now":
        body = body | {"to": moment()}
    response = api.post("/api/v1/programmes/AIRCOP/revert/", body)
    assert faults(response) == (400, "invalid", [(field, code)])


def test_revert_of_what_never_was(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    assert api.post("/api/v1/programmes/AIRCOPP/revert/", {"to": moment()}).status_code == 404


def test_revert_needs_the_permission_of_each_step(anyone: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="Before")
    before = moment()
    programme.name = "After"
    programme.save()
    factories.AliasFactory(programme=programme)
    user = User.objects.create_user("clerk")
    clerk = OverwritingClient()

    def status(*permissions: str) -> int:
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        clerk.force_authenticate(User.objects.get(pk=user.pk))
        return clerk.post("/api/v1/programmes/AIRCOP/revert/", {"to": before}).status_code

    assert anyone.post("/api/v1/programmes/AIRCOP/revert/", {"to": before}).status_code == 401
    assert status("add_programme", "delete_programme", "view_programme", "delete_alias") == 403
    assert status("change_programme") == 403
    assert status("change_programme", "delete_alias") == 403  # it is not assigned to them
    assert status("change_programme", "delete_alias", "change_every_programme") == 200


def test_day_stands_for_its_end(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="First")
    programme._history_date = timezone.now() - datetime.timedelta(days=2)
    Programme.history.update(history_date=timezone.now() - datetime.timedelta(days=3))
    programme.name = "Second"
    programme.save()
    day = (timezone.now() - datetime.timedelta(days=2)).date().isoformat()
    programme.name = "Third"
    programme.save()
    undo(api, "programmes/AIRCOP", day)
    assert Programme.objects.get().name == "Second"
