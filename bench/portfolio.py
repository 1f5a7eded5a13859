"""A made-up portfolio of any size: real in its shape, in what is vague and in what is missing; not in its words."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count, pairwise
from random import Random
from typing import Any, TypeVar

from countries.models import Country
from programmes.codelists import (
    Accumulation,
    ActivityStatus,
    Basis,
    BudgetStatus,
    BudgetType,
    Coverage,
    Currency,
    Exactness,
    NullReason,
    ObjectiveType,
    ObservationKind,
    OrganisationRole,
    OrganisationType,
    ParticipationStatus,
    ProgrammeKind,
    ResultType,
    SourceType,
    TransactionType,
)
from programmes.models import (
    Alias,
    Budget,
    BudgetCountry,
    Citation,
    CountryListStatement,
    Indicator,
    Instrument,
    Objective,
    Observation,
    Organisation,
    ParticipatingOrganisation,
    Participation,
    Phase,
    Programme,
    ProgrammeTheme,
    Result,
    Source,
    Succession,
    Theme,
    Transaction,
)
from tracker.partial_dates import PartialDate
from tracker.records.models import Record
from tracker.records.publication import Publication

T = TypeVar("T")
R = TypeVar("R", bound=Record)

FIRST_KEY = 1_000_001  # of each kind of record, beside whatever is there
DEPTH = 3  # umbrella, programme, project
PUBLISHED_AT = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
TODAY = datetime.date(2025, 1, 1)  # of the portfolio, so that it is the same whenever it is made
CLOSED = (ActivityStatus.CLOSED, ActivityStatus.FINALISATION)
COUNTRIES = {  # how many countries a programme of each coverage has
    Coverage.BILATERAL: (1, 1),
    Coverage.SUB_REGIONAL: (2, 5),
    Coverage.REGIONAL: (4, 10),
    Coverage.TRANS_REGIONAL: (6, 20),
}
EFFORTS = ("Support to", "Strengthening of", "Reform of", "Partnership for", "Dialogue on", "Fund for")
SUBJECTS = (
    "judicial cooperation",
    "customs and border control",
    "rural livelihoods",
    "drinking water and sanitation",
    "vocational training",
    "public finance",
    "social cohesion",
    "forest protection",
    "primary health care",
    "local government",
    "renewable energy",
    "the fight against organised crime",
)
UNITS = ("persons trained", "agents hired", "kg", "courses", "households", "laws", "hectares")


@dataclass
class Place:
    """What the records of one programme need to know of it."""

    programme: Programme
    start: datetime.date
    end: datetime.date
    countries: list[Country]
    phases: list[Phase] = field(default_factory=list)
    whole: Budget | None = None


class Portfolio:
    """Makes records in memory, each with its key, so that they may point at one another before any is stored.

    Most programmes are in countries of `region`; `programmes` is how many there will be.
    """

    def __init__(
        self,
        random: Random,
        *,
        countries: Sequence[Country],
        region: Sequence[Country],
        instruments: Sequence[Instrument],
        themes: Sequence[Theme],
        programmes: int,
    ) -> None:
        self.random = random
        self.countries, self.region, self.instruments, self.themes = countries, region, instruments, themes
        self.rows: dict[type[Record], list[Any]] = defaultdict(list)
        self._keys: dict[type[Record], Any] = defaultdict(lambda: count(FIRST_KEY))
        self._numbers = count(1)
        self.organisations = [self._organisation(number) for number in range(1, 11 + programmes // 20)]
        self.sources = [self._source(number) for number in range(1, 6 + programmes // 10)]

    def grow(self, room: int, above: Place | None = None, depth: int = 1) -> int:
        """Add a programme and perhaps programmes below it, at most `room`; how many they are."""
        here, made = self._programme(above, depth), 1
        if depth < DEPTH and self._chance(20):
            for _child in range(self.random.randint(2, 6)):
                if made < room:
                    made += self.grow(room - made, here, depth + 1)
        return made

    # Chance

    def _chance(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def _perhaps(self, percent: int, value: T) -> T | None:
        return value if self._chance(percent) else None

    def _weighted(self, **weights: int) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _vague(self, day: datetime.date | None) -> PartialDate | None:
        """The day as a document may print it: its year, its month, or itself."""
        if day is None:
            return None
        return PartialDate(day.isoformat()[: self.random.choices((4, 7, 10), (25, 30, 45))[0]])

    def _percentages(self, parts: int) -> list[Decimal | None]:
        """Shares that add up to 100, or as often as not none stated."""
        if self._chance(50):
            return [None] * parts
        cuts = sorted(self.random.sample(range(1, 100), parts - 1))
        return [Decimal(high - low) for low, high in pairwise([0, *cuts, 100])]

    def _add(self, model: type[R], **values: Any) -> R:
        record = model(id=next(self._keys[model]), **values)
        self.rows[model].append(record)
        return record

    def _cite(self, **cited_and_more: Any) -> Citation:
        return self._add(
            Citation,
            source=self.random.choice(self.sources),
            place=f"page {self.random.randint(1, 90)}, line {self.random.randint(1, 40)}",
            quote="as the document has it, in the words of those who wrote it",
            **cited_and_more,
        )

    # Reference data

    def _organisation(self, number: int) -> Organisation:
        return self._add(
            Organisation,
            code=f"MADE-UP-ORG-{number}",
            acronym=f"MUO{number}",
            name=f"Agency {number} for {self.random.choice(SUBJECTS)}",
            type=self.random.choice(OrganisationType.values),
            country=self._perhaps(70, self.random.choice(self.countries)),
        )

    def _source(self, number: int) -> Source:
        return self._add(
            Source,
            code=f"MADE-UP-SOURCE-{number}",
            title=f"Report {number} on {self.random.choice(SUBJECTS)}",
            type=self.random.choice(SourceType.values),
            publisher=self._perhaps(60, self.random.choice(self.organisations)),
            published=PartialDate(str(self.random.randint(2006, 2024))),
            language=self.random.choice(["en", "es", "fr", "pt", ""]),
        )

    # Programmes

    def _programme(self, above: Place | None, depth: int) -> Place:
        number = next(self._numbers)
        coverage = Coverage(self._weighted(bilateral=60, sub_regional=20, regional=14, trans_regional=6))
        start = datetime.date(2005, 1, 1) + datetime.timedelta(days=self.random.randint(0, 20 * 365))
        end = start + datetime.timedelta(days=self.random.randint(400, 2400))
        begun, ended = start <= TODAY and self._chance(70), end <= TODAY
        status = self._status(start, end)
        programme = self._add(
            Programme,
            code=f"MADE-UP-{number:06}",
            publication=Publication.PUBLISHED,
            published_at=PUBLISHED_AT,
            acronym=f"MU{number}" if self._chance(60) else "",
            name=f"{self.random.choice(EFFORTS)} {self.random.choice(SUBJECTS)} {number}",
            language=self._weighted(en=80, es=20),
            kind=self._kind(depth),
            parent=above.programme if above else None,
            parent_basis=Basis.STATED if above else "",
            coverage=coverage if self._chance(95) else "",
            description=f"{self.random.choice(EFFORTS)} {self.random.choice(SUBJECTS)} in the partner countries, "
            f"with a view to {self.random.choice(SUBJECTS)} and to {self.random.choice(SUBJECTS)}. " * 2,
            components_stated=self._perhaps(5, self.random.randint(2, 9)),
            status=status,
            status_as_of=self._vague(TODAY) if status and self._chance(40) else None,
            announced=self._perhaps(10, self._vague(start - datetime.timedelta(days=200))),
            planned_start=self._perhaps(80, self._vague(start)),
            actual_start=self._vague(start) if begun else None,
            planned_end=self._perhaps(80, self._vague(end)),
            revised_end=self._perhaps(15, self._vague(end + datetime.timedelta(days=300))),
            actual_end=self._vague(end) if begun and ended and self._chance(60) else None,
        )
        pool = self.region if self._chance(70) else self.countries
        here = Place(programme, start, end, self.random.sample(pool, self.random.randint(*COUNTRIES[coverage])))
        self._cite(programme=programme)
        self._words(here)
        self._phases(here)
        self._participations(here)
        self._participating_organisations(here)
        self._budgets(here, above)
        self._results(here)
        return here

    def _kind(self, depth: int) -> str:
        if depth == 1:
            return self._weighted(programme=55, project=30, indicative_programme=12, mission=3)
        return ProgrammeKind.PROJECT if depth == DEPTH else self._weighted(programme=30, project=70)

    def _status(self, start: datetime.date, end: datetime.date) -> str:
        if self._chance(15):
            return ""
        if start > TODAY:
            return ActivityStatus.PIPELINE
        return self.random.choice(CLOSED) if end <= TODAY else ActivityStatus.IMPLEMENTATION

    def _words(self, here: Place) -> None:
        programme = here.programme
        if self._chance(30):
            self._add(Alias, programme=programme, name=f"{programme.name} (renamed)", language="en")
        for order in range(1, self.random.randint(1, 4)):
            self._add(
                Objective,
                programme=programme,
                type=self.random.choice(ObjectiveType.values),
                order=order,
                text=f"{self.random.choice(EFFORTS)} {self.random.choice(SUBJECTS)}",
            )
        themes = self.random.sample(self.themes, self.random.randint(1, 3))
        for theme, percentage in zip(themes, self._percentages(len(themes)), strict=True):
            self._add(ProgrammeTheme, programme=programme, theme=theme, percentage=percentage)
        if self._chance(4):
            self._add(Succession, predecessor=programme, successor_name=f"What follows {programme.code}")

    def _phases(self, here: Place) -> None:
        labels = ("I", "II", "III")[: self.random.choices((0, 1, 2, 3), (50, 10, 25, 15))[0]]
        length = (here.end - here.start) / max(1, len(labels))
        for order, label in enumerate(labels, start=1):
            start = here.start + length * (order - 1)
            phase = self._add(
                Phase,
                programme=here.programme,
                code=f"{here.programme.code}-{label}",
                label=label,
                order=order,
                follows=here.phases[-1] if here.phases else None,
                status=self._status(start, start + length),
                planned_start=self._vague(start),
                planned_end=self._vague(start + length),
            )
            here.phases.append(phase)

    def _participations(self, here: Place) -> None:
        for country, percentage in zip(here.countries, self._percentages(len(here.countries)), strict=True):
            status = ParticipationStatus(self._weighted(participating=90, expected=5, former=5))
            former = status == ParticipationStatus.FORMER
            participation = self._add(
                Participation,
                programme=here.programme,
                country=country,
                phase=self.random.choice(here.phases) if here.phases and self._chance(30) else None,
                status=status,
                start=self._perhaps(40, self._vague(here.start)),
                end=self._vague(here.end) if former else None,
                as_of=self._perhaps(30, self._vague(TODAY)),
                percentage=percentage if status == ParticipationStatus.PARTICIPATING else None,
            )
            if self._chance(40):
                self._cite(participation=participation)
        if self._chance(8):
            self._add(
                CountryListStatement,
                programme=here.programme,
                countries_stated=len(here.countries) + 2,
                exactness=Exactness.AT_LEAST,
                unnamed=2,
                exclusive=False,
                text=f"more than {len(here.countries) + 2} countries",
            )

    def _participating_organisations(self, here: Place) -> None:
        roles = [OrganisationRole.FUNDING, OrganisationRole.IMPLEMENTING, OrganisationRole.IMPLEMENTING]
        organisations = self.random.sample(self.organisations, len(roles))
        for organisation, role in zip(organisations, roles, strict=True):
            if self._chance(80):
                self._add(ParticipatingOrganisation, programme=here.programme, organisation=organisation, role=role)

    # Money

    def _budgets(self, here: Place, above: Place | None) -> None:
        """One line for the whole, on average three more: its parts, a revision, the same money printed elsewhere."""
        holder = above.whole if above and self._chance(50) else None
        currency = holder.currency if holder else self._currency()
        most = int(holder.amount) // 5 if holder and holder.amount is not None else 10**9
        amount = Decimal(min(most, round(self.random.lognormvariate(15.5, 1.2), -3)))
        whole = here.whole = self._budget(here, "Total", amount, currency, part_of=holder)
        for number in range(1, self.random.choice((0, 1, 2, 3, 4, 4, 5)) + 1):
            part = Decimal(int(amount) * self.random.randint(3, 25) // 100)
            line = self._budget(here, f"Component {number}", part, currency, part_of=whole)
            if self._chance(30):
                self._transaction(here, line, part)
        if self._chance(15):
            revised = Decimal(int(amount) * self.random.randint(60, 99) // 100)
            self._budget(here, "Total, revised", revised, currency, part_of=holder, revises=whole)
        if self._chance(15):
            self._budget(here, "Total, as printed in another place", amount, currency, same_as=whole)

    def _currency(self) -> str:
        return self._weighted(EUR=90, USD=6, GBP=2) if self._chance(98) else self.random.choice(Currency.values)

    def _budget(self, here: Place, title: str, amount: Decimal, currency: str, **links: Budget | None) -> Budget:
        stated = self._chance(92)
        given = {name: line for name, line in links.items() if line is not None}
        bases = {f"{name}_basis": self.random.choice(Basis.values) for name in given if name != "revises"}
        line = self._add(
            Budget,
            programme=here.programme,
            code=f"{here.programme.code}-B{self._next_number(Budget, here)}",
            phase=self.random.choice(here.phases) if here.phases and self._chance(50) else None,
            title=title,
            type=BudgetType.REVISED if "revises" in given else BudgetType.ORIGINAL,
            status=self.random.choice(["", *BudgetStatus.values]),
            instrument=self._perhaps(75, self.random.choice(self.instruments)),
            provider=self._perhaps(40, self.random.choice(self.organisations)),
            amount=amount if stated else None,
            amount_null_reason="" if stated else self._weighted(not_stated=85, undisclosed=10, not_applicable=5),
            currency=currency,
            exactness=self._weighted(exact=82, about=8, at_least=7, at_most=3) if stated else Exactness.EXACT,
            period_start=self._perhaps(70, PartialDate(str(here.start.year))),
            period_end=self._perhaps(70, PartialDate(str(here.end.year))),
            **given,
            **bases,
        )
        self._line_countries(here, line)
        if self._chance(95):
            self._cite(budget=line)
        if stated and self._chance(3):
            self._cite(budget=line, field="amount", value=f"{amount + 1000}", preferred=False)
        return line

    def _line_countries(self, here: Place, line: Budget) -> None:
        if not self._chance(60):
            return
        countries = here.countries[: self.random.randint(1, 4)]
        for country, percentage in zip(countries, self._percentages(len(countries)), strict=True):
            self._add(BudgetCountry, budget=line, country=country, percentage=percentage)

    def _transaction(self, here: Place, line: Budget, amount: Decimal) -> None:
        self._add(
            Transaction,
            programme=here.programme,
            code=f"{here.programme.code}-T{self._next_number(Transaction, here)}",
            budget=line,
            type=TransactionType.DISBURSEMENT,
            date=self._vague(here.start),
            amount=amount / 2,
            currency=line.currency,
            provider=line.provider,
            instrument=line.instrument,
        )

    def _next_number(self, model: type[Record], here: Place) -> int:
        """The next in the codes of the programme that is being made."""
        rows = self.rows[model]
        if not rows or rows[-1].programme is not here.programme:
            return 1
        return int(rows[-1].code[len(here.programme.code) + 2 :]) + 1

    # Results

    def _results(self, here: Place) -> None:
        code, order = here.programme.code, count(1)
        for number in range(1, self.random.choice((0, 1, 1, 2)) + 1):
            result = self._add(
                Result,
                programme=here.programme,
                code=f"{code}-R{number}",
                type=self.random.choice(ResultType.values),
                title=f"Progress in {self.random.choice(SUBJECTS)}",
                order=number,
            )
            for _indicator in range(self.random.randint(1, 2)):
                self._indicator(here, result, next(order))

    def _indicator(self, here: Place, result: Result, order: int) -> None:
        indicator = self._add(
            Indicator,
            result=result,
            programme=here.programme,
            code=f"{here.programme.code}-I{order}",
            title=f"Measure {order} of {result.title.lower()}",
            unit=self.random.choice(UNITS),
            accumulation=self._perhaps(70, Accumulation.CUMULATIVE) or "",
            order=order,
        )
        value = self.random.randint(10, 10_000)
        self._observation(indicator, ObservationKind.BASELINE, here.start.year, 0)
        self._observation(indicator, ObservationKind.TARGET, here.end.year, value)
        for year in range(here.start.year, min(here.end, TODAY).year, 2):
            done = value * (year - here.start.year + 1) // 10
            self._observation(indicator, ObservationKind.ACTUAL, year, done)
            if self._chance(15):
                self._observation(indicator, ObservationKind.ACTUAL, year, done // 2, sex="female")

    def _observation(
        self, indicator: Indicator, kind: ObservationKind, year: int, value: int, **breakdown: str
    ) -> None:
        stated = self._chance(95)
        observation = self._add(
            Observation,
            indicator=indicator,
            kind=kind,
            value=Decimal(value) if stated else None,
            exactness=self._weighted(exact=70, about=15, at_least=15) if stated else Exactness.EXACT,
            value_null_reason="" if stated else NullReason.NOT_STATED,
            as_of=PartialDate(f"{year}-12" if kind == ObservationKind.ACTUAL else str(year)),
            disaggregation=breakdown,
        )
        if self._chance(60):
            self._cite(observation=observation, as_of=observation.as_of)
