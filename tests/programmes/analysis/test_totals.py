"""Totals in which each euro counts once."""

import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from bench.seed import first_versions
from countries.models import Country
from programmes.analysis import expected as expected_module
from programmes.analysis.containment import Containment, Reason
from programmes.analysis.counting import counting, held
from programmes.analysis.dimensions import NAMES
from programmes.analysis.division import Division, divided, sums_by_programme
from programmes.analysis.explanation import sentence, sentence_without_amount
from programmes.analysis.summed import Summed, summed
from programmes.analysis.totals import Totals
from programmes.analysis.totals import totals as by_one_statement
from programmes.models import Budget, BudgetCountry, Participation, Programme, ProgrammeTheme, Theme
from programmes.models.own_total import OwnTotal
from tests.factories import (
    BudgetCountryFactory,
    BudgetFactory,
    CountryFactory,
    CountryListStatementFactory,
    InstrumentFactory,
    ParticipationFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    ThemeFactory,
)
from tracker.records import fresh as fresh_module
from tracker.records.fresh import Kept
from tracker.records.past import Moment, Seen, reading

pytestmark = pytest.mark.django_db


def totals(lines: Any, group_by: Sequence[str] = (), **options: Any) -> Totals:
    """The totals: the same by one statement as line by line."""
    found = by_one_statement(lines, group_by, **options)
    assert found == divided(lines, group_by, **options).totals
    return found


def line(amount: str | None, **values: Any) -> Budget:
    """A budget line in euro of that amount."""
    reason = {"amount_null_reason": "not_stated"} if amount is None else {}
    return BudgetFactory.create(amount=None if amount is None else Decimal(amount), **reason, **values)


def money(result: Totals) -> list[tuple[str, str, str]]:
    """The total as (currency, amount, exactness)."""
    return [(each.currency, str(each.amount), each.exactness.value) for each in result.total]


def groups(result: Totals) -> dict[str, str]:
    """The groups of one dimension: amount by value, several codes joined, the unknown value as "?"."""
    return {
        "+".join(group.key[0].codes) or "?": " ".join(f"{each.amount} {each.exactness}" for each in group.sums)
        for group in result.groups
    }


def everything() -> Any:
    return Budget.objects.all()


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


@contextmanager
def moment(*, public: bool) -> Iterator[None]:
    """A reading in which answers are kept, though the transaction of the test is not over."""
    database: Any = connection
    with reading(public=public) as schema:
        database.moment_read = Moment(None, public, schema, seen=Seen(object(), False, False))
        yield


def keys_in(statement: str) -> set[int]:
    """The keys to which the statement keeps."""
    (keys,) = re.findall(r"AS seen WHERE .*?[{\[]([\d, ]+)[\]}]", statement)
    return set(map(int, keys.split(",")))


def test_after_a_change_only_what_is_linked_to_its_programme_is_asked_for() -> None:
    changed = line("100")
    linked = line("50", part_of=changed)
    further, _other = line("30", part_of=linked), line("70")
    with mock.patch.object(fresh_module, "kept", Kept()):
        with moment(public=False):
            assert money(by_one_statement(everything())) == [("EUR", "170.00", "exact")]
        changed.amount = Decimal(120)
        changed.save()
        with moment(public=False), CaptureQueriesContext(connection) as captured:
            assert money(by_one_statement(everything())) == [("EUR", "190.00", "exact")]
        asked = [query["sql"] for query in captured if "line AS MATERIALIZED" in query["sql"]]
        assert len(asked) == 2  # what the lines gave, and what they give
        assert [keys_in(each) for each in asked] == [{changed.pk, linked.pk, further.pk}] * 2
        with moment(public=False), CaptureQueriesContext(connection) as captured:
            assert money(by_one_statement(everything())) == [("EUR", "190.00", "exact")]
        assert not any("line AS MATERIALIZED" in query["sql"] for query in captured)


def test_after_a_change_of_what_belongs_to_no_programme_everything_is_asked_for() -> None:
    instrument = InstrumentFactory(code="DCI")
    line("100", instrument=instrument)
    with mock.patch.object(fresh_module, "kept", Kept()):
        with moment(public=False):
            assert groups(by_one_statement(everything(), ["instrument"])) == {"DCI": "100.00 exact"}
        instrument.code = "NDICI"
        instrument.save()
        with moment(public=False):
            assert groups(by_one_statement(everything(), ["instrument"])) == {"NDICI": "100.00 exact"}


def test_where_the_history_is_another_one_everything_is_asked_for() -> None:
    """As after a backup was restored: the numbers of versions begin again where they were then."""
    counted, other = line("100"), line("70")
    with mock.patch.object(fresh_module, "kept", Kept()):
        with moment(public=False):
            assert money(by_one_statement(everything())) == [("EUR", "170.00", "exact")]
        Budget.history.filter(pk=Budget.history.latest("pk").pk).update(history_date="2020-01-01T00:00Z")
        Budget.objects.filter(pk=other.pk).update(amount=1)
        counted.save()
        with moment(public=False):
            assert money(by_one_statement(everything())) == [("EUR", "101.00", "exact")]


class GeneratedPortfolios(HypothesisTestCase):
    """Whatever the portfolio: the parts add up to the total, and each line is either counted or explained."""

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_groups_add_up_to_the_total_to_the_cent(self, data: st.DataObject) -> None:
        self._portfolio(data)
        chosen = [each.pk for each in Budget.objects.all() if data.draw(st.booleans(), label="selected")]
        selection = Budget.objects.filter(pk__in=chosen)
        dimensions = data.draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
        result = totals(
            selection,
            dimensions,
            split=data.draw(st.sampled_from(["stated", "equal"])),
            spread=data.draw(st.sampled_from(["none", "daily", "equal"])),
        )
        of_groups: dict[str, Decimal] = {}
        for group in result.groups:
            for each in group.sums:
                of_groups[each.currency] = of_groups.get(each.currency, Decimal(0)) + each.amount
        assert not dimensions or of_groups == {each.currency: each.amount for each in result.total}
        behind = divided(selection)
        counted, explained = (
            {each.code for each in behind.selection.counted},
            {each.line.code for each in behind.left_out},
        )
        assert counted.isdisjoint(explained)
        assert counted | explained | {each.code for each in behind.not_stated} == {each.code for each in selection}
        assert money(totals(selection)) == money(result)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_database_tells_of_each_line_what_containment_tells(self, data: st.DataObject) -> None:
        self._portfolio(data)
        with reading(public=data.draw(st.booleans(), label="public")):
            chosen = [each.pk for each in Budget.objects.all() if data.draw(st.booleans(), label="selected")]
            for selection in (Budget.objects.all(), Budget.objects.filter(pk__in=chosen)):
                behind = Containment(selection).selection()
                expected = {
                    each.code: (True, "Counted: no other selected line holds its money.") for each in behind.counted
                }
                expected |= {each.line.code: (False, sentence(each)) for each in behind.left_out}
                expected |= {each.code: (False, sentence_without_amount(each)) for each in behind.not_stated}
                known = held(selection, selection)
                first = known.codes(of=set(Programme.objects.values_list("pk", flat=True)[:1]))
                for part, codes in (
                    (selection, None),
                    (selection.filter(code__gt="LINE-2"), None),
                    (selection, known.codes()),
                    (selection.filter(programme__in=Programme.objects.values("pk")[:1]), first),
                ):
                    told = counting(part, selection, codes)
                    rows = part.annotate(counted=told.counted, because=told.reason)
                    assert {code: tuple(found) for code, *found in rows.values_list("code", "counted", "because")} == {
                        code: expected[code] for code in part.values_list("code", flat=True)
                    }

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_own_total_of_a_programme_is_that_of_its_lines(self, data: st.DataObject) -> None:
        self._portfolio(data)
        expected = {}
        for programme in Programme.objects.all():
            total = totals(Budget.objects.filter(programme=programme)).total
            expected[programme.code] = next((each.amount for each in total if each.currency == "EUR"), None)
        assert dict(Programme.objects.annotate(own=OwnTotal()).values_list("code", "own")) == expected

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_totals_carried_over_changes_are_those_asked_for_anew(self, data: st.DataObject) -> None:
        self._portfolio(data)
        for model in (Programme, ProgrammeTheme, Participation, Budget, BudgetCountry):
            with connection.cursor() as cursor:
                cursor.execute(first_versions(model))
        public = data.draw(st.booleans(), label="public")
        first = Programme.objects.order_by("pk")[:1].get() if data.draw(st.booleans(), label="under") else None
        dimensions = data.draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
        split = data.draw(st.sampled_from(["stated", "equal"]))
        spread = data.draw(st.sampled_from(["none", "daily", "equal"]))

        def found() -> Summed:
            with moment(public=public):
                below = Programme.objects.under(Programme.objects.filter(pk=first.pk)) if first else None
                selection = everything() if below is None else Budget.objects.filter(programme__in=below)
                return summed(selection, dimensions, split=split, spread=spread)

        most = data.draw(st.sampled_from([0, expected_module.MOST_UNTOLD]), label="most untold")
        with (
            mock.patch.object(fresh_module, "kept", Kept()),
            mock.patch.object(expected_module, "MOST_UNTOLD", most),
        ):
            found()
            for _round in range(data.draw(st.integers(1, 2), label="rounds")):
                for _change in range(data.draw(st.integers(1, 3), label="changes")):
                    self._change(data)
                carried = found()
                with mock.patch.object(fresh_module, "kept", Kept()):
                    assert found() == carried

    def _change(self, data: st.DataObject) -> None:
        """Something that an officer may do: most of it carries the sums over, some has them asked for anew."""
        programmes, lines = list(Programme.objects.order_by("pk")), list(Budget.objects.order_by("pk"))
        kind = data.draw(st.sampled_from(["line", "line", "new line", "gone", "programme", "shares", "country"]))
        programme = data.draw(st.sampled_from(programmes))
        if kind == "new line" or not lines:
            self._line(data, programmes, lines, code=f"NEW-{next(NUMBERS)}").save()
            return
        place = data.draw(st.integers(0, len(lines) - 1))
        line = lines[place]
        if kind == "line":
            for name in ("part_of", "same_as", "revises"):
                setattr(line, name, None)
            other = self._line(data, programmes, lines[:place], code=line.code)
            for name in ("amount", "amount_null_reason", "exactness", "part_of", "same_as", "revises", "programme"):
                setattr(line, name, getattr(other, name))
            line.currency = other.currency
            line.save()
        elif kind == "gone":
            if not Budget.objects.filter(Q(part_of=line) | Q(same_as=line) | Q(revises=line)).exists():
                line.delete()
        elif kind == "programme":
            above = programmes[: programmes.index(programme)]
            programme.parent = data.draw(st.sampled_from([None, *above]))
            programme.coverage = data.draw(st.sampled_from(["", "bilateral"]))
            programme.publication = data.draw(st.sampled_from(["published", "draft"]))
            programme.save()
        elif kind == "shares":
            shares: list[Any] = [*line.budget_countries.all(), *programme.participations.all()]
            shares += programme.programme_themes.all()
            if shares:
                share = data.draw(st.sampled_from(shares))
                share.percentage = data.draw(percentages)
                share.save() if data.draw(st.booleans()) else share.delete()
        else:
            BudgetCountryFactory(budget=line, country=CountryFactory())

    def _portfolio(self, data: st.DataObject) -> None:
        """Three countries, two themes and random programmes and lines, written in bulk."""
        countries, themes = CountryFactory.build_batch(3), ThemeFactory.build_batch(2)
        Country.objects.bulk_create(countries)
        Theme.objects.bulk_create(themes)
        programmes: list[Programme] = []
        for _ in range(data.draw(st.integers(1, 3), label="programmes")):
            programme = ProgrammeFactory.build(
                parent=data.draw(st.sampled_from([None, *programmes])),
                publication=data.draw(st.sampled_from(["published", "published", "draft"])),
            )
            Programme.objects.bulk_create([programme])
            programmes.append(programme)
            ProgrammeTheme.objects.bulk_create(
                ProgrammeTheme(programme=programme, theme=theme, percentage=data.draw(percentages))
                for theme in data.draw(st.lists(st.sampled_from(themes), unique_by=id))
            )
            Participation.objects.bulk_create(
                Participation(programme=programme, country=country, percentage=data.draw(percentages))
                for country in data.draw(st.lists(st.sampled_from(countries), unique_by=id))
            )
        lines: list[Budget] = []
        for _ in range(data.draw(st.integers(0, 7), label="lines")):
            budget = self._line(data, programmes, lines)
            Budget.objects.bulk_create([budget])
            lines.append(budget)
            BudgetCountry.objects.bulk_create(
                BudgetCountry(budget=budget, country=country, percentage=data.draw(percentages))
                for country in data.draw(st.lists(st.sampled_from(countries), unique_by=id))
            )

    def _line(self, data: st.DataObject, programmes: list[Programme], lines: list[Budget], code: str = "") -> Budget:
        amount = data.draw(st.none() | st.decimals(0, 1000, places=2), label="amount")
        other = data.draw(st.sampled_from([None, *lines]))
        link = data.draw(st.sampled_from(["part_of", "same_as", "revises"]))
        if link == "revises" and other and Budget.objects.filter(revises=other).exists():
            link = "same_as"
        start, end = data.draw(st.sampled_from(PERIODS))
        return Budget(
            code=code or f"LINE-{len(lines)}",
            title="generated",
            programme=data.draw(st.sampled_from(programmes)),
            amount=amount,
            amount_null_reason="" if amount is not None else "not_stated",
            exactness=data.draw(st.sampled_from(["exact", "about", "at_least", "at_most"])),
            currency=other.currency if other else data.draw(st.sampled_from(["EUR", "USD"])),
            period_start=start,
            period_end=end,
            **({link: other} if other else {}),
        )


NUMBERS = itertools.count()
PERIODS = [(None, None), ("2014", "2016"), ("2015-06-15", "2016-02"), ("2015", None)]
percentages = st.none() | st.decimals(min_value=Decimal("0.5"), max_value=100, places=1)
