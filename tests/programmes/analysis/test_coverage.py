"""Country by theme by year: programmes, money, what is empty and what soon will be."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from countries.models import Country
from programmes.analysis import coverage as coverage_module
from programmes.analysis.coverage import (
    Cell,
    Coverage,
    TooManyCellsError,
    sentence,
    sentence_undivided,
    sentence_unplaced,
)
from programmes.codelists import ActivityStatus, ParticipationStatus
from programmes.models import Budget, Programme, Theme
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CountryFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    SuccessionFactory,
    ThemeFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.date(2017, 11, 10)


@pytest.fixture
def guatemala() -> Country:
    return CountryFactory.create(code="XG", name_en="Guatemala")


@pytest.fixture
def belize() -> Country:
    return CountryFactory.create(code="XB", name_en="Belize")


@pytest.fixture
def drugs() -> Theme:
    return ThemeFactory.create(code="DRUGS", name_en="Drugs")


@pytest.fixture
def precursors(drugs: Theme) -> Theme:
    return ThemeFactory.create(code="PRECURSORS", name_en="Precursors", parent=drugs)


def programme(code: str, countries: list[Country], themes: list[Theme], **dates: Any) -> Programme:
    made = ProgrammeFactory.create(code=code, acronym=code.title(), **dates)
    for country in countries:
        ParticipationFactory.create(programme=made, country=country)
    for theme in themes:
        ProgrammeThemeFactory.create(programme=made, theme=theme)
    return made


def line(programme: Programme, amount: str | None, period: str | None = "2017", **values: Any) -> Budget:
    start, _slash, end = (period or "").partition("/")
    reason = {} if amount else {"amount_null_reason": "not_stated"}
    return BudgetFactory.create(
        programme=programme,
        amount=Decimal(amount) if amount else None,
        period_start=start or None,
        period_end=(end if _slash else start) or None,
        **reason,
        **values,
    )


def covered(**asked: Any) -> Coverage:
    return Coverage(Programme.objects.all(), **({"on": DAY, "years": [2017]} | asked))


def every_cell(**asked: Any) -> list[Cell]:
    found = covered(**asked)
    return found.cells(found.places).cells


def cells(**asked: Any) -> dict[tuple[str, str], Cell]:
    return {(cell.country, cell.theme): cell for cell in every_cell(**asked)}


def states(**asked: Any) -> dict[tuple[str, str], tuple[str, str, str]]:
    """State, now, in twelve months."""
    return {place: (cell.state.value, cell.now.value, cell.then.value) for place, cell in cells(**asked).items()}


def money(cell: Cell) -> list[tuple[int, list[str], int, int]]:
    """By year: the sums, how many lines are undivided, how many have no amount."""
    return [
        (
            each.year,
            [f"{one.amount} {one.currency} {one.exactness}" for one in each.money.sums()],
            each.money.lines_undivided,
            len(each.money.not_stated),
        )
        for each in cell.years
    ]


def test_every_country_stands_with_every_theme(guatemala: Country, belize: Country, drugs: Theme) -> None:
    ThemeFactory.create(code="JUSTICE")
    programme("A", [guatemala], [drugs], actual_start="2010", planned_end="2020")
    programme("B", [belize], [])
    assert states() == {
        ("XB", "DRUGS"): ("empty", "no", "no"),
        ("XB", "JUSTICE"): ("empty", "no", "no"),
        ("XG", "DRUGS"): ("covered", "yes", "yes"),
        ("XG", "JUSTICE"): ("empty", "no", "no"),
    }


def test_cells_are_those_of_the_countries_and_themes_asked_for(
    guatemala: Country, belize: Country, drugs: Theme, precursors: Theme
) -> None:
    ThemeFactory.create(code="JUSTICE")
    programme("A", [guatemala], [precursors])
    assert list(states(countries=["XB"])) == [("XB", "DRUGS"), ("XB", "JUSTICE"), ("XB", "PRECURSORS")]
    assert list(states(themes=[drugs.pk])) == [("XG", "DRUGS"), ("XG", "PRECURSORS")]


def test_a_theme_holds_those_below_it(guatemala: Country, drugs: Theme, precursors: Theme) -> None:
    programme("A", [guatemala], [precursors], actual_start="2010", planned_end="2020")
    programme("B", [guatemala], [drugs], actual_start="2010", planned_end="2020")
    assert {theme: [each.code for each in cell.at_work] for (_country, theme), cell in cells().items()} == {
        "DRUGS": ["A", "B"],
        "PRECURSORS": ["A"],
    }


def test_years_tell_certain_from_perhaps(guatemala: Country, drugs: Theme) -> None:
    programme("A", [guatemala], [drugs], actual_start="2014", actual_end="2015")
    programme("B", [guatemala], [drugs], actual_start="2015", status="2", status_as_of="2016")
    programme("C", [guatemala], [drugs])
    (cell,) = every_cell(years=range(2013, 2018))
    assert [
        (each.year, [one.code for one in each.certain], [one.code for one in each.perhaps]) for each in cell.years
    ] == [
        (2013, [], ["C"]),
        (2014, ["A"], ["C"]),
        (2015, ["A", "B"], ["C"]),
        (2016, ["B"], ["C"]),
        (2017, [], ["B", "C"]),
    ]


def test_a_participation_narrows_the_time_of_its_programme(guatemala: Country, drugs: Theme) -> None:
    made = programme("A", [], [drugs], actual_start="2010", planned_end="2020")
    ParticipationFactory.create(programme=made, country=guatemala, start="2012", end="2013")
    (cell,) = every_cell(years=range(2011, 2015))
    assert [(len(each.certain), len(each.perhaps)) for each in cell.years] == [(0, 0), (1, 0), (1, 0), (0, 0)]
    assert cell.state == "empty"
    ParticipationFactory.create(programme=made, country=guatemala, start="2017")
    assert states() == {("XG", "DRUGS"): ("perhaps", "undetermined", "yes")}


def test_an_undated_participation_in_a_phase_lasts_as_long_as_that(guatemala: Country, drugs: Theme) -> None:
    made = programme("A", [], [drugs], actual_start="2010", planned_end="2020")
    phase = PhaseFactory.create(programme=made, actual_start="2012", actual_end="2013")
    ParticipationFactory.create(programme=made, country=guatemala, phase=phase)
    assert states() == {("XG", "DRUGS"): ("empty", "no", "no")}


def test_expected_countries_are_not_covered(guatemala: Country, drugs: Theme) -> None:
    made = programme("A", [], [drugs], actual_start="2010", planned_end="2020")
    ParticipationFactory.create(programme=made, country=guatemala, status=ParticipationStatus.EXPECTED)
    assert states(countries=["XG"]) == {("XG", "DRUGS"): ("empty", "no", "no")}


@pytest.mark.parametrize(
    ("end", "state"),
    [
        ("2018-06", ("ending", "yes", "no")),
        ("2018-11-09", ("ending", "yes", "no")),
        ("2018-11-10", ("covered", "yes", "yes")),
    ],
)
def test_a_cell_is_ending_when_its_last_programme_ends(
    guatemala: Country, drugs: Theme, end: str, state: tuple[str, ...]
) -> None:
    programme("A", [guatemala], [drugs], actual_start="2010", planned_end=end)
    assert states() == {("XG", "DRUGS"): state}


def test_a_cell_is_not_ending_while_another_programme_goes_on_or_begins(guatemala: Country, drugs: Theme) -> None:
    programme("A", [guatemala], [drugs], actual_start="2010", planned_end="2018-06")
    later = programme("B", [guatemala], [drugs], planned_start="2018-01", planned_end="2020")
    assert states() == {("XG", "DRUGS"): ("covered", "yes", "yes")}
    Programme.objects.filter(pk=later.pk).update(planned_start=None, planned_end=None)
    assert states() == {("XG", "DRUGS"): ("covered", "yes", "undetermined")}


def test_what_something_follows_may_go_on(guatemala: Country, drugs: Theme) -> None:
    made = programme("A", [guatemala], [drugs], actual_start="2010", planned_end="2018-06")
    succession = SuccessionFactory.create(predecessor=made, successor=None, successor_name="B")
    assert states() == {("XG", "DRUGS"): ("covered", "yes", "undetermined")}
    succession.delete()
    assert states() == {("XG", "DRUGS"): ("ending", "yes", "no")}
    PhaseFactory.create(programme=made, status=ActivityStatus.PIPELINE)
    assert states() == {("XG", "DRUGS"): ("covered", "yes", "undetermined")}


def test_money_that_lies_in_the_year_and_the_cell_stands_there_once(guatemala: Country, drugs: Theme) -> None:
    made = programme("A", [guatemala], [drugs])
    whole = line(made, "120")
    line(made, "40", part_of=whole)
    line(made, "5", "2017-03/2017-06", currency="USD", exactness="at_least")
    line(made, None)
    (cell,) = every_cell(years=[2016, 2017])
    assert money(cell) == [
        (2016, [], 0, 0),
        (2017, ["120.00 EUR exact", "5.00 USD at_least"], 0, 1),
    ]


def test_a_longer_line_is_only_counted_unless_it_is_spread(guatemala: Country, drugs: Theme) -> None:
    made = programme("A", [guatemala], [drugs])
    line(made, "366", "2015-12-31/2016-12-30")
    line(made, "7", "2016/")
    line(made, "3", None)
    (plain,), (spread,) = (
        every_cell(years=[2015, 2016, 2017]),
        every_cell(years=[2015, 2016, 2017], spread="daily"),
    )
    assert money(plain) == [(2015, [], 1, 0), (2016, [], 2, 0), (2017, [], 1, 0)]
    assert money(spread) == [(2015, ["1.00 EUR exact"], 0, 0), (2016, ["365.00 EUR exact"], 1, 0), (2017, [], 1, 0)]


def test_a_part_stands_where_and_when_its_whole_does(guatemala: Country, belize: Country, drugs: Theme) -> None:
    whole = line(programme("A", [guatemala], []), "120", "2017")
    line(programme("B", [belize], [drugs]), "40", "2010", part_of=whole)
    undated = line(programme("C", [], []), "90", "2017")
    line(programme("D", [guatemala], [drugs]), "50", "2010", part_of=undated)
    assert {place: money(cell) for place, cell in cells(countries=["XB", "XG"]).items()} == {
        ("XB", "DRUGS"): [(2017, [], 0, 0)],
        ("XG", "DRUGS"): [(2017, ["90.00 EUR exact"], 0, 0)],
    }


def test_parts_elsewhere_leave_less_undivided(guatemala: Country, belize: Country, drugs: Theme) -> None:
    both = programme("A", [guatemala, belize], [drugs])
    whole = line(both, "120")
    line(programme("B", [belize], [drugs]), "40", part_of=whole)
    (cell,) = every_cell(countries=["XG"])
    assert [each.amount for each in cell.years[0].money.undivided] == [Decimal("80.00")]
    line(both, "130", revises=whole)
    (cell,) = every_cell(countries=["XG"])
    assert [each.amount for each in cell.years[0].money.undivided] == [Decimal("90.00")]


def test_a_line_of_several_countries_is_in_neither(guatemala: Country, belize: Country, drugs: Theme) -> None:
    made = programme("A", [guatemala, belize], [drugs])
    shared = line(made, "26")
    assert {place: money(cell) for place, cell in cells().items()} == {
        ("XB", "DRUGS"): [(2017, [], 1, 0)],
        ("XG", "DRUGS"): [(2017, [], 1, 0)],
    }
    BudgetCountryFactory.create(budget=shared, country=guatemala, percentage=Decimal(75))
    BudgetCountryFactory.create(budget=shared, country=belize, percentage=Decimal(25))
    assert {place: money(cell) for place, cell in cells().items()} == {
        ("XB", "DRUGS"): [(2017, ["6.50 EUR exact"], 0, 0)],
        ("XG", "DRUGS"): [(2017, ["19.50 EUR exact"], 0, 0)],
    }


def test_themes_that_do_not_divide_a_line_hold_it_together(guatemala: Country, drugs: Theme, precursors: Theme) -> None:
    demand = ThemeFactory.create(code="DEMAND", parent=drugs)
    line(programme("A", [guatemala], [precursors, demand]), "10")
    assert {theme: money(cell) for (_country, theme), cell in cells().items()} == {
        "DEMAND": [(2017, [], 1, 0)],
        "DRUGS": [(2017, ["10.00 EUR exact"], 0, 0)],
        "PRECURSORS": [(2017, [], 1, 0)],
    }


def test_sentence_undivided_names_what_the_line_is_not_divided_between(
    guatemala: Country, belize: Country, drugs: Theme, precursors: Theme
) -> None:
    line(programme("A", [guatemala, belize], [drugs, precursors]), "10", "2014/2020")
    (cell, *_others) = every_cell()
    assert [sentence_undivided(each) for each in cell.years[0].money.undivided] == [
        "Not divided between the countries XB, XG, the themes DRUGS, PRECURSORS and the years of its period 2014/2020."
    ]


def test_programmes_without_country_or_theme_stand_in_no_cell(guatemala: Country, drugs: Theme) -> None:
    programme("A", [guatemala], [drugs])
    programme("B", [guatemala], [])
    programme("C", [], [drugs])
    programme("D", [], [])
    assert [(each.code, sentence_unplaced(each)) for each in covered().unplaced()] == [
        ("B", "In no cell: no theme is stated."),
        ("C", "In no cell: no recipient country that takes part is stated."),
        ("D", "In no cell: neither a recipient country nor a theme is stated."),
    ]


def test_sentences_tell_the_state(guatemala: Country, drugs: Theme) -> None:
    def told() -> str:
        (cell,) = every_cell(countries=["XG"])
        return sentence(cell, DAY)

    assert told() == "No programme on Drugs is active in Guatemala on 2017-11-10."
    programme("A", [guatemala], [drugs], planned_start="2018-01", planned_end="2020")
    assert told() == ("No programme on Drugs is active in Guatemala on 2017-11-10. Within 12 months one is, or may be.")
    Programme.objects.all().delete()
    programme("B", [guatemala], [drugs])
    assert told() == (
        "Whether the only programme on Drugs in Guatemala (B) is active on 2017-11-10, its dates do not tell."
    )
    programme("C", [guatemala], [drugs])
    assert told() == (
        "Whether any of 2 programmes on Drugs in Guatemala (B, C) is active on 2017-11-10, their dates do not tell."
    )
    programme("D", [guatemala], [drugs], actual_start="2010", planned_end="2018-06")
    assert told() == "1 programme on Drugs (D) is active in Guatemala on 2017-11-10."
    Programme.objects.exclude(code="D").delete()
    assert told() == (
        "What is active on Drugs in Guatemala on 2017-11-10 (D) ends by 2018-06, and nothing is recorded that follows"
        " it."
    )


def test_too_many_cells_are_refused(guatemala: Country, drugs: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    programme("A", [guatemala], [drugs])
    monkeypatch.setattr(coverage_module, "MOST_CELLS", 2)
    assert len(covered().places) == 1
    with pytest.raises(TooManyCellsError):
        covered(years=[2016, 2017])


def test_queries_do_not_grow_with_the_programmes(guatemala: Country, belize: Country, drugs: Theme) -> None:
    counts = []
    for codes, years in (("A", [2017]), ("BCD", range(2010, 2020))):
        for code in codes:
            made = programme(code, [guatemala, belize], [drugs])
            PhaseFactory.create(programme=made)
            line(made, "10")
        with CaptureQueriesContext(connection) as captured:
            every_cell(years=years)
        counts.append(len(captured))
    assert counts == [17, 17]
