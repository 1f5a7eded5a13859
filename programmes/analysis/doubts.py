"""Figures and names that look wrong or old: what can be told only by setting records side by side."""

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from babel.languages import get_official_languages
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from programmes.analysis.attention import months_later
from programmes.analysis.checks import Asked, Found, found
from programmes.analysis.spans import Certainty, courses, part, surest
from programmes.codelists import (
    Accumulation,
    Coverage,
    Exactness,
    IndicatorMeasure,
    ParticipationRole,
    ParticipationStatus,
)
from programmes.models import (
    Alias,
    Budget,
    BudgetCountry,
    Citation,
    Observation,
    Participation,
    Programme,
    ProgrammeTheme,
)
from tracker.partial_dates import PartialDate
from tracker.partial_dates.bounds import latest_not_after, latest_not_before

HUNDRED = Decimal(100)
ZERO = Decimal(0)


# Figures that are old


def old_figures(asked: Asked) -> Iterator[Found]:
    """Budget lines of which no source speaks in the last years, and latest values of indicators that are as old.

    A source speaks of the date that the citation gives, else of the day on which it was published or read. What has no
    date tells nothing. Transactions do not grow old: they are what happened on a day.
    """
    limit = months_later(asked.day, -12 * asked.years)
    sources = Citation.objects.filter(budget=OuterRef("pk")).annotate(
        said=Coalesce("as_of", "source__published", "source__accessed")
    )
    lines = Budget.objects.filter(amount__isnull=False, revised_by__isnull=True)
    lines = lines.filter(Exists(sources.filter(said__isnull=False)))
    yield from found(lines.exclude(Exists(sources.filter(latest_not_before("said", limit)))), asked)
    observations = Observation.objects.latest().filter(
        latest_not_after("date", limit - datetime.timedelta(days=1)), value__isnull=False
    )
    yield from found(observations, asked)


# Shares that are not 100 percent


def country_shares(asked: Asked) -> Iterator[Found]:
    """Programmes whose recipient countries on the day, of the whole or of a phase, have such shares."""
    day = Participation.objects.all().holding(PartialDate.of(asked.day))
    parts = Participation.objects.receiving().exclude(day.no)
    yield from _with_wrong_shares(parts, asked, "phase")


def theme_shares(asked: Asked) -> Iterator[Found]:
    """Programmes whose themes have such shares."""
    yield from _with_wrong_shares(ProgrammeTheme.objects.all(), asked)


def line_shares(asked: Asked) -> Iterator[Found]:
    """Budget lines whose countries have such shares."""
    shares: dict[tuple[str, int, int], list[Decimal | None]] = defaultdict(list)
    countries = BudgetCountry.objects.filter(budget__programme__in=asked.programmes).order_by()
    rows = countries.values_list("budget__code", "budget_id", "budget__programme_id", "percentage")
    for code, key, programme, share in rows:
        shares[code, key, programme].append(share)
    for (code, key, programme), stated in sorted(shares.items()):
        if are_wrong(stated):
            yield Found(programme, Budget, key, code)


def are_wrong(shares: Sequence[Decimal | None]) -> bool:
    """Whether percentages are more than 100, or all stated and less; null is not stated.

    Where they have decimals, they may be as far off as rounding explains: three times 33.33 is right.
    """
    stated = [share for share in shares if share is not None]
    total, rounding = sum(stated, ZERO), sum(map(_rounding, stated), ZERO)
    return total - rounding > HUNDRED or (len(stated) == len(shares) > 0 and total + rounding < HUNDRED)


def _rounding(share: Decimal) -> Decimal:
    exponent: Any = share.normalize().as_tuple().exponent
    return Decimal(5).scaleb(exponent - 1) if exponent < 0 else ZERO


def _with_wrong_shares(records: QuerySet[Any], asked: Asked, *besides: str) -> Iterator[Found]:
    shares: dict[tuple[Any, ...], list[Decimal | None]] = defaultdict(list)
    rows = records.filter(programme__in=asked.programmes).order_by()
    for *group, share in rows.values_list("programme__code", "programme_id", *besides, "percentage"):
        shares[tuple(group)].append(share)
    for code, key in sorted({group[:2] for group, stated in shares.items() if are_wrong(stated)}):
        yield Found(key, Programme, key, code)


# Money that does not fit


def outside_period(asked: Asked) -> Iterator[Found]:
    """Budget lines for a time in which, whatever their vague dates mean, neither programme nor a phase went on."""
    lives = courses(Programme.objects.filter(pk__in=asked.programmes))
    lines = Budget.objects.filter(programme__in=asked.programmes).order_by("code")
    for programme, key, code, start, end in lines.values_list(
        "programme_id", "pk", "code", "period_start", "period_end"
    ):
        period, course = part(start, end), lives[programme]
        if surest(period.meets(life) for life in (course.own, *course.phases)) is Certainty.NO:
            yield Found(programme, Budget, key, code)


class Number(NamedTuple):
    """A stated number: what is known of it is a lower and an upper bound. About is taken at its word."""

    value: Decimal
    exactness: str

    @property
    def least(self) -> Decimal:
        """The least that it may be: nothing of what is stated as "at most"."""
        return ZERO if self.exactness == Exactness.AT_MOST else self.value

    @property
    def most(self) -> Decimal | None:
        """The most that it may be; null where it is stated as "at least"."""
        return None if self.exactness == Exactness.AT_LEAST else self.value


def exceeding_parts(asked: Asked) -> Iterator[Found]:
    """Budget lines whose parts together are certainly more than they; a replaced line has what replaces it."""
    later = dict(Budget.objects.filter(revises__isnull=False).values_list("revises_id", "pk").order_by())
    parts: dict[tuple[str, int, int], list[Number]] = defaultdict(list)
    rows = Budget.objects.filter(
        part_of__programme__in=asked.programmes, amount__isnull=False, revised_by__isnull=True
    ).order_by()
    every: Any = rows.values_list("part_of__code", "part_of_id", "part_of__programme_id", "amount", "exactness")
    for code, key, programme, amount, exactness in every:
        parts[code, key, programme].append(Number(amount, exactness))
    newest = {key: _newest(key, later) for _code, key, _programme in parts}
    stated: Any = Budget.objects.filter(pk__in=set(newest.values()), amount__isnull=False).order_by()
    wholes = {key: Number(*number) for key, *number in stated.values_list("pk", "amount", "exactness")}
    for (code, key, programme), numbers in sorted(parts.items()):
        whole = wholes.get(newest[key])
        if whole and whole.most is not None and sum((each.least for each in numbers), ZERO) > whole.most:
            yield Found(programme, Budget, key, code)


def _newest(line: int, later: dict[int, int]) -> int:
    """The line that at last replaces it."""
    seen = {line}
    while later.get(line, line) not in seen:
        line = later[line]
        seen.add(line)
    return line


# Values of indicators that contradict each other


class Value(NamedTuple):
    """A value of an indicator, as it stands in a series."""

    found: Found
    date: PartialDate
    number: Number


def falling_values(asked: Asked) -> Iterator[Found]:
    """Actual values, counted since the start, that are certainly less than an earlier one of the same breakdown."""
    series: dict[tuple[Any, ...], list[Value]] = defaultdict(list)
    rows: Any = Observation.objects.actual().filter(
        indicator__programme__in=asked.programmes,
        indicator__accumulation=Accumulation.CUMULATIVE,
        value__isnull=False,
        date__isnull=False,
    )
    for code, programme, key, breakdown, date, *number in rows.order_by("indicator__code", "date", "pk").values_list(
        "indicator__code", "indicator__programme_id", "pk", "disaggregation", "date", "value", "exactness"
    ):
        value = Value(Found(programme, Observation, key, code), PartialDate.of(date), Number(*number))
        series[code, tuple(sorted(breakdown.items()))].append(value)
    for values in series.values():
        yield from _falls(values)


def _falls(values: Iterable[Value]) -> Iterator[Found]:
    """Each value is set against all that certainly came before it."""
    by_end = sorted(values, key=lambda value: value.date.latest)
    highest, passed = Decimal("-Infinity"), 0
    for value in sorted(values, key=lambda value: value.date.earliest):
        while by_end[passed].date.latest < value.date.earliest:
            highest = max(highest, by_end[passed].number.least)
            passed += 1
        if value.number.most is not None and value.number.most < highest:
            yield value.found


def breakdowns_that_do_not_add_up(asked: Asked) -> Iterator[Found]:
    """Values of the whole that the values of the same date, broken down by the same dimensions, do not add up to.

    Only of indicators that count things. Where a category has no value, the others may be less than the whole.
    """
    wholes: dict[tuple[Any, ...], tuple[Found, Number]] = {}
    broken_down: dict[tuple[Any, ...], dict[tuple[str, ...], list[Number | None]]] = defaultdict(
        lambda: defaultdict(list)
    )
    rows = Observation.objects.filter(
        indicator__programme__in=asked.programmes, indicator__measure=IndicatorMeasure.UNIT
    ).order_by("indicator__code", "date", "pk")
    for code, programme, key, breakdown, value, exactness, *when in rows.values_list(
        "indicator__code",
        "indicator__programme_id",
        "pk",
        "disaggregation",
        "value",
        "exactness",
        "kind",
        "as_of",
        "period_start",
        "period_end",
    ):
        number = None if value is None else Number(value, exactness)
        place = (code, *when)
        if breakdown:
            broken_down[place][tuple(sorted(breakdown))].append(number)
        elif number is not None:
            wholes[place] = Found(programme, Observation, key, code), number
    for place, (record, whole) in wholes.items():
        if any(not _may_be(whole, numbers) for numbers in broken_down.get(place, {}).values()):
            yield record


def _may_be(whole: Number, numbers: Sequence[Number | None]) -> bool:
    """Whether the numbers may add up to the whole; null is not known."""
    stated = [number for number in numbers if number is not None]
    tops = [number.most for number in stated if number.most is not None]
    if whole.most is not None and sum((number.least for number in stated), ZERO) > whole.most:
        return False
    return len(tops) < len(numbers) or sum(tops, ZERO) >= whole.least


# Names


def foreign_names(asked: Asked) -> Iterator[Found]:
    """Bilateral programmes that have no name in an official language of one of their countries.

    The languages are those of the Unicode CLDR. Countries are the recipients that are not former ones, else those of
    the budget lines; where none is recorded, nothing is found.
    """
    bilateral = Programme.objects.filter(pk__in=asked.programmes, coverage=Coverage.BILATERAL).order_by()
    keys = bilateral.values("pk")
    countries: dict[int, set[str]] = defaultdict(set)
    parts = Participation.objects.filter(programme__in=keys, role=ParticipationRole.RECIPIENT)
    parts = parts.exclude(status=ParticipationStatus.FORMER).order_by()
    for programme, country in parts.values_list("programme_id", "country_id"):
        countries[programme].add(country)
    paid: dict[int, set[str]] = defaultdict(set)
    lines = BudgetCountry.objects.filter(budget__programme__in=keys).order_by()
    for programme, country in lines.values_list("budget__programme_id", "country_id"):
        paid[programme].add(country)
    spoken: dict[int, set[str]] = defaultdict(set)
    for programme, language in Alias.objects.filter(programme__in=keys).values_list("programme_id", "language"):
        spoken[programme].add(language)
    for programme, code, language in bilateral.order_by("code").values_list("pk", "code", "language"):
        official = [official_languages(country) for country in countries[programme] or paid[programme]]
        if any(languages and languages.isdisjoint(spoken[programme] | {language}) for languages in official):
            yield Found(programme, Programme, programme, code)


@functools.cache
def official_languages(country: str) -> frozenset[str]:
    """The official languages (ISO 639) of a country (ISO 3166 alpha-2), in law or in fact; none where not known."""
    return frozenset(each.partition("_")[0] for each in get_official_languages(country, de_facto=True))
