"""The names of the codes that totals are grouped by, in the language of the reader."""

from collections.abc import Callable, Collection
from typing import Any

from django.utils.translation import gettext as _

from countries.models import Country, Grouping
from programmes.codelists import BudgetStatus, BudgetType, Coverage, ProgrammeKind
from programmes.models import Instrument, Organisation, Programme, Theme


def labels(dimension: str, codes: Collection[str]) -> dict[str, str]:
    """A name for each of the codes of a dimension (see `dimensions.NAMES`)."""
    return _LABELS[dimension](codes)


def _of_choices(choices: Any) -> Callable[[Collection[str]], dict[str, str]]:
    return lambda codes: {code: str(choices(code).label) for code in codes}


def _named(model: Any) -> Callable[[Collection[str]], dict[str, str]]:
    return lambda codes: {each.code: each.name for each in model.objects.all() if each.code in codes}


def _programmes(codes: Collection[str]) -> dict[str, str]:
    rows = Programme.objects.order_by().values_list("code", "acronym", "name")
    return {code: acronym or name for code, acronym, name in rows if code in codes}


def _instruments(codes: Collection[str]) -> dict[str, str]:
    return {each.code: each.acronym or each.name for each in Instrument.objects.all() if each.code in codes}


def _organisations(codes: Collection[str]) -> dict[str, str]:
    return {each.code: str(each) for each in Organisation.objects.all() if each.code in codes}


def _periods(codes: Collection[str]) -> dict[str, str]:
    return {code: _period(code) for code in codes}


def _period(code: str) -> str:
    start, slash, end = code.partition("/")
    if not slash:
        return code
    if not end:
        return _("from %(start)s") % {"start": start}
    if not start:
        return _("until %(end)s") % {"end": end}
    return f"{start} – {end}"


_LABELS: dict[str, Callable[[Collection[str]], dict[str, str]]] = {
    "programme": _programmes,
    "umbrella": _programmes,
    "kind": _of_choices(ProgrammeKind),
    "coverage": _of_choices(Coverage),
    "country": _named(Country),
    "grouping": _named(Grouping),
    "instrument": _instruments,
    "theme": _named(Theme),
    "year": _periods,
    "type": _of_choices(BudgetType),
    "status": _of_choices(BudgetStatus),
    "organisation": _organisations,
}
