"""Gaps, figures and disagreements of the seed portfolio, each by a single call."""

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from programmes.models import Budget, Citation, Source

pytestmark = pytest.mark.usefixtures("portfolio")


def results(query: str) -> list[dict[str, Any]]:
    response = Client().get(f"/api/v1/{query}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


def test_what_is_missing_of_aircop_in_november_2017() -> None:
    (aircop,) = results("gaps/?code=AIRCOP&on=2017-11-10")
    assert aircop["score"] == {"checks": 26, "held": 23, "share": "0.8846"}
    assert [(each["code"], len(each["records"])) for each in aircop["gaps"]] == [
        ("budget-not-stated", 1),
        ("no-end", 1),
        ("indicator-no-target", 6),
    ]


def test_nothing_of_the_briefing_contradicts_itself() -> None:
    wrong = (
        "competing-citations,parts-exceed-whole,budget-outside-period,country-shares,theme-shares,"
        "budget-country-shares,cumulative-falls,breakdown-not-whole"
    )
    assert results(f"gaps/?gap={wrong}&on=2017-11-10") == []


def test_only_copolad_s_initial_budget_is_old_when_the_briefing_appears() -> None:
    old = results("gaps/?gap=old-figures&on=2017-11-10")
    assert [(each["code"], [record["code"] for gap in each["gaps"] for record in gap["records"]]) for each in old] == [
        ("COPOLAD", ["COPOLAD-I-DCI"])
    ]


def test_most_figures_are_old_in_2026() -> None:
    old = results("gaps/?gap=old-figures&on=2026-11-21&page_size=100")
    assert {"AIRCOP", "EL-PACCTO", "MIP-BO-DRUGS"} <= {each["code"] for each in old}


def test_bilateral_programmes_have_no_name_in_the_language_of_their_country() -> None:
    found = results("gaps/?gap=foreign-name&on=2017-11-10&kind=indicative_programme&page_size=100")
    assert [each["code"] for each in found] == [
        "MIP-BO",
        "MIP-BO-DRUGS",
        "MIP-BO-JUSTICE",
        "MIP-GT",
        "MIP-GT-PEACE",
        "MIP-HN",
        "MIP-HN-RULE-OF-LAW",
        "MIP-SV",
        "MIP-SV-YOUTH",
    ]


def test_every_score_is_its_own_share() -> None:
    for each in results("gaps/?on=2017-11-10&page_size=1000"):
        held = sum(check["holds"] for check in each["checks"])
        assert (each["score"]["held"], len(each["gaps"])) == (held, len(each["checks"]) - held)


def test_figures_by_kind_and_exactness() -> None:
    found = results("figures/?page_size=1000")
    assert Counter(each["kind"] for each in found) == {"budget": 39, "observation": 23}
    exactness = Counter(each["exactness"] for each in found if each["kind"] == "budget")
    assert exactness == {"exact": 25, "at_least": 2, "about": 1, None: 11}
    assert {each["null_reason"] for each in found if each["value"] is None} == {"not_stated"}


def test_sources_agree_until_one_does_not() -> None:
    assert results("disagreements/") == []
    Citation.objects.create(
        source=Source.objects.get(code="ICSP-MAP"),
        budget=Budget.objects.get(code="COCAINE-ROUTE-ICSP"),
        field="amount",
        value="45000000",
        preferred=False,
    )
    (found,) = results("disagreements/?under=COCAINE-ROUTE")
    stated = [(each["value"], each["preferred"], [one["source"] for one in each["citations"]])
              for each in found["values"]]  # fmt: skip
    assert stated == [
        ("50000000.00", True, ["EPRS-2017-EU-LA-SECURITY"] * len(stated[0][2])),
        ("45000000.00", False, ["ICSP-MAP"]),
    ]
    assert results("disagreements/?under=EL-PACCTO") == []
