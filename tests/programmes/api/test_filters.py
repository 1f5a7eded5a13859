"""Filters of observations, of what is left out and of texts that are there: each with what it leaves."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests import factories

pytestmark = pytest.mark.django_db

OBSERVATIONS = {  # by the comment of each
    "": ["aim", "first", "second", "undated", "women", "alone"],
    "latest=true": ["second", "women", "alone"],
    "latest=false": ["aim", "first", "undated"],
    "as_of=2016": ["first", "alone"],
    "as_of=2016&latest=false": ["aim", "second", "undated", "women"],
    "as_of=2014": [],
    "as_of=2014&latest=false": ["aim", "first", "second", "undated", "women", "alone"],
    "disaggregation=sex:female": ["women"],
    "disaggregation=sex:male": [],
    "disaggregation__isnull=true": ["aim", "first", "second", "undated", "alone"],
    "disaggregation__isnull=false": ["women"],
}


@pytest.mark.parametrize("query", OBSERVATIONS)
def test_observations(query: str, anyone: APIClient) -> None:
    one, other = factories.IndicatorFactory(), factories.IndicatorFactory()
    given: list[dict[str, Any]] = [
        {"comment": "aim", "kind": "target", "as_of": "2019"},
        {"comment": "first", "as_of": "2016"},
        {"comment": "second", "as_of": "2017"},
        {"comment": "undated", "as_of": None},
        {"comment": "women", "as_of": "2018", "disaggregation": {"sex": "female"}},
        {"comment": "alone", "as_of": "2015", "indicator": other},
    ]
    for each in given:
        factories.ObservationFactory(**{"indicator": one, "kind": "actual", "value": 1} | each)
    found = anyone.get(f"/api/v1/observations/?fields=comment&ordering=id&{query}").json()["results"]
    assert [each["comment"] for each in found] == OBSERVATIONS[query]


PROGRAMMES = {  # by their codes
    "components_stated__not=2": ["NONE", "THREE", "FOUR"],
    "components_stated__not=2,4": ["NONE", "THREE"],
    "components_stated__not=9": ["NONE", "TWO", "THREE", "FOUR"],
    "version__not=1": [],
    "kind__not=mission": ["NONE", "TWO", "THREE"],
    "kind__not=mission,project": ["NONE"],
    "acronym__isnull=false": ["TWO"],
    "acronym__isnull=true": ["NONE", "THREE", "FOUR"],
    "description__isnull=false": ["FOUR"],
    "description__isnull=true": ["NONE", "TWO", "THREE"],
    "announced__isnull=false": ["THREE"],
}


@pytest.mark.parametrize("query", PROGRAMMES)
def test_what_is_left_out_and_what_is_there(query: str, anyone: APIClient) -> None:
    factories.ProgrammeFactory(code="NONE", kind="programme")
    factories.ProgrammeFactory(code="TWO", components_stated=2, kind="project", acronym="T")
    factories.ProgrammeFactory(code="THREE", components_stated=3, kind="project", announced="2016")
    factories.ProgrammeFactory(code="FOUR", components_stated=4, kind="mission", description="Four.")
    found = anyone.get(f"/api/v1/programmes/?fields=code&ordering=created_at&{query}").json()["results"]
    assert [each["code"] for each in found] == PROGRAMMES[query]
