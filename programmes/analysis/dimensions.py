"""By what totals are grouped: for each dimension, the shares of a budget line in its values."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from django.db.models import Max, Q, QuerySet

from countries.models import Grouping, Membership
from programmes.analysis.containment import Line
from programmes.codelists import OrganisationRole
from programmes.models import (
    BudgetCountry,
    CountryListStatement,
    Instrument,
    Organisation,
    ParticipatingOrganisation,
    Participation,
    Programme,
    ProgrammeTheme,
)
from tracker.partial_dates import PartialDate
from tracker.records.expressions import keys_given

HUNDRED = Decimal(100)

Spread = Literal["none", "daily", "equal"]
Split = Literal["stated", "equal"]


class Value(NamedTuple):
    """A value of a dimension: one code; several where a line cannot be divided between them; none where unknown."""

    codes: tuple[str, ...]

    @property
    def definite(self) -> bool:
        return len(self.codes) == 1


UNKNOWN = Value(())

# The values of a group, in the order of its dimensions.
Key = tuple[Value, ...]

# The values of a line with their weights; the weights need not add up to anything in particular.
Shares = list[tuple[Value, Decimal]]


SharesOf = Callable[[Line], Shares]


def undivided(codes: Iterable[str]) -> Shares:
    """One share: in the only code, in all of them together, or in none."""
    return [(Value(tuple(sorted(codes))), Decimal(1))]


def by_percentage(stated: dict[str, Decimal | None], *, equal: bool) -> Shares:
    """Shares by stated percentages; what these leave open is undivided between the codes that have none.

    Never equal parts, unless `equal` asks for them. Percentages above 100 in sum are taken in proportion.
    """
    if len(stated) <= 1:
        return undivided(stated)
    if equal and all(percentage is None for percentage in stated.values()):
        return [(Value((code,)), Decimal(1)) for code in sorted(stated)]
    shares: Shares = [(Value((code,)), share) for code, share in sorted(stated.items()) if share is not None]
    rest = HUNDRED - sum((share for _value, share in shares), Decimal(0))
    without = sorted(code for code, share in stated.items() if share is None)
    if rest > 0:
        shares.append((Value(tuple(without or sorted(stated))), rest))
    return shares


class Dimensions:
    """The dimensions, each reading what it needs in a fixed number of queries for all lines together."""

    def __init__(self, lines: list[Line], *, split: Split = "stated", spread: Spread = "none") -> None:
        self.equal = split == "equal"
        self.spread = spread
        self.programme_ids = {line.programme_id for line in lines}
        self._programmes, self._lines = keys_given(self.programme_ids), keys_given(line.id for line in lines)

    def shares(self, name: str) -> SharesOf:
        """The shares of a line in the dimension of that name (see NAMES)."""
        method: Callable[[], SharesOf] = getattr(self, f"_{name}")
        return method()

    # Of the programme

    def _programme(self) -> SharesOf:
        return self._of_programme("code")

    def _umbrella(self) -> SharesOf:
        rows = {key: (parent, code) for key, parent, code in Programme.objects.values_list("pk", "parent_id", "code")}

        def top(key: int) -> str:
            while rows[key][0] is not None:
                key = rows[key][0]
            return rows[key][1]

        tops = {key: top(key) for key in self.programme_ids}
        return lambda line: undivided([tops[line.programme_id]])

    def _kind(self) -> SharesOf:
        return self._of_programme("kind")

    def _coverage(self) -> SharesOf:
        return self._of_programme("coverage")

    def _of_programme(self, field: str) -> SharesOf:
        values = dict(Programme.objects.filter(pk__in=self._programmes).values_list("pk", field))
        return lambda line: undivided([values[line.programme_id]] if values[line.programme_id] else [])

    def _theme(self) -> SharesOf:
        stated: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
        rows = ProgrammeTheme.objects.filter(programme__in=self._programmes)
        for programme, code, percentage in rows.values_list("programme_id", "theme__code", "percentage"):
            stated[programme][code] = percentage
        return lambda line: by_percentage(stated.get(line.programme_id, {}), equal=self.equal)

    # Of the line

    def _type(self) -> SharesOf:
        return lambda line: undivided([line.type])

    def _status(self) -> SharesOf:
        return lambda line: undivided([line.status] if line.status else [])

    def _instrument(self) -> SharesOf:
        codes = dict(Instrument.objects.values_list("pk", "code"))
        return lambda line: undivided([codes[line.instrument_id]] if line.instrument_id else [])

    def _organisation(self) -> SharesOf:
        """Who provides the money: as the line says, else the programme's funding organisations."""
        codes = dict(Organisation.objects.values_list("pk", "code"))
        funders: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
        rows = ParticipatingOrganisation.objects.filter(programme__in=self._programmes, role=OrganisationRole.FUNDING)
        for programme, organisation in rows.values_list("programme_id", "organisation_id"):
            funders[programme][codes[organisation]] = None

        def shares(line: Line) -> Shares:
            if line.provider_id:
                return undivided([codes[line.provider_id]])
            return by_percentage(funders.get(line.programme_id, {}), equal=self.equal)

        return shares

    def _country(self) -> SharesOf:
        """By the countries of the line, else by those that take part in its programme.

        A single country stands for the whole only where the programme's list is not said to be open. Of several
        participations of one country (one for each phase) the greatest percentage counts.
        """
        of_line: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
        of_programme: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
        rows = BudgetCountry.objects.filter(budget__in=self._lines)
        for line_id, code, percentage in rows.values_list("budget_id", "country_id", "percentage"):
            of_line[line_id][code] = percentage
        taking_part = Participation.objects.receiving().filter(programme__in=self._programmes)
        greatest = taking_part.order_by().values_list("programme_id", "country_id").annotate(Max("percentage"))
        for programme, code, percentage in greatest:
            of_programme[programme][code] = percentage
        open_lists = set(
            CountryListStatement.objects.filter(programme__in=self._programmes)
            .filter(Q(exclusive=False) | Q(unnamed__gt=0))
            .values_list("programme_id", flat=True)
        )

        def shares(line: Line) -> Shares:
            if line.id in of_line:
                return by_percentage(of_line[line.id], equal=self.equal)
            countries = of_programme.get(line.programme_id, {})
            if len(countries) == 1 and line.programme_id in open_lists:
                return [(UNKNOWN, Decimal(1))]
            return by_percentage(countries, equal=self.equal)

        return shares

    def _grouping(self) -> SharesOf:
        """The UN M49 sub-region: each country is in exactly one, so that the groups add up."""
        smallest = _sub_regions()
        countries = self._country()

        def shares(line: Line) -> Shares:
            found: dict[Value, Decimal] = {}
            for value, weight in countries(line):
                regions = Value(tuple(sorted({smallest[code] for code in value.codes if code in smallest})))
                found[regions] = found.get(regions, Decimal(0)) + weight
            return list(found.items())

        return shares

    def _year(self) -> SharesOf:
        """The line's own period; single years only where a spread is asked for and both ends are known."""

        def shares(line: Line) -> Shares:
            if line.period_start is None or line.period_end is None:
                known = line.period_start or line.period_end
                return undivided([f"{line.period_start or ''}/{line.period_end or ''}"] if known else [])
            start, end = PartialDate(line.period_start), PartialDate(line.period_end)
            if self.spread == "none":
                return undivided([start if start == end else f"{start}/{end}"])
            return _years(start, end, self.spread)

        return shares


NAMES = (
    "programme",
    "umbrella",
    "kind",
    "coverage",
    "country",
    "grouping",
    "instrument",
    "theme",
    "year",
    "type",
    "status",
    "organisation",
)


def _years(start: PartialDate, end: PartialDate, spread: Spread) -> Shares:
    years = range(start.year, end.year + 1)
    if spread == "equal":
        return [(Value((str(year),)), Decimal(1)) for year in years]
    shares: Shares = []
    for year in years:
        whole = PartialDate(str(year))
        first, last = max(start.earliest, whole.earliest), min(end.latest, whole.latest)
        shares.append((Value((str(year),)), Decimal((last - first).days + 1)))
    return shares


def _sub_regions() -> dict[str, str]:
    """By country the smallest M49 region that holds it."""
    memberships: QuerySet[Any] = Membership.objects.filter(grouping__kind=Grouping.Kind.REGION)
    pairs = list(memberships.values_list("country_id", "grouping__code"))
    sizes: dict[str, int] = defaultdict(int)
    for _country, code in pairs:
        sizes[code] += 1
    smallest: dict[str, str] = {}
    for country, code in pairs:
        if country not in smallest or (sizes[code], code) < (sizes[smallest[country]], smallest[country]):
            smallest[country] = code
    return smallest
