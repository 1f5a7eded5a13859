"""The questions of the first portfolio, each answered by one call."""

from typing import Any

import pytest
from rest_framework.test import APIClient

pytestmark = pytest.mark.usefixtures("portfolio")


def ask(client: APIClient, question: str) -> Any:
    """The answer's records, or the record."""
    response = client.get(f"/api/v1/{question}")
    assert response.status_code == 200, response.json()
    answer = response.json()
    return answer.get("results", answer)


def codes(client: APIClient, question: str) -> list[str]:
    """The codes of the answer."""
    return [each["code"] for each in ask(client, question)]


def test_which_programmes_panama_takes_part_in(anyone: APIClient) -> None:
    found = codes(anyone, "programmes/?country=PA&fields=code")
    assert found == ["AIRCOP", "AMERIPOL-EU", "CRIMJUST", "EL-PACCTO", "PRELAC", "SEACOP"]


def test_which_programmes_only_expect_bolivia(anyone: APIClient) -> None:
    assert codes(anyone, "programmes/?country=BO&participation_status=expected&fields=code") == ["AIRCOP"]


def test_total_of_the_bilateral_mips(anyone: APIClient) -> None:
    answer = ask(anyone, "totals/?under=MIP-BO,MIP-GT,MIP-HN,MIP-SV")
    assert [(each["amount"], each["currency"]) for each in answer["total"]] == [("261000000.00", "EUR")]


def test_icsp_total_and_number_of_projects(anyone: APIClient) -> None:
    answer = ask(anyone, "programmes/ICSP-BILATERAL/?fields=components_stated,budgets.amount,budgets.currency")
    assert answer == {"components_stated": 31, "budgets": [{"amount": "45844918.00", "currency": "EUR"}]}


def test_which_programmes_were_active_in_2016(anyone: APIClient) -> None:
    answer = ask(anyone, "programmes/?active_in=2016&activity=yes,undetermined&fields=code,active&page_size=1000")
    active = {each["code"]: each["active"] for each in answer}
    asked = ("AIRCOP", "COPOLAD", "PRELAC", "EL-PACCTO", "AMERIPOL-EU")
    assert {code: active.get(code) for code in asked} == {
        "AIRCOP": "yes",
        "COPOLAD": "yes",
        "PRELAC": "yes",
        "EL-PACCTO": "undetermined",  # announced in October 2016, which is not a start
        "AMERIPOL-EU": None,  # ended in December 2015
    }


def test_budget_under_the_edf(anyone: APIClient) -> None:
    lines = ask(anyone, "budgets/?instrument=EDF&fields=programme,amount,currency")
    assert lines == [{"programme": "CARIBBEAN-CRIME-SECURITY", "amount": "44000000.00", "currency": "EUR"}]


def test_countries_in_el_paccto_but_not_in_prelac(anyone: APIClient) -> None:
    assert codes(anyone, "countries/?programme=EL-PACCTO&programme__not=PRELAC&fields=code") == ["CU", "HN", "NI"]


def test_what_aircop_had_seized_as_of_march_2017(anyone: APIClient) -> None:
    question = "observations/?programme=AIRCOP&as_of=2017-03&fields=title,value,unit,exactness,disaggregation"
    seized = [each for each in ask(anyone, question) if each["title"] == "Drugs seized"]
    assert [
        (each["disaggregation"]["substance"], each["value"], each["unit"], each["exactness"]) for each in seized
    ] == [
        ("cocaine", "2897.0000", "kg", "about"),
        ("cannabis", "1156.0000", "kg", "about"),
        ("heroin", "326.0000", "kg", "about"),
    ]


def test_nothing_is_known_of_aircop_before_march_2017(anyone: APIClient) -> None:
    assert ask(anyone, "observations/?programme=AIRCOP&as_of=2017-02") == []


def test_when_seacop_s_current_phase_ends(anyone: APIClient) -> None:
    answer = ask(anyone, "phases/?programme=SEACOP&status=2&fields=label,end")
    assert answer == [{"label": "IV", "end": "2018-12"}]


def test_which_figures_are_lower_bounds(anyone: APIClient) -> None:
    assert ask(anyone, "budgets/?exactness=at_least&fields=code,amount") == [
        {"code": "COCAINE-ROUTE-ICSP", "amount": "50000000.00"},
        {"code": "COLOMBIA-ECHO-TOTAL", "amount": "200000000.00"},
    ]
    assert ask(anyone, "observations/?exactness=at_least&fields=indicator,value") == [
        {"indicator": "AMERIPOL-EU-TRAINED", "value": "400.0000"},
        {"indicator": "GAFILAT-EU-AGENTS", "value": "1900.0000"},
        {"indicator": "GAFILAT-EU-COURSES", "value": "60.0000"},
        {"indicator": "PRELAC-STUDIES", "value": "10.0000"},
        {"indicator": "PRELAC-TRAINED", "value": "3000.0000"},
    ]


def test_which_figures_are_lower_bounds_in_one_call(anyone: APIClient) -> None:
    found = ask(anyone, "figures/?exactness=at_least")
    assert [(each["code"], each["value"], each["unit"]) for each in found] == [
        ("AMERIPOL-EU-TRAINED", "400.0000", "persons taking part"),
        ("COCAINE-ROUTE-ICSP", "50000000.00", "EUR"),
        ("COLOMBIA-ECHO-TOTAL", "200000000.00", "EUR"),
        ("GAFILAT-EU-AGENTS", "1900.0000", "agents taking part"),
        ("GAFILAT-EU-COURSES", "60.0000", "courses, conferences and workshops"),
        ("PRELAC-STUDIES", "10.0000", "studies"),
        ("PRELAC-TRAINED", "3000.0000", "persons taking part"),
    ]


def test_what_is_not_stated(anyone: APIClient) -> None:
    assert ask(anyone, "programmes/AIRCOP/?fields=not_stated") == {"not_stated": ["end", "budget"]}
    assert "AIRCOP" in codes(anyone, "programmes/?not_stated=budget&fields=code&page_size=1000")
