"""Totals over the seed portfolio: single calls, each with its explanation."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.usefixtures("portfolio")


def totals(query: str) -> dict[str, Any]:
    response = Client().get(f"/api/v1/totals/?{query}")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def money(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(f"{each['amount']} {each['currency']}", each["exactness"]) for each in answer["total"]]


def groups(answer: dict[str, Any]) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    return {
        tuple("+".join(value["codes"]) or "?" for value in group["key"].values()): [
            (each["amount"], each["exactness"]) for each in group["amounts"]
        ]
        for group in answer["groups"]
    }


def left_out(answer: dict[str, Any]) -> dict[str, str]:
    return {each["code"]: each["sentence"] for each in answer["explanation"]["left_out"]}


def test_cocaine_route_counts_once_however_many_projects_are_selected() -> None:
    answer = totals("under=COCAINE-ROUTE,AIRCOP,SEACOP,PRELAC&explain=true")
    assert money(answer) == [("50000000.00 EUR", "at_least")]
    assert [each["code"] for each in answer["explanation"]["counted"]] == ["COCAINE-ROUTE-ICSP"]
    assert left_out(answer)["AIRCOP-ICSP"] == "Not counted: its money is part of COCAINE-ROUTE-ICSP."
    assert [each["programme"] for each in answer["explanation"]["not_stated"]] == [
        "AIRCOP",
        "AMERIPOL-EU",
        "CORMS",
        "CRIMJUST",
        "GAFILAT-EU",
        "PRELAC",
        "SEACOP",
    ]


def test_colombia_package_counts_once_with_its_parts_left_out() -> None:
    answer = totals("programme=COLOMBIA-PEACE&explain=true")
    assert money(answer) == [("575000000.00 EUR", "exact")]
    assert left_out(answer) == {
        f"COLOMBIA-PEACE-{part}": "Not counted: its money is part of COLOMBIA-PEACE-TOTAL."
        for part in ("EIB", "EUTF", "ICSP", "ONGOING")
    }


def test_central_america_shows_as_part_and_remainder() -> None:
    answer = totals("under=CENTRAL-AMERICA-2014-2020&group_by=instrument")
    assert groups(answer) == {("DCI",): [("40000000.00", "exact")], ("?",): [("80000000.00", "exact")]}


def test_guatemala_and_belize_share_one_undivided_line() -> None:
    answer = totals("under=ICSP-BILATERAL&group_by=country")
    assert money(answer) == [("45844918.00 EUR", "exact")]
    assert groups(answer) == {
        ("BR",): [("586380.00", "exact")],
        ("CO",): [("25892107.00", "exact")],
        ("DO",): [("2900000.00", "exact")],
        ("HT",): [("11823391.00", "exact")],
        ("PE",): [("489000.00", "exact")],
        ("SV",): [("1504059.00", "exact")],
        ("BZ+GT",): [("2649981.00", "exact")],
    }


def test_bilateral_indicative_programmes_by_status_and_period() -> None:
    answer = totals("kind=indicative_programme&coverage=bilateral&group_by=status,year")
    assert money(answer) == [("261000000.00 EUR", "exact")]
    assert groups(answer) == {
        ("1", "2014/2016"): [("101000000.00", "exact")],
        ("1", "2014/2020"): [("77000000.00", "exact")],
        ("?", "2014/2020"): [("83000000.00", "exact")],
    }


def test_line_printed_twice_counts_once() -> None:
    answer = totals("programme=MIRP-LA-CA,CENTRAL-AMERICA-2014-2020-SECURITY&explain=true")
    assert money(answer) == [("40000000.00 EUR", "exact")]
    assert left_out(answer) == {
        "MIRP-LA-CA-SECURITY": "Not counted: it is the same money as CENTRAL-AMERICA-2014-2020-SECURITY."
    }


def test_group_explains_itself() -> None:
    answer = totals("under=ICSP-BILATERAL&group_by=country")
    (shared,) = [each for each in answer["groups"] if len(each["key"]["country"]["codes"]) == 2]
    explanation = Client().get(shared["explanation_url"]).json()["explanation"]
    assert [
        (each["code"], [(part["line"], part["amount"]) for part in each["portions"]]) for each in explanation["counted"]
    ] == [("ICSP-BILATERAL-TOTAL", [("ICSP-GT-BZ-FUNDING", "2649981.00")])]


def test_converted_total_names_rate_day_and_source() -> None:
    answer = totals("programme=EL-PACCTO&in=USD&rate_on=2017-11-12&explain=true")
    assert answer["converted"] == {
        "amount": "23308000.00",
        "exactness": "exact",
        "complete": True,
        "lines_missing": 0,
    }
    assert answer["explanation"]["counted"][0]["converted"]["rates"] == [
        {
            "currency": "USD",
            "per_euro": "1.1654",
            "day": "2017-11-10",
            "source": "European Central Bank, euro foreign exchange reference rates",
        }
    ]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("group_by=colour", "group_by", "unknown_value"),
        ("group_by=country,country", "group_by", "too_many"),
        ("group_by=country,year,theme", "group_by", "too_many"),
        ("spread=weekly", "spread", "unknown_value"),
        ("split=fair", "split", "unknown_value"),
        ("in=XXX", "in", "unknown_value"),
        ("rate_on=2017-11-10", "rate_on", "needs_in"),
        ("in=USD&rate_on=2017", "rate_on", "invalid_date"),
        ("group_by=country&group=XX", "group", "unknown_value"),
        ("explain=perhaps", "explain", "invalid_boolean"),
        ("under=COCAINE-ROOT", "under", "unknown_code"),
        ("colour=red", "colour", "unknown_parameter"),
    ],
)
def test_bad_parameter_is_named(query: str, field: str, code: str) -> None:
    response = Client().get(f"/api/v1/totals/?{query}")
    assert response.status_code == 400
    assert [(each["field"], each["code"]) for each in response.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize(("word", "same"), [("1", "true"), ("0", "false")])
def test_one_and_zero_stand_for_true_and_false(word: str, same: str) -> None:
    answers = [totals(f"programme=COLOMBIA-PEACE&explain={each}") for each in (word, same)]
    for answer in answers:
        answer.pop("explanation_url")
    assert answers[0] == answers[1]
    assert ("explanation" in answers[0]) == (word == "1")
