"""Answers carried over what was written: always what would be answered if nothing had been kept."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from programmes.analysis.coverage import Coverage
from programmes.analysis.gaps import concerned
from programmes.models import Budget, Programme, Theme
from tests.factories import (
    AliasFactory,
    BudgetCountryFactory,
    BudgetFactory,
    CitationFactory,
    CountryFactory,
    ParticipationFactory,
    PhaseFactory,
    ProgrammeFactory,
    ProgrammeThemeFactory,
    SuccessionFactory,
    ThemeFactory,
)
from tests.programmes.api.resources import RESOURCES, make
from tests.threads import shared_database
from tracker.api import record_pages
from tracker.records import fresh
from tracker.records.fresh import Kept
from tracker.records.publication import Publication

# On SQLite each test has a file of its own, so that there is nothing to undo in the database of the run.
pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")

QUESTIONS = (
    "totals/?group_by=country,year",
    "totals/?group_by=umbrella,theme&spread=daily",
    "totals/?group_by=programme&country=AA",
    "programmes/?as_of=2016-05-01",
    "programmes/?active_in=2017&activity=undetermined&ordering=-start",
    "programmes/?country=AA&ordering=-total",
    "programmes/?country=AA&ordering=total",
    "programmes/?ordering=total,-start&page_size=3&count=none",
    "countries/?search=A",
    "programmes/?theme=T1&expand=budgets&page_size=2",
    "programmes/?search=other",
    "programmes/?expand=budgets,phases,successions&page_size=3&count=none",
    "programmes/?under=CHANGED&ordering=-modified_at",
    "programmes/?ordering=-modified_at&page_size=2&fields=code,modified_at",
    "programmes/?kind=programme&ordering=modified_at&page_size=2&fields=code,modified_at",
    "programmes/?pagination=cursor&page_size=2&fields=code,parent,countries",
    "themes/?search=x",
    "programmes/?ordering=parent&page_size=2&page=2",
    "budgets/?country=AA&amount__gte=100",
    "budgets/?ordering=-amount&page_size=3",
    "budgets/?ordering=part_of&type=1",
    "participations/?country=BB",
    "successions/?ordering=successor",
    "successions/",
)


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A database for several connections, and nothing kept."""
    monkeypatch.setattr(fresh, "kept", Kept())
    with shared_database(tmp_path):
        yield


def answers() -> dict[str, Any]:
    """What is answered to all questions, and of each programme."""
    records = [f"programmes/{code}/" for code in Programme.objects.order_by("code").values_list("code", flat=True)]
    found = {question: Client().get(f"/api/v1/{question}") for question in (*QUESTIONS, *records)}
    return {
        question: (each.status_code, each.json() if each.status_code == 200 else None)
        for question, each in found.items()
    }


def answer(question: str) -> Any:
    response = Client().get(f"/api/v1/{question}")
    assert response.status_code == 200, response.content
    return response.json()


def holds_after(write: Callable[[], Any], holds: Callable[[], bool]) -> bool:
    """Whether it holds after something else was written, so that no answer is a kept one: on PostgreSQL not at once,
    for while somebody writes anywhere on the server, less is known."""
    for _try in range(100):
        write()
        if holds():
            return True
    return False


class Office:
    """Officers who do what they do, by chance but always the same."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.countries = [CountryFactory(code=code) for code in ("AA", "BB", "CC")]
        self.themes = [ThemeFactory(code=code) for code in ("T1", "T2")]
        for _number in range(4):
            ProgrammeFactory()
            BudgetFactory(programme=self._programme())

    def act(self) -> str:
        """Do something, if it is allowed; what it was."""
        acts = [
            *[self.change_line] * 4,
            *[self.change_programme] * 3,
            *[self.new_part] * 3,
            self.delete_line,
            self.new_programme,
            self.new_line,
            self.rename_theme,
            self.rename_country,
            self.rename,
            self.cite,
        ]
        act = self.random.choice(acts)
        with suppress(ValidationError, ProtectedError), transaction.atomic():
            act()
        return str(act.__name__)

    def new_programme(self) -> None:
        ProgrammeFactory(parent=self.random.choice([None, *Programme.objects.order_by("pk")]), start=self._date())

    def new_line(self) -> None:
        programme, lines = self._programme(), list(Budget.objects.order_by("pk"))
        amount = self.random.choice([None, 50, 100, 200])
        BudgetFactory(
            programme=programme,
            amount=amount,
            amount_null_reason="" if amount else "not_stated",
            part_of=self.random.choice([None, None, *lines]),
            period_start=self._date(),
        )

    def new_part(self) -> None:
        """A record that belongs to a programme or to a line, or one of a kind that is no part of a programme alone."""
        programme, country = self._programme(), self.random.choice(self.countries)
        match self.random.randrange(6):
            case 0:
                phase = programme.phases.count()
                PhaseFactory(programme=programme, order=phase, label=str(phase), planned_start=self._date())
            case 1:
                ParticipationFactory(programme=programme, country=country, start=self._date())
            case 2:
                line = self.random.choice(list(Budget.objects.order_by("pk")))
                if not line.budget_countries.filter(country=country).exists():
                    BudgetCountryFactory(budget=line, country=country, percentage=30)
            case 3:
                theme = self.random.choice(self.themes)
                if not programme.programme_themes.filter(theme=theme).exists():
                    ProgrammeThemeFactory(programme=programme, theme=theme)
            case 4:
                AliasFactory(programme=programme, name=f"Other {programme.aliases.count()}")
            case _:
                SuccessionFactory(predecessor=programme, successor=ProgrammeFactory())

    def change_programme(self) -> None:
        programme = self._programme()
        programme.planned_start, programme.actual_end = self._date(), None
        programme.publication = self.random.choice([*[Publication.PUBLISHED] * 3, Publication.WITHDRAWN])
        programme.parent = self.random.choice([None, *Programme.objects.filter(pk__lt=programme.pk).order_by("pk")])
        programme.full_clean()
        programme.save()

    def change_line(self) -> None:
        line = self.random.choice(list(Budget.objects.order_by("pk")))
        line.amount, line.amount_null_reason = self.random.choice([50, 100, 150]), ""
        line.part_of = self.random.choice([None, *Budget.objects.filter(pk__lt=line.pk).order_by("pk")])
        line.programme = self._programme()
        line.full_clean()
        line.save()

    def delete_line(self) -> None:
        self.random.choice(list(Budget.objects.order_by("pk"))).delete()

    def rename_theme(self) -> None:
        theme = self.random.choice(self.themes)
        theme.name_en += "x"
        theme.save()

    def rename_country(self) -> None:
        country = self.random.choice(self.countries)
        country.name_en += "x"
        country.save()

    def rename(self) -> None:
        """A code that others show: of a line, or of a programme."""
        record = self.random.choice([self._programme(), *Budget.objects.order_by("pk")])
        record.code = self.random.choice(["CHANGED", f"{record.code[:9]}X"])
        record.full_clean()
        record.save()

    def cite(self) -> None:
        line = self.random.choice(list(Budget.objects.order_by("pk")))
        CitationFactory(budget=line, place=str(line.citations.count()))

    def _programme(self) -> Programme:
        return self.random.choice(list(Programme.objects.order_by("pk")))

    def _date(self) -> str | None:
        return self.random.choice([None, "2015", "2016-05", "2017-03-01"])


def test_order_by_what_lies_in_other_programmes_is_that_of_now() -> None:
    """The total of the first depends on a line of the second, through which its own whole holds its own part."""
    first, second = ProgrammeFactory(code="FIRST"), ProgrammeFactory(code="SECOND")
    whole = BudgetFactory(programme=first, amount=100)
    between = BudgetFactory(programme=second, amount_null_reason="not_stated", part_of=whole)
    part = BudgetFactory(programme=first, amount=60, part_of=between)
    BudgetFactory(programme=second, amount=150)

    def order() -> list[str]:
        return [each["code"] for each in answer("programmes/?ordering=-total&kind=programme")["results"]]

    assert order() == ["SECOND", "FIRST"]
    between.part_of = None
    between.save()
    assert order() == ["FIRST", "SECOND"]
    lines = "budgets/?ordering=-part_of&programme=FIRST"
    assert [each["code"] for each in answer(lines)["results"]] == [part.code, whole.code]
    between.part_of = whole
    between.save()
    part.part_of, between.code = whole, "A"
    between.save()
    assert [each["code"] for each in answer(lines)["results"]] == [part.code, whole.code]


@pytest.mark.parametrize("most", [2, 3, 4])
def test_pages_of_a_list_too_long_to_be_carried_are_found_once(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three programmes two are many to carry, and up to `most` many to keep."""
    monkeypatch.setattr(record_pages, "MOST_ROWS", 1)
    monkeypatch.setattr(record_pages, "MOST_KEYS", most)
    for number in (1, 2, 3):
        BudgetFactory(programme=ProgrammeFactory(code=f"P{number}"), amount=100 * number)

    def page(number: int) -> list[str]:
        asked = f"programmes/?ordering=-total&page_size=1&page={number}&fields=code&count=none"
        return [each["code"] for each in answer(asked)["results"]]

    def look() -> int:
        """How many statements look for the programmes of a page."""
        with CaptureQueriesContext(connection) as captured:
            assert [page(2), page(3)] == [["P2"], ["P1"]]
        return len([each for each in captured if "LIMIT" in each["sql"] and "programmes_budget" in each["sql"]])

    def name_all() -> None:
        for programme in Programme.objects.all():
            AliasFactory(programme=programme)

    assert page(1) == ["P3"]
    assert holds_after(name_all, lambda: look() == (0 if most >= 3 else 2))
    Budget.objects.filter(programme__code="P1").get().delete()
    BudgetFactory(programme=Programme.objects.get(code="P1"), amount=1000)
    assert [page(number) for number in (1, 2, 3)] == [["P1"], ["P3"], ["P2"]]


def test_gaps_are_looked_for_once_for_all_pages_until_something_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def noted(*asked: Any) -> set[int]:
        looked.append(asked)
        return concerned(*asked)

    monkeypatch.setattr("programmes.api.gaps.concerned", noted)
    for number in (1, 2):
        ProgrammeFactory(code=f"P{number}")
    asked = "gaps/?gap=programme-no-source&page_size=1"

    def codes(question: str) -> list[str]:
        return [each["code"] for each in answer(question)["results"]]

    def look() -> int:
        """How often gaps are looked for, for two pages and the one after a cursor."""
        before = len(looked)
        assert [codes(f"{asked}&page={page}") for page in (1, 2)] == [["P1"], ["P2"]]
        following = answer(f"{asked}&pagination=cursor")["next"]
        assert [each["code"] for each in Client().get(following).json()["results"]] == ["P2"]
        return len(looked) - before

    assert look() >= 1
    assert holds_after(CountryFactory, lambda: look() == 0)
    CitationFactory(programme=Programme.objects.get(code="P1"))
    assert codes(asked) == ["P2"]
    assert answer("gaps/?gap=programme-no-source&severity=low")["count"] == 0


def test_cells_in_a_state_are_looked_for_once_until_what_they_are_made_of_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = []
    in_states = Coverage.in_states

    def noted(*asked: Any) -> Any:
        looked.append(asked)
        return in_states(*asked)

    monkeypatch.setattr(Coverage, "in_states", noted)
    country = CountryFactory(code="XA")
    programme = ProgrammeFactory(code="P1", actual_start="2010", planned_end="2099", coverage="regional")
    ParticipationFactory(programme=programme, country=country)
    inner = ThemeFactory(code="INNER")
    ThemeFactory(code="OUTER")
    ProgrammeThemeFactory(programme=programme, theme=inner)
    asked = "coverage/?state=empty&page_size=1&on=2020-01-01"

    def look() -> int:
        """How often states are looked for, for two questions."""
        before = len(looked)
        for year in (2021, 2022):
            cells = answer(f"{asked}&first_year={year}")["results"]
            assert [each["theme"] for each in cells] == ["OUTER"]
        return len(looked) - before

    assert look() >= 1
    assert holds_after(lambda: AliasFactory(programme=programme), lambda: look() == 0)
    inner.parent = Theme.objects.get(code="OUTER")
    inner.save()
    assert answer(asked)["results"] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_after_any_changes_are_those_with_nothing_kept(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(Random(seed))
    kept = fresh.kept
    ProgrammeFactory(code="CHANGED")
    assert {status for status, _answer in answers().values()} == {200}
    done = []
    for _round in range(8):
        done += [office.act() for _act in range(office.random.randint(1, 3))]
        given = answers()
        monkeypatch.setattr(fresh, "kept", Kept())
        assert answers() == given, done[-3:]
        monkeypatch.setattr(fresh, "kept", kept)


@pytest.mark.parametrize("prefix", RESOURCES)
def test_lists_of_every_kind_are_those_of_now(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the kind's keys are, and whether it is a part of something or not."""
    view = RESOURCES[prefix]
    model = view.queryset.model
    known = {parameter["name"] for parameter in view.query_parameters("list")}
    asked = ["count=none", "search=a&ordering=-modified_at", "changed_since=2020-01-01T00:00:00Z"]
    questions = [f"{prefix}/", *(f"{prefix}/?{each}" for each in asked if each.split("=")[0] in known)]
    make(model, 0)
    for question in questions:
        answer(question)
    for number in (1, 2):
        make(model, number)
        given = [answer(question) for question in questions]
        with monkeypatch.context() as nothing:
            nothing.setattr(fresh, "kept", Kept())
            assert [answer(question) for question in questions] == given
    assert given[0]["count"] >= 3
