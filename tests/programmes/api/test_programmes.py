"""Programmes: the golden list item and detail, and the filters of the list."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from programmes.codelists import ParticipationStatus
from tests import factories

pytestmark = pytest.mark.django_db

SUMMARY: dict[str, Any] = {
    "url": "http://testserver/api/v1/programmes/AIRCOP/",
    "code": "AIRCOP",
    "publication": "published",
    "published_at": None,
    "withdrawn_at": None,
    "acronym": "AIRCOP",
    "name": "Airport Communication Project",
    "language": "en",
    "version": 15,
    "kind": "project",
    "parent": "COCAINE-ROUTE",
    "parent_basis": "stated",
    "coverage": "trans_regional",
    "status": "2",
    "status_as_of": "2017-03",
    "announced": None,
    "planned_start": None,
    "actual_start": "2010",
    "planned_end": None,
    "revised_end": None,
    "actual_end": None,
    "start": "2010",
    "end": None,
    "known_active_until": "2017-03",
    "countries": ["PA", "PE"],
    "instruments": ["ICSP"],
    "themes": ["DRUGS"],
    "components_stated": None,
    "description": "Task forces at airports.",
    "not_stated": ["end", "budget", "objectives"],
    "active": None,
}
CITATION = {
    "id": 1,
    "source": "EPRS-2017",
    "place": "line 122",
    "quote": "",
    "as_of": None,
    "field": "",
    "value": "",
    "exactness": "",
    "preferred": True,
    "note": "",
    "version": 1,
}
NESTED: dict[str, Any] = {
    "aliases": [{"id": 1, "name": "Airport Communications Project", "language": "en", "version": 1, "citations": []}],
    "objectives": [],
    "programme_themes": [{"id": 1, "theme": "DRUGS", "percentage": None, "version": 1, "citations": []}],
    "phases": [
        {
            "code": "AIRCOP-II",
            "label": "II",
            "name": "",
            "order": 2,
            "follows": None,
            "status": "",
            "status_as_of": None,
            "announced": None,
            "planned_start": "2016-02",
            "actual_start": None,
            "planned_end": "2018",
            "revised_end": None,
            "actual_end": None,
            "start": "2016-02",
            "end": "2018",
            "known_active_until": None,
            "description": "",
            "version": 1,
            "citations": [],
        }
    ],
    "participations": [
        {
            "id": number,
            "country": country,
            "phase": None,
            "role": "recipient",
            "status": status,
            "start": None,
            "end": None,
            "as_of": None,
            "percentage": None,
            "version": 1,
            "citations": [],
        }
        for number, country, status in ((3, "BO", "expected"), (1, "PA", "participating"), (2, "PE", "participating"))
    ],
    "country_list_statements": [
        {
            "id": 1,
            "order": 1,
            "phase": None,
            "grouping": None,
            "countries_stated": 11,
            "exactness": "at_least",
            "unnamed": None,
            "exclusive": False,
            "start": None,
            "end": None,
            "as_of": None,
            "text": "not exclusively",
            "version": 1,
            "citations": [],
        }
    ],
    "participating_organisations": [
        {"id": 1, "organisation": "UNODC", "role": "4", "local_role": "", "phase": None, "version": 1, "citations": []}
    ],
    "budgets": [
        {
            "code": "AIRCOP-B1",
            "phase": "AIRCOP-II",
            "title": "Total",
            "type": "1",
            "status": "",
            "amount": None,
            "currency": "EUR",
            "exactness": "exact",
            "amount_null_reason": "not_stated",
            "value_date": None,
            "instrument": "ICSP",
            "instrument_basis": "inferred",
            "provider": None,
            "period_start": None,
            "period_end": None,
            "countries": ["PA"],
            "part_of": None,
            "part_of_basis": "",
            "same_as": None,
            "same_as_basis": "",
            "revises": None,
            "note": "",
            "budget_countries": [{"id": 1, "country": "PA", "percentage": "12.5000", "version": 1}],
            "version": 3,
            "citations": [CITATION],
        }
    ],
    "transactions": [],
    "results": [
        {
            "code": "AIRCOP-R1",
            "type": "1",
            "title": "Seizures",
            "order": 1,
            "version": 3,
            "indicators": [
                {
                    "code": "AIRCOP-I1",
                    "title": "Drugs seized",
                    "measure": "1",
                    "unit": "kg",
                    "ascending": True,
                    "accumulation": "",
                    "additive": False,
                    "order": 1,
                    "observations": [
                        {
                            "id": 1,
                            "phase": None,
                            "kind": "actual",
                            "value": "3000.0000",
                            "exactness": "at_least",
                            "value_null_reason": "",
                            "as_of": "2017-03",
                            "period_start": None,
                            "period_end": None,
                            "date": "2017-03",
                            "disaggregation": {"substance": "cocaine"},
                            "comment": "",
                            "version": 1,
                            "citations": [],
                        }
                    ],
                    "version": 2,
                    "citations": [],
                }
            ],
        }
    ],
    "successions": [],
    "children": [],
    "citations": [],
}


@pytest.fixture
def aircop() -> Any:
    """A programme with something of most kinds."""
    for code, alpha3, numeric in (("PA", "PAN", "591"), ("PE", "PER", "604"), ("BO", "BOL", "068")):
        factories.CountryFactory(code=code, alpha3=alpha3, numeric=numeric)
    parent = factories.ProgrammeFactory(code="COCAINE-ROUTE")
    programme = factories.ProgrammeFactory(
        code="AIRCOP",
        acronym="AIRCOP",
        name="Airport Communication Project",
        kind="project",
        parent=parent,
        parent_basis="stated",
        coverage="trans_regional",
        status="2",
        status_as_of="2017-03",
        actual_start="2010",
        description="Task forces at airports.",
    )
    factories.AliasFactory(programme=programme, name="Airport Communications Project", language="en", pk=1)
    factories.ProgrammeThemeFactory(programme=programme, theme=factories.ThemeFactory(code="DRUGS"), pk=1)
    phase = factories.PhaseFactory(
        programme=programme, label="II", order=2, planned_start="2016-02", planned_end="2018"
    )
    for key, country, status in ((1, "PA", "participating"), (2, "PE", "participating"), (3, "BO", "expected")):
        factories.ParticipationFactory(programme=programme, country_id=country, country=None, status=status, pk=key)
    factories.CountryListStatementFactory(
        programme=programme,
        order=1,
        countries_stated=11,
        exactness="at_least",
        exclusive=False,
        text="not exclusively",
        pk=1,
    )
    unodc = factories.OrganisationFactory(code="UNODC")
    factories.ParticipatingOrganisationFactory(programme=programme, organisation=unodc, pk=1)
    line = factories.BudgetFactory(
        programme=programme,
        phase=phase,
        title="Total",
        amount_null_reason="not_stated",
        instrument=factories.InstrumentFactory(code="ICSP"),
        instrument_basis="inferred",
    )
    factories.BudgetCountryFactory(budget=line, country_id="PA", country=None, percentage=Decimal("12.5"), pk=1)
    factories.CitationFactory(source=factories.SourceFactory(code="EPRS-2017"), budget=line, place="line 122", pk=1)
    result = factories.ResultFactory(programme=programme, title="Seizures")
    indicator = factories.IndicatorFactory(result=result, title="Drugs seized", unit="kg")
    factories.ObservationFactory(
        indicator=indicator,
        value=Decimal(3000),
        exactness="at_least",
        as_of="2017-03",
        disaggregation={"substance": "cocaine"},
        pk=1,
    )
    return programme


def without_stamps(record: dict[str, Any]) -> dict[str, Any]:
    """The record without the times of its storage."""
    return {name: value for name, value in record.items() if name not in ("created_at", "modified_at")}


def codes(client: APIClient, query: str) -> list[str]:
    """The codes of the programmes that a query finds."""
    response = client.get(f"/api/v1/programmes/?fields=code&{query}")
    assert response.status_code == 200, response.json()
    return [each["code"] for each in response.json()["results"]]


def test_list_item_is_a_summary(anyone: APIClient, aircop: Any) -> None:
    page = anyone.get("/api/v1/programmes/?code=AIRCOP").json()
    assert [without_stamps(each) for each in page.pop("results")] == [SUMMARY]
    assert page == {"count": 1, "next": None, "previous": None}


def test_detail_is_the_whole_with_citations(anyone: APIClient, aircop: Any) -> None:
    assert without_stamps(anyone.get("/api/v1/programmes/AIRCOP/").json()) == SUMMARY | NESTED


def test_time_stamps_are_instants_in_utc(anyone: APIClient, aircop: Any) -> None:
    stamps = anyone.get("/api/v1/programmes/AIRCOP/?fields=modified_at").json()
    aircop.refresh_from_db()
    assert stamps == {"modified_at": aircop.modified_at.isoformat().replace("+00:00", "Z")}


@pytest.mark.parametrize("code", ["aircop", "Aircop"])
def test_code_in_an_address_is_found_whatever_its_case(anyone: APIClient, aircop: Any, code: str) -> None:
    assert anyone.get(f"/api/v1/programmes/{code}/?fields=code").json() == {"code": "AIRCOP"}


def test_fields_limit_the_answer_at_every_level(anyone: APIClient, aircop: Any) -> None:
    response = anyone.get("/api/v1/programmes/AIRCOP/?fields=code,budgets.amount,results.indicators.unit")
    assert response.json() == {
        "code": "AIRCOP",
        "budgets": [{"amount": None}],
        "results": [{"indicators": [{"unit": "kg"}]}],
    }


def test_expand_adds_nested_records_without_theirs(anyone: APIClient, aircop: Any) -> None:
    results = anyone.get("/api/v1/programmes/?code=AIRCOP&fields=code&expand=aliases").json()["results"]
    alias = {"id": 1, "name": "Airport Communications Project", "language": "en", "version": 1}
    assert results == [{"code": "AIRCOP", "aliases": [alias]}]


def test_expand_goes_deeper_by_points(anyone: APIClient, aircop: Any) -> None:
    results = anyone.get("/api/v1/programmes/?code=AIRCOP&fields=code&expand=budgets.citations").json()["results"]
    assert results[0]["budgets"][0]["citations"] == [CITATION]


FOUND = {
    "country=PA": ["AIRCOP"],
    "country=pan": ["AIRCOP"],
    "country=BO": [],
    "country=BO,PE": ["AIRCOP"],
    "country=BO&participation_status=expected": ["AIRCOP"],
    "country=PA&participation_status=expected": [],
    "country=PA&participation_role=host": [],
    "country__not=PA": ["COCAINE-ROUTE"],
    "participation_status=former": [],
    "instrument=ICSP": ["AIRCOP"],
    "theme=DRUGS": ["AIRCOP"],
    "theme=THEME-ROOT": ["AIRCOP"],
    "under=COCAINE-ROUTE": ["AIRCOP", "COCAINE-ROUTE"],
    "under=AIRCOP": ["AIRCOP"],
    "parent=COCAINE-ROUTE": ["AIRCOP"],
    "parent__isnull=true": ["COCAINE-ROUTE"],
    "organisation=UNODC&role=4": ["AIRCOP"],
    "organisation=UNODC&role=1": [],
    "role=4": ["AIRCOP"],
    "not_stated=budget": ["AIRCOP", "COCAINE-ROUTE"],
    "not_stated=budget,start": ["COCAINE-ROUTE"],
    "not_stated=status": ["COCAINE-ROUTE"],
    "coverage=trans_regional": ["AIRCOP"],
    "coverage__isnull=true": ["COCAINE-ROUTE"],
    "coverage__not=bilateral": ["AIRCOP", "COCAINE-ROUTE"],
    "kind=programme,mission": ["COCAINE-ROUTE"],
    "kind__in=project": ["AIRCOP"],
    "code=aircop": ["AIRCOP"],
    "code__not=AIRCOP": ["COCAINE-ROUTE"],
    "start=2010": ["AIRCOP"],
    "start=2010-01": [],
    "start__gte=2010": ["AIRCOP"],
    "start__gte=2010-01-02": [],
    "start__lte=2010": ["AIRCOP"],
    "start__lte=2010-12-30": [],
    "start__isnull=true": ["COCAINE-ROUTE"],
    "search=airport": ["AIRCOP"],
    "search=communications+PROJECT": ["AIRCOP"],
    "search=seaport": [],
    "active_in=2016": ["AIRCOP"],
    "active_on=2017-03-01": ["AIRCOP"],
    "active_on=2017-06-01": ["AIRCOP"],  # in its phase
    "active_on=2019-06-01": [],
    "active_in=2019&activity=undetermined": ["AIRCOP", "COCAINE-ROUTE"],
    "active_in=2005&activity=no": ["AIRCOP"],
    "ordering=-code": ["COCAINE-ROUTE", "AIRCOP"],
    "ordering=start": ["AIRCOP", "COCAINE-ROUTE"],
    "ordering=-start": ["AIRCOP", "COCAINE-ROUTE"],
}


def test_filters_find(anyone: APIClient, aircop: Any) -> None:
    theme = factories.Theme.objects.get(code="DRUGS")
    theme.parent = factories.ThemeFactory(code="THEME-ROOT")
    theme.save()
    assert {query: codes(anyone, query) for query in FOUND} == FOUND


def test_active_is_shown_where_a_period_is_asked_for(anyone: APIClient, aircop: Any) -> None:
    response = anyone.get("/api/v1/programmes/?active_in=2016&activity=yes,undetermined,no&fields=code,active")
    assert response.json()["results"] == [
        {"code": "AIRCOP", "active": "yes"},
        {"code": "COCAINE-ROUTE", "active": "undetermined"},
    ]


def test_grouping_means_members_on_the_day(anyone: APIClient, aircop: Any) -> None:
    factories.MembershipFactory(
        grouping=factories.GroupingFactory(code="UNASUR"), country_id="PE", country=None, start="2008", end="2018-04"
    )
    assert codes(anyone, "grouping=UNASUR") == []
    assert codes(anyone, "grouping=unasur&grouping_on=2016-12-31") == ["AIRCOP"]


def test_status_of_a_participation_is_that_of_the_country(anyone: APIClient, aircop: Any) -> None:
    row = factories.Participation.objects.get(country="PA")
    row.status = ParticipationStatus.FORMER
    row.save()
    assert codes(anyone, "country=PA&participation_status=participating,former") == ["AIRCOP"]
    assert codes(anyone, "country=PA") == []
