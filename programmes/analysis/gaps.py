"""What is missing or doubtful in each programme, and the share of checks that hold."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.analysis import doubts
from programmes.analysis.attention import CONCERNS, OVER
from programmes.analysis.checks import Asked, Found, found
from programmes.analysis.disagreements import competing
from programmes.codelists import ObservationKind
from programmes.models import CountryListStatement, Indicator, Observation, Phase, Programme, Succession, Transaction
from tracker.partial_dates.bounds import latest_not_after

YEARS_OLD = 5
SHARE = Decimal("0.0001")


class Severity(TextChoices):
    """How much a gap matters."""

    HIGH = "high", _("high")
    MEDIUM = "medium", _("medium")
    LOW = "low", _("low")


class Check(NamedTuple):
    """A question to the portfolio, named for the gap that it looks for: how much that matters and why, and which
    records show it."""

    severity: Severity
    title: str | Promise
    why: str | Promise
    find: Callable[[Asked], Iterable[Found]]


class Examined(NamedTuple):
    """A programme and its gaps by code, the severest first, each with the records that show it."""

    key: int
    code: str
    name: str
    gaps: dict[str, list[Found]]

    @property
    def checks(self) -> int:
        """How many checks there are."""
        return len(CHECKS)

    @property
    def held(self) -> int:
        """How many of them hold."""
        return self.checks - len(self.gaps)

    @property
    def share(self) -> Decimal:
        """The share of checks that hold, from 0 to 1, to four decimals."""
        return (Decimal(self.held) / self.checks).quantize(SHARE, rounding=ROUND_HALF_UP)

    @property
    def link(self) -> str:
        """The path of the programme's page in the admin."""
        return reverse("admin:programmes_programme_change", args=[self.key])

    def of(self, severity: Severity) -> list[str]:
        """The codes of its gaps of a severity."""
        return [code for code in self.gaps if CHECKS[code].severity is severity]


def examine(programmes: QuerySet[Any], day: datetime.date, years: int = YEARS_OLD) -> list[Examined]:
    """Every programme by code, with the gaps seen on the day; a figure is old after so many years.

    As many queries for one programme as for all.
    """
    asked = Asked(programmes.order_by().values("pk"), day, years)
    gaps: dict[int, dict[str, list[Found]]] = defaultdict(lambda: defaultdict(list))
    for code in sorted(CHECKS, key=_severest_first):
        for each in CHECKS[code].find(asked):
            gaps[each.programme][code].append(each)
    every = Programme.objects.filter(pk__in=asked.programmes).order_by("code")
    return [Examined(each.pk, each.code, str(each), dict(gaps.get(each.pk, {}))) for each in every]


def concerned(programmes: QuerySet[Any], codes: Iterable[str], day: datetime.date, years: int = YEARS_OLD) -> set[int]:
    """The keys of the programmes that have one of these gaps."""
    asked = Asked(programmes.order_by().values("pk"), day, years)
    return {each.programme for code in codes for each in CHECKS[code].find(asked)}


def _severest_first(code: str) -> int:
    return Severity.values.index(CHECKS[code].severity)


def _records(find: Callable[[datetime.date], QuerySet[Any]]) -> Callable[[Asked], Iterator[Found]]:
    """A check whose records one query tells."""

    def check(asked: Asked) -> Iterator[Found]:
        return found(find(asked.day), asked)

    return check


def _without_source(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(citations__isnull=True)


def _transactions_without_source(_day: datetime.date) -> QuerySet[Transaction]:
    return Transaction.objects.filter(citations__isnull=True)


def _without_budget(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(budgets__isnull=True)


def _without_implementer(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.with_implementer(stated=False)


def _without_start(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(start__isnull=True)


def _without_end(_day: datetime.date) -> QuerySet[Programme]:
    return Programme.objects.filter(end__isnull=True).exclude(status__in=OVER)


def _phase_over(day: datetime.date) -> QuerySet[Phase]:
    """Phases that certainly ended before the day, with no later phase and nothing that continues the programme."""
    continued = Succession.objects.filter(predecessor=OuterRef("programme"), whole=True)
    return (
        Phase.objects.filter(latest_not_after("end", day - datetime.timedelta(days=1)), end__isnull=False)
        .without_following()
        .at_the_end()
        .exclude(Exists(continued))
    )


def _not_all_named(_day: datetime.date) -> QuerySet[CountryListStatement]:
    return CountryListStatement.objects.filter(Q(unnamed__gt=0) | Q(exclusive=False))


def _without_target(_day: datetime.date) -> QuerySet[Indicator]:
    targets = Observation.objects.filter(kind=ObservationKind.TARGET, value__isnull=False, indicator=OuterRef("pk"))
    return Indicator.objects.filter(~Exists(targets))


# How much the questions of the officers' start page matter.
CONCERN_SEVERITY = {
    "ending": Severity.HIGH,
    "overdue": Severity.MEDIUM,
    "budget-no-source": Severity.HIGH,
    "observation-no-source": Severity.HIGH,
    "budget-not-stated": Severity.MEDIUM,
    "transaction-not-stated": Severity.MEDIUM,
    "indicator-not-observed": Severity.LOW,
}

CHECKS: dict[str, Check] = {
    "programme-no-source": Check(
        Severity.HIGH,
        _("Programme without a source"),
        _("No citation supports the programme."),
        _records(_without_source),
    ),
    **{
        code: Check(CONCERN_SEVERITY.get(code, Severity.MEDIUM), concern.title, concern.why, _records(concern.find))
        for code, concern in CONCERNS.items()
    },
    "transaction-no-source": Check(
        Severity.HIGH,
        _("Transactions without a source"),
        _("No citation supports the transaction."),
        _records(_transactions_without_source),
    ),
    "no-budget": Check(
        Severity.MEDIUM,
        _("No budget line"),
        _("Nothing is recorded of the programme's money, not even that it is not stated."),
        _records(_without_budget),
    ),
    "no-implementer": Check(
        Severity.MEDIUM,
        _("No implementing organisation stated"),
        _("No organisation has the role of implementing the programme."),
        _records(_without_implementer),
    ),
    "phase-not-followed": Check(
        Severity.MEDIUM,
        _("Last phase over, nothing follows"),
        _("The phase has ended, and no phase or programme is recorded that continues it."),
        _records(_phase_over),
    ),
    "no-start": Check(
        Severity.LOW,
        _("No start"),
        _("Neither an actual nor a planned start is recorded."),
        _records(_without_start),
    ),
    "no-end": Check(
        Severity.LOW,
        _("No end"),
        _("No planned, revised or actual end is recorded, and the programme is not closed."),
        _records(_without_end),
    ),
    "countries-not-named": Check(
        Severity.LOW,
        _("Countries not named"),
        _("A source says that more countries take part than it names."),
        _records(_not_all_named),
    ),
    "indicator-no-target": Check(
        Severity.LOW,
        _("Indicators without a target"),
        _("Without a target nobody can say how far the indicator has come."),
        _records(_without_target),
    ),
    "old-figures": Check(
        Severity.LOW,
        _("Old figures"),
        _("No source speaks of the amount, or no value of the indicator, within the years asked for."),
        doubts.old_figures,
    ),
    "competing-citations": Check(
        Severity.MEDIUM,
        _("Sources disagree"),
        _("Another source gives another value than the record has."),
        competing,
    ),
    "parts-exceed-whole": Check(
        Severity.HIGH,
        _("Parts are more than their whole"),
        _("The parts of the budget line add up to more than the line, whatever their exactness leaves open."),
        doubts.exceeding_parts,
    ),
    "budget-outside-period": Check(
        Severity.MEDIUM,
        _("Budget lines outside the programme's period"),
        _("The line is for a time in which neither the programme nor one of its phases went on."),
        doubts.outside_period,
    ),
    "country-shares": Check(
        Severity.MEDIUM,
        _("Shares of countries do not add up to 100 %"),
        _("All recipient countries have a percentage, and together these are not 100; or they are more."),
        doubts.country_shares,
    ),
    "theme-shares": Check(
        Severity.MEDIUM,
        _("Shares of themes do not add up to 100 %"),
        _("All themes have a percentage, and together these are not 100; or they are more."),
        doubts.theme_shares,
    ),
    "budget-country-shares": Check(
        Severity.MEDIUM,
        _("Shares of a budget line's countries do not add up to 100 %"),
        _("All countries of the line have a percentage, and together these are not 100; or they are more."),
        doubts.line_shares,
    ),
    "cumulative-falls": Check(
        Severity.MEDIUM,
        _("Values that count since the start fall"),
        _("A later value of the same breakdown is less than an earlier one."),
        doubts.falling_values,
    ),
    "breakdown-not-whole": Check(
        Severity.MEDIUM,
        _("Breakdowns do not add up to the whole"),
        _("The values by sex, country or another dimension are together not the value of the whole of that date."),
        doubts.breakdowns_that_do_not_add_up,
    ),
    "foreign-name": Check(
        Severity.LOW,
        _("Name in no language of the country"),
        _("The programme is bilateral, and neither its name nor an alias is in an official language of the country."),
        doubts.foreign_names,
    ),
}
