"""The examples of the OpenAPI document are accepted, in the order in which they lean on one another."""

import pytest
from rest_framework.test import APIClient

from programmes.api.examples import EXAMPLES, PROBLEM
from tests.programmes.api.resources import RESOURCES

pytestmark = pytest.mark.usefixtures("portfolio")

FIRST = ("organisations", "sources", "programmes", "budgets", "results", "indicators", "groupings")


def test_every_resource_has_an_example() -> None:
    assert EXAMPLES.keys() == {*RESOURCES, "tokens"}


def test_examples_are_accepted(api: APIClient) -> None:
    wanted = [*FIRST, *(prefix for prefix in EXAMPLES if prefix not in (*FIRST, "tokens"))]
    answers = {prefix: api.post(f"/api/v1/{prefix}/", EXAMPLES[prefix]) for prefix in wanted}
    assert {prefix: each.json() for prefix, each in answers.items() if each.status_code != 201} == {}


def test_problem_is_what_the_server_answers(api: APIClient) -> None:
    refused = api.post("/api/v1/budgets/", {"programme": "AIRCOP", "title": "x", "amount": "-1"})
    assert refused.json() == PROBLEM
