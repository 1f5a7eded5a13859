"""The changes of a record and of a whole programme: when, by whom, by which way, why, and field by field."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from countries.models import Country
from programmes.analysis.history import OWNERS
from programmes.models import Budget, Programme
from tests import factories
from tests.people import person
from tests.programmes.api.resources import RESOURCES, make
from tracker.api import changed_since as changes
from tracker.api.addresses import key_field
from tracker.records.changes import kind_name
from tracker.records.history import WayIn, because, change
from tracker.records.models import Record

pytestmark = pytest.mark.django_db


def told(client: APIClient, address: str) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.json()
    return response.json()["results"]


def moment() -> str:
    return timezone.now().isoformat().replace("+00:00", "Z")


def test_history_of_a_record_tells_each_field_before_and_after(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    line = factories.BudgetFactory(programme=programme, code="AIRCOP-B1", title="Total", amount="10.00")
    since = moment()
    response = api.patch(
        "/api/v1/budgets/AIRCOP-B1/",
        {"amount": None, "amount_null_reason": "undisclosed", "period_start": "2016-02"},
        headers={"Change-Reason": "Révision"},
    )
    assert response.status_code == 200
    (changed,) = told(api, f"budgets/AIRCOP-B1/history/?since={since}")
    assert changed == {
        "when": line.history.first().history_date.isoformat().replace("+00:00", "Z"),
        "user": "officer",
        "via": "api",
        "reason": "Révision",
        "record": "budget",
        "key": "AIRCOP-B1",
        "type": "changed",
        "fields": [
            {"field": "amount", "old": "10.00", "new": None},
            {"field": "amount_null_reason", "old": "", "new": "undisclosed"},
            {"field": "period_start", "old": None, "new": "2016-02"},
        ],
    }  # fmt: skip


def test_history_of_a_deleted_record_tells_links_by_their_codes(api: APIClient) -> None:
    share = factories.BudgetCountryFactory(
        budget=factories.BudgetFactory(code="B1"), country=factories.CountryFactory(code="PA", alpha3="PAN")
    )
    key = share.pk
    share.delete()
    Budget.objects.get().delete()
    deleted, created = told(api, f"budget-countries/{key}/history/")
    fields = [("budget", "B1"), ("country", "PA")]
    assert deleted["fields"] == [{"field": name, "old": code, "new": None} for name, code in fields]
    assert created["fields"] == [{"field": name, "old": None, "new": code} for name, code in fields]
    assert [deleted["type"], created["type"], created["user"], created["via"], created["reason"]] == [
        "deleted", "created", None, "", None,
    ]  # fmt: skip


def test_history_uses_the_names_that_fields_have_in_the_api(api: APIClient) -> None:
    source = factories.SourceFactory(code="EPRS")
    source.url = "https://example.org/"
    source.save()
    changed = told(api, "sources/EPRS/history/")[0]
    assert changed["fields"] == [{"field": "link", "old": "", "new": "https://example.org/"}]


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_resource_has_the_history_of_its_records(prefix: str, api: APIClient) -> None:
    record = make(RESOURCES[prefix].queryset.model)
    key = getattr(record, key_field(type(record)))
    record.delete()
    kind = kind_name(type(record))
    asked = f"{prefix}/{key}/history/?page_size=1000" + ("&record=programme" if prefix == "programmes" else "")
    assert [(each["record"], each["key"], each["type"]) for each in told(api, asked)] == [
        (kind, key, "deleted"),
        (kind, key, "created"),
    ]


def test_history_of_a_programme_has_all_that_ever_belonged_to_it(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    other = factories.ProgrammeFactory(code="SEACOP", parent=programme)
    phase = factories.PhaseFactory(programme=programme, code="AIRCOP-I")
    line = factories.BudgetFactory(programme=programme, code="AIRCOP-B1")
    share = factories.BudgetCountryFactory(budget=line)
    indicator = factories.IndicatorFactory(
        result=factories.ResultFactory(programme=programme, code="AIRCOP-R1"), code="AIRCOP-I1"
    )
    observation = factories.ObservationFactory(indicator=indicator, as_of="2016")
    citation = factories.CitationFactory(observation=observation, programme=None)
    factories.CitationFactory(programme=other)
    keys = [share.pk, observation.pk, citation.pk]
    for record in (citation, observation, share, phase):
        record.delete()
    line.programme = other
    line.save()
    assert [(each["record"], each["key"], each["type"]) for each in told(api, "programmes/AIRCOP/history/")] == [
        ("budget", "AIRCOP-B1", "changed"),
        ("phase", "AIRCOP-I", "deleted"),
        ("budget_country", keys[0], "deleted"),
        ("observation", keys[1], "deleted"),
        ("citation", keys[2], "deleted"),
        ("citation", keys[2], "created"),
        ("observation", keys[1], "created"),
        ("indicator", "AIRCOP-I1", "created"),
        ("result", "AIRCOP-R1", "created"),
        ("budget_country", keys[0], "created"),
        ("budget", "AIRCOP-B1", "created"),
        ("phase", "AIRCOP-I", "created"),
        ("programme", "AIRCOP", "created"),
    ]


def test_history_of_a_deleted_programme(api: APIClient) -> None:
    alias = factories.AliasFactory(programme=factories.ProgrammeFactory(code="AIRCOP"), name="Airports")
    key = alias.pk
    Programme.objects.get().delete()
    changes = told(api, "programmes/AIRCOP/history/?type=deleted")
    assert sorted((each["record"], each["key"]) for each in changes) == [("alias", key), ("programme", "AIRCOP")]
    assert [each["fields"][0] for each in changes if each["record"] == "alias"] == [
        {"field": "programme", "old": "AIRCOP", "new": None}
    ]


def test_every_kind_that_belongs_to_a_programme_is_in_its_history() -> None:
    """All kinds that are deleted with a programme, or keep it from being deleted while they are its own."""
    own = set(OWNERS)
    for view in RESOURCES.values():
        model: Any = view.queryset.model
        links = {field.name: field.related_model for field in model._meta.concrete_fields if field.is_relation}
        needed = {name for name in links if not model._meta.get_field(name).null}
        belongs = any(links[name] in {Programme, *own} for name in needed) or model.__name__ == "Citation"
        assert (model in own) == belongs, model
        if model in own:
            assert OWNERS[model].items() <= links.items()


def test_history_is_narrowed(api: APIClient, officer: Any) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    with change(WayIn.IMPORT, "list.csv"):
        alias = factories.AliasFactory(programme=programme)
    between = moment()
    programme.name, programme._history_user = "New", officer
    with because("Typing error"):
        programme.save()

    def kinds(query: str) -> list[tuple[str, str, str | None]]:
        results = told(api, f"programmes/AIRCOP/history/?{query}")
        return [(each["record"], each["type"], each["reason"]) for each in results]

    last = ("programme", "changed", "Typing error")
    added, first = ("alias", "created", "list.csv"), ("programme", "created", None)
    assert kinds("") == [last, added, first]
    assert kinds(f"since={between}") == kinds("user=officer") == kinds("type=changed") == [last]
    assert kinds(f"until={between}") == kinds("type=created,deleted") == [added, first]
    assert kinds("record=alias,budget") == [added]
    assert kinds("record=budget") == []
    assert kinds("page_size=1&page=2") == [added]
    assert alias.history.get().history_via == "import"


@pytest.mark.parametrize(
    ("query", "status", "field", "code"),
    [
        ("since=soon", 400, "since", "invalid_moment"),
        ("since=2020-01-02&until=2020-01-01", 400, "until", "before_since"),
        ("user=nobody", 400, "user", "unknown_value"),
        ("type=renamed", 400, "type", "unknown_value"),
        ("record=bugdet", 400, "record", "unknown_value"),
        ("page=0", 400, "page", "invalid_number"),
        ("page=2", 404, "page", "not_found"),
        ("code=A", 400, "code", "unknown_parameter"),
        ("cursor=x", 400, "cursor", "invalid"),
    ],
)
def test_history_refuses(api: APIClient, query: str, status: int, field: str, code: str) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    response = api.get(f"/api/v1/programmes/AIRCOP/history/?{query}")
    assert (response.status_code, response.json()["errors"][0]["field"], response.json()["errors"][0]["code"]) == (
        status, field, code,
    )  # fmt: skip


def test_history_is_for_those_who_see_what_is_not_published(anyone: APIClient, api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    signed_in = APIClient()
    signed_in.force_authenticate(person(None))
    address = "/api/v1/programmes/AIRCOP/history/"
    assert [each.get(address).status_code for each in (anyone, signed_in, api)] == [401, 403, 200]


@pytest.mark.parametrize("address", ["programmes/AIRCOPP", "citations/12", "citations/x", "citations/%00"])
def test_history_of_what_never_was(api: APIClient, address: str) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    assert api.get(f"/api/v1/{address}/history/").status_code == 404


def test_history_asks_as_often_for_many_versions_as_for_one(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    line = factories.BudgetFactory(programme=programme)
    counts = []
    for amount in range(1, 5):
        with CaptureQueriesContext(connection) as captured:
            assert len(told(api, "programmes/AIRCOP/history/")) == 2 * amount
        counts.append(len(captured))
        line.amount, programme.name = amount, f"Name {amount}"
        line.save()
        programme.save()
    assert counts == [20, 22, 22, 22]  # those just created have no versions before


def test_history_shows_values_of_every_kind_as_the_api_does(api: APIClient) -> None:
    country = factories.CountryFactory(code="PA", alpha3="PAN")
    observation = factories.ObservationFactory(value="1.5", as_of="2016-02", disaggregation={"sex": "female"})
    assert Country.objects.get() == country
    shown = {each["field"]: each["new"] for each in told(api, f"observations/{observation.pk}/history/")[0]["fields"]}
    assert shown == {
        "indicator": observation.indicator.code,
        "kind": "actual",
        "value": "1.5000",
        "exactness": "exact",
        "as_of": "2016-02",
        "disaggregation": {"sex": "female"},
    }


@pytest.mark.parametrize(
    ("reason", "code"),
    [("x" * 101, "too_long"), ("a\tb", "invalid_character"), (" ", "empty"), ("\x7f", "invalid_character")],
)
def test_reason_that_is_none_is_refused(api: APIClient, reason: str, code: str) -> None:
    factories.ProgrammeFactory(code="AIRCOP", name="Before")
    response = api.patch("/api/v1/programmes/AIRCOP/", {"name": "After"}, headers={"Change-Reason": reason})
    assert response.status_code == 400
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [("Change-Reason", code)]
    assert Programme.objects.get().name == "Before"


@pytest.mark.parametrize("header", ["UTF-8''R%C3%A9vision%20n%C2%BA%201", "utf-8''R%c3%a9vision%20n%c2%ba 1"])
def test_reason_that_is_not_ascii_is_written_as_the_standard_has_it(api: APIClient, header: str) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    response = api.patch("/api/v1/programmes/AIRCOP/", {"name": "New"}, headers={"Change-Reason": header})
    assert (response.status_code, programme.history.first().history_change_reason) == (200, "Révision nº 1")


def test_reason_stands_in_the_history_of_every_write(api: APIClient) -> None:
    def reason(text: str) -> dict[str, str]:
        return {"Change-Reason": text}

    api.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "A"}, headers=reason("new"))
    api.put(
        "/api/v1/programmes/AIRCOP/",
        {"code": "AIRCOP", "name": "B"},
        headers=reason("Résumé".encode().decode("latin-1")),
    )
    api.patch("/api/v1/programmes/AIRCOP/", {"name": "C"})
    api.delete("/api/v1/programmes/AIRCOP/", headers=reason("x" * 100))
    versions: Any = Programme.history.order_by("history_id")
    assert list(versions.values_list("history_change_reason", "history_via")) == [
        ("new", "api"), ("Résumé", "api"), (None, "api"), ("x" * 100, "api"),
    ]  # fmt: skip


def test_revised_observation_keeps_the_original_readable(api: APIClient) -> None:
    observation = factories.ObservationFactory(value="10", as_of="2016")
    before = moment()
    address = f"/api/v1/observations/{observation.pk}/"
    api.patch(address, {"value": "12"}, headers={"Change-Reason": "Final report"})
    assert api.get(f"{address}?fields=value").json() == {"value": "12.0000"}
    assert api.get(f"{address}?fields=value&known_on={before}").json() == {"value": "10.0000"}
    last = told(api, f"observations/{observation.pk}/history/")[0]
    assert (last["reason"], last["fields"]) == (
        "Final report",
        [{"field": "value", "old": "10.0000", "new": "12.0000"}],
    )


def changed(client: APIClient, address: str) -> tuple[list[Any], Any]:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.json()
    key = "code" if address.startswith(("programmes", "phases")) else "id"
    return [each[key] for each in response.json()["results"]], response.json().get("deleted")


@pytest.mark.parametrize("few", [0, changes.FEW], ids=["many", "few"])
def test_list_changed_since_has_what_changed_and_what_was_deleted(
    anyone: APIClient, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "FEW", few)
    old, renamed, gone = (factories.ProgrammeFactory(code=code) for code in ("OLD", "RENAMED", "GONE"))
    phase = factories.PhaseFactory(programme=old, code="OLD-I")
    since = moment()
    renamed.name = "New name"
    renamed.save()
    factories.ProgrammeFactory(code="NEW")
    gone.delete()
    phase.order = 7
    phase.save()
    deleted_at = Programme.history.get(history_type="-").history_date.isoformat().replace("+00:00", "Z")
    deleted = [{"code": "GONE", "deleted_at": deleted_at}]
    assert changed(anyone, f"programmes/?changed_since={since}") == (["NEW", "RENAMED"], deleted)
    assert changed(anyone, f"programmes/?changed_since={since}&code=OLD") == ([], deleted)
    assert changed(anyone, f"programmes/?changed_since={since}&page_size=1") == (["NEW"], deleted)
    assert changed(anyone, f"programmes/?changed_since={since}&page_size=1&page=2") == (["RENAMED"], None)
    assert changed(anyone, f"programmes/?changed_since={since}&pagination=cursor") == (["NEW", "RENAMED"], deleted)
    assert changed(anyone, f"phases/?changed_since={since}") == (["OLD-I"], [])
    assert changed(anyone, f"programmes/?changed_since={moment()}") == ([], [])
    assert changed(anyone, "programmes/") == (["NEW", "OLD", "RENAMED"], None)


def test_list_changed_since_and_known_on(anyone: APIClient) -> None:
    alias = factories.AliasFactory()
    key, since = alias.pk, moment()
    alias.name = "Changed"
    alias.save()
    between = moment()
    alias.delete()
    assert changed(anyone, f"aliases/?changed_since={since}&known_on={between}") == ([key], [])
    results, deleted = changed(anyone, f"aliases/?changed_since={since}")
    assert (results, [each["id"] for each in deleted]) == ([], [key])


def test_list_changed_since_does_not_call_a_code_deleted_that_is_there_again(anyone: APIClient) -> None:
    since = moment()
    factories.ProgrammeFactory(code="AIRCOP").delete()
    factories.ProgrammeFactory(code="AIRCOP")
    assert changed(anyone, f"programmes/?changed_since={since}") == (["AIRCOP"], [])


@pytest.mark.parametrize(
    ("value", "code"),
    [("2150-01-01", "in_the_future"), ("soon", "invalid_moment"), ("", "empty"), ("2016-13-01", "invalid_moment")],
)
def test_list_changed_since_refuses(anyone: APIClient, value: str, code: str) -> None:
    response = anyone.get(f"/api/v1/programmes/?changed_since={value}")
    assert response.status_code == 400
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [("changed_since", code)]


@pytest.mark.parametrize("prefix", RESOURCES)
def test_every_list_takes_changed_since(prefix: str, anyone: APIClient) -> None:
    record = make(RESOURCES[prefix].queryset.model)
    since = moment()
    Record.save(record)
    key = key_field(type(record))
    response = anyone.get(f"/api/v1/{prefix}/?changed_since={since}&fields={key}")
    assert response.json() == {
        "deleted": [], "count": 1, "next": None, "previous": None, "results": [{key: getattr(record, key)}],
    }  # fmt: skip
