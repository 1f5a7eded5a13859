"""Which country takes part in which programme, as a matrix."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from programmes.codelists import ParticipationRole, ParticipationStatus
from programmes.models import CountryListStatement, Participation, Programme
from programmes.reports.base import Report
from programmes.reports.columns import ReportColumn, coded, column, joined, programme

LETTERS = {
    ParticipationStatus.PARTICIPATING: "P",
    ParticipationStatus.EXPECTED: "E",
    ParticipationStatus.FORMER: "F",
}


class Row(NamedTuple):
    """A programme in one role of countries: the letters of each country by its code."""

    programme: Programme
    role: str
    letters: dict[str, str]
    statements: str


def _letters(code: str) -> Callable[[Row], str | None]:
    return lambda row: row.letters.get(code)


class ParticipationMatrix(Report):
    """One row per programme and role, one column per country."""

    id = "participation-matrix"
    title = _("Participation of countries")
    description = _("Programmes by countries: P participating, E expected, F former; several letters over time.")
    model = Participation

    columns = (
        *programme(),
        *coded("role", ParticipationRole.choices, title=_("role"), required=True),
        column("statements", title=_("what sources say of the list as a whole")),
    )

    def all_columns(self) -> Sequence[ReportColumn]:
        taking_part = Country.objects.filter(pk__in=self.selection.order_by().values("country"))
        return [
            *self.columns,
            *(column(each.code, _letters(each.code), title=each.name) for each in taking_part.order_by("code")),
        ]

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        return selection.select_related("programme").order_by("programme__code", "role", "country_id", "pk")

    def records(self) -> Iterator[Row]:
        statements: dict[int, list[str]] = defaultdict(list)
        for statement in CountryListStatement.objects.select_related("programme").order_by("programme", "order"):
            statements[statement.programme_id].append(str(statement))
        for (found, role), group in groupby(super().records(), lambda each: (each.programme, each.role)):
            letters: dict[str, str] = {}
            for each in group:
                letter = LETTERS[ParticipationStatus(each.status)]
                if letter not in letters.setdefault(each.country_id, ""):
                    letters[each.country_id] += letter
            yield Row(found, role, letters, joined(statements[found.pk]))
