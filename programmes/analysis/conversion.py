"""Amounts in another currency: by the rate of a day, with its date and source; null where there is no rate."""

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from currency_converter import CurrencyConverter, RateNotFoundError
from django.utils.translation import gettext as _

from programmes.analysis.containment import Line
from programmes.analysis.dimensions import Key
from programmes.analysis.division import Division, Portion
from programmes.analysis.money import CENT, ZERO, combined, shared_out
from programmes.codelists import Currency, Exactness
from programmes.models import ExchangeRate
from tracker.partial_dates import PartialDate

ECB = "European Central Bank, euro foreign exchange reference rates"
# Weekends and holidays have no rate: the last one before counts, if it is not older than this.
LAST_KNOWN = datetime.timedelta(days=7)


class Rate(NamedTuple):
    """Units of `currency` for one euro, the day that the rate is of, and who published it."""

    currency: str
    per_euro: Decimal
    day: datetime.date | None
    source: str


class Converted(NamedTuple):
    """A line's amount in the currency asked for; null, with the reason, where it cannot be converted."""

    amount: Decimal | None
    rates: tuple[Rate, ...]
    reason: str = ""


class Rates:
    """The rates of the days that some lines need: stored ones first, then the European Central Bank's."""

    def __init__(self, wanted: Iterable[tuple[str, datetime.date]]) -> None:
        wanted = list(wanted)
        currencies = {currency for currency, _day in wanted}
        days = [day for _currency, day in wanted]
        self.stored: dict[tuple[str, datetime.date], Rate] = {}
        if days:
            rows = ExchangeRate.objects.filter(
                currency__in=currencies, day__gte=min(days) - LAST_KNOWN, day__lte=max(days)
            )
            self.stored = {
                (row.currency, row.day): Rate(row.currency, row.per_euro, row.day, row.source) for row in rows
            }

    def rate(self, currency: str, day: datetime.date) -> Rate | None:
        """The rate of the day, else the last one of the week before; None where there is none."""
        if currency == Currency.EUR:
            return Rate(currency, Decimal(1), None, "")
        for age in range(LAST_KNOWN.days + 1):
            earlier = day - datetime.timedelta(days=age)
            found = self.stored.get((currency, earlier)) or _published(currency, earlier)
            if found is not None:
                return found
        return None


def converted(lines: Iterable[Line], currency: str, day: datetime.date | None = None) -> dict[int, Converted]:
    """Each line's amount in `currency`, by line key; to the cent, halves away from zero.

    A line is converted by the rate of its own value date, else by that of `day`. A value date known only to the month
    or the year is no day: no rate is chosen for it.
    """
    lines = [line for line in lines if line.amount is not None]
    days = {line.id: _day(line, day) for line in lines if line.currency != currency}
    rates = Rates((code, each) for line in lines if (each := days.get(line.id)) for code in (line.currency, currency))
    return {line.id: _converted(line, currency, days.get(line.id), rates) for line in lines}


class ConvertedSum(NamedTuple):
    """A sum over currencies: null and incomplete where a line could not be converted; `missing` says how many."""

    amount: Decimal | None
    exactness: Exactness
    missing: int

    @property
    def complete(self) -> bool:
        return not self.missing


class ConvertedTotals(NamedTuple):
    """The total and the groups in one currency, and each line's conversion."""

    total: ConvertedSum
    groups: dict[Key, ConvertedSum]
    lines: dict[int, Converted]


def converted_totals(result: Division, currency: str, day: datetime.date | None = None) -> ConvertedTotals:
    """The totals in `currency`; the groups add up to the total as they do in the lines' own currencies.

    A line that cannot be converted does not count as 0: the sums that it belongs to are null.
    """
    lines = converted(result.selection.counted, currency, day)
    by_line: dict[int, list[Portion]] = defaultdict(list)
    for portion in result.portions:
        by_line[portion.holder.id].append(portion)
    by_key: dict[Key, list[tuple[Portion, Decimal | None]]] = defaultdict(list)
    for key, portions in by_line.items():
        amount = lines[key].amount
        weights = [abs(portion.amount) for portion in portions]
        if amount is None or not any(weights):
            shares: list[Decimal | None] = [amount] * len(portions)
        else:
            shares = [*shared_out(amount, weights)]
        for portion, share in zip(portions, shares, strict=True):
            by_key[portion.key].append((portion, share))
    return ConvertedTotals(
        _sum((line.exactness, lines[line.id].amount) for line in result.selection.counted),
        {key: _sum((portion.exactness, share) for portion, share in each) for key, each in by_key.items()},
        lines,
    )


def _sum(terms: Iterable[tuple[str, Decimal | None]]) -> ConvertedSum:
    terms = list(terms)
    amounts = [amount for _exactness, amount in terms if amount is not None]
    missing = len(terms) - len(amounts)
    return ConvertedSum(
        None if missing else sum(amounts, ZERO), combined(exactness for exactness, _amount in terms), missing
    )


def _converted(line: Line, currency: str, day: datetime.date | None, rates: Rates) -> Converted:
    if line.currency == currency:
        return Converted(line.amount, ())
    if day is None:
        return Converted(None, (), _("No day is known whose rate applies; name one with rate_on."))
    used = []
    for code in (line.currency, currency):
        rate = rates.rate(code, day)
        if rate is None:
            return Converted(None, (), _("There is no rate of %(code)s for %(day)s.") % {"code": code, "day": day})
        used.append(rate)
    given, asked = used
    amount = (line.amount or Decimal(0)) / given.per_euro * asked.per_euro
    return Converted(
        amount.quantize(CENT, rounding=ROUND_HALF_UP), tuple(rate for rate in used if rate.currency != Currency.EUR)
    )


def _day(line: Line, day: datetime.date | None) -> datetime.date | None:
    if line.value_date is None:
        return day
    date = PartialDate(line.value_date)
    return date.earliest if date.precision == "day" else day


@functools.cache
def _central_bank() -> CurrencyConverter:
    """The published rates since 1999; read from the library's file at first use."""
    return CurrencyConverter(decimal=True)


def _published(currency: str, day: datetime.date) -> Rate | None:
    bank = _central_bank()
    if currency not in bank.currencies:
        return None
    try:
        return Rate(currency, bank.convert(1, "EUR", currency, date=day), day, ECB)
    except RateNotFoundError:
        return None
