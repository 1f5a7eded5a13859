"""What a check of the portfolio is asked, and what it finds."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.urls import reverse

from programmes.models import CountryListStatement, Observation, Programme

# From a record to its programme's key, and to the text by which people know it.
PATHS: dict[type[Model], tuple[str, str]] = {
    Programme: ("pk", "code"),
    Observation: ("indicator__programme", "indicator__code"),
    CountryListStatement: ("programme", "text"),
}
USUAL = ("programme", "code")


class Asked(NamedTuple):
    """The keys of the programmes to be checked, the day from which they are seen, and at how many years a figure is
    old."""

    programmes: QuerySet[Any]
    day: datetime.date
    years: int


class Found(NamedTuple):
    """A record that shows a gap: its programme's key, its kind and key, and its code or what it is called."""

    programme: int
    model: type[Model]
    key: int
    code: str

    @property
    def link(self) -> str:
        """The path of its page in the admin."""
        return reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_change", args=[self.key])


def found(records: QuerySet[Any], asked: Asked) -> Iterator[Found]:
    """Those of the records that belong to the programmes, in one query, in the order of their codes."""
    programme, code = PATHS.get(records.model, USUAL)
    concerned = records.filter(**{f"{programme}__in": asked.programmes}).order_by(code, "pk")
    for owner, key, text in concerned.values_list(programme, "pk", code):
        yield Found(owner, records.model, key, text or str(key))
