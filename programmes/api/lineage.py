"""Lineage: what continues which phase or programme, with the days between, and what nothing follows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from programmes.analysis.lineage import ORDER, Kind, Link, Stage, State, lineage, read, sentence
from programmes.api.across import (
    DAY,
    LINK,
    MAYBE_TEXT,
    NUMBER,
    PARTIAL_DATE,
    TEXT,
    AcrossViewSet,
    chosen,
    nullable,
    paged,
    shape,
)
from programmes.api.programmes import ProgrammeViewSet
from tracker.api import values
from tracker.api.walks import Together, ordered_by

ADDRESSES = {Kind.PHASE: "phases", Kind.PROGRAMME: "programmes"}

_STAGE = shape(
    code=MAYBE_TEXT | {"description": "Null where it is not recorded here."},
    url=nullable(LINK),
    name=TEXT,
    programme=MAYBE_TEXT,
    start=PARTIAL_DATE,
    end=PARTIAL_DATE,
)


class LineageViewSet(AcrossViewSet):
    """The successions of the programmes that the filters leave, of their phases, and the ends that nothing follows.

    The days between are whole days of which neither is part: 0 where one starts on the day after the other ends, fewer
    than 0 where they overlap, null where a date is not known.
    """

    of = ProgrammeViewSet
    summary = "What continues what"
    tag = "lineage"
    own = {
        "on": (values.Day(), "The day from which ends are seen; without it today."),
        "of": (values.Several(values.Choice(Kind.values)), "Only the succession of phases, or only of programmes."),
        "state": (
            values.Several(values.Choice(State.values)),
            "Only what is continued; what has ended, or what ends within 12 months, with nothing that follows.",
        ),
    }
    answer_schema = paged(
        shape(
            kind=chosen(Kind),
            state=chosen(State),
            before=_STAGE,
            after=nullable(_STAGE),
            whole={"type": ["boolean", "null"], "description": "False: some activities only. Null: nothing follows."},
            days_between=shape(least=nullable(NUMBER), most=nullable(NUMBER)),
            sentence=TEXT,
        ),
        facts={"on": DAY},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        self.on = asked["on"] or timezone.localdate()
        kinds, states = asked["of"] or Kind.values, asked["state"] or State.values
        lists = lineage(selection, self.on, kinds=kinds, states=states)
        return {"on": self.on.isoformat()}, Together(lists, ordered_by(*ORDER))

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        return read(page)

    def shown(self, row: Link) -> dict[str, Any]:
        return {
            "kind": row.kind.value,
            "state": row.state.value,
            "before": self._stage(row.before, row.kind),
            "after": row.after and self._stage(row.after, row.kind),
            "whole": row.whole,
            "days_between": {
                "least": row.gap.least if row.gap else None,
                "most": row.gap.most if row.gap else None,
            },
            "sentence": sentence(row, self.on),
        }

    def _stage(self, stage: Stage, kind: Kind) -> dict[str, Any]:
        return {
            "code": stage.code,
            "url": stage.code and self.address(ADDRESSES[kind], stage.code),
            "name": stage.name,
            "programme": stage.programme,
            "start": stage.start,
            "end": stage.end,
        }
