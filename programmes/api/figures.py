"""Figures: amounts of budget lines and transactions and values of indicators, in one list."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from programmes.analysis.figures import ORDER, Figure, FigureKind, figures, read
from programmes.api.across import (
    LINK,
    NUMBER,
    PARTIAL_DATE,
    TEXT,
    AcrossViewSet,
    chosen,
    nullable,
    paged,
    shape,
)
from programmes.api.programmes import ProgrammeFilter, ProgrammeViewSet
from programmes.codelists import Exactness, NullReason, ProgrammeKind
from programmes.models import Programme
from tracker.api import values
from tracker.api.filters import Filter
from tracker.api.walks import Together, ordered_by

ADDRESSES = {
    FigureKind.BUDGET: "budgets",
    FigureKind.TRANSACTION: "transactions",
    FigureKind.OBSERVATION: "observations",
}
_KINDS = values.Several(values.Choice(ProgrammeKind.values))


class ProgrammesOfFiguresFilter(ProgrammeFilter):
    """The filters of programmes; `kind` is here that of the figure."""

    programme_kind = Filter(_KINDS, "kind", "in", help_text="Of programmes of this kind.")
    programme_kind__not = Filter(_KINDS, "kind", "in", exclude=True, help_text="Of programmes of none of these kinds.")

    class Meta:
        model = Programme
        exclude = ("kind",)


class ProgrammesOfFigures(ProgrammeViewSet):
    """The programmes whose figures are asked for."""

    filterset_class = ProgrammesOfFiguresFilter


class FiguresViewSet(AcrossViewSet):
    """Every figure of the programmes that the filters leave, by programme, kind, code and date.

    A value is a decimal text in a currency or an indicator's unit. Where it is null, `null_reason` says why, and there
    is no exactness. Parts and their whole both stand here: to add amounts up, ask for totals.
    """

    of = ProgrammesOfFigures
    summary = "All figures"
    tag = "figures"
    own = {
        "kind": (values.Several(values.Choice(FigureKind.values)), "Only figures of these kinds."),
        "exactness": (
            values.Several(values.Choice(Exactness.values)),
            "Only figures stated so: at_least for lower bounds, at_most for upper ones.",
        ),
        "stated": (values.Boolean(), "true: only figures that have a value; false: only those that have none."),
    }
    answer_schema = paged(
        shape(
            kind=chosen(FigureKind),
            url=LINK,
            id=nullable(NUMBER) | {"description": "Of an observation; null where a code is the key."},
            code=TEXT | {"description": "For an observation that of its indicator."},
            programme=TEXT,
            title=TEXT,
            type=TEXT | {"description": "IATI budget or transaction type; baseline, target or actual."},
            value={"type": ["string", "null"], "pattern": r"^-?[0-9]+\.[0-9]+$"},
            unit=TEXT | {"description": "The currency (ISO 4217), or what the indicator counts."},
            exactness=nullable(chosen(Exactness)),
            null_reason=nullable(chosen(NullReason)),
            date=PARTIAL_DATE | {"description": "The day of a transaction or an observed value."},
            period_start=PARTIAL_DATE,
            period_end=PARTIAL_DATE,
            as_of=PARTIAL_DATE | {"description": "The newest date of which its citations speak."},
            disaggregation={"type": ["object", "null"], "additionalProperties": TEXT},
            citations=NUMBER | {"description": "How many there are."},
        ),
        facts={},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        kinds = asked["kind"] or FigureKind.values
        lists = figures(selection, kinds=kinds, exactness=asked["exactness"], stated=asked["stated"])
        return {}, Together(lists, ordered_by(*ORDER))

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        return read(page)

    def shown(self, row: Figure) -> dict[str, Any]:
        number = row.key if row.kind is FigureKind.OBSERVATION else None
        return {
            "kind": row.kind.value,
            "url": self.address(ADDRESSES[row.kind], row.code if number is None else str(number)),
            "id": number,
            "code": row.code,
            "programme": row.programme,
            "title": row.title,
            "type": row.type,
            "value": None if row.number is None else str(row.number),
            "unit": row.unit,
            "exactness": row.exactness,
            "null_reason": row.null_reason,
            "date": row.date,
            "period_start": row.period_start,
            "period_end": row.period_end,
            "as_of": row.as_of,
            "disaggregation": row.disaggregation,
            "citations": row.citations,
        }
