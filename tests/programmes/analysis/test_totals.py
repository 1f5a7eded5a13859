"""Totals in which each euro counts once."""

from decimal import Decimal

import pytest

from programmes.analysis.containment import Reason
from programmes.analysis.division import Division, divided, sums_by_programme
from programmes.models import Budget
from tests.factories import (
    BudgetCountryFactory,
    CountryFactory,
    CountryListStatementFactory,
    ParticipationFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    ThemeFactory,
)
from tests.programmes.analysis.sums import everything, groups, line, money, totals

pytestmark = pytest.mark.django_db


def left_out(result: Division) -> dict[str, tuple[str, Reason]]:
    return {each.line.code: (each.holder.code, each.reason) for each in result.left_out}


def test_total_of_a_whole_with_its_parts_is_the_whole() -> None:
    whole = line("120")
    part = line("40", part_of=whole)
    grandpart = line("10", part_of=part)
    selection = everything()
    assert money(totals(selection)) == [("EUR", "120.00", "exact")]
    assert left_out(divided(selection)) == {
        part.code: (whole.code, Reason.PART_OF),
        grandpart.code: (part.code, Reason.PART_OF),
    }


def test_total_of_parts_without_their_whole_is_the_parts() -> None:
    whole = line("120")
    line("40", part_of=whole)
    line("30", part_of=whole)
    assert money(totals(Budget.objects.exclude(pk=whole.pk))) == [("EUR", "70.00", "exact")]


def test_total_passes_over_a_line_that_is_not_selected() -> None:
    whole = line("120")
    middle = line("40", part_of=whole)
    line("10", part_of=middle)
    assert money(totals(Budget.objects.exclude(pk=middle.pk))) == [("EUR", "120.00", "exact")]


def test_total_of_a_whole_without_amount_is_its_parts() -> None:
    whole = line(None)
    line("40", part_of=whole)
    assert money(totals(everything())) == [("EUR", "40.00", "exact")]
    assert [each.code for each in divided(everything()).not_stated] == [whole.code]


def test_total_counts_the_same_line_once() -> None:
    first = line("40")
    second = line("40", same_as=first)
    selection = everything()
    assert money(totals(selection)) == [("EUR", "40.00", "exact")]
    assert left_out(divided(selection)) == {second.code: (first.code, Reason.SAME_AS)}


def test_total_counts_two_copies_of_a_line_that_is_not_selected_once() -> None:
    first = line("40")
    line("40", same_as=first)
    line("40", same_as=first)
    assert money(totals(Budget.objects.exclude(pk=first.pk))) == [("EUR", "40.00", "exact")]


def test_total_knows_the_parts_of_the_same_line() -> None:
    """A part of one printing lies inside every other printing."""
    first = line("40")
    second = line("40", same_as=first)
    part = line("5", part_of=second)
    selection = Budget.objects.exclude(pk=second.pk)
    assert money(totals(selection)) == [("EUR", "40.00", "exact")]
    assert left_out(divided(selection)) == {part.code: (first.code, Reason.PART_OF)}


def test_total_counts_the_line_that_replaces() -> None:
    old = line("40")
    new = line("50", revises=old, type="2")
    part = line("5", part_of=old)
    selection = everything()
    assert money(totals(selection)) == [("EUR", "50.00", "exact")]
    assert left_out(divided(selection)) == {
        old.code: (new.code, Reason.REPLACED),
        part.code: (old.code, Reason.PART_OF),
    }


def test_parts_of_a_replaced_line_divide_the_line_that_replaces_it() -> None:
    theme = ThemeFactory.create(code="SECURITY")
    old = line("40")
    line("50", revises=old, type="2")
    part = line("5", part_of=old)
    ProgrammeThemeFactory.create(programme=part.programme, theme=theme)
    assert groups(totals(everything(), ["theme"])) == {"SECURITY": "5.00 exact", "?": "45.00 exact"}


def test_total_keeps_currencies_apart_and_exactness() -> None:
    line("40", exactness="at_least")
    line("2")
    line("7", currency="USD", exactness="about")
    assert money(totals(everything())) == [("EUR", "42.00", "at_least"), ("USD", "7.00", "about")]


def test_total_of_nothing_is_empty() -> None:
    result = totals(Budget.objects.none(), ["country", "year"])
    assert (result.total, result.groups) == ([], [])


def test_groups_by_what_only_the_parts_carry_show_parts_and_remainder() -> None:
    theme = ThemeFactory.create(code="SECURITY")
    whole = line("120")
    part = line("40", part_of=whole)
    ProgrammeThemeFactory.create(programme=part.programme, theme=theme)
    assert groups(totals(everything(), ["theme"])) == {"SECURITY": "40.00 exact", "?": "80.00 exact"}


def test_remainder_of_an_inexact_part_is_an_upper_bound() -> None:
    theme = ThemeFactory.create(code="SECURITY")
    whole = line("120")
    part = line("40", part_of=whole, exactness="at_least")
    ProgrammeThemeFactory.create(programme=part.programme, theme=theme)
    assert groups(totals(everything(), ["theme"])) == {"SECURITY": "40.00 at_least", "?": "80.00 at_most"}


def test_parts_that_exceed_their_whole_leave_it_undivided() -> None:
    theme = ThemeFactory.create(code="SECURITY")
    whole = line("120", exactness="about")
    part = line("130", part_of=whole, exactness="about")
    ProgrammeThemeFactory.create(programme=part.programme, theme=theme)
    assert groups(totals(everything(), ["theme"])) == {"?": "120.00 about"}


def test_groups_by_what_the_whole_carries_stay_with_the_whole() -> None:
    whole = line("120", programme=ProgrammeFactory.create(code="WHOLE"))
    line("40", part_of=whole, programme=ProgrammeFactory.create(code="PART"))
    assert groups(totals(everything(), ["programme"])) == {"WHOLE": "120.00 exact"}


def test_countries_of_a_line_are_split_by_stated_shares() -> None:
    shared = line("100")
    BudgetCountryFactory.create(budget=shared, country=CountryFactory.create(code="XG"), percentage=Decimal(60))
    BudgetCountryFactory.create(budget=shared, country=CountryFactory.create(code="XB"))
    assert groups(totals(everything(), ["country"])) == {"XB": "40.00 exact", "XG": "60.00 exact"}


def test_countries_without_shares_are_not_divisible() -> None:
    shared = line("2649981")
    for code in ("XG", "XB"):
        BudgetCountryFactory.create(budget=shared, country=CountryFactory.create(code=code))
    assert groups(totals(everything(), ["country"])) == {"XB+XG": "2649981.00 exact"}


def test_countries_are_divided_equally_only_when_asked() -> None:
    shared = line("100.01")
    for code in ("XG", "XB"):
        BudgetCountryFactory.create(budget=shared, country=CountryFactory.create(code=code))
    assert groups(totals(everything(), ["country"], split="equal")) == {"XB": "50.01 exact", "XG": "50.00 exact"}


def test_a_line_without_countries_follows_its_programme() -> None:
    whole = line("100")
    ParticipationFactory.create(programme=whole.programme, country=CountryFactory.create(code="XG"), percentage=25)
    ParticipationFactory.create(programme=whole.programme, country=CountryFactory.create(code="XB"), percentage=25)
    assert groups(totals(everything(), ["country"])) == {
        "XB": "25.00 exact",
        "XG": "25.00 exact",
        "XB+XG": "50.00 exact",
    }


def test_the_only_country_of_an_open_list_does_not_get_the_whole() -> None:
    whole = line("100")
    ParticipationFactory.create(programme=whole.programme, country=CountryFactory.create(code="XG"))
    assert groups(totals(everything(), ["country"])) == {"XG": "100.00 exact"}
    CountryListStatementFactory.create(programme=whole.programme, exclusive=False)
    assert groups(totals(everything(), ["country"])) == {"?": "100.00 exact"}


def test_years_are_the_line_s_own_period_by_default() -> None:
    line("70", period_start="2014", period_end="2020")
    line("5", period_start="2016", period_end="2016")
    line("3", period_start="2016-05")
    line("1")
    assert groups(totals(everything(), ["year"])) == {
        "2014/2020": "70.00 exact",
        "2016": "5.00 exact",
        "2016-05/": "3.00 exact",
        "?": "1.00 exact",
    }


def test_years_are_spread_when_asked() -> None:
    line("366", period_start="2015-12-31", period_end="2016-12-30")
    assert groups(totals(everything(), ["year"], spread="daily")) == {"2015": "1.00 exact", "2016": "365.00 exact"}
    assert groups(totals(everything(), ["year"], spread="equal")) == {"2015": "183.00 exact", "2016": "183.00 exact"}


def test_groups_by_two_dimensions_agree_with_the_first_alone() -> None:
    shared = line("100.01", period_start="2014", period_end="2016")
    for code in ("XG", "XB"):
        BudgetCountryFactory.create(budget=shared, country=CountryFactory.create(code=code))
    both = totals(everything(), ["country", "year"], split="equal", spread="equal")
    assert [(group.key[0].codes[0], group.key[1].codes[0], str(group.sums[0].amount)) for group in both.groups] == [
        ("XB", "2014", "16.67"),
        ("XB", "2015", "16.67"),
        ("XB", "2016", "16.67"),
        ("XG", "2014", "16.67"),
        ("XG", "2015", "16.67"),
        ("XG", "2016", "16.66"),
    ]


def test_unknown_dimension_is_refused() -> None:
    with pytest.raises(KeyError, match="colour"):
        totals(everything(), ["colour"])


def test_sums_by_programme_count_each_programme_s_own_view() -> None:
    umbrella, project = ProgrammeFactory.create(), ProgrammeFactory.create()
    whole = line("120", programme=umbrella)
    line("40", programme=project, part_of=whole)
    line(None, programme=project)
    sums = sums_by_programme(Budget.objects.all(), {umbrella.pk: {umbrella.pk, project.pk}, project.pk: {project.pk}})
    assert {key: ([str(each.amount) for each in found], missing) for key, (found, missing) in sums.items()} == {
        umbrella.pk: (["120.00"], 1),
        project.pk: (["40.00"], 1),
    }
