"""What looks wrong or old when records are set side by side."""

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest

from programmes.analysis import doubts
from programmes.analysis.checks import Asked, Found
from programmes.codelists import Accumulation, Coverage, IndicatorMeasure, NullReason, ObservationKind
from programmes.models import Budget, Programme
from tests.factories import (
    AliasFactory,
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    IndicatorFactory,
    ObservationFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    TransactionFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.date(2017, 11, 10)


def codes(check: Callable[[Asked], Iterable[Found]], years: int = 5) -> list[str]:
    """The records that the check finds."""
    return [each.code for each in check(Asked(Programme.objects.order_by().values("pk"), DAY, years))]


# Old figures


def test_amount_is_old_where_no_source_speaks_of_it_within_the_years() -> None:
    for code, *dates in (("A-OLD", "2011", "2012-11-09"), ("B-FRESH", "2001", "2012-11-10"), ("C-VAGUE", "2012-11")):
        line = BudgetFactory.create(code=code)
        for date in dates:
            CitationFactory.create(budget=line, as_of=date)
    assert codes(doubts.old_figures) == ["A-OLD"]
    assert codes(doubts.old_figures, years=4) == ["A-OLD", "B-FRESH", "C-VAGUE"]


def test_amount_is_as_old_as_its_source_where_the_citation_has_no_date() -> None:
    CitationFactory.create(budget=BudgetFactory.create(code="A-PUBLISHED"), source__published="2010")
    CitationFactory.create(budget=BudgetFactory.create(code="B-READ"), source__accessed="2010-05")
    CitationFactory.create(budget=BudgetFactory.create(code="C-UNDATED"))
    CitationFactory.create(budget=BudgetFactory.create(code="D-OF-2016"), as_of="2016", source__published="2010")
    BudgetFactory.create(code="E-WITHOUT-SOURCE")
    assert codes(doubts.old_figures) == ["A-PUBLISHED", "B-READ"]


def test_amount_that_is_replaced_or_not_stated_is_not_old() -> None:
    line = BudgetFactory.create(code="REPLACED")
    BudgetFactory.create(programme=line.programme, revises=line)
    silent = BudgetFactory.create(amount_null_reason=NullReason.NOT_STATED)
    for cited in (line, silent):
        CitationFactory.create(budget=cited, as_of="2001")
    assert codes(doubts.old_figures) == []


def test_transactions_do_not_grow_old() -> None:
    CitationFactory.create(transaction=TransactionFactory.create(date="2001"), as_of="2001")
    assert codes(doubts.old_figures) == []


def test_only_the_latest_value_of_an_indicator_is_old() -> None:
    for code, *dates in (("A-OLD", "2009", "2011"), ("B-FRESH", "2011", "2016"), ("C-PERHAPS", "2012")):
        indicator = IndicatorFactory.create(code=code)
        for date in dates:
            ObservationFactory.create(indicator=indicator, as_of=date)
    assert codes(doubts.old_figures) == ["A-OLD"]


# Shares


@pytest.mark.parametrize(
    ("shares", "wrong"),
    [
        ([], False),
        ([None], False),
        ([None, "60"], False),
        (["60", "40"], False),
        (["60", "39"], True),
        (["33", "33", "33"], True),
        (["33.3", "33.3", "33.3"], False),
        (["33.33", "33.33", "33.33"], False),
        (["33.3333", "33.3333", "33.3333"], False),
        (["33.3", "33.3", "33.1"], True),
        (["60", "50"], True),
        (["60", "50", None], True),
        (["66.67", "33.34"], False),
        (["100.0000"], False),
    ],
)
def test_shares_are_wrong_where_rounding_does_not_explain_them(shares: list[str | None], wrong: bool) -> None:
    assert doubts.are_wrong([None if share is None else Decimal(share) for share in shares]) is wrong


def test_shares_of_countries_are_those_of_recipients_that_take_part_on_the_day() -> None:
    right, wrong = ProgrammeFactory.create(code="RIGHT"), ProgrammeFactory.create(code="WRONG")
    for programme in (right, wrong):
        ParticipationFactory.create(programme=programme, percentage=Decimal(60))
    ParticipationFactory.create(programme=right, percentage=Decimal(40))
    ParticipationFactory.create(programme=right, percentage=Decimal(40), end="2016")
    ParticipationFactory.create(programme=right, percentage=Decimal(40), role="contributor")
    ParticipationFactory.create(programme=right, percentage=Decimal(40), status="former")
    ParticipationFactory.create(programme=wrong, percentage=Decimal(30))
    assert codes(doubts.country_shares) == ["WRONG"]


def test_shares_of_countries_are_added_within_each_phase() -> None:
    programme = ProgrammeFactory.create(code="P")
    for label in ("I", "II"):
        phase = PhaseFactory.create(programme=programme, label=label)
        ParticipationFactory.create(programme=programme, phase=phase, percentage=Decimal(100))
    assert codes(doubts.country_shares) == []
    ParticipationFactory.create(programme=programme, percentage=Decimal(70))
    assert codes(doubts.country_shares) == ["P"]


def test_shares_of_themes_and_of_the_countries_of_a_line() -> None:
    line = BudgetFactory.create(code="LINE", programme__code="P")
    for share in (50, 49):
        ProgrammeThemeFactory.create(programme=line.programme, percentage=Decimal(share))
        BudgetCountryFactory.create(budget=line, percentage=Decimal(share))
    assert (codes(doubts.theme_shares), codes(doubts.line_shares)) == (["P"], ["LINE"])
    ProgrammeThemeFactory.create(programme=line.programme)
    BudgetCountryFactory.create(budget=line)
    assert (codes(doubts.theme_shares), codes(doubts.line_shares)) == ([], [])


# Periods


@pytest.mark.parametrize(
    ("period", "outside"),
    [
        (("2010", "2012"), True),
        (("2010", "2013"), True),
        (("2010", "2014"), False),
        (("2016", "2017"), False),
        (("2017", "2018"), True),
        (("2016-06", None), False),
        (("2017", None), True),
        ((None, "2013-12-31"), True),
        ((None, None), False),
    ],
)
def test_line_is_outside_where_it_has_no_day_of_the_programme(
    period: tuple[str | None, str | None], outside: bool
) -> None:
    programme = ProgrammeFactory.create(actual_start="2014", planned_end="2016-06")
    BudgetFactory.create(programme=programme, code="LINE", period_start=period[0], period_end=period[1])
    assert codes(doubts.outside_period) == ["LINE"] * outside


def test_line_is_not_outside_a_phase_or_a_programme_whose_dates_are_not_known() -> None:
    phased = ProgrammeFactory.create(actual_start="2014", planned_end="2016")
    PhaseFactory.create(programme=phased, planned_start="2018", planned_end="2020")
    for programme in (phased, ProgrammeFactory.create()):
        BudgetFactory.create(programme=programme, period_start="2019", period_end="2019")
    assert codes(doubts.outside_period) == []


# Parts


@pytest.mark.parametrize(
    ("whole", "parts", "exceed"),
    [
        (("100", "exact"), [("60", "exact"), ("40", "exact")], False),
        (("100", "exact"), [("60", "exact"), ("41", "exact")], True),
        (("100", "exact"), [("120", "at_least")], True),
        (("100", "exact"), [("120", "at_most")], False),
        (("100", "exact"), [("120", "about")], True),
        (("100", "about"), [("120", "exact")], True),
        (("100", "at_most"), [("120", "exact")], True),
        (("100", "at_least"), [("120", "exact")], False),
        (("100", "at_most"), [("60", "at_most"), ("60", "at_most")], False),
    ],
)
def test_parts_exceed_their_whole_where_no_bound_explains_it(
    whole: tuple[str, str], parts: list[tuple[str, str]], exceed: bool
) -> None:
    line = BudgetFactory.create(code="WHOLE", amount=Decimal(whole[0]), exactness=whole[1])
    for amount, exactness in parts:
        BudgetFactory.create(part_of=line, amount=Decimal(amount), exactness=exactness)
    assert codes(doubts.exceeding_parts) == ["WHOLE"] * exceed


def test_parts_exceed_what_replaced_their_whole() -> None:
    line = BudgetFactory.create(code="WHOLE", amount=Decimal(100))
    for _number in range(2):
        BudgetFactory.create(part_of=line, amount=Decimal(60))
    assert codes(doubts.exceeding_parts) == ["WHOLE"]
    revised = BudgetFactory.create(programme=line.programme, revises=line, amount=Decimal(120))
    assert codes(doubts.exceeding_parts) == []
    Budget.objects.filter(pk=revised.pk).update(amount=Decimal("119.99"))
    assert codes(doubts.exceeding_parts) == ["WHOLE"]


def test_part_that_was_replaced_does_not_count() -> None:
    line = BudgetFactory.create(amount=Decimal(100))
    first = BudgetFactory.create(part_of=line, amount=Decimal(60))
    BudgetFactory.create(programme=first.programme, part_of=line, revises=first, amount=Decimal(70))
    assert codes(doubts.exceeding_parts) == []


# Values of indicators


def series(*values: tuple[str, str], exactness: dict[str, str] | None = None, **fields: Any) -> None:
    indicator = IndicatorFactory.create(code="I", accumulation=Accumulation.CUMULATIVE)
    for date, value in values:
        stated = (exactness or {}).get(date, "exact")
        ObservationFactory.create(indicator=indicator, as_of=date, value=Decimal(value), exactness=stated, **fields)


@pytest.mark.parametrize(
    ("values", "exactness", "falls"),
    [
        ([("2015", "10"), ("2016", "10"), ("2017", "12")], {}, 0),
        ([("2015", "10"), ("2016", "9")], {}, 1),
        ([("2015", "10"), ("2016", "8"), ("2017", "9")], {}, 2),
        ([("2016", "10"), ("2016-05", "9")], {}, 0),
        ([("2016-04", "10"), ("2016-05-01", "9")], {}, 1),
        ([("2015", "10"), ("2016", "9")], {"2015": "at_most"}, 0),
        ([("2015", "10"), ("2016", "9")], {"2016": "at_least"}, 0),
        ([("2015", "10"), ("2016", "9")], {"2015": "at_least", "2016": "at_most"}, 1),
    ],
)
def test_cumulative_values_fall(values: list[tuple[str, str]], exactness: dict[str, str], falls: int) -> None:
    series(*values, exactness=exactness)
    assert codes(doubts.falling_values) == ["I"] * falls


def test_values_of_other_breakdowns_kinds_and_counting_do_not_fall() -> None:
    cumulative = IndicatorFactory.create(accumulation=Accumulation.CUMULATIVE)
    ObservationFactory.create(indicator=cumulative, as_of="2015", value=Decimal(10))
    ObservationFactory.create(indicator=cumulative, as_of="2016", value=Decimal(4), disaggregation={"sex": "female"})
    ObservationFactory.create(indicator=cumulative, as_of="2016", value=Decimal(9), kind=ObservationKind.TARGET)
    yearly = IndicatorFactory.create(accumulation=Accumulation.PER_PERIOD)
    for date, value in (("2015", 10), ("2016", 9)):
        ObservationFactory.create(indicator=yearly, as_of=date, value=Decimal(value))
    assert codes(doubts.falling_values) == []


@pytest.mark.parametrize(
    ("whole", "parts", "wrong"),
    [
        (("10", "exact"), [("4", "exact"), ("6", "exact")], False),
        (("10", "exact"), [("4", "exact"), ("5", "exact")], True),
        (("10", "exact"), [("4", "exact"), ("7", "exact")], True),
        (("10", "exact"), [("4", "exact"), (None, "exact")], False),
        (("10", "exact"), [("11", "exact"), (None, "exact")], True),
        (("10", "exact"), [("4", "at_least"), ("5", "exact")], False),
        (("10", "exact"), [("4", "at_most"), ("8", "exact")], False),
        (("10", "at_least"), [("12", "exact")], False),
        (("10", "at_least"), [("9", "exact")], True),
        (("10", "at_most"), [("9", "exact")], False),
        (("10", "at_most"), [("11", "exact")], True),
        (("10", "exact"), [], False),
    ],
)
def test_breakdown_does_not_add_up_where_no_bound_explains_it(
    whole: tuple[str, str], parts: list[tuple[str | None, str]], wrong: bool
) -> None:
    indicator = IndicatorFactory.create(code="I")
    ObservationFactory.create(indicator=indicator, value=Decimal(whole[0]), exactness=whole[1])
    for (value, exactness), sex in zip(parts, ("female", "male"), strict=False):
        ObservationFactory.create(
            indicator=indicator,
            value=None if value is None else Decimal(value),
            value_null_reason=NullReason.NOT_STATED if value is None else "",
            exactness=exactness,
            disaggregation={"sex": sex},
        )
    assert codes(doubts.breakdowns_that_do_not_add_up) == ["I"] * wrong


def test_breakdown_is_added_within_a_dimension_and_a_date_of_a_count() -> None:
    counted = IndicatorFactory.create(code="COUNTED")
    measured = IndicatorFactory.create(code="MEASURED", measure=IndicatorMeasure.PERCENTAGE)
    for indicator in (counted, measured):
        ObservationFactory.create(indicator=indicator, value=Decimal(10))
        for breakdown in ({"sex": "female"}, {"sex": "male"}, {"sector": "police"}, {"sector": "customs"}):
            ObservationFactory.create(indicator=indicator, value=Decimal(5), disaggregation=breakdown)
        ObservationFactory.create(
            indicator=indicator, value=Decimal(10), disaggregation={"sex": "female", "sector": "police"}
        )
        ObservationFactory.create(indicator=indicator, as_of="2016", value=Decimal(1), disaggregation={"sex": "male"})
    assert codes(doubts.breakdowns_that_do_not_add_up) == []
    ObservationFactory.create(indicator=counted, value=Decimal(1), disaggregation={"sector": "judges"})
    ObservationFactory.create(indicator=measured, value=Decimal(1), disaggregation={"sector": "judges"})
    assert codes(doubts.breakdowns_that_do_not_add_up) == ["COUNTED"]


# Names


def test_name_is_foreign_where_no_name_is_in_an_official_language() -> None:
    bolivia = CountryFactory.create(code="BO", alpha3="BOL", numeric="068")
    for code, language, coverage in (
        ("A-ENGLISH", "en", Coverage.BILATERAL),
        ("B-SPANISH", "es", Coverage.BILATERAL),
        ("C-QUECHUA-ALIAS", "en", Coverage.BILATERAL),
        ("D-NAMELESS-ALIAS", "en", Coverage.BILATERAL),
        ("E-REGIONAL", "en", Coverage.REGIONAL),
    ):
        programme = ProgrammeFactory.create(code=code, language=language, coverage=coverage)
        ParticipationFactory.create(programme=programme, country=bolivia)
        alias = {"C-QUECHUA-ALIAS": "qu", "D-NAMELESS-ALIAS": ""}.get(code)
        if alias is not None:
            AliasFactory.create(programme=programme, language=alias)
    assert codes(doubts.foreign_names) == ["A-ENGLISH", "D-NAMELESS-ALIAS"]


def test_country_of_a_name_is_that_of_the_lines_where_none_takes_part() -> None:
    line = BudgetFactory.create(programme__code="P", programme__coverage=Coverage.BILATERAL)
    assert codes(doubts.foreign_names) == []
    BudgetCountryFactory.create(budget=line, country=CountryFactory.create(code="BZ", alpha3="BLZ", numeric="084"))
    assert codes(doubts.foreign_names) == []
    BudgetCountryFactory.create(budget=line, country=CountryFactory.create(code="GT", alpha3="GTM", numeric="320"))
    assert codes(doubts.foreign_names) == ["P"]


def test_country_without_known_languages_makes_no_name_foreign() -> None:
    ParticipationFactory.create(programme__coverage=Coverage.BILATERAL)
    assert codes(doubts.foreign_names) == []


@pytest.mark.parametrize(("country", "languages"), [("HT", {"ht", "fr"}), ("US", {"en"}), ("XX", set())])
def test_official_languages_in_law_or_in_fact(country: str, languages: set[str]) -> None:
    assert doubts.official_languages(country) == languages
