"""Disagreements over REST."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from programmes.api.disagreements import ADDRESSES, DisagreementsViewSet
from programmes.api.urls import router
from programmes.models import CITABLE, Citation
from tests.factories import (
    BudgetFactory,
    CitationFactory,
    ObservationFactory,
    ProgrammeFactory,
    SourceFactory,
)
from tests.people import statements_of_public_reading
from tests.programmes.api.resources import FACTORIES

pytestmark = pytest.mark.django_db


def results(query: str = "") -> list[dict[str, Any]]:
    response = Client().get(f"/api/v1/disagreements/?{query}")
    assert response.status_code == 200, response.content
    answer = response.json()
    Draft202012Validator(DisagreementsViewSet.answer_schema).validate(answer)
    found: list[dict[str, Any]] = answer["results"]
    return found


def test_both_values_stand_with_their_citations_the_preferred_one_first() -> None:
    line = BudgetFactory.create(
        programme=ProgrammeFactory.create(code="PRO", acronym="Pro"), amount=Decimal(50), exactness="at_least"
    )
    briefing, website = SourceFactory.create(code="BRIEFING", title="Briefing"), SourceFactory.create(code="WEBSITE")
    cited = [
        CitationFactory.create(budget=line, source=briefing, place="line 122", quote="over 50", as_of="2017"),
        CitationFactory.create(budget=line, source=briefing, place="line 123", field="amount", value="50.00"),
        CitationFactory.create(
            budget=line, source=website, field="amount", value="45.5", exactness="about", preferred=False, as_of="2016"
        ),
        CitationFactory.create(budget=line, source=website, place="line 9", field="title"),
    ]
    base = "http://testserver/api/v1"

    def citation(number: int, **others: Any) -> dict[str, Any]:
        return {"url": f"{base}/citations/{cited[number].pk}/"} | others

    assert results() == [
        {
            "programme": {"url": f"{base}/programmes/PRO/", "code": "PRO", "name": "Pro"},
            "kind": "budget",
            "url": f"{base}/budgets/PRO-B1/",
            "name": "PRO-B1",
            "field": "amount",
            "values": [
                {
                    "value": "50.00",
                    "exactness": "at_least",
                    "preferred": True,
                    "citations": [
                        citation(
                            0,
                            source="BRIEFING",
                            source_title="Briefing",
                            place="line 122",
                            quote="over 50",
                            as_of="2017",
                            exactness=None,
                        ),
                        citation(
                            1,
                            source="BRIEFING",
                            source_title="Briefing",
                            place="line 123",
                            quote="",
                            as_of=None,
                            exactness=None,
                        ),
                    ],
                },
                {
                    "value": "45.50",
                    "exactness": "about",
                    "preferred": False,
                    "citations": [
                        citation(
                            2,
                            source="WEBSITE",
                            source_title="Source WEBSITE",
                            place="line 1",
                            quote="",
                            as_of="2016",
                            exactness="about",
                        )
                    ],
                },
            ],
        }
    ]


def test_sources_that_agree_against_the_record_stand_together() -> None:
    programme = ProgrammeFactory.create(planned_end="2016")
    for number, value in enumerate(("2018", "2017", "2018")):
        CitationFactory.create(
            programme=programme, field="planned_end", value=value, preferred=False, place=f"line {number}"
        )
    (found,) = results()
    stated = [(each["value"], [one["place"] for one in each["citations"]]) for each in found["values"]]
    assert stated[0] == ("2016", [])
    assert sorted(stated[1:]) == [("2017", ["line 1"]), ("2018", ["line 0", "line 2"])]


def test_record_that_has_no_value_disagrees_too() -> None:
    programme = ProgrammeFactory.create()
    CitationFactory.create(programme=programme, field="planned_end", value="2018", preferred=False)
    assert [each["value"] for each in results()[0]["values"]] == [None, "2018"]


def test_citations_that_only_prefer_or_agree_are_no_disagreement() -> None:
    line = BudgetFactory.create()
    CitationFactory.create(budget=line, field="amount", value="100.00")
    CitationFactory.create(budget=line, field="amount", preferred=False)
    assert results() == []


@pytest.mark.parametrize(("query", "expected"), [("code=P-1", ["P-1"]), ("of=observation", ["I"]), ("of=phase", [])])
def test_disagreements_are_narrowed(query: str, expected: list[str]) -> None:
    CitationFactory.create(
        programme=ProgrammeFactory.create(code="P-1"), field="kind", value="project", preferred=False
    )
    observation = ObservationFactory.create(indicator__code="I")
    CitationFactory.create(observation=observation, field="value", value="7", preferred=False)
    assert [each["name"] for each in results(query)] == expected


# A field of each kind of record, and a value that it has not.
FIELDS = {
    "programme": ("name", "Other"),
    "alias": ("name", "Other"),
    "objective": ("text", "Other"),
    "programme_theme": ("percentage", "5"),
    "succession": ("whole", "true"),
    "phase": ("label", "Other"),
    "participation": ("start", "2001"),
    "country_list_statement": ("countries_stated", "5"),
    "participating_organisation": ("role", "1"),
    "budget": ("amount", "5"),
    "transaction": ("amount", "5"),
    "indicator": ("unit", "Other"),
    "observation": ("value", "5.5"),
}


def dispute_each_kind() -> None:
    for kind, (field, value) in FIELDS.items():
        record = FACTORIES[CITABLE[kind]]()
        Citation.objects.create(
            source=SourceFactory.create(), field=field, value=value, preferred=False, **{kind: record}
        )


def test_every_kind_of_record_has_an_address_and_values() -> None:
    dispute_each_kind()
    found = results("page_size=100")
    assert {each["kind"] for each in found} == set(CITABLE)
    assert [Client().get(each["url"]).status_code for each in found] == [200] * len(CITABLE)
    assert all(len(each["values"]) == 2 and each["name"] for each in found)
    assert set(ADDRESSES.values()) <= {prefix for prefix, _view, _name in router.registry}


def test_disagreements_ask_a_fixed_number_of_times(django_assert_num_queries: Any) -> None:
    for _time in range(2):
        dispute_each_kind()
        with django_assert_num_queries(3 + len(CITABLE) + 1 + statements_of_public_reading()):
            results("page_size=100")
