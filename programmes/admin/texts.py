"""Amounts, periods and countries in words, as lists and cards show them."""

import datetime
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from programmes.analysis.money import Sum
from programmes.codelists import Exactness, NullReason
from tracker.partial_dates import PartialDate


def number(value: Decimal) -> str:
    """With thousands separators of the reader's language; cents only where there are any."""
    places = 2 if value % 1 else 0
    return number_format(value, decimal_pos=places, force_grouping=True)


def amount(value: Decimal | None, unit: str, exactness: str, null_reason: str = "") -> str:
    """ "at least 50,000,000 EUR"; where there is no number, why: "not stated"."""
    if value is None:
        return str(NullReason(null_reason or NullReason.NOT_STATED).label)
    text = f"{number(value)} {unit}"
    return text if exactness == Exactness.EXACT else f"{Exactness(exactness).label} {text}"


def sums(each: Iterable[Sum], not_stated: int = 0) -> list[str]:
    """One text per currency, then how many lines have no amount; "not stated" where there is nothing else."""
    texts = [amount(one.amount, one.currency, one.exactness) for one in each]
    if not texts:
        return [str(NullReason.NOT_STATED.label)]
    if not_stated:
        texts.append(_("and %(count)s not stated") % {"count": not_stated})
    return texts


def period(start: PartialDate | None, end: PartialDate | None) -> str:
    """ "2016-02 – 2019", with a question mark for an end that is not known."""
    if start is None and end is None:
        return str(NullReason.NOT_STATED.label)
    return f"{start or '?'} – {end or '?'}"


def right_aligned(texts: Iterable[str]) -> SafeString:
    """A cell of figures."""
    lines = format_html_join("", "<div>{}</div>", ((text,) for text in texts))
    return format_html('<div class="figures">{}</div>', lines)


def missing(text: str) -> SafeString:
    """A note that something is not known, set apart from what is."""
    return format_html('<span class="missing">{}</span>', text)


def deed(when: datetime.datetime | None, who: str) -> str:
    """ "2026-11-22 00:05 officer"; a dash where it was not done."""
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M} {who}".strip() if when else "–"
