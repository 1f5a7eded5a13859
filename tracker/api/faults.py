"""Everything that is wrong with a request of several records, in one answer."""

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import APIException, ValidationError

from tracker.api.errors import Protected
from tracker.api.etags import Stale, VersionRequired

# The kinds that are gathered. The first that occurs is answered: what is not valid is mended before all else.
GATHERED = (ValidationError, VersionRequired, Stale, Protected)


def together(details: Any, faults: Iterable[APIException]) -> APIException:
    """One error with the details of all."""
    kinds = [type(fault) for fault in faults]
    return next(kind for kind in GATHERED if kind in kinds)(details)


def at_places(faults: dict[int, APIException], length: int) -> list[Any]:
    """The details of the faults in a list as long as that of the items."""
    details: list[Any] = [{} for _each in range(length)]
    for place, fault in faults.items():
        details[place] = fault.detail if isinstance(fault.detail, (dict, list)) else [fault.detail]
    return details
