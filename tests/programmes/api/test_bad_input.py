"""Bad input gets a 4xx problem that names the field, and changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from programmes.models import Programme
from tests import factories

pytestmark = pytest.mark.django_db

HUGE = "9" * 5000


@pytest.fixture(scope="module", autouse=True)
def records(kept_for_module: None) -> None:
    """One or two of each kind that the requests below name; that none of these writes is what is tested."""
    factories.CountryFactory(code="PA", alpha3="PAN", numeric="591")
    cocaine = factories.ProgrammeFactory(code="COCAINE-ROUTE")
    aircop = factories.ProgrammeFactory(code="AIRCOP", parent=cocaine)
    factories.PhaseFactory(programme=aircop, label="I", order=1, code="AIRCOP-I")
    whole = factories.BudgetFactory(programme=aircop, code="AIRCOP-B1", amount="100.00")
    factories.BudgetFactory(programme=aircop, code="AIRCOP-B2", amount="40.00", part_of=whole)
    result = factories.ResultFactory(programme=aircop, code="AIRCOP-R1")
    factories.IndicatorFactory(result=result, code="AIRCOP-I1")
    factories.GroupingFactory(code="CELAC")
    factories.SourceFactory(code="EPRS")


@contextmanager
def nothing_written() -> Iterator[None]:
    """Fails where the database is asked to write."""
    with CaptureQueriesContext(connection) as captured:
        yield
    assert [each["sql"] for each in captured if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def faults(response: Any) -> tuple[int, list[tuple[str, str]]]:
    """The status, and what is wrong where."""
    return response.status_code, [(each["field"], each["code"]) for each in response.json()["errors"]]


QUERIES = [
    ("programmes/?county=PA", 400, "county", "unknown_parameter"),
    ("programmes/AIRCOP/?country=PA", 400, "country", "unknown_parameter"),
    ("programmes/?country=PX", 400, "country", "unknown_code"),
    ("programmes/?country=", 400, "country", "empty"),
    ("programmes/?country=PA,", 400, "country", "empty"),
    ("programmes/?country=PA&country=BO", 400, "country", "repeated"),
    ("programmes/?country=%00", 400, "country", "invalid_character"),
    ("programmes/?search=%00", 400, "search", "invalid_character"),
    (f"programmes/?search={HUGE}", 400, "search", "too_long"),
    (f"programmes/?search={'a+' * 100}", 400, "search", "too_many"),
    (f"programmes/?code={','.join(['A'] * 201)}", 400, "code", "too_many"),
    ("programmes/?code=%27%3B+drop+table+programmes_programme", 400, "code", "unknown_code"),
    ("programmes/?status=9", 400, "status", "unknown_value"),
    ("programmes/?status__not=closed", 400, "status__not", "unknown_value"),
    ("programmes/?start__gte=2016-13", 400, "start__gte", "invalid_partial_date"),
    ("programmes/?start=2016-02-30", 400, "start", "invalid_partial_date"),
    ("programmes/?start__lte=99999", 400, "start__lte", "invalid_partial_date"),
    ("programmes/?active_in=yesterday", 400, "active_in", "invalid_partial_date"),
    ("programmes/?active_on=2016", 400, "active_on", "invalid_date"),
    ("programmes/?active_on=2016-01-01&active_in=2016", 400, "active_on", "one_of_several"),
    ("programmes/?activity=yes", 400, "activity", "needs_another"),
    ("programmes/?active_in=2016&activity=perhaps", 400, "activity", "unknown_value"),
    ("programmes/?grouping=CELEC", 400, "grouping", "unknown_code"),
    ("programmes/?grouping_on=2016-12-31", 400, "grouping_on", "needs_another"),
    ("programmes/?not_stated=bugdet", 400, "not_stated", "unknown_value"),
    ("programmes/?parent__isnull=perhaps", 400, "parent__isnull", "invalid_boolean"),
    ("programmes/?components_stated__gte=NaN", 400, "components_stated__gte", "invalid_number"),
    ("programmes/?components_stated__gte=1.5", 400, "components_stated__gte", "invalid_number"),
    (f"programmes/?components_stated__gte={'9' * 30}", 400, "components_stated__gte", "invalid_number"),
    ("programmes/?modified_at__gte=soon", 400, "modified_at__gte", "invalid_moment"),
    ("programmes/?modified_at__gte=0001-01-01T00:00:00%2B14:00", 400, "modified_at__gte", "invalid_moment"),
    ("programmes/?ordering=nonsense", 400, "ordering", "unknown_field"),
    ("programmes/?ordering=code;drop", 400, "ordering", "unknown_field"),
    ("programmes/?ordering=search_key", 400, "ordering", "unknown_field"),
    ("programmes/?fields=passwords", 400, "fields", "unknown_field"),
    ("programmes/?fields=code.length", 400, "fields", "unknown_field"),
    ("programmes/?fields=budgets.amont", 400, "fields", "unknown_field"),
    ("programmes/?expand=name", 400, "expand", "unknown_field"),
    ("programmes/?page=0", 400, "page", "invalid_number"),
    ("programmes/?page=-1", 400, "page", "invalid_number"),
    ("programmes/?page=x", 400, "page", "invalid_number"),
    ("programmes/?page=1000000000", 404, "page", "not_found"),
    (f"programmes/?page={'9' * 3000}", 404, "page", "not_found"),
    ("programmes/?page_size=0", 400, "page_size", "invalid_number"),
    ("programmes/?page_size=1001", 400, "page_size", "too_large"),
    ("programmes/?pagination=scroll", 400, "pagination", "unknown_value"),
    ("programmes/?cursor=nonsense", 400, "cursor", "invalid"),
    ("programmes/?cursor=&page=2", 400, "page", "page_or_cursor"),
    ("programmes/?format=xml", 400, "format", "unknown_value"),
    ("budgets/?amount__gte=1e400", 400, "amount__gte", "invalid_number"),
    ("budgets/?amount__gte=Infinity", 400, "amount__gte", "invalid_number"),
    ("citations/?id=x", 400, "id", "invalid_number"),
    (f"citations/?alias={'9' * 25}", 400, "alias", "unknown_code"),
    ("observations/?disaggregation=colour:red", 400, "disaggregation", "unknown_value"),
    ("observations/?disaggregation=cocaine", 400, "disaggregation", "invalid"),
]


@pytest.mark.parametrize(("address", "status", "field", "code"), QUERIES)
def test_query_is_refused(anyone: APIClient, address: str, status: int, field: str, code: str) -> None:
    response = anyone.get(f"/api/v1/{address}")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert faults(response) == (status, [(field, code)])


@pytest.mark.parametrize(
    ("address", "suggestion"),
    [
        ("programmes/?county=PA", "country"),
        ("programmes/?code=AIRCOPP", "AIRCOP"),
        ("programmes/?ordering=-nmae", "name"),
        ("programmes/?coverage=bilatral", "bilateral"),
        ("programmes/?expand=phase", "phases"),
        ("programmes/?fields=budgets.amont", "budgets.amount"),
        ("programmes/AIRCOPP/", "AIRCOP"),
    ],
)
def test_refusal_suggests_the_nearest_right_word(anyone: APIClient, address: str, suggestion: str) -> None:
    assert f"Did you mean “{suggestion}”?" in anyone.get(f"/api/v1/{address}").json()["detail"]


PROGRAMME = {"code": "NEW", "name": "New"}
BUDGET = {"programme": "AIRCOP", "title": "New", "amount": "1.00"}
PHASE = {"programme": "COCAINE-ROUTE", "label": "I", "order": 2}
SHARE = {"budget": "AIRCOP-B1", "country": "PA"}
CITATION = {"source": "EPRS", "budget": "AIRCOP-B1", "field": "amount", "preferred": False}
OBSERVATION = {"indicator": "AIRCOP-I1", "as_of": "2017", "value": "1"}

BODIES: list[tuple[str, dict[str, Any], str, str]] = [
    ("programmes", {"name": "No code"}, "code", "required"),
    ("programmes", PROGRAMME | {"code": "small letters"}, "code", "invalid_code"),
    ("programmes", PROGRAMME | {"code": "AIRCOP"}, "code", "unique"),
    ("programmes", PROGRAMME | {"code": "A" * 61}, "code", "max_length"),
    ("programmes", PROGRAMME | {"code": "A/../B"}, "code", "invalid_code"),
    ("programmes", PROGRAMME | {"name": ""}, "name", "blank"),
    ("programmes", PROGRAMME | {"name": None}, "name", "null"),
    ("programmes", PROGRAMME | {"name": 5}, "name", "invalid"),
    ("programmes", PROGRAMME | {"name": ["x"]}, "name", "invalid"),
    ("programmes", PROGRAMME | {"name": "x" * 251}, "name", "max_length"),
    ("programmes", PROGRAMME | {"name": "a\0b"}, "name", "invalid_character"),
    ("programmes", PROGRAMME | {"nmae": "x"}, "nmae", "unknown_field"),
    ("programmes", PROGRAMME | {"status": "9"}, "status", "invalid_choice"),
    ("programmes", PROGRAMME | {"status": 2}, "status", "invalid_choice"),
    ("programmes", PROGRAMME | {"status": {"x": 1}}, "status", "invalid_choice"),
    ("programmes", PROGRAMME | {"planned_start": "2016-13"}, "planned_start", "invalid_partial_date"),
    ("programmes", PROGRAMME | {"planned_start": "2016-2-1"}, "planned_start", "invalid_partial_date"),
    ("programmes", PROGRAMME | {"planned_start": 2016}, "planned_start", "invalid_partial_date"),
    ("programmes", PROGRAMME | {"planned_start": "2016", "planned_end": "2015"}, "planned_end", "before_start"),
    ("programmes", PROGRAMME | {"status_as_of": "2017"}, "status", "required"),
    ("programmes", PROGRAMME | {"parent": "NOBODY"}, "parent", "does_not_exist"),
    ("programmes", PROGRAMME | {"parent": 1}, "parent", "incorrect_type"),
    ("programmes", PROGRAMME | {"components_stated": -1}, "components_stated", "min_value"),
    ("programmes", PROGRAMME | {"components_stated": 2**31}, "components_stated", "max_value"),
    ("programmes", PROGRAMME | {"components_stated": 10**400}, "components_stated", "invalid_number"),
    ("programmes", PROGRAMME | {"components_stated": "9"}, "components_stated", "invalid"),
    ("programmes", PROGRAMME | {"components_stated": True}, "components_stated", "invalid"),
    ("phases", {"programme": "AIRCOP", "label": "II", "order": 2**15}, "order", "max_value"),
    ("phases", {"programme": "AIRCOP", "code": "X", "label": "I", "order": 2}, "label", "not_unique"),
    (
        "phases",
        {"programme": "COCAINE-ROUTE", "label": "I", "order": 2, "follows": "AIRCOP-I"},
        "follows",
        "other_programme",
    ),
    ("budgets", BUDGET | {"amount": "-1.00"}, "amount", "negative"),
    ("budgets", BUDGET | {"amount": "9" * 20}, "amount", "max_digits"),
    ("budgets", BUDGET | {"amount": "1.001"}, "amount", "max_decimal_places"),
    ("budgets", BUDGET | {"amount": "NaN"}, "amount", "invalid"),
    ("budgets", BUDGET | {"amount": "Infinity"}, "amount", "invalid"),
    ("budgets", BUDGET | {"amount": "1e400"}, "amount", "max_digits"),
    ("budgets", BUDGET | {"amount": "9" * 2000}, "amount", "max_string_length"),
    ("budgets", BUDGET | {"amount": True}, "amount", "invalid"),
    ("budgets", BUDGET | {"amount": ""}, "amount", "invalid"),
    ("budgets", BUDGET | {"amount": None}, "amount", "number_or_reason"),
    ("budgets", BUDGET | {"currency": "EURO"}, "currency", "invalid_choice"),
    ("budgets", BUDGET | {"currency": None}, "currency", "null"),
    ("budgets", BUDGET | {"part_of": "AIRCOP-B1", "amount": "100.01"}, "amount", "more_than_whole"),
    ("budgets", BUDGET | {"part_of": "AIRCOP-B1", "currency": "USD"}, "part_of", "other_currency"),
    ("budgets", BUDGET | {"period_start": "2020", "period_end": "2014"}, "period_end", "before_start"),
    (
        "budget-countries",
        {"budget": "AIRCOP-B1", "country": "PA", "percentage": "100.01"},
        "percentage",
        "out_of_range",
    ),
    ("budget-countries", {"budget": "AIRCOP-B1", "country": "PA", "percentage": "0"}, "percentage", "out_of_range"),
    ("budget-countries", {"budget": "AIRCOP-B1", "country": "Panama"}, "country", "does_not_exist"),
    ("transactions", {"programme": "AIRCOP", "type": "3", "amount": "1"}, "date", "required"),
    ("participations", {"programme": "AIRCOP", "country": "PA", "percentage": "101"}, "percentage", "out_of_range"),
    ("participations", {"programme": "AIRCOP", "country": "PA", "start": "2016", "end": "2015"}, "end", "before_start"),
    ("country-list-statements", {"programme": "AIRCOP"}, "text", "required"),
    ("participating-organisations", {"programme": "AIRCOP", "organisation": "X"}, "organisation", "does_not_exist"),
    ("indicators", {"result": "AIRCOP-R1", "title": "x", "unit": "kg", "additive": "yes"}, "additive", "invalid"),
    ("observations", OBSERVATION | {"disaggregation": {"colour": "red"}}, "disaggregation", "unknown_dimension"),
    ("observations", OBSERVATION | {"disaggregation": []}, "disaggregation", "not_a_mapping"),
    ("observations", OBSERVATION | {"disaggregation": {"sex": 1}}, "disaggregation", "invalid_category"),
    ("observations", OBSERVATION | {"disaggregation": {"sex": "\0"}}, "disaggregation.sex", "invalid_character"),
    ("observations", OBSERVATION | {"disaggregation": {"country": "XX"}}, "disaggregation", "unknown_country"),
    ("observations", OBSERVATION | {"period_start": "2016"}, "as_of", "day_or_period"),
    ("citations", {"source": "EPRS", "programme": "AIRCOP", "field": "colour"}, "field", "unknown_field"),
    (
        "citations",
        {"source": "EPRS", "budget": "AIRCOP-B1", "field": "amount", "value": "x", "preferred": False},
        "value",
        "invalid",
    ),
    ("sources", {"code": "S", "title": "S", "link": "javascript:alert(1)"}, "link", "invalid"),
    ("countries", {"code": "P1", "alpha3": "PPP", "numeric": "999", "name_en": "x"}, "code", "invalid_code"),
    ("memberships", {"grouping": "CELAC", "country": "PAN", "status": "friend"}, "status", "invalid_choice"),
    ("themes", {"code": "T", "name_en": "T", "purpose_code": "1"}, "purpose_code", "does_not_exist"),
]


@pytest.mark.parametrize(("resource", "body", "field", "code"), BODIES)
def test_body_is_refused_and_changes_nothing(
    api: APIClient, resource: str, body: dict[str, Any], field: str, code: str
) -> None:
    with nothing_written():
        response = api.post(f"/api/v1/{resource}/", body)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert faults(response) == (400, [(field, code)])


RAW: list[tuple[bytes, int, str]] = [
    (b"{", 400, "parse_error"),
    (b"", 400, "invalid"),
    (b"\xff", 400, "parse_error"),
    (b"\xef\xbb\xbf{}", 400, "parse_error"),
    (b"null", 400, "invalid"),
    (b"[]", 400, "invalid"),
    (b'"text"', 400, "invalid"),
    (b'[{"code": "A"}, 1]', 400, "invalid"),
    (b'{"code": "A", "name": "A", "components_stated": NaN}', 400, "invalid"),
    (b'{"code": "A", "name": "A", "components_stated": -Infinity}', 400, "invalid"),
    (b'{"code": "A", "name": "A", "components_stated": 1e999999999999999999999}', 400, "invalid"),
    (b'{"code": "A", "name": "A", "components_stated": ' + b"9" * 10_000 + b"}", 400, "invalid"),
    (b'{"code": "A", "code": "B", "name": "A"}', 400, "parse_error"),
    (b'{"code": "A", "name": "\\ud800"}', 400, "invalid"),
    (b'{"code": "A", "name": ' + b"[" * 33 + b"]" * 33 + b"}", 400, "parse_error"),
    (b"[" * 500_000, 400, "parse_error"),
    (b'{"code": "A", "name": "' + b"x" * 10_000_000 + b'"}', 413, "too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), RAW, ids=[str(number) for number in range(len(RAW))])
def test_raw_body_is_refused_and_changes_nothing(api: APIClient, body: bytes, status: int, code: str) -> None:
    with nothing_written():
        response = api.post("/api/v1/programmes/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "nonsense",
        "application/json; charset=latin-1",
    ],
)
def test_body_of_another_kind_is_refused(api: APIClient, media_type: str) -> None:
    response = api.post("/api/v1/programmes/", b'{"code": "A", "name": "A"}', content_type=media_type)
    assert (response.status_code, response.json()["code"]) == (415, "unsupported_media_type")


CHANGES: list[tuple[str, dict[str, Any], str, str]] = [
    ("programmes/COCAINE-ROUTE", {"parent": "AIRCOP"}, "parent", "cycle"),
    ("programmes/AIRCOP", {"parent": "AIRCOP"}, "parent", "cycle"),
    ("budgets/AIRCOP-B1", {"part_of": "AIRCOP-B2"}, "part_of", "cycle"),
    ("budgets/AIRCOP-B1", {"amount": "39.99"}, "amount", "more_than_whole"),
    ("phases/AIRCOP-I", {"follows": "AIRCOP-I"}, "follows", "cycle"),
    ("countries/PA", {"code": "PB"}, "code", "immutable"),
]


@pytest.mark.parametrize(("address", "body", "field", "code"), CHANGES)
def test_change_is_refused_and_changes_nothing(
    api: APIClient, address: str, body: dict[str, Any], field: str, code: str
) -> None:
    with nothing_written():
        response = api.patch(f"/api/v1/{address}/", body)
    assert faults(response) == (400, [(field, code)])


@pytest.mark.parametrize(
    "key", ["NOBODY", "%00", "%ED%A0%80", "..%2F..", "A" * 3000, "1e9", "'%3B--", "%F0%9F%92%A9", "AIRCOP%0D%0AX:1"]
)
def test_record_that_is_not_there_is_not_found(anyone: APIClient, key: str) -> None:
    response = anyone.get(f"/api/v1/programmes/{key}/")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30, "1.0", "²", "%00"])
def test_record_by_a_number_that_is_none_is_not_found(anyone: APIClient, key: str) -> None:
    assert anyone.get(f"/api/v1/citations/{key}/").status_code == 404


def test_delete_of_what_others_depend_on_lists_them(api: APIClient) -> None:
    with nothing_written():
        response = api.delete("/api/v1/programmes/AIRCOP/")
    assert (response.status_code, response.json()["code"]) == (409, "protected")
    assert [each["detail"] for each in response.json()["errors"]] == [
        "budget line AIRCOP-B1 Budget",
        "budget line AIRCOP-B2 Budget",
        "indicator AIRCOP-I1 Indicator",
        "result AIRCOP-R1 Result",
    ]


def test_write_with_query_parameters_is_refused(api: APIClient) -> None:
    response = api.delete("/api/v1/sources/EPRS/?force=1")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "force")


def test_derived_code_that_is_too_long_is_refused(api: APIClient) -> None:
    Programme.objects.create(code="A" * 60, name="Long")
    response = api.post("/api/v1/budgets/", BUDGET | {"programme": "A" * 60})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "code")
