"""Records read in from a table: the whole file or nothing, what is wrong told by line and column."""

import datetime
import io
from typing import Any

import openpyxl
import pytest
from rest_framework.test import APIClient

from programmes.models import Citation, Indicator, Programme
from tests import factories
from tests.people import person
from tests.programmes.api.resources import RESOURCES, make
from tracker.access.models import Token
from tracker.access.roles import Role
from tracker.api import imports
from tracker.api.imports import CSV, XLSX
from tracker.transfer.resources import resource_for

pytestmark = pytest.mark.django_db


def sent(client: APIClient, resource: str, file: str | bytes, kind: str = CSV, query: str = "", **headers: str) -> Any:
    return client.post(f"/api/v1/{resource}/import/{query}", data=file, content_type=kind, headers=headers)


def faults(answer: Any) -> tuple[Any, ...]:
    """The status, and of each fault the line, the column and the code."""
    found = [(each.get("line"), each["field"], each["code"]) for each in answer.json()["errors"]]
    return answer.status_code, *found


def workbook(*rows: Any) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def test_rows_are_added_or_change_what_is_there(api: APIClient) -> None:
    factories.ProgrammeFactory(code="OLD", name="Old", actual_start="2015")
    factories.ProgrammeFactory(code="SAME", name="Same")
    file = "code;name;actual_start\nOLD;Cohesión;\nNEW;A new one;2017-02\nSAME;Same;\n"
    answer = sent(api, "programmes", file.encode("utf-8-sig"), **{"Change-Reason": "yearly list"})
    fields = [
        {"field": "actual_start", "old": "2015", "new": None},
        {"field": "name", "old": "Old", "new": "Cohesión"},
    ]
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "created": 1,
            "changed": 1,
            "unchanged": 1,
            "rows": [
                {"line": 2, "key": "OLD", "type": "changed", "fields": fields},
                {"line": 3, "key": "NEW", "type": "created", "fields": []},
            ],
        },
    )
    versions = [(each.code, each.version, each.history.first()) for each in Programme.objects.all()]
    assert [(code, version, last.history_via, last.history_change_reason) for code, version, last in versions] == [
        ("NEW", 1, "import", "yearly list"),
        ("OLD", 2, "import", "yearly list"),
        ("SAME", 1, "", None),
    ]
    assert versions[0][2].history_user.username == "officer"


def test_trial_answers_the_same_and_changes_nothing(api: APIClient) -> None:
    factories.ProgrammeFactory(code="OLD", name="Old")
    file = "code,name\nOLD,New\nNEW,A new one\n"
    trial = sent(api, "programmes", file, query="?dry_run=1")
    assert (trial.status_code, trial["Dry-Run"]) == (200, "true")
    assert list(Programme.objects.values_list("code", "name", "version")) == [("OLD", "Old", 1)]
    assert sent(api, "programmes", file).json() == trial.json()


def test_everything_that_is_wrong_is_told_by_line_and_column(api: APIClient) -> None:
    factories.ProgrammeFactory(code="ALPHA")
    rows = [
        'A,ALPHA,"Two\nlines",5,EUR,',
        "B,ALPHA,Line,many,EUR,2016-13",
        "",
        "C,NOWHERE,Line,-5,XXX,",
        "A,ALPHA,Again,5,EUR,",
    ]
    answer = sent(api, "budgets", "\n".join(["code,programme,title,amount,currency,period_start", *rows]))
    assert faults(answer) == (
        400,
        (4, "amount", "invalid"),
        (4, "period_start", "invalid"),
        (6, "programme", "invalid"),
        (6, "currency", "invalid_choice"),
        (6, "amount", "negative"),
        (7, None, "repeated"),
    )
    assert answer.json()["errors"][2]["detail"] == "There is no programme “NOWHERE”."
    assert Programme.objects.get().budgets.count() == 0


@pytest.mark.parametrize(
    ("file", "kind", "expected"),
    [
        ("", CSV, (400, (None, None, "unreadable"))),
        ("code,name\n", CSV, (400, (None, None, "empty"))),
        ("name\nX\n", CSV, (400, (None, "code", "required"))),
        ("code,nam\nX,Y\n", CSV, (400, (1, None, "unreadable"))),
        ("code,name,code\nX,Y,Z\n", CSV, (400, (1, None, "unreadable"))),
        ("code,name\nX,Y,Z\n", CSV, (400, (2, None, "unreadable"))),
        (b"code,name\nX,\xff\n", CSV, (400, (2, None, "unreadable"))),
        ("code,name\nX,\0\n", CSV, (400, (2, None, "unreadable"))),
        (
            "code,name\n" + "X,Y\n" * (imports.MAX_RECORDS + 1),
            CSV,
            (400, (imports.MAX_RECORDS + 2, None, "unreadable")),
        ),
        ("code,name\n", XLSX, (400, (None, None, "unreadable"))),
        ("code,name\nX,Y\n", f"{CSV}; charset=latin-1", (415,)),
        ('[{"code": "X"}]', "application/json", (415,)),
    ],
    ids=["empty", "rows", "key", "column", "twice", "cells", "utf8", "nul", "many", "xlsx", "charset", "json"],
)
def test_file_that_is_none_is_refused(api: APIClient, file: str | bytes, kind: str, expected: Any) -> None:
    assert faults(sent(api, "programmes", file, kind)) == expected


def test_file_that_is_too_large_is_refused(api: APIClient, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 100
    assert sent(api, "programmes", "code,name\n" + "X,Y\n" * 100).status_code == 413


def test_workbook_says_the_same_as_a_table(api: APIClient) -> None:
    indicator = factories.IndicatorFactory(code="I", ascending=True)
    day = datetime.date(2016, 2, 15)
    assert sent(api, "indicators", workbook(["code", "ascending"], ["I", False]), XLSX).json()["changed"] == 1
    line = ["code", "programme", "title", "amount", "period_start"], ["B", indicator.programme.code, 7, 1234567.89, day]
    assert sent(api, "budgets", workbook(*line), XLSX).json()["created"] == 1
    budget = indicator.programme.budgets.get()
    assert (Indicator.objects.get().ascending, budget.title, str(budget.amount), str(budget.period_start)) == (
        False,
        "7",
        "1234567.89",
        "2016-02-15",
    )


def test_reading_in_what_is_there_changes_nothing(api: APIClient) -> None:
    found, nothing = {}, {"created": 0, "changed": 0, "unchanged": 0, "rows": []}
    for resource, view in RESOURCES.items():
        model = view.queryset.model
        make(model)
        answer = sent(api, resource, resource_for(model)().export().csv.encode())
        found[resource] = answer.json() | {"unchanged": 0}
    assert found == dict.fromkeys(RESOURCES, nothing)


def test_link_to_a_record_without_a_code_is_its_number(api: APIClient) -> None:
    objective = factories.ObjectiveFactory()
    citation = factories.CitationFactory(programme=None, objective=objective)
    table = resource_for(Citation)().export()
    assert table["objective"] == [str(objective.pk)]
    assert sent(api, "citations", table.csv).json()["unchanged"] == 1
    citation.delete()
    assert sent(api, "citations", table.csv).json()["created"] == 1
    assert Citation.objects.get().objective == objective


def test_programme_gets_one_version_for_all_lines_of_a_file(api: APIClient) -> None:
    factories.ProgrammeFactory(code="ALPHA")
    file = "code,programme,title,amount\n,ALPHA,First,1\n,ALPHA,Second,2\n"
    assert [each["key"] for each in sent(api, "budgets", file).json()["rows"]] == ["ALPHA-B1", "ALPHA-B2"]
    assert Programme.objects.get().version == 2


def test_version_that_was_seen_is_heeded_where_a_file_names_it(api: APIClient) -> None:
    factories.ProgrammeFactory(code="ALPHA", name="Old").save()
    stale = sent(api, "programmes", "code,name,version\nALPHA,New,1\nGONE,New,3\nNEW,New,\n")
    assert faults(stale) == (412, (2, "version", "stale"), (3, "version", "stale"))
    assert stale.json()["errors"][0]["detail"] == "The record has changed since you read it: it is at version 2 now."
    assert sent(api, "programmes", "code,name,version\nALPHA,New,2\nNEW,New,\n").json()["changed"] == 1


def test_same_file_under_one_key_is_read_in_once(api: APIClient) -> None:
    key = {"Idempotency-Key": "8e03978e"}
    first, again, other = [sent(api, "programmes", f"code,name\nX,{name}\n", **key) for name in "AAB"]
    assert (first.json()["created"], again.json(), again["Idempotency-Replayed"]) == (1, first.json(), "true")
    assert other.status_code == 422


def test_officer_reads_in_what_is_assigned_to_them() -> None:
    own, foreign = factories.ProgrammeFactory(code="OWN"), factories.ProgrammeFactory(code="FOREIGN")
    client = APIClient()
    client.force_authenticate(person(Role.OFFICER, own))
    refused = sent(client, "programmes", "code,name\nOWN,New\nFOREIGN,New\nMINE,New\n")
    assert faults(refused) == (403, (3, None, "not_assigned"))
    assert refused.json()["detail"] == "FOREIGN is not among the programmes assigned to you."
    assert sent(client, "programmes", "code,name\nOWN,New\nMINE,New\n").status_code == 200
    assert sent(client, "programmes", "code,name\nMINE,Newer\n").json()["changed"] == 1
    assert sent(client, "countries", "code,name_en\nXX,X\n").status_code == 403
    foreign.refresh_from_db()
    assert foreign.version == 1


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [("import", [200, 200]), ("import:programmes", [200, 403]), ("read write", [403, 403])],
)
def test_scope_of_a_token_opens_imports(scopes: str, statuses: list[int]) -> None:
    token = Token(user=person(Role.EDITOR), name="copy", scopes=scopes)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.renew_secret()}")
    token.save()
    found = [sent(client, "programmes", "code,name\nX,X\n"), sent(client, "themes", "code,name_en\nX,X\n")]
    assert [each.status_code for each in found] == statuses
    assert client.post("/api/v1/programmes/", {"code": "Y", "name": "Y"}).status_code == (
        201 if "write" in scopes else 403
    )
