"""Lists of records written at once, all or nothing; and writes that are only tried."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from programmes.models import Alias, Budget, BudgetCountry, Programme, Theme
from tests import factories
from tests.people import person
from tracker.access.roles import Role
from tracker.api.writes import MAX_RECORDS

pytestmark = pytest.mark.django_db
THEMES = "/api/v1/themes/"


def faults(response: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in response.json()["errors"]]


def test_list_of_new_records_is_added_with_history(api: APIClient) -> None:
    factories.ProgrammeFactory(code="AIRCOP")
    lines = [{"programme": "aircop", "title": title, "amount": "1"} for title in "xyz"]
    response = api.post("/api/v1/budgets/", lines, headers={"Change-Reason": "All at once"})
    assert (response.status_code, [each["code"] for each in response.json()]) == (
        201,
        ["AIRCOP-B1", "AIRCOP-B2", "AIRCOP-B3"],
    )
    assert response.json()[1] == api.get("/api/v1/budgets/AIRCOP-B2/").json()
    assert list(Budget.history.values_list("history_change_reason", flat=True)) == ["All at once"] * 3


def test_list_with_errors_adds_nothing_and_names_all_of_them(api: APIClient) -> None:
    items: list[Any] = [{"code": "A", "name_en": "A"}, {"code": "A", "name_en": "A"}, 1, {"code": "B", "nam": "B"}]
    response = api.post(THEMES, items)
    assert (response.status_code, faults(response)) == (
        400,
        [("[1].code", "unique"), ("[2]", "not_a_mapping"), ("[3].nam", "unknown_field"), ("[3].name_en", "required")],
    )
    assert Theme.objects.count() == 0


def test_later_record_of_a_list_may_link_to_an_earlier_one(api: APIClient) -> None:
    items = [{"code": "A", "name_en": "A"}, {"code": "B", "name_en": "B", "parent": "A"}]
    assert api.post(THEMES, items).status_code == 201
    assert Theme.objects.get(code="B").parent == Theme.objects.get(code="A")


def test_list_of_changes_needs_key_and_version_of_each(api: APIClient) -> None:
    for code in "ABC":
        factories.ThemeFactory(code=code, name_en="Old")
    Theme.objects.get(code="B").save()
    one, two, three = {"code": "a", "version": 1}, {"code": "B", "version": 1}, {"code": "C"}
    stale = api.patch(THEMES, [one | {"name_en": "New"}, two])
    assert (stale.status_code, faults(stale)) == (412, [("[1].version", "stale")])
    unseen = api.patch(THEMES, [two, three])
    assert (unseen.status_code, faults(unseen)) == (428, [("[0].version", "stale"), ("[1]", "version_required")])
    unknown = api.patch(THEMES, [three, {"code": "D", "version": 1}, {"version": 1}])
    assert (unknown.status_code, faults(unknown)) == (
        400,
        [("[0]", "version_required"), ("[1].code", "unknown_code"), ("[2].code", "required")],
    )
    assert set(Theme.objects.values_list("name_en", flat=True)) == {"Old"}
    done = api.patch(THEMES, [one | {"name_en": "New"}, two | {"version": 2, "name_en": "New"}])
    assert (done.status_code, [(each["name_en"], each["version"]) for each in done.json()]) == (
        200,
        [("New", 2), ("New", 3)],
    )


def test_list_of_deletions_goes_in_whichever_order_it_can(api: APIClient) -> None:
    whole = factories.ThemeFactory(code="A")
    factories.ThemeFactory(code="B", parent=whole)
    factories.ThemeFactory(code="C", parent=factories.ThemeFactory(code="D"))
    refused = api.delete(THEMES, [{"code": "A", "version": 1}, {"code": "D", "version": 1}])
    assert (refused.status_code, faults(refused)) == (409, [("[0]", "protected"), ("[1]", "protected")])
    assert Theme.objects.count() == 4
    done = api.delete(THEMES, [{"code": "A", "version": 1}, {"code": "B", "version": 1}])
    assert (done.status_code, done.content, Theme.history.filter(history_type="-").count()) == (204, b"", 2)


@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_list_has_its_limits(api: APIClient, method: str) -> None:
    assert getattr(api, method)(THEMES, []).status_code == 400
    too_many = getattr(api, method)(THEMES, [{}] * (MAX_RECORDS + 1))
    assert (too_many.status_code, too_many.json()["code"]) == (413, "too_large")


def test_record_twice_in_a_list_is_not_deleted(api: APIClient) -> None:
    for code in "AB":
        factories.ThemeFactory(code=code)
    items = [{"code": code, "version": 1} for code in ("A", "B", "a")]
    refused = api.delete(THEMES, items)
    assert (refused.status_code, faults(refused)) == (400, [("[2].code", "repeated")])
    assert (Theme.objects.count(), Theme.history.filter(history_type="-").count()) == (2, 0)


def test_record_twice_in_a_list_of_changes_is_stale_the_second_time(api: APIClient) -> None:
    factories.ThemeFactory(code="A", name_en="Old")
    refused = api.patch(THEMES, [{"code": "A", "version": 1, "name_en": each} for each in ("First", "Second")])
    assert (refused.status_code, faults(refused)) == (412, [("[1].version", "stale")])
    assert Theme.objects.get().name_en == "Old"


def test_officer_writes_a_list_of_their_own_and_none_with_a_foreign_record() -> None:
    own, foreign = (factories.ProgrammeFactory(code=code) for code in ("OWN", "FOREIGN"))
    mine = [factories.AliasFactory(programme=own, name=name) for name in "AB"]
    other = factories.AliasFactory(programme=foreign, name="C")
    officer = APIClient()
    officer.force_authenticate(person(Role.OFFICER, own))

    def items(*records: Alias, **values: str) -> list[dict[str, Any]]:
        return [{"id": each.pk, "version": 1, **values} for each in records]

    refused = "FOREIGN is not among the programmes assigned to you."
    for method, values in (("patch", {"language": "fr"}), ("delete", {})):
        answer = getattr(officer, method)("/api/v1/aliases/", items(*mine, other, **values))
        assert (answer.status_code, answer.json()["detail"]) == (403, refused)
    assert set(Alias.objects.values_list("name", "version")) == {("A", 1), ("B", 1), ("C", 1)}
    changed = officer.patch("/api/v1/aliases/?fields=language,version", items(*mine, language="fr"))
    assert changed.json() == [{"language": "fr", "version": 2}] * 2
    gone = [each | {"version": 2} for each in items(*mine)]
    assert officer.delete("/api/v1/aliases/", gone).status_code == 204
    assert Alias.objects.get() == other


def test_trial_answers_as_the_deed_would_and_changes_nothing(api: APIClient) -> None:
    alias = factories.AliasFactory(name="Old")
    programme = alias.programme
    added = api.post("/api/v1/budgets/?dry_run=1", {"programme": programme.code, "title": "x", "amount": "1"})
    assert (added.status_code, added.json()["code"], added.headers["Dry-Run"]) == (200, f"{programme.code}-B1", "true")
    refused = api.post("/api/v1/budgets/?dry_run=true", {"programme": programme.code, "amount": "-1"})
    assert (refused.status_code, faults(refused)) == (400, [("amount", "negative"), ("title", "required")])
    address = f"/api/v1/aliases/{alias.pk}/?dry_run=1"
    assert api.patch(address, {"name": "New"}).json()["name"] == "New"
    deleted = api.delete(f"/api/v1/programmes/{programme.code}/?dry_run=1")
    assert (deleted.status_code, deleted.json()) == (200, {"deleted": {"alias": 1, "programme": 1}})
    many = api.patch("/api/v1/aliases/?dry_run=1", [{"id": alias.pk, "version": 1, "name": "New"}])
    assert [each["name"] for each in many.json()] == ["New"]
    assert (Budget.objects.count(), Alias.objects.get().name, Alias.history.count()) == (0, "Old", 1)
    assert api.post("/api/v1/budgets/?dry_run=perhaps", {}).status_code == 400


# Parts within


def test_programme_is_added_with_its_parts(api: APIClient) -> None:
    factories.CountryFactory(code="PA", alpha3="PAN", numeric="591")
    body = {
        "code": "AIRCOP",
        "name": "Airports",
        "phases": [{"label": "I", "order": 1}],
        "budgets": [
            {"title": "All", "amount": "5", "phase": "AIRCOP-I", "budget_countries": [{"country": "PAN"}]},
            {"title": "Part", "amount": "2", "part_of": "AIRCOP-B1"},
        ],
        "participations": [{"country": "PA", "phase": "AIRCOP-I"}],
    }
    response = api.post("/api/v1/programmes/", body)
    assert response.status_code == 201, response.json()
    shown = response.json()
    assert [each["code"] for each in shown["phases"]] == ["AIRCOP-I"]
    assert [(each["code"], each["part_of"], each["countries"]) for each in shown["budgets"]] == [
        ("AIRCOP-B1", None, ["PA"]),
        ("AIRCOP-B2", "AIRCOP-B1", []),
    ]
    assert response.headers["ETag"] == api.get("/api/v1/programmes/AIRCOP/").headers["ETag"]


def test_errors_of_parts_are_named_by_their_paths_and_nothing_is_added(api: APIClient) -> None:
    body = {
        "code": "AIRCOP",
        "name": "Airports",
        "phases": [{"label": "I", "order": 1}, {"label": "I", "order": 2}],
        "budgets": [{"title": "x", "amount": "-1"}, {"title": "x", "amount": "1", "budget_countries": [{}]}, 3],
        "aliases": {},
    }
    response = api.post("/api/v1/programmes/", body)
    assert (response.status_code, faults(response)) == (
        400,
        [
            ("aliases", "not_a_list"),
            ("phases[1].code", "unique"),
            ("phases[1].label", "not_unique"),
            ("budgets[0].amount", "negative"),
            ("budgets[1].budget_countries[0].country", "required"),
            ("budgets[2]", "not_a_mapping"),
        ],
    )
    # Where the programme is not valid itself, the shape of its parts is looked at none the less.
    response = api.post("/api/v1/programmes/", {**body, "code": "no code"})
    assert ("code", "invalid_code") in faults(response)
    assert ("budgets[1].budget_countries[0].country", "required") in faults(response)
    assert Programme.objects.count() == 0


def test_part_that_is_named_changes_others_stay_and_what_is_the_same_has_no_new_version(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    first, second = (factories.BudgetFactory(programme=programme, title="Old") for _ in "ab")
    alias = factories.AliasFactory(programme=programme, name="Same")
    body = {
        "budgets": [{"code": first.code, "title": "New"}, {"title": "Third", "amount": "1"}],
        "aliases": [{"id": alias.pk, "name": "Same"}],
    }
    response = api.patch("/api/v1/programmes/AIRCOP/", body)
    assert response.status_code == 200, response.json()
    assert list(Budget.objects.values_list("title", flat=True)) == ["New", "Old", "Third"]
    assert [Alias.history.count(), Programme.history.count(), second.history.count()] == [1, 1, 1]
    # What was read can be sent back, and changes nothing but the programme's own version.
    shown = response.json()
    again = api.put("/api/v1/programmes/AIRCOP/", shown)
    assert (again.status_code, again.json()["version"]) == (200, shown["version"] + 1)
    assert again.json()["budgets"] == shown["budgets"]


def test_part_of_another_or_of_an_older_version_is_refused(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP")
    line, alias = factories.BudgetFactory(programme=programme), factories.AliasFactory()
    line.save()
    address = "/api/v1/programmes/AIRCOP/"
    other = api.patch(address, {"aliases": [{"id": alias.pk, "name": "x"}], "budgets": [{"programme": "OTHER"}]})
    assert faults(other) == [("aliases[0].id", "does_not_exist"), ("budgets[0].programme", "other_owner")]
    stale = api.patch(address, {"budgets": [{"code": line.code, "version": 1, "title": "New"}]})
    assert (stale.status_code, faults(stale)) == (412, [("budgets[0].version", "stale")])


def test_parts_stand_in_other_records_too(api: APIClient) -> None:
    factories.CountryFactory(code="PA", alpha3="PAN", numeric="591")
    line = factories.BudgetFactory()
    response = api.patch(f"/api/v1/budgets/{line.code}/", {"budget_countries": [{"country": "PA"}]})
    assert (response.status_code, BudgetCountry.objects.get().budget) == (200, line)
