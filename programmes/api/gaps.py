"""Gaps: what is missing or doubtful in each programme, and the share of checks that hold."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from programmes.analysis.gaps import CHECKS, YEARS_OLD, Examined, Severity, concerned, examine
from programmes.api.across import (
    BOOLEAN,
    DAY,
    LINK,
    NUMBER,
    TEXT,
    AcrossViewSet,
    Between,
    chosen,
    listed,
    paged,
    shape,
)
from programmes.api.programmes import ProgrammeViewSet
from programmes.models import Programme
from tracker.api import values
from tracker.api.walks import Records, ordered_by
from tracker.records.fresh import fresh_about
from tracker.records.packed import pack, unpack

_CODE = {"type": "string", "enum": list(CHECKS)}


class GapsViewSet(AcrossViewSet):
    """The programmes that the filters leave, each with every check and the gaps that it has, the severest first.

    A check is named for the gap that it looks for and holds where there is none, also where there is nothing to look
    at. The score is the share of the checks that hold, whatever is asked for here. `link` leads to the page in the
    admin where a gap or a record is mended.
    """

    of = ProgrammeViewSet
    summary = "What is missing or doubtful"
    tag = "gaps"
    own = {
        "severity": (
            values.Several(values.Choice(Severity.values)),
            "Only programmes that have a gap of such severity, and only these gaps.",
        ),
        "gap": (
            values.Several(values.Choice(CHECKS)),
            "Only programmes that have one of these gaps, and only these gaps.",
        ),
        "years": (Between(1, 100), f"A figure is old after so many years; without it {YEARS_OLD}."),
        "on": (values.Day(), "The day from which the programmes are seen; without it today."),
    }
    answer_schema = paged(
        shape(
            url=LINK,
            code=TEXT,
            name=TEXT,
            link=LINK,
            score=shape(
                checks=NUMBER,
                held=NUMBER,
                share={"type": "string", "pattern": r"^[01]\.[0-9]{4}$", "description": "held / checks."},
            ),
            checks=listed(shape(code=_CODE, holds=BOOLEAN)),
            gaps=listed(
                shape(
                    code=_CODE,
                    severity=chosen(Severity),
                    title=TEXT,
                    why=TEXT,
                    link=LINK,
                    records=listed(shape(code=TEXT, link=LINK)),
                )
            ),
        ),
        facts={"on": DAY, "years": NUMBER},
    )

    def found(self, selection: QuerySet[Any], asked: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        self.on, self.years = asked["on"] or timezone.localdate(), asked["years"] or YEARS_OLD
        self.wanted = {
            code
            for code, check in CHECKS.items()
            if (asked["gap"] is None or code in asked["gap"])
            and (asked["severity"] is None or check.severity in asked["severity"])
        }
        programmes = Programme.objects.filter(pk__in=selection.order_by().values("pk")).order_by("code")
        facts = {"on": self.on.isoformat(), "years": self.years}
        if asked["gap"] is None and asked["severity"] is None:
            return facts, Records(programmes, ordered_by("code"))
        keys = programmes.values_list("pk", flat=True)

        def with_gap() -> Any:
            found = concerned(selection, self.wanted, self.on, self.years)
            return pack([key for key in keys if key in found])

        question = "gaps", *sorted(self.wanted), self.on, self.years
        return facts, unpack(fresh_about(keys, question, with_gap))

    def place(self, row: int) -> tuple[Any, ...]:
        code: tuple[str] = Programme.objects.values_list("code").get(pk=row)
        return code

    def prepared(self, page: list[Any]) -> Sequence[Any]:
        keys = [each.pk if isinstance(each, Programme) else each for each in page]
        return examine(Programme.objects.filter(pk__in=keys), self.on, self.years)

    def shown(self, row: Examined) -> dict[str, Any]:
        return {
            "url": self.address("programmes", row.code),
            "code": row.code,
            "name": row.name,
            "link": self._absolute(row.link),
            "score": {"checks": row.checks, "held": row.held, "share": str(row.share)},
            "checks": [{"code": code, "holds": code not in row.gaps} for code in CHECKS],
            "gaps": [self._gap(code, row) for code in row.gaps if code in self.wanted],
        }

    def _gap(self, code: str, row: Examined) -> dict[str, Any]:
        check, records = CHECKS[code], row.gaps[code]
        return {
            "code": code,
            "severity": check.severity.value,
            "title": str(check.title),
            "why": str(check.why),
            "link": self._absolute(records[0].link if len(records) == 1 else row.link),
            "records": [{"code": each.code, "link": self._absolute(each.link)} for each in records],
        }

    def _absolute(self, path: str) -> str:
        return str(self.request.build_absolute_uri(path))
