"""Progress: from baseline to target, indicator by indicator, and added up over umbrella programmes."""

import datetime
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from programmes.analysis.progress import (
    Direction,
    Figure,
    LeftOut,
    LeftOutBecause,
    Percentage,
    Progress,
    RollUp,
    Sum,
    Without,
    plain,
    progress,
    roll_ups,
    sentence,
    sentence_of_sum,
    umbrellas,
)
from programmes.api.across import (
    BOOLEAN,
    DAY,
    LINK,
    MAYBE_TEXT,
    NUMBER,
    PARTIAL_DATE,
    TEXT,
    AcrossViewSet,
    chosen,
    listed,
    nullable,
    paged,
    shape,
)
from programmes.api.results import IndicatorViewSet
from programmes.codelists import Accumulation, Exactness, IndicatorMeasure
from programmes.models import Indicator
from tracker.api import values
from tracker.api.walks import Records, ordered_by

ORDER = ("programme__code", "order", "code")
ON: dict[str, tuple[values.Value, str]] = {
    "on": (
        values.Day(),
        "The day: values count that were certainly observed by then, and their age is as of then; without it today,"
        " and the last value there is.",
    ),
}

_FIGURE = shape(
    value=TEXT,
    exactness=chosen(Exactness),
    date=PARTIAL_DATE,
    stated=BOOLEAN | {"description": "False: 0, since the indicator counts from the start."},
)
_FIGURES = {
    "baseline": nullable(_FIGURE),
    "target": nullable(_FIGURE),
    "latest": nullable(_FIGURE),
    "percent": MAYBE_TEXT | {"description": "How much of the way from baseline to target is done."},
    "percent_exactness": nullable(chosen(Exactness)),
    "without_percent": nullable(chosen(Without)) | {"description": "Why there is no percentage."},
    "without_percent_label": MAYBE_TEXT,
}
_INDICATOR = {"url": LINK, "code": TEXT, "title": TEXT, "programme": TEXT, "unit": TEXT}
_AGE = nullable(NUMBER) | {"description": "Whole months since the last day that the (oldest) value may speak of."}


class ProgressViewSet(AcrossViewSet):
    """The progress of the indicators that the filters leave, of the whole and of each breakdown.

    In percent where a baseline is stated, or is 0 because the indicator counts from the start, and where the target
    is stated and lies in the direction that is good.
    """

    of = IndicatorViewSet
    own = ON
    summary = "Progress of indicators"
    tag = "progress"
    answer_schema = paged(
        shape(
            **_INDICATOR,
            measure=chosen(IndicatorMeasure),
            ascending=BOOLEAN,
            progress=listed(
                shape(
                    breakdown={"type": "object", "additionalProperties": TEXT, "description": "Empty: the whole."},
                    **_FIGURES,
                    direction=nullable(chosen(Direction)),
                    age_in_months=_AGE,
                    sentence=TEXT,
                )
            ),
        ),
        facts={"on": DAY},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        self.on, self.past = _when(asked)
        return {"on": self.on.isoformat()}, Records(selection.order_by(*ORDER), ordered_by(*ORDER))

    def prepared(self, page: list[Indicator]) -> Sequence[Any]:
        rows = progress(Indicator.objects.filter(pk__in=[each.pk for each in page]), self.on, past=self.past)
        return [list(of_one) for _key, of_one in groupby(rows, lambda row: row.indicator.pk)]

    def shown(self, row: list[Progress]) -> dict[str, Any]:
        indicator = row[0].indicator
        return {
            **_indicator(self, indicator),
            "measure": indicator.measure,
            "ascending": indicator.ascending,
            "progress": [
                {
                    "breakdown": dict(each.breakdown),
                    **_figures(each),
                    "direction": each.direction and each.direction.value,
                    "age_in_months": each.age,
                    "sentence": sentence(each),
                }
                for each in row
            ],
        }


class ProgressRollUpViewSet(AcrossViewSet):
    """For each programme that holds others: the latest values of the indicators in its whole tree, added.

    Only of indicators that are declared additive, count things and have the same unit, direction and way of counting:
    persons trained are never added to agents hired. Every other indicator is named with the reason.
    """

    of = IndicatorViewSet
    own = ON
    summary = "Progress of umbrella programmes"
    tag = "progress_roll_ups"
    answer_schema = paged(
        shape(
            programme=shape(url=LINK, code=TEXT, name=TEXT),
            sums=listed(
                shape(
                    unit=TEXT,
                    accumulation={"type": "string", "enum": [*Accumulation.values, ""]},
                    ascending=BOOLEAN,
                    **_FIGURES,
                    since=PARTIAL_DATE | {"description": "The oldest date of the values."},
                    until=PARTIAL_DATE | {"description": "The newest date of the values."},
                    age_in_months=_AGE,
                    counted=listed(shape(**_INDICATOR, latest=_FIGURE)),
                    sentence=TEXT,
                )
            ),
            left_out=listed(shape(**_INDICATOR, reason=chosen(LeftOutBecause), sentence=TEXT)),
        ),
        facts={"on": DAY},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        self.selection = selection
        self.on, self.past = _when(asked)
        return {"on": self.on.isoformat()}, list(umbrellas(selection).items())

    def place(self, row: tuple[int, str]) -> tuple[Any, ...]:
        _key, code = row
        return (code,)

    def prepared(self, page: list[tuple[int, str]]) -> Sequence[Any]:
        return roll_ups(self.selection, [key for key, _code in page], self.on, past=self.past)

    def shown(self, row: RollUp) -> dict[str, Any]:
        umbrella = row.umbrella
        return {
            "programme": {
                "url": self.address("programmes", umbrella.code),
                "code": umbrella.code,
                "name": str(umbrella),
            },
            "sums": [self._sum(each) for each in row.sums],
            "left_out": [self._left_out(each) for each in row.left_out],
        }

    def _sum(self, each: Sum) -> dict[str, Any]:
        return {
            "unit": each.unit,
            "accumulation": each.accumulation,
            "ascending": each.ascending,
            **_figures(each),
            "since": each.since,
            "until": each.until,
            "age_in_months": each.age,
            "counted": [{**_indicator(self, term.indicator), "latest": _figure(term.latest)} for term in each.terms],
            "sentence": sentence_of_sum(each),
        }

    def _left_out(self, each: LeftOut) -> dict[str, Any]:
        return {
            **_indicator(self, each.indicator),
            "reason": each.reason.value,
            "sentence": each.sentence(),
        }


def _when(asked: dict[str, Any]) -> tuple[datetime.date, bool]:
    """The day, and whether only what was observed by then counts."""
    day: datetime.date | None = asked["on"]
    return day or timezone.localdate(), day is not None


def _indicator(view: AcrossViewSet, indicator: Indicator) -> dict[str, Any]:
    return {
        "url": view.address("indicators", indicator.code),
        "code": indicator.code,
        "title": indicator.title,
        "programme": indicator.programme.code,
        "unit": indicator.unit,
    }


def _figures(each: Progress | Sum) -> dict[str, Any]:
    found = {"baseline": each.baseline, "target": each.target, "latest": each.latest}
    return {name: _figure(figure) for name, figure in found.items()} | _percentage(each.percentage)


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {
        "value": plain(figure.value),
        "exactness": figure.exactness.value,
        "date": figure.date,
        "stated": figure.stated,
    }


def _percentage(each: Percentage) -> dict[str, Any]:
    return {
        "percent": None if each.value is None else f"{each.value:f}",
        "percent_exactness": each.exactness and each.exactness.value,
        "without_percent": each.without and each.without.value,
        "without_percent_label": each.without and str(each.without.label),
    }
