"""What needs an officer's eye: ends that nothing follows, figures without a source, amounts and values that lack."""

import calendar
import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.codelists import ActivityStatus, NullReason
from programmes.models import Budget, Indicator, Observation, Phase, Programme, Succession, Transaction
from tracker.partial_dates.bounds import earliest_not_before, latest_not_after, latest_not_before

MONTHS_AHEAD = 12
YEARS_FRESH = 2
OVER = (ActivityStatus.CLOSED, ActivityStatus.CANCELLED)


class Concern(NamedTuple):
    """A question to the portfolio: which records of `model` it finds on a day, and why that matters."""

    model: type[Model]
    title: str | Promise
    why: str | Promise
    find: Callable[[datetime.date], QuerySet[Any]]


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day `months` later (earlier if negative); the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def programmes_ending(day: datetime.date) -> QuerySet[Programme]:
    """Programmes that certainly end within 12 months and that neither a phase nor a programme follows.

    Where the programme's own end is not known, the end of a phase that no other phase follows stands for it.
    """
    horizon = months_later(day, MONTHS_AHEAD)
    phases = Phase.objects.filter(programme=OuterRef("pk"))
    going_on = phases.filter(
        Q(status=ActivityStatus.PIPELINE)
        | earliest_not_before("start", day + datetime.timedelta(days=1))
        | latest_not_before("end", horizon + datetime.timedelta(days=1))
    )
    last_phases = Phase.objects.ending_between(day, horizon).without_following().filter(programme__end__isnull=True)
    ends = Programme.objects.ending_between(day, horizon).order_by().values("pk")
    return (
        Programme.objects.filter(pk__in=ends.union(last_phases.order_by().values("programme")))
        .exclude(status__in=OVER)
        .exclude(Exists(going_on))
        .exclude(Exists(Succession.objects.filter(predecessor=OuterRef("pk"), whole=True)))
        .order_by("end", "code")
    )


def programmes_overdue(day: datetime.date) -> QuerySet[Programme]:
    """Programmes whose planned or revised end has certainly passed, without an actual end and not closed."""
    yesterday = day - datetime.timedelta(days=1)
    return (
        Programme.objects.filter(latest_not_after("end", yesterday), actual_end__isnull=True, end__isnull=False)
        .exclude(status__in=OVER)
        .order_by("end", "code")
    )


def budgets_without_source(_day: datetime.date) -> QuerySet[Budget]:
    """Budget lines that no citation supports, by their numbers: so the first of many are met without the others."""
    return Budget.objects.filter(citations__isnull=True).order_by("pk")


def observations_without_source(_day: datetime.date) -> QuerySet[Observation]:
    """Values of indicators that no citation supports, by their numbers too."""
    return Observation.objects.filter(citations__isnull=True).select_related("indicator").order_by("pk")


def budgets_not_stated(_day: datetime.date) -> QuerySet[Budget]:
    """Budget lines whose amount no source states; not those without an amount by their nature."""
    return Budget.objects.not_stated().filter(amount_null_reason=NullReason.NOT_STATED).order_by("code")


def transactions_not_stated(_day: datetime.date) -> QuerySet[Transaction]:
    """Transactions whose amount no source states."""
    return Transaction.objects.filter(amount_null_reason=NullReason.NOT_STATED).order_by("code")


def indicators_not_observed(day: datetime.date) -> QuerySet[Indicator]:
    """Indicators without an actual value that speaks of the last two years."""
    fresh = Observation.objects.actual().filter(
        latest_not_before("date", months_later(day, -12 * YEARS_FRESH)), indicator=OuterRef("pk")
    )
    return Indicator.objects.filter(~Exists(fresh)).order_by("code")


CONCERNS: dict[str, Concern] = {
    "ending": Concern(
        Programme,
        _("Ending within 12 months, nothing follows"),
        _("The programme ends soon, and no phase or programme is recorded that continues it."),
        programmes_ending,
    ),
    "overdue": Concern(
        Programme,
        _("End has passed"),
        _("The planned or revised end is over. Give the actual end, a revised end or a status."),
        programmes_overdue,
    ),
    "budget-no-source": Concern(
        Budget,
        _("Budget lines without a source"),
        _("No citation supports the line."),
        budgets_without_source,
    ),
    "observation-no-source": Concern(
        Observation,
        _("Observations without a source"),
        _("No citation supports the value."),
        observations_without_source,
    ),
    "budget-not-stated": Concern(
        Budget,
        _("Amounts not stated"),
        _("The source names the line without an amount. Unknown is not zero: look for another source."),
        budgets_not_stated,
    ),
    "transaction-not-stated": Concern(
        Transaction,
        _("Transactions without an amount"),
        _("No source states the amount."),
        transactions_not_stated,
    ),
    "indicator-not-observed": Concern(
        Indicator,
        _("Indicators without an observation in two years"),
        _("The latest actual value is older than two years, or there is none."),
        indicators_not_observed,
    ),
}
