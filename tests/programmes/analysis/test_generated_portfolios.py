"""What holds of totals whatever the portfolio."""

import datetime
import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from bench.seed import first_versions
from countries.models import Country
from programmes.analysis import expected as expected_module
from programmes.analysis.containment import Containment
from programmes.analysis.counting import counting, held
from programmes.analysis.coverage import Coverage, Themes, touched
from programmes.analysis.dimensions import NAMES, Spread
from programmes.analysis.division import divided
from programmes.analysis.explanation import sentence, sentence_without_amount
from programmes.analysis.summed import Summed, summed
from programmes.models import Budget, BudgetCountry, Participation, Programme, ProgrammeTheme, Theme
from programmes.models.own_total import OwnTotal
from tests.factories import (
    BudgetCountryFactory,
    CountryFactory,
    ProgrammeFactory,
    ThemeFactory,
)
from tests.programmes.analysis.sums import everything, moment, money, totals
from tracker.records import fresh as fresh_module
from tracker.records.fresh import Kept
from tracker.records.past import reading

pytestmark = pytest.mark.django_db


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
    def test_cells_of_some_countries_hold_what_all_lines_together_put_there(self, data: st.DataObject) -> None:
        self._portfolio(data)
        years = data.draw(st.sampled_from([[2015], [2014, 2016], [2017]]))
        spread: Spread = data.draw(st.sampled_from(["none", "daily", "equal"]))
        countries = data.draw(
            st.lists(st.sampled_from(list(Country.objects.values_list("code", flat=True))), min_size=1)
        )
        with reading(public=data.draw(st.booleans(), label="public")):
            expected: dict[Any, list[Any]] = defaultdict(list)
            everything, tree = divided(Budget.objects.all(), ["country", "theme", "year"], spread=spread), Themes()
            for portion in everything.portions:
                for place, is_whole in touched(portion.key, tree, years):
                    expected[place].append((portion.line.code, str(portion.amount), portion.exactness, is_whole))
            for line in everything.not_stated:
                for place, _is_whole in touched(everything.own_key(line), tree, years):
                    expected[place].append((line.code, "", "", False))
            coverage = Coverage(Programme.objects.all(), on=DAY, years=years, countries=countries, spread=spread)
            left_out = [each for each in everything.left_out if each.line.amount is not None]
            assert coverage.lines_left_out() == len(left_out)
            for cell in coverage.cells(coverage.places).cells:
                for year in cell.years:
                    found = [
                        (each.line.code, str(each.amount), each.exactness, is_whole)
                        for portions, is_whole in ((year.money.portions, True), (year.money.undivided, False))
                        for each in portions
                    ]
                    found += [(each.code, "", "", False) for each in year.money.not_stated]
                    assert sorted(found) == sorted(expected[cell.country, cell.theme, year.year])

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


DAY = datetime.date(2015, 7, 1)
NUMBERS = itertools.count()
PERIODS = [(None, None), ("2014", "2016"), ("2015-06-15", "2016-02"), ("2015", None)]
percentages = st.none() | st.decimals(min_value=Decimal("0.5"), max_value=100, places=1)
