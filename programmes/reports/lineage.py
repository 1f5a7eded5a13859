"""What continues which phase or programme, and what nothing follows."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from programmes.analysis.lineage import Kind, Link, State, links, sentence
from programmes.models import Programme
from programmes.reports.base import Report
from programmes.reports.columns import coded, column


class Extent(TextChoices):
    """How much is continued."""

    WHOLE = "whole", _("as a whole")
    PART = "part", _("some of its activities")


class Row(NamedTuple):
    """A link as of a day."""

    link: Link
    day: datetime.date

    @property
    def extent(self) -> Extent | None:
        if self.link.whole is None:
            return None
        return Extent.WHOLE if self.link.whole else Extent.PART


class Lineage(Report):
    """One row per succession, and per end that nothing follows."""

    id = "lineage"
    title = _("Lineage")
    description = _("What continues which phase or programme, with the days between, and what nothing follows.")
    model = Programme
    columns = (
        column("programme", "link.before.programme", title=_("programme"), required=True),
        *coded("kind", Kind.choices, "link.kind", title=_("kind"), required=True),
        *coded("state", State.choices, "link.state", title=_("state"), required=True),
        column("code", "link.before.code", title=_("phase or programme"), required=True),
        column("name", "link.before.name", title=_("phase or programme"), required=True),
        column("start", "link.before.start", "partial_date", title=_("start")),
        column("end", "link.before.end", "partial_date", title=_("end")),
        column(
            "next_code",
            "link.after.code",
            title=_("continued by"),
            description=_("Empty where nothing follows, or where it is not recorded here."),
        ),
        column("next_name", "link.after.name", title=_("continued by")),
        column("next_start", "link.after.start", "partial_date", title=_("its start")),
        column("next_end", "link.after.end", "partial_date", title=_("its end")),
        *coded("extent", Extent.choices, title=_("how much is continued")),
        column(
            "days_least",
            "link.gap.least",
            "integer",
            title=_("days between, at least"),
            description=_("Below 0: they overlap. Empty: a date is not known."),
        ),
        column("days_most", "link.gap.most", "integer", title=_("days between, at most")),
        column("sentence", lambda row: sentence(row.link, row.day), title=_("in words"), required=True),
    )

    def __init__(self, selection: QuerySet[Any] | None = None, day: datetime.date | None = None) -> None:
        super().__init__(selection)
        self.day = day or timezone.localdate()

    def records(self) -> Iterator[Row]:
        for link in links(self.selection, self.day):
            yield Row(link, self.day)
