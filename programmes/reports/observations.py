"""Every value of every indicator."""

from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext_lazy as _

from programmes.codelists import Dimension
from programmes.models import Indicator, Observation
from programmes.reports.columns import Expression, ReportColumn, column, getter, programme, sources, stored
from programmes.reports.stored import StoredReport


def breakdown(path: str = "") -> tuple[ReportColumn, ...]:
    """A column per dimension by which values are broken down; all empty where the value is of the whole."""
    get = getter(path)

    def category(dimension: str) -> Callable[[Any], Any]:
        def of(record: Any) -> Any:
            observation = get(record)
            return observation and observation.disaggregation.get(dimension)

        return of

    def stored_category(dimension: str) -> Expression:
        return lambda _model: KeyTextTransform(dimension, "disaggregation")

    return tuple(
        column(name, category(name), title=label, expression=stored_category(name)) for name, label in Dimension.choices
    )


class Observations(StoredReport):
    """One row per observation."""

    id = "observations"
    title = _("Observations")
    description = _("Baselines, targets and actual values in full, each with its breakdown and its source.")
    model = Observation
    columns = (
        *programme("indicator.programme"),
        column("indicator", "indicator.code", title=_("indicator"), required=True),
        column("indicator_title", "indicator.title", title=_("indicator")),
        *stored(Indicator, "unit", "accumulation", path="indicator"),
        *stored(Observation, "kind", "value", "exactness", "value_null_reason", "as_of"),
        *stored(Observation, "period_start", "period_end"),
        column("phase", "phase.code", title=_("phase")),
        *breakdown(),
        *stored(Observation, "comment"),
        sources(),
    )

    order = ("indicator__programme__code", "indicator__code", "kind", F("date").asc(nulls_first=True), "pk")
