"""Disagreements: every value for which sources give another, with the citations of each."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, QuerySet

from programmes.analysis.disagreements import Disagreement, Disputed, Stated, disagreements, disputed
from programmes.api.across import (
    BOOLEAN,
    LINK,
    MAYBE_TEXT,
    PARTIAL_DATE,
    TEXT,
    AcrossViewSet,
    chosen,
    listed,
    nullable,
    paged,
    shape,
)
from programmes.api.programmes import ProgrammeViewSet
from programmes.codelists import Exactness
from programmes.models import CITABLE, Citation
from tracker.api import values
from tracker.api.addresses import code_fields

ADDRESSES = {
    "programme": "programmes",
    "alias": "aliases",
    "objective": "objectives",
    "programme_theme": "programme-themes",
    "succession": "successions",
    "phase": "phases",
    "participation": "participations",
    "country_list_statement": "country-list-statements",
    "participating_organisation": "participating-organisations",
    "budget": "budgets",
    "transaction": "transactions",
    "indicator": "indicators",
    "observation": "observations",
}

_EXACTNESS = nullable(chosen(Exactness))


class DisagreementsViewSet(AcrossViewSet):
    """The fields of the programmes' records for which a source gives another value than the record has.

    The first value is the preferred one: the record's own, with the citations that support it or the record as a
    whole. Then each other value, with the citations that give it.
    """

    of = ProgrammeViewSet
    summary = "Where sources disagree"
    tag = "disagreements"
    own = {
        "of": (values.Several(values.Choice(CITABLE)), "Only of these kinds of records."),
    }
    answer_schema = paged(
        shape(
            programme=shape(url=LINK, code=TEXT, name=TEXT),
            kind={"type": "string", "enum": list(CITABLE)},
            url=LINK,
            name=TEXT | {"description": "The record's code, or what it is called."},
            field=TEXT,
            values=listed(
                shape(
                    value=MAYBE_TEXT,
                    exactness=_EXACTNESS,
                    preferred=BOOLEAN,
                    citations=listed(
                        shape(
                            url=LINK,
                            source=TEXT,
                            source_title=TEXT,
                            place=TEXT,
                            quote=TEXT,
                            as_of=PARTIAL_DATE,
                            exactness=_EXACTNESS,
                        )
                    ),
                )
            ),
        ),
        facts={},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        return {}, disputed(selection, asked["of"] or CITABLE)

    def place(self, row: Disputed) -> tuple[Any, ...]:
        return row.place()

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        return list(disagreements(page))

    def shown(self, row: Disagreement) -> dict[str, Any]:
        record: Any = row.record
        kind: type[Model] = type(record)
        key = record.code if code_fields(kind) else str(record.pk)
        return {
            "programme": {
                "url": self.address("programmes", row.programme.code),
                "code": row.programme.code,
                "name": str(row.programme),
            },
            "kind": row.disputed.kind,
            "url": self.address(ADDRESSES[row.disputed.kind], key),
            "name": row.disputed.name,
            "field": row.disputed.field,
            "values": [self._value(each) for each in row.values],
        }

    def _value(self, stated: Stated) -> dict[str, Any]:
        return {
            "value": stated.value,
            "exactness": stated.exactness,
            "preferred": stated.preferred,
            "citations": [self._citation(each) for each in stated.citations],
        }

    def _citation(self, citation: Citation) -> dict[str, Any]:
        return {
            "url": self.address("citations", str(citation.pk)),
            "source": citation.source.code,
            "source_title": citation.source.title,
            "place": citation.place,
            "quote": citation.quote,
            "as_of": citation.as_of,
            "exactness": citation.exactness or None,
        }
