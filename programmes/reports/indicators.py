"""Indicators with the latest value observed."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from programmes.codelists import Exactness, NullReason
from programmes.models import Indicator, Observation, Result
from programmes.reports.base import Report, citations
from programmes.reports.columns import coded, column, programme, sources, stored
from programmes.reports.observations import breakdown
from tracker.records.expressions import plain


class Latest(NamedTuple):
    """An indicator with its latest value of one breakdown, or with none."""

    indicator: Indicator
    observation: Observation | None


class Indicators(Report):
    """One row per indicator and breakdown; an indicator without a value has one row too."""

    id = "indicators"
    title = _("Indicators")
    description = _("Every indicator with its latest actual value, of the whole and of each breakdown.")
    model = Indicator
    columns = (
        *programme("indicator.programme"),
        *stored(Indicator, "code", "title", path="indicator"),
        column("result", "indicator.result.code", title=_("result")),
        column("result_title", "indicator.result.title", title=_("result")),
        *stored(Result, "type", path="indicator.result"),
        *stored(Indicator, "measure", "unit", "ascending", "accumulation", "additive", path="indicator"),
        *breakdown("observation"),
        column(
            "value",
            lambda record: record.observation and plain(record.observation.value),
            "number",
            title=_("latest value"),
        ),
        *coded("exactness", Exactness.choices, "observation.exactness", title=_("exactness")),
        *coded("value_null_reason", NullReason.choices, "observation.value_null_reason", title=_("why no value")),
        column("as_of", "observation.as_of", "partial_date", title=_("as of")),
        column("period_start", "observation.period_start", "partial_date", title=_("period from")),
        column("period_end", "observation.period_end", "partial_date", title=_("period to")),
        sources("observation"),
    )

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        latest = Observation.objects.latest().prefetch_related(citations()).order_by("pk")
        return (
            selection.select_related("programme", "result")
            .prefetch_related(Prefetch("observations", latest, to_attr="latest"))
            .order_by("programme__code", "order", "code")
        )

    def records(self) -> Iterator[Latest]:
        for indicator in super().records():
            for observation in indicator.latest or [None]:
                yield Latest(indicator, observation)
