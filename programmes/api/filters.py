"""The filters that resources of several stems share: by the programme that a record belongs to."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from countries.api import InGrouping, members_asked_for
from countries.models import Country
from programmes.codelists import Coverage, OrganisationRole, ParticipationRole, ParticipationStatus, ProgrammeKind
from programmes.models import Budget, Organisation, ParticipatingOrganisation, Participation, Programme, Theme
from tracker.api import values
from tracker.api.filters import FilterSet, Together
from tracker.records.fresh import fresh_by_reading
from tracker.records.trees import with_descendants

PROGRAMMES = Programme.objects.all()


class OfProgramme(FilterSet):
    """Records by properties of their programme; `PROGRAMME` is the path to it, empty for programmes themselves."""

    PROGRAMME = "programme"

    under = Together(values.Records(PROGRAMMES), "Of these umbrella programmes and of all below them.")
    theme = Together(values.Records(Theme.objects.all()), "Of programmes with one of these themes or of those below.")
    coverage: Any = Together(values.Several(values.Choice(Coverage.values)), "Of programmes with this coverage.")

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        chosen = self.programmes_asked_for(asked)
        if not chosen or not self.PROGRAMME:
            return queryset.filter(chosen)
        return queryset.filter(**{f"{self.PROGRAMME}__in": PROGRAMMES.filter(chosen).order_by().values("pk")})

    def programmes_asked_for(self, asked: dict[str, Any]) -> Q:
        """What is asked of the programme; empty where that is nothing."""
        chosen = Q()
        if umbrellas := asked.get("under"):
            chosen &= Q(pk__in=_with_all_below(Programme, umbrellas))
        if themes := asked.get("theme"):
            below = _with_all_below(Theme, themes)
            chosen &= Q(pk__in=Programme.themes.through.objects.filter(theme__in=below).values("programme"))
        if coverage := asked.get("coverage"):
            chosen &= Q(coverage__in=coverage)
        return chosen


def _with_all_below(kind: Any, keys: Iterable[int]) -> tuple[int, ...]:
    """The keys of these records of the kind and of all below them."""
    records = kind.objects.filter(pk__in=keys)
    return fresh_by_reading(("below", kind, *keys), lambda: tuple(with_descendants(records, "parent")))


class OfProgrammeInDetail(OfProgramme):
    """The same, and the programme's kind and organisations: what totals are made by."""

    kind = Together(values.Several(values.Choice(ProgrammeKind.values)), "Of programmes of this kind.")
    organisation = Together(
        values.Records(Organisation.objects.all()), "Of programmes in which one of these organisations has a part."
    )
    role = Together(
        values.Several(values.Choice(OrganisationRole.values)),
        "The part that the organisation has: IATI's roles 1 to 4.",
    )

    def programmes_asked_for(self, asked: dict[str, Any]) -> Q:
        chosen = super().programmes_asked_for(asked)
        if kinds := asked.get("kind"):
            chosen &= Q(kind__in=kinds)
        if (parts := organisation_parts(asked)) is not None:
            chosen &= Q(pk__in=parts.values("programme"))
        return chosen


def organisation_parts(asked: dict[str, Any]) -> QuerySet[ParticipatingOrganisation] | None:
    """The parts that `organisation` and `role` speak of; None where neither is asked for."""
    condition = Q()
    if organisations := asked.get("organisation"):
        condition &= Q(organisation__in=organisations)
    if roles := asked.get("role"):
        condition &= Q(role__in=roles)
    return ParticipatingOrganisation.objects.filter(condition).order_by() if condition else None


def participation_parameters() -> dict[str, Together]:
    """`participation_status` and `participation_role`, which say what a country's part is."""
    return {
        "participation_status": Together(
            values.Several(values.Choice(ParticipationStatus.values)),
            "What the country's part is: participating (so without this parameter), expected, former.",
        ),
        "participation_role": Together(
            values.Several(values.Choice(ParticipationRole.values)), "As what the country takes part; any without this."
        ),
    }


def parts_of_countries(asked: dict[str, Any]) -> QuerySet[Participation]:
    """Participations of the status (participating, unless another is asked for) and the role asked for."""
    statuses = asked.get("participation_status") or [ParticipationStatus.PARTICIPATING]
    parts = Participation.objects.order_by().filter(status__in=statuses)
    roles = asked.get("participation_role")
    return parts.filter(role__in=roles) if roles else parts


class InCountries(FilterSet):
    """Programmes by the countries that take part: `country`, `country__not`, `grouping`, their status and role."""

    grouping = InGrouping.declared_filters["grouping"]
    grouping_on = InGrouping.declared_filters["grouping_on"]
    country = Together(values.Records(Country.objects.all()), "One of these countries takes part.")
    country__not = Together(values.Records(Country.objects.all()), "None of these countries takes part.")
    participation_status = participation_parameters()["participation_status"]
    participation_role = participation_parameters()["participation_role"]

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        parts, members = parts_of_countries(asked), members_asked_for(asked)
        wanted = parts
        if countries := asked.get("country"):
            wanted = wanted.filter(country__in=countries)
        if members is not None:
            wanted = wanted.filter(country__in=members)
        if {"country", "grouping", "participation_status", "participation_role"} & given(asked):
            queryset = queryset.filter(pk__in=wanted.values("programme"))
        if unwanted := asked.get("country__not"):
            queryset = queryset.exclude(Exists(parts.filter(country__in=unwanted, programme=OuterRef("pk"))))
        return queryset


def given(asked: dict[str, Any]) -> set[str]:
    """The names of the parameters that have a value."""
    return {name for name, value in asked.items() if value is not None}


def lines_of_countries(countries: Any) -> QuerySet[Any]:
    """Keys of the budget lines on which one of the countries stands."""
    return Budget.countries.through.objects.filter(country__in=countries).order_by().values("budget")
