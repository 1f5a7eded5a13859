"""Questions across the programmes of the seed portfolio, each by a single call."""

from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from programmes.api.urls import router

pytestmark = pytest.mark.usefixtures("portfolio")


def results(query: str) -> list[dict[str, Any]]:
    response = Client().get(f"/api/v1/{query}")
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["results"]
    return found


@pytest.mark.parametrize(
    "query",
    [
        "overlap/?shares=themes",
        "coverage/?on=2016-06-01&first_year=2014&last_year=2020&spread=daily&explain=true",
        "coverage/?state=empty",
        "lineage/?on=2017-11-10",
        "progress/",
        "progress-roll-ups/",
    ],
)
def test_answer_has_the_shape_that_the_document_says(query: str) -> None:
    answer = Client().get(f"/api/v1/{query}").json()
    (view,) = (view for prefix, view, _name in router.registry if prefix == query.partition("/")[0])
    assert [error.message for error in Draft202012Validator(view.answer_schema).iter_errors(answer)] == []
    assert len(answer["results"]) > 0


def test_who_should_coordinate_with_seacop() -> None:
    assert [each["sentence"] for each in results("overlap/?with=SEACOP&time=yes")] == [
        "AIRCOP and SEACOP share 6 countries (Argentina, Brazil, Colombia, Dominican Republic, Jamaica, Panama) and 1"
        " theme (Fight against drugs); both run at the same time, from 2010 on.",
        "CRIMJUST and SEACOP share 5 countries (Argentina, Brazil, Colombia, Dominican Republic, Panama) and 1 theme"
        " (Transnational organised crime); both run at the same time, between 2016-02 and 2020.",
    ]


def test_prelac_and_seacop_were_never_in_a_country_at_the_same_time() -> None:
    """Both run in 2010 to 2016, but SEACOP came to its Latin American countries in 2017."""
    assert results("overlap/?code=PRELAC,SEACOP") == []
    (pair,) = results("overlap/?code=PRELAC,SEACOP&shares=themes")
    assert (pair["countries"], [each["code"] for each in pair["themes"]], pair["time"]) == ([], ["DRUGS"], "yes")


def test_cocaine_route_is_no_pair_with_its_projects() -> None:
    found = results("overlap/?with=COCAINE-ROUTE&shares=themes&under=COCAINE-ROUTE")
    assert found == []


def test_what_continues_what() -> None:
    assert [each["sentence"] for each in results("lineage/?on=2017-11-10")] == [
        "AMERIPOL-EU ended 2015-12; some of its activities continue under DCI regional programme on citizen security"
        " and rule of law. The days between are not known.",
        "Peace-building in Colombia under the DCI ended 2013; nothing is recorded that follows it.",
        "When COPOLAD I ends is not known; COPOLAD II continues it, from 2016-01. The days between are not known.",
        "CORMS II ended 2016; CORMS III continues it. The days between are not known.",
        "EUROsociAL II ended 2015; EUROsociAL + continues it, from 2016. 0 to 729 days lie between.",
        "GAFILAT-EU ended 2017-06; nothing is recorded that follows it.",
        "PRELAC ended 2016-02; nothing is recorded that follows it.",
    ]


def test_seacop_s_phase_ends_within_12_months_of_2018() -> None:
    assert [each["sentence"] for each in results("lineage/?on=2018-02-01&state=ending")] == [
        "SEACOP IV ends 2018-12; nothing is recorded that follows it."
    ]


def test_guatemala_on_justice_is_covered_and_its_money_undivided() -> None:
    (cell,) = results("coverage/?cell=GT,JUSTICE&on=2017-11-10&explain=true")
    assert (cell["state"], cell["sentence"]) == (
        "covered",
        "1 programme on Justice (Guatemala, sector 2: conflict resolution, peace and security) is active in Guatemala"
        " on 2017-11-10.",
    )
    (year,) = cell["years"]
    assert (year["certain"], year["perhaps"], year["amounts"]) == (["MIP-GT-PEACE"], ["EL-PACCTO"], [])
    assert [each["sentence"] for each in year["undivided"]] == [
        "Not divided between the themes GENDER, GENDER-VIOLENCE, HUMAN-RIGHTS, JUSTICE, PEACE, SECURITY,"
        " VIOLENCE-PREVENTION and the years of its period 2014/2020."
    ]


def test_bolivia_on_drugs_has_a_line_until_2016_that_is_spread_when_asked() -> None:
    (cell,) = results("coverage/?cell=BO,DRUGS&on=2017-11-10&first_year=2016&last_year=2017&spread=daily&explain=true")
    assert [[(each["code"], each["amount"]) for each in year["divisible"]] for year in cell["years"]] == [
        [("MIP-BO-DRUGS-DCI", "28718978.10")],
        [],
    ]


def test_honduras_on_the_rule_of_law_ends_with_its_indicative_programme() -> None:
    (cell,) = results("coverage/?cell=HN,RULE-OF-LAW&on=2020-03-01&explain=true&code__not=EL-PACCTO")
    assert (cell["state"], [(each["code"], each["end"]) for each in cell["programmes"]]) == (
        "ending",
        [("MIP-HN-RULE-OF-LAW", "2020")],
    )


def test_no_programme_on_demining_is_in_latin_america() -> None:
    cells = results("coverage/?theme=DEMINING&grouping=CELAC&on=2017-11-10&page_size=100")
    assert (len(cells), {each["state"] for each in cells}) == (33, {"empty"})


def test_no_indicator_of_the_briefing_has_a_target() -> None:
    found = results("progress/?page_size=100")
    reasons = {each["without_percent"] for indicator in found for each in indicator["progress"]}
    assert (len(found), reasons) == (21, {"no_target"})


def test_how_old_aircop_s_figures_are() -> None:
    found = results("progress/?programme=AIRCOP&on=2018-12-31")
    assert {each["code"]: {one["age_in_months"] for one in each["progress"]} for each in found} == {
        "AIRCOP-JAITFS": {12},
        "AIRCOP-TRAINED": {21},
        "AIRCOP-JOINT-OPERATIONS": {21},
        "AIRCOP-AGENTS": {21},
        "AIRCOP-SEIZURES": {21},
        "AIRCOP-SEIZURE-OPERATIONS": {21},
    }


def test_nothing_is_added_that_is_not_declared_additive() -> None:
    (found,) = results("progress-roll-ups/")
    assert (found["programme"]["code"], found["sums"]) == ("COCAINE-ROUTE", [])
    assert (len(found["left_out"]), {each["reason"] for each in found["left_out"]}) == (21, {"not_additive"})
