"""Pairs of programmes that share countries, themes, organisations and time."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from countries.models import Country
from programmes.analysis import overlap
from programmes.analysis.overlap import Shared, TooManyPairsError, overlaps, sentence
from programmes.analysis.spans import Certainty
from programmes.codelists import OrganisationRole, ParticipationRole, ParticipationStatus
from programmes.models import Programme, Theme
from tests.factories import (
    CountryFactory,
    OrganisationFactory,
    ParticipatingOrganisationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    ThemeFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def countries() -> dict[str, Country]:
    return {code: CountryFactory.create(code=code) for code in ("XA", "XB", "XC")}


@pytest.fixture
def themes() -> dict[str, Theme]:
    """Drugs above precursors and demand, and justice."""
    drugs = ThemeFactory.create(code="DRUGS", name_en="Drugs")
    below = [ThemeFactory.create(code=code, parent=drugs) for code in ("PRECURSORS", "DEMAND")]
    return {theme.code: theme for theme in (drugs, *below, ThemeFactory.create(code="JUSTICE", name_en="Justice"))}


def programme(code: str, countries: list[Country], themes: list[Theme], **dates: Any) -> Programme:
    made = ProgrammeFactory.create(code=code, acronym=code.title(), **dates)
    for country in countries:
        ParticipationFactory.create(programme=made, country=country)
    for theme in themes:
        ProgrammeThemeFactory.create(programme=made, theme=theme)
    return made


def found(**asked: Any) -> list[tuple[str, str, str, str, str]]:
    """The pairs: both codes, the countries, the themes, and whether at the same time."""
    return [
        (
            pair.first.code,
            pair.second.code,
            "+".join(each.code for each in pair.countries),
            "+".join(each.code for each in pair.themes),
            pair.time.value,
        )
        for pair in overlaps(Programme.objects.all(), **asked)
    ]


def test_pairs_share_a_country_and_a_theme(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    programme("A", [countries["XA"], countries["XB"]], [themes["JUSTICE"]], actual_start="2010", actual_end="2015")
    programme("B", [countries["XB"], countries["XC"]], [themes["JUSTICE"]], actual_start="2014")
    programme("C", [countries["XA"]], [themes["DRUGS"]])
    programme("D", [], [themes["JUSTICE"]])
    assert found() == [("A", "B", "XB", "JUSTICE", "yes")]
    assert found(shares=[Shared.COUNTRIES]) == [
        ("A", "B", "XB", "JUSTICE", "yes"),
        ("A", "C", "XA", "", "undetermined"),
    ]


def test_pairs_that_share_most_come_first(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    both, all_three = [themes["JUSTICE"], themes["DRUGS"]], list(countries.values())
    programme("A", all_three, both[:1])
    programme("B", all_three[:2], both)
    programme("C", all_three[:1], both)
    programme("D", all_three[:1], both, actual_start="2010")
    assert [pair[:2] for pair in found()] == [("A", "B"), ("B", "C"), ("B", "D"), ("C", "D"), ("A", "C"), ("A", "D")]


def test_a_theme_is_shared_with_one_below_it_but_not_beside_it(
    countries: dict[str, Country], themes: dict[str, Theme]
) -> None:
    where = [countries["XA"]]
    programme("A", where, [themes["DRUGS"]])
    programme("B", where, [themes["PRECURSORS"]])
    programme("C", where, [themes["DEMAND"]])
    programme("D", where, [themes["DEMAND"], themes["DRUGS"]])
    assert [(one, other, theme) for one, other, _country, theme, _time in found()] == [
        ("C", "D", "DEMAND+DRUGS"),
        ("A", "B", "DRUGS"),
        ("A", "C", "DRUGS"),
        ("A", "D", "DRUGS"),
        ("B", "D", "DRUGS"),
    ]


def test_programmes_above_and_below_each_other_are_no_pair(
    countries: dict[str, Country], themes: dict[str, Theme]
) -> None:
    where, what = [countries["XA"]], [themes["JUSTICE"]]
    top = programme("A", where, what)
    middle = programme("B", where, what, parent=top)
    programme("C", where, what, parent=middle)
    programme("D", where, what, parent=top)
    assert [pair[:2] for pair in found()] == [("B", "D"), ("C", "D")]


def test_a_programme_far_above_is_no_pair_though_what_lies_between_is_not_selected(
    countries: dict[str, Country], themes: dict[str, Theme]
) -> None:
    where, what = [countries["XA"]], [themes["JUSTICE"]]
    top = programme("A", where, what)
    programme("C", where, what, parent=ProgrammeFactory.create(code="B", parent=top))
    assert len(overlaps(Programme.objects.exclude(code="B"))) == 0


@pytest.mark.parametrize(
    ("one", "other", "time"),
    [
        ({"actual_start": "2010", "actual_end": "2015"}, {"actual_start": "2014"}, "yes"),
        ({"actual_start": "2010", "actual_end": "2015"}, {"actual_start": "2015"}, "undetermined"),
        ({"actual_start": "2010"}, {}, "undetermined"),
        ({"actual_start": "2010", "actual_end": "2015"}, {"actual_start": "2016"}, None),
    ],
)
def test_time_is_told_as_far_as_dates_tell(
    countries: dict[str, Country], themes: dict[str, Theme], one: Any, other: Any, time: str | None
) -> None:
    programme("A", [countries["XA"]], [themes["JUSTICE"]], **one)
    programme("B", [countries["XA"]], [themes["JUSTICE"]], **other)
    assert [pair[4] for pair in found()] == ([time] if time else [])
    assert [pair[4] for pair in found(time=[Certainty.YES])] == (["yes"] if time == "yes" else [])
    assert [pair[4] for pair in found(time=[Certainty.NO])] == ([] if time else ["no"])


def test_phases_make_the_time_certain(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    first = programme("A", [countries["XA"]], [themes["JUSTICE"]])
    programme("B", [countries["XA"]], [themes["JUSTICE"]], actual_start="2012", actual_end="2018")
    PhaseFactory.create(programme=first, actual_start="2014", actual_end="2016-05")
    (pair,) = overlaps(Programme.objects.all())
    assert (pair.time, pair.since, pair.until) == (Certainty.YES, "2014", "2016-05")


def test_a_country_at_other_times_is_not_shared(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    first = programme("A", [countries["XB"]], [themes["JUSTICE"]], actual_start="2009", actual_end="2017")
    second = programme("B", [countries["XB"]], [themes["JUSTICE"]], actual_start="2010")
    ParticipationFactory.create(programme=first, country=countries["XA"], end="2016-02")
    ParticipationFactory.create(programme=second, country=countries["XA"], start="2017-01")
    assert found() == [("A", "B", "XB", "JUSTICE", "yes")]
    ParticipationFactory.create(programme=second, country=countries["XA"], start="2012", end="2013")
    assert found() == [("A", "B", "XA+XB", "JUSTICE", "yes")]


@pytest.mark.parametrize(
    "part", [{"status": ParticipationStatus.EXPECTED}, {"role": ParticipationRole.CONTRIBUTOR}], ids=str
)
def test_only_recipients_that_take_part_are_shared(
    countries: dict[str, Country], themes: dict[str, Theme], part: Any
) -> None:
    programme("A", [countries["XA"]], [themes["JUSTICE"]])
    other = programme("B", [], [themes["JUSTICE"]])
    ParticipationFactory.create(programme=other, country=countries["XA"], **part)
    assert found() == []


def test_organisations_are_shared_but_not_as_funders(themes: dict[str, Theme]) -> None:
    donor, agency = OrganisationFactory.create(name="Donor"), OrganisationFactory.create(name="Agency")
    for made in (programme("A", [], []), programme("B", [], [])):
        ParticipatingOrganisationFactory.create(programme=made, organisation=donor, role=OrganisationRole.FUNDING)
    assert found(shares=[Shared.ORGANISATIONS]) == []
    for made in Programme.objects.all():
        ParticipatingOrganisationFactory.create(programme=made, organisation=agency)
    (pair,) = overlaps(Programme.objects.all(), shares=[Shared.ORGANISATIONS])
    assert [each.label for each in pair.organisations] == ["Agency"]
    assert found(shares=[Shared.ORGANISATIONS, Shared.COUNTRIES]) == []


def test_min_countries_says_how_many(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    for code in ("A", "B"):
        programme(code, [countries["XA"], countries["XB"]], [themes["JUSTICE"]])
    assert [len(found(min_countries=number)) for number in (1, 2, 3)] == [1, 1, 0]
    assert [len(found(min_countries=number, shares=[Shared.THEMES])) for number in (2, 3)] == [1, 0]


def test_with_a_programme_only_its_pairs_are_given(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    made = {code: programme(code, [countries["XA"]], [themes["JUSTICE"]]) for code in "ABCD"}
    assert [pair[:2] for pair in found(with_programmes=[made["B"].pk])] == [("A", "B"), ("B", "C"), ("B", "D")]
    both = [made["B"].pk, made["C"].pk]
    assert [pair[:2] for pair in found(with_programmes=both)] == [
        ("A", "B"),
        ("A", "C"),
        ("B", "C"),
        ("B", "D"),
        ("C", "D"),
    ]
    selection = Programme.objects.filter(code="D")
    pairs = overlaps(selection, with_programmes=[made["B"].pk])
    assert [(pair.first.code, pair.second.code) for pair in pairs] == [("B", "D")]


def test_sentence_says_what_is_shared_and_since_when(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    two = [countries["XA"], countries["XB"]]
    programme("A", two, [themes["JUSTICE"]], actual_start="2010", actual_end="2015-12")
    programme("B", two, [themes["JUSTICE"]], actual_start="2014-05")
    programme("C", two[:1], [themes["JUSTICE"]])
    assert [sentence(pair) for pair in overlaps(Programme.objects.all())] == [
        "A and B share 2 countries (Country XA, Country XB) and 1 theme (Justice); both run at the same time, between"
        " 2014-05 and 2015-12.",
        "A and C share 1 country (Country XA) and 1 theme (Justice); whether they run at the same time, their dates do"
        " not tell.",
        "B and C share 1 country (Country XA) and 1 theme (Justice); whether they run at the same time, their dates do"
        " not tell.",
    ]


def test_too_many_pairs_are_refused(
    countries: dict[str, Country], themes: dict[str, Theme], monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in "ABC":
        programme(code, [countries["XA"]], [themes["JUSTICE"]])
    monkeypatch.setattr(overlap, "MOST_PAIRS", 2)
    with pytest.raises(TooManyPairsError):
        found()


def test_queries_do_not_grow_with_the_programmes(countries: dict[str, Country], themes: dict[str, Theme]) -> None:
    counts = []
    for codes in ("AB", "CDEF"):
        for code in codes:
            made = programme(code, list(countries.values()), list(themes.values()))
            PhaseFactory.create(programme=made)
            ParticipatingOrganisationFactory.create(programme=made)
        with CaptureQueriesContext(connection) as captured:
            list(overlaps(Programme.objects.all()))
        counts.append(len(captured))
    assert counts == [10, 10]
