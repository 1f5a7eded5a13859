"""The history of a whole programme: its own versions and those of all that ever belonged to it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from programmes.models import (
    CITABLE,
    Alias,
    Budget,
    BudgetCountry,
    Citation,
    CountryListStatement,
    Indicator,
    Objective,
    Observation,
    ParticipatingOrganisation,
    Participation,
    Phase,
    Programme,
    ProgrammeTheme,
    Result,
    Succession,
    Transaction,
)
from tracker.records.changes import Scope, versions
from tracker.records.models import Record

# What a programme is made of: for each kind the links by which a record belongs to another, in the order in which
# they depend on each other.
OWNERS: dict[type[Record], dict[str, type[Record]]] = {
    Alias: {"programme": Programme},
    Objective: {"programme": Programme},
    ProgrammeTheme: {"programme": Programme},
    Succession: {"predecessor": Programme},
    Phase: {"programme": Programme},
    Participation: {"programme": Programme},
    CountryListStatement: {"programme": Programme},
    ParticipatingOrganisation: {"programme": Programme},
    Budget: {"programme": Programme},
    BudgetCountry: {"budget": Budget},
    Transaction: {"programme": Programme},
    Result: {"programme": Programme},
    Indicator: {"programme": Programme},
    Observation: {"indicator": Indicator},
    Citation: dict(CITABLE),
}
KINDS: tuple[type[Record], ...] = (Programme, *OWNERS)


def belonging(programmes: Collection[Any], when: Q | None = None) -> Scope:
    """The programmes and all that belongs to them by the versions that `when` selects, by default by any version.

    A record that left for another programme is there with both. One query for each kind.
    """
    scope: dict[type[Record], Collection[Any]] = {Programme: programmes}
    for model, links in OWNERS.items():
        within = Q()
        for link, owner in links.items():
            within |= Q(**{f"{link}_id__in": scope[owner]})
        found = versions(model).filter(within) if when is None else versions(model).filter(within, when)
        scope[model] = sorted(set(found.values_list("id", flat=True)))
    return scope
