"""All figures in one list: amounts of budget lines and transactions, and values of indicators."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import CharField, Count, F, Max, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from programmes.models import Budget, Observation, Transaction
from tracker.partial_dates import PartialDate


class FigureKind(TextChoices):
    """What has the figure."""

    BUDGET = "budget", _("budget line")
    TRANSACTION = "transaction", _("transaction")
    OBSERVATION = "observation", _("observation")


class Place(NamedTuple):
    """Where a kind of figure stands: its model, and the paths to its programme, its number, its code and its date."""

    model: type[Any]
    programme: str
    number: str
    code: str
    date: str


PLACES = {
    FigureKind.BUDGET: Place(Budget, "programme", "amount", "code", "period_start"),
    FigureKind.TRANSACTION: Place(Transaction, "programme", "amount", "code", "date"),
    FigureKind.OBSERVATION: Place(Observation, "indicator__programme", "value", "indicator__code", "date"),
}


# The programme's code, the number of the kind, the code, the date, the key.
ORDER = ("figure_of", "figure_rank", "figure_code", "figure_date", "key")


class Figure(NamedTuple):
    """A figure as its source states it: in a currency or a unit, of a day or a period, each null where not stated.

    `number` is null where `null_reason` says why; then `exactness` is null too. `code` is the indicator's for an
    observation. `type` is IATI's for a budget line or transaction, else baseline, target or actual. `as_of` is the
    newest date of which its citations speak.
    """

    kind: FigureKind
    key: int
    code: str
    programme: str
    title: str
    type: str
    number: Decimal | None
    unit: str
    exactness: str | None
    null_reason: str | None
    date: PartialDate | None
    period_start: PartialDate | None
    period_end: PartialDate | None
    as_of: PartialDate | None
    disaggregation: dict[str, str] | None
    citations: int


def figures(
    programmes: QuerySet[Any],
    *,
    kinds: Iterable[str] = FigureKind.values,
    exactness: Collection[str] | None = None,
    stated: bool | None = None,
) -> list[QuerySet[Any, Any]]:
    """A list for each kind of the places of every such figure of the programmes: the values of ORDER.

    What has no number is neither exact nor anything else: it is left out where an exactness is asked for.
    """
    return [
        _of_kind(FigureKind(kind), programmes.order_by().values("pk"), exactness, stated)
        for kind in FigureKind.values
        if kind in set(kinds)
    ]


def _of_kind(
    kind: FigureKind, programmes: QuerySet[Any], exactness: Collection[str] | None, stated: bool | None
) -> QuerySet[Any]:
    place = PLACES[kind]
    condition = Q(**{f"{place.programme}__in": programmes})
    if exactness is not None:
        condition &= Q(**{"exactness__in": exactness, f"{place.number}__isnull": False})
    if stated is not None:
        condition &= Q(**{f"{place.number}__isnull": not stated})
    rows: QuerySet[Any] = (
        place.model.objects.filter(condition)
        .order_by()
        .annotate(
            figure_of=F(f"{place.programme}__code"),
            figure_rank=Value(FigureKind.values.index(kind)),
            figure_code=F(place.code),
            figure_date=Coalesce(Cast(place.date, CharField()), Value("")),
            key=F("pk"),
        )
        .values_list(*ORDER)
    )
    return rows


def read(page: Iterable[tuple[Any, ...]]) -> list[Figure]:
    """The figures of some rows of that list, in its order: one query for each kind."""
    places = [(FigureKind(FigureKind.values[rank]), key) for _programme, rank, _code, _date, key in page]
    keys: dict[FigureKind, list[int]] = defaultdict(list)
    for kind, key in places:
        keys[kind].append(key)
    found: dict[tuple[FigureKind, int], Figure] = {}
    for kind, wanted in keys.items():
        place = PLACES[kind]
        records = place.model.objects.filter(pk__in=wanted).select_related(place.programme)
        for record in records.annotate(cited=Count("citations"), said=Max("citations__as_of")):
            found[kind, record.pk] = (
                _of_indicator(record) if kind is FigureKind.OBSERVATION else _of_money(kind, record)
            )
    return [found[each] for each in places]


def _of_money(kind: FigureKind, record: Any) -> Figure:
    budget = kind is FigureKind.BUDGET
    return Figure(
        kind=kind,
        key=record.pk,
        code=record.code,
        programme=record.programme.code,
        title=record.title if budget else record.description,
        type=record.type,
        number=record.amount,
        unit=record.currency,
        exactness=None if record.amount is None else record.exactness,
        null_reason=record.amount_null_reason or None,
        date=None if budget else record.date,
        period_start=record.period_start if budget else None,
        period_end=record.period_end if budget else None,
        as_of=_newest(record),
        disaggregation=None,
        citations=record.cited,
    )


def _of_indicator(record: Any) -> Figure:
    return Figure(
        kind=FigureKind.OBSERVATION,
        key=record.pk,
        code=record.indicator.code,
        programme=record.indicator.programme.code,
        title=record.indicator.title,
        type=record.kind,
        number=record.value,
        unit=record.indicator.unit,
        exactness=None if record.value is None else record.exactness,
        null_reason=record.value_null_reason or None,
        date=record.as_of,
        period_start=record.period_start,
        period_end=record.period_end,
        as_of=_newest(record),
        disaggregation=record.disaggregation,
        citations=record.cited,
    )


def _newest(record: Any) -> PartialDate | None:
    return None if record.said is None else PartialDate.of(record.said)
