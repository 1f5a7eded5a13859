"""Programmes with their dates, countries, themes and money."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from programmes.analysis.division import sums_by_programme
from programmes.analysis.money import Sum
from programmes.codelists import Exactness, ParticipationRole, ParticipationStatus
from programmes.models import Budget, Participation, Programme, ProgrammeTheme
from programmes.reports.base import CHUNK, Report, citations
from programmes.reports.columns import coded, column, countries, joined, sources, stored
from tracker.records.statements import batched

EURO = "EUR"


class Funded(NamedTuple):
    """A programme with the money of itself and all below it, each euro once, and its lines without an amount."""

    programme: Programme
    sums: list[Sum]
    not_stated: int

    @property
    def euro(self) -> Sum | None:
        return next((each for each in self.sums if each.currency == EURO), None)


def _recipients(status: ParticipationStatus) -> Callable[[Funded], Iterable[Country]]:
    """The countries of that status, each once."""
    return lambda record: dict.fromkeys(
        each.country for each in record.programme.participations.all() if each.status == status
    )


def _other_currencies(record: Funded) -> str:
    return joined(f"{each.amount} {each.currency}" for each in record.sums if each.currency != EURO)


class Programmes(Report):
    """One row per programme."""

    id = "programmes"
    title = _("Programmes")
    description = _("Every programme with its place, dates, countries, themes and total budget, each euro once.")
    model = Programme
    columns = (
        *stored(Programme, "code", "acronym", "name", "language", "kind", path="programme"),
        column("parent", "programme.parent.code", title=_("part of")),
        *stored(
            Programme,
            "coverage",
            "status",
            "status_as_of",
            "announced",
            "planned_start",
            "actual_start",
            "start",
            "planned_end",
            "revised_end",
            "actual_end",
            "end",
            path="programme",
        ),
        *countries(_recipients(ParticipationStatus.PARTICIPATING), title=_("participating countries")),
        column(
            "countries_expected",
            lambda record: joined(each.code for each in _recipients(ParticipationStatus.EXPECTED)(record)),
            title=_("expected countries"),
        ),
        column(
            "themes",
            lambda record: joined(each.theme.code for each in record.programme.programme_themes.all()),
            title=_("themes"),
        ),
        column(
            "budget_eur",
            "euro.amount",
            "number",
            title=_("total budget in euro"),
            description=_("Of the programme and all below it, each euro once. Empty: no amount is stated."),
        ),
        *coded("budget_eur_exactness", Exactness.choices, "euro.exactness", title=_("exactness of the total")),
        column("budget_other_currencies", _other_currencies, title=_("total budget in other currencies")),
        column("budgets_not_stated", "not_stated", "integer", title=_("budget lines without an amount"), required=True),
        *stored(Programme, "components_stated", path="programme"),
        sources("programme"),
    )

    def queryset(self, selection: QuerySet[Any]) -> QuerySet[Any]:
        recipients = Participation.objects.filter(role=ParticipationRole.RECIPIENT).select_related("country")
        return (
            selection.select_related("parent")
            .prefetch_related(
                Prefetch("participations", recipients.order_by("country_id")),
                Prefetch("programme_themes", ProgrammeTheme.objects.select_related("theme").order_by("theme__code")),
                citations(),
            )
            .order_by("code")
        )

    def records(self) -> Iterator[Funded]:
        below = _below()
        for page in batched(super().records(), CHUNK):
            sums = sums_by_programme(Budget.objects.all(), {each.pk: below(each.pk) for each in page})
            for each in page:
                yield Funded(each, *sums[each.pk])


def _below() -> Callable[[int], set[int]]:
    """For a programme's key the keys of itself and of all below it."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for key, parent in Programme.objects.order_by().values_list("pk", "parent_id"):
        children[parent].append(key)

    def below(key: int) -> set[int]:
        found, steps = {key}, [key]
        while steps:
            new = set(children[steps.pop()]) - found
            found |= new
            steps += new
        return found

    return below
