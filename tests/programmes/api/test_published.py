"""What the public cannot learn of a programme that is not published, by whatever it asks."""

import json
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from programmes.models import Programme
from programmes.reports.registry import REPORTS
from tests import factories
from tests.people import person
from tests.programmes.api.resources import RESOURCES, make
from tests.programmes.api.test_access import part_of
from tracker.access.roles import Role
from tracker.api import changed_since as changes
from tracker.api.addresses import key_field
from tracker.records.past import reading
from tracker.records.publication import TRANSITIONS
from tracker.records.views import can_be_hidden

pytestmark = pytest.mark.django_db

WORD = "Zyxwv"  # stands in every text of what is hidden
OWNED = [prefix for prefix, view in RESOURCES.items() if can_be_hidden(view.queryset.model)]


@pytest.fixture
def hidden() -> Programme:
    """A draft under a public umbrella, with money, countries and figures, beside a public programme alike."""
    umbrella = factories.ProgrammeFactory(code="UMBRELLA")
    programmes = []
    country, theme = factories.CountryFactory(), factories.ThemeFactory()
    for code, publication in (("PUBLIC", "published"), (WORD.upper(), "draft")):
        programme = factories.ProgrammeFactory(
            code=code, name=f"{code} {WORD if publication == 'draft' else ''}", publication=publication,
            parent=umbrella, actual_start="2015", actual_end="2016",
        )  # fmt: skip
        factories.ProgrammeThemeFactory(programme=programme, theme=theme)
        factories.ParticipationFactory(programme=programme, country=country)
        line = factories.BudgetFactory(programme=programme, title=f"{code} line", amount=100)
        factories.CitationFactory(budget=line)
        indicator = factories.IndicatorFactory(result=factories.ResultFactory(programme=programme), additive=True)
        factories.ObservationFactory(indicator=indicator)
        programmes.append(programme)
    public, draft = programmes
    factories.SuccessionFactory(predecessor=public, successor=draft)
    return draft


def text(client: APIClient, address: str, *statuses: int) -> str:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code in (statuses or (200, 400, 401, 404)), (address, response.status_code)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


@pytest.mark.parametrize("prefix", OWNED)
def test_record_of_a_draft_is_not_there(prefix: str, anyone: APIClient) -> None:
    model = RESOURCES[prefix].queryset.model
    record = make(model)
    draft = Programme.objects.create(code="DRAFT", name="Draft")
    key = getattr(record, key_field(model))
    assert anyone.get(f"/api/v1/{prefix}/{key}/").status_code == 200
    Programme.objects.exclude(pk=draft.pk).update(publication="withdrawn")
    assert anyone.get(f"/api/v1/{prefix}/{key}/").status_code == 404
    assert anyone.get(f"/api/v1/{prefix}/").json()["count"] == 0
    assert anyone.get(f"/api/v1/{prefix}/?pagination=cursor").json()["results"] == []


QUESTIONS = [
    "programmes/", "programmes/?expand=children", "programmes/UMBRELLA/", "programmes/PUBLIC/",
    "programmes/PUBLIC/?expand=successions", "programmes/?ordering=-name", "successions/", "programmes/Z/",
    "programmes/?code=ZYX", "totals/?group_by=programme", "totals/?explain=true", "totals/?group_by=umbrella",
    "overlap/", "coverage/", "lineage/", "progress/", "progress-roll-ups/", "gaps/", "disagreements/", "figures/",
    "citations/", "programmes/UMBRELLA/history/", "programmes/?changed_since=2000-01-01",
    "budgets/?changed_since=2000-01-01", "programmes/?format=api", "budgets/?format=api",
    *(f"reports/{report.id}.csv" for report in REPORTS),
    *(f"reports/{report.id}/schema/?programme=ZYX" for report in REPORTS if report.id.startswith("budget")),
]  # fmt: skip


def test_draft_is_named_nowhere(anyone: APIClient, api: APIClient, hidden: Programme) -> None:
    assert [address for address in QUESTIONS if WORD.lower() in text(anyone, address).lower()] == []
    assert WORD.lower() in text(api, "programmes/").lower()


@pytest.mark.parametrize("name", ["code", "code__not", "parent", "under"])
def test_draft_asked_for_by_its_code_is_as_one_that_never_was(name: str, anyone: APIClient, hidden: Programme) -> None:
    answers = [anyone.get(f"/api/v1/programmes/?{name}={code}") for code in (hidden.code, "QWQWQ")]
    assert [(each.status_code, each.json()["errors"][0]["code"]) for each in answers] == 2 * [(400, "unknown_code")]


@pytest.mark.parametrize("prefix", RESOURCES)
def test_what_is_hidden_is_no_value_of_any_filter(prefix: str, anyone: APIClient, hidden: Programme) -> None:
    for name, each in RESOURCES[prefix].filterset_class.base_filters.items():
        records = getattr(each.value, "queryset", None)
        if records is None or not can_be_hidden(records.model):
            continue
        key = str(getattr(part_of(hidden, records.model), key_field(records.model)))
        unknown = "9" * 12 if key.isdecimal() else "QWQWQ"
        answers = [anyone.get(f"/api/v1/{prefix}/?{name}={value}") for value in (key, unknown)]
        told = [
            each.content.decode().replace(f"“{word}”", "") for each, word in zip(answers, (key, unknown), strict=True)
        ]
        assert (answers[0].status_code, told[0]) == (400, told[1]), name


def test_draft_is_not_found_by_its_words(anyone: APIClient, hidden: Programme) -> None:
    for address in (f"programmes/?search={WORD}", f"budgets/?search={WORD}", "programmes/?publication=draft,withdrawn"):
        assert anyone.get(f"/api/v1/{address}").json()["count"] == 0
    assert anyone.get(f"/api/v1/programmes/{hidden.code}/").status_code == 404


def test_numbers_leave_drafts_out(anyone: APIClient, api: APIClient, hidden: Programme) -> None:
    def asked(client: APIClient) -> dict[str, Any]:
        get = lambda address: client.get(f"/api/v1/{address}").json()  # noqa: E731
        return {
            "programmes": get("programmes/")["count"],
            "total": get("totals/")["total"][0]["amount"],
            "under": get("totals/?under=UMBRELLA")["total"][0]["lines"],
            "children": len(get("programmes/UMBRELLA/")["children"]),
            "successions": len(get("programmes/PUBLIC/")["successions"]),
            "overlap": get("overlap/")["count"],
            "figures": get("figures/")["count"],
            "gaps": get("gaps/")["count"],
            "citations": get("citations/")["count"],
        }

    assert asked(anyone) == {
        "programmes": 2, "total": "100.00", "under": 1, "children": 1, "successions": 0, "overlap": 0, "figures": 2,
        "gaps": 2, "citations": 1,
    }  # fmt: skip
    assert asked(api) == {
        "programmes": 3, "total": "200.00", "under": 2, "children": 2, "successions": 1, "overlap": 1, "figures": 4,
        "gaps": 3, "citations": 2,
    }  # fmt: skip


def test_link_to_what_is_hidden_reads_as_none(anyone: APIClient, hidden: Programme) -> None:
    Programme.objects.filter(code="UMBRELLA").update(publication="withdrawn")
    line = factories.BudgetFactory(programme=Programme.objects.get(code="PUBLIC"), part_of=hidden.budgets.get())
    assert anyone.get("/api/v1/programmes/PUBLIC/?fields=parent").json() == {"parent": None}
    assert anyone.get("/api/v1/programmes/?parent__isnull=true&fields=code").json()["count"] == 1
    assert anyone.get(f"/api/v1/budgets/{line.code}/?fields=part_of").json() == {"part_of": None}
    assert anyone.get("/api/v1/totals/?programme=PUBLIC").json()["total"][0]["amount"] == "200.00"


def test_known_on_shows_what_was_public_then_and_is_now(anyone: APIClient, officer: Any) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", publication="draft")
    factories.ProgrammeFactory(code="OTHER")
    factories.AliasFactory(programme=programme)
    moments = [timezone.now().isoformat()]
    for transition in ("publish", "withdraw", "publish"):
        programme.take(TRANSITIONS[transition], officer)
        moments.append(timezone.now().isoformat())

    def aliases(moment: str) -> int:
        return anyone.get("/api/v1/aliases/", {"known_on": moment}).json()["count"]

    assert [aliases(moment) for moment in moments] == [0, 1, 0, 1]
    programme.take(TRANSITIONS["withdraw"], officer)
    assert [aliases(moment) for moment in moments] == [0, 0, 0, 0]


@pytest.mark.parametrize("few", [0, changes.FEW], ids=["many", "few"])
def test_changed_since_tells_the_public_what_came_and_went(
    anyone: APIClient, officer: Any, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "FEW", few)
    came, went = (
        factories.ProgrammeFactory(code=code, publication=state)
        for code, state in (("CAME", "draft"), ("WENT", "published"))
    )
    alias, lost = factories.AliasFactory(programme=came), factories.AliasFactory(programme=went)
    never = factories.ProgrammeFactory(code="NEVER", publication="draft")
    since = timezone.now().isoformat()
    came.take(TRANSITIONS["publish"], officer)
    went.take(TRANSITIONS["withdraw"], officer)
    never.delete()

    def asked(address: str) -> tuple[list[Any], list[Any]]:
        answer = anyone.get(f"/api/v1/{address}/", {"changed_since": since}).json()
        ends = [(each.get("code") or each["id"], each["deleted_at"]) for each in answer["deleted"]]
        return [each.get("code") or each["id"] for each in answer["results"]], ends

    withdrawn = went.withdrawn_at.isoformat().replace("+00:00", "Z")
    assert asked("programmes") == (["CAME"], [("WENT", withdrawn)])
    assert asked("aliases") == ([alias.pk], [(lost.pk, withdrawn)])


def test_changed_since_tells_the_public_of_parts_of_what_was_moved_out_of_sight(anyone: APIClient) -> None:
    seen, draft = factories.ProgrammeFactory(code="SEEN"), factories.ProgrammeFactory(code="D", publication="draft")
    moved, stays = (factories.BudgetFactory(programme=seen, code=code) for code in ("MOVED", "STAYS"))
    country, other = (factories.BudgetCountryFactory(budget=each) for each in (moved, stays))
    since = timezone.now().isoformat()
    moved.programme = draft
    moved.save()
    other.percentage = 40
    other.save()

    def asked(address: str, key: str) -> tuple[list[Any], list[Any]]:
        answer = anyone.get(f"/api/v1/{address}/", {"changed_since": since}).json()
        return [each[key] for each in answer["results"]], [each[key] for each in answer["deleted"]]

    assert asked("budgets", "code") == ([], ["MOVED"])
    assert asked("budget-countries", "id") == ([other.pk], [country.pk])


def test_viewer_sees_all_and_a_user_without_a_role_what_the_public_sees() -> None:
    factories.ProgrammeFactory(code="DRAFT", publication="draft")
    counts = {}
    for role in (None, *Role):
        client = APIClient()
        client.force_authenticate(person(role))
        counts[role] = client.get("/api/v1/programmes/").json()["count"]
    assert counts == {None: 0} | dict.fromkeys(Role, 1)


def test_nothing_is_written_while_reading_as_the_public() -> None:
    programme = factories.ProgrammeFactory(name="before")
    with pytest.raises(Exception, match=r"read-?only|cannot update view|can be written"), reading(public=True):
        Programme.objects.filter(pk=programme.pk).update(name="inside")
    assert Programme.objects.get(pk=programme.pk).name == "before"


def test_steps_of_publication(api: APIClient, officer: Any) -> None:
    made = api.post("/api/v1/programmes/", {"code": "AIRCOP", "name": "A"}).json()
    assert (made["publication"], made["published_at"]) == ("draft", None)
    assert api.post("/api/v1/programmes/AIRCOP/withdraw/").json()["errors"][0]["code"] == "wrong_state"
    published = api.post("/api/v1/programmes/AIRCOP/publish/", headers={"Change-Reason": "reviewed"}).json()
    assert (published["publication"], published["published_at"] is not None) == ("published", True)
    assert api.post("/api/v1/programmes/AIRCOP/publish/").status_code == 409
    assert api.post("/api/v1/programmes/AIRCOP/withdraw/").json()["publication"] == "withdrawn"
    assert api.post("/api/v1/programmes/AIRCOP/publish/").json()["withdrawn_at"] is None
    stored = Programme.objects.get(code="AIRCOP")
    assert (stored.published_by, stored.withdrawn_by, stored.history.count()) == ("officer", "", 4)
    told = api.get("/api/v1/programmes/AIRCOP/history/?type=changed").json()["results"]
    assert told[-1]["fields"] == [{"field": "publication", "old": "draft", "new": "published"}]
    assert told[-1]["reason"] == "reviewed"


def test_step_of_publication_is_tried_and_heeds_the_version(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", publication="draft")
    seen = api.get("/api/v1/programmes/AIRCOP/").headers["ETag"]
    tried = api.post("/api/v1/programmes/AIRCOP/publish/?dry_run=1")
    assert (tried.status_code, tried.headers["Dry-Run"], tried.json()["publication"]) == (200, "true", "published")
    assert api.post("/api/v1/programmes/AIRCOP/withdraw/?dry_run=1").status_code == 409
    factories.AliasFactory(programme=programme)
    stale = api.post("/api/v1/programmes/AIRCOP/publish/", headers={"If-Match": seen})
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    stored = Programme.objects.get()
    assert (stored.publication, stored.history.count()) == ("draft", 1)


def test_going_back_leaves_the_publication(api: APIClient) -> None:
    programme = factories.ProgrammeFactory(code="AIRCOP", name="before", publication="draft")
    before = timezone.now().isoformat()
    programme.name = "after"
    programme.save()
    api.post("/api/v1/programmes/AIRCOP/publish/")
    answer = api.post("/api/v1/programmes/AIRCOP/revert/", {"to": before, "reason": "wrong", "dry_run": False})
    assert answer.status_code == 200, json.dumps(answer.json())
    stored = Programme.objects.get()
    assert (stored.name, stored.publication) == ("before", "published")
