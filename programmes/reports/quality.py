"""How many of the checks hold for each programme."""

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from programmes.analysis.gaps import Examined, Severity, examine
from programmes.models import Programme
from programmes.reports.base import Report
from programmes.reports.columns import ReportColumn, column, joined


def _count(severity: Severity, title: str | Promise) -> ReportColumn:
    return column(f"gaps_{severity}", lambda each: len(each.of(severity)), "integer", title=title, required=True)


class Quality(Report):
    """One row per programme."""

    id = "quality"
    title = _("Data quality")
    description = _("For each programme the share of the checks that hold, and its gaps by severity.")
    model = Programme
    columns = (
        column("programme", "code", title=_("programme"), required=True),
        column("programme_name", "name", title=_("programme"), required=True),
        column(
            "score",
            "share",
            "number",
            title=_("score"),
            description=_("The share of the checks that hold, from 0 to 1; nothing else goes into it."),
            required=True,
        ),
        column("checks", "checks", "integer", title=_("checks"), required=True),
        column("held", "held", "integer", title=_("checks that hold"), required=True),
        _count(Severity.HIGH, _("gaps of high severity")),
        _count(Severity.MEDIUM, _("gaps of medium severity")),
        _count(Severity.LOW, _("gaps of low severity")),
        column("gaps", lambda each: joined(each.gaps), title=_("gaps"), description=_("The severest first.")),
        column("link", title=_("page in the admin"), required=True),
    )

    def __init__(self, selection: QuerySet[Any] | None = None, day: datetime.date | None = None) -> None:
        super().__init__(selection)
        self.day = day or timezone.localdate()

    def records(self) -> Iterator[Examined]:
        yield from examine(self.selection, self.day)
