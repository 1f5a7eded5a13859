"""What is missing or doubtful, per programme."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programmes.analysis.checks import Found
from programmes.analysis.gaps import CHECKS, Check, Examined, Severity, examine
from programmes.models import Programme
from programmes.reports.base import Report
from programmes.reports.columns import coded, column, joined

SHOWN = 20  # records named in a row


class Row(NamedTuple):
    """A gap of a programme, with the records that show it."""

    programme: Examined
    gap: str
    records: list[Found]

    @property
    def about(self) -> Check:
        return CHECKS[self.gap]


class DataGaps(Report):
    """One row per programme and gap."""

    id = "data-gaps"
    title = _("Data gaps")
    description = _("What is missing or doubtful in each programme, how much it matters, and where to mend it.")
    model = Programme
    columns = (
        column("programme", "programme.code", title=_("programme"), required=True),
        column("programme_name", "programme.name", title=_("programme"), required=True),
        column("gap", title=_("gap"), required=True, enum=list(CHECKS)),
        column("gap_label", "about.title", title=_("gap"), required=True),
        *coded("severity", Severity.choices, "about.severity", title=_("severity"), required=True),
        column("why", "about.why", title=_("why it matters"), required=True),
        column("number", lambda row: len(row.records), "integer", title=_("records concerned"), required=True),
        column(
            "records",
            lambda row: joined(each.code for each in row.records[:SHOWN]),
            title=_("records concerned"),
            description=_("The first 20, by code or in words."),
        ),
        column("link", "programme.link", title=_("page in the admin"), required=True),
    )

    def __init__(self, selection: QuerySet[Any] | None = None, day: datetime.date | None = None) -> None:
        super().__init__(selection)
        self.day = day or timezone.localdate()

    def records(self) -> Iterator[Row]:
        for each in examine(self.selection, self.day):
            for gap, records in each.gaps.items():
                yield Row(each, gap, records)
