"""The columns of reports: what they are called, of which type they are, and how a record gives their value."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.partial_dates import PartialDateField
from tracker.tabular.columns import Column, Type

SEPARATOR = "; "

TYPES: tuple[tuple[type[Any], Type], ...] = (
    (PartialDateField, "partial_date"),
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (models.DecimalField, "number"),
)


@dataclass(frozen=True, kw_only=True)
class ReportColumn(Column):
    """A column with the function that takes its value from a record."""

    get: Callable[[Any], Any]


def column(
    name: str,
    get: str | Callable[[Any], Any] = "",
    type: Type = "string",  # noqa: A002
    *,
    title: str | Promise,
    description: str | Promise = "",
    **constraints: Any,
) -> ReportColumn:
    """A column; `get` is a function or a path such as "phase.code", null where a step is null, else the name."""
    return ReportColumn(
        name=name,
        type=type,
        title=title,
        description=description,
        constraints=constraints,
        get=get if callable(get) else getter(get or name),
    )


def coded(
    name: str, choices: Any, get: str | Callable[[Any], Any] = "", *, title: str | Promise, **constraints: Any
) -> tuple[ReportColumn, ReportColumn]:
    """Two columns: the code and, as `{name}_label`, its label in the reader's language."""
    code = column(name, get, title=title, enum=list(dict(choices)), **constraints)
    labels = dict(choices)
    return code, column(f"{name}_label", lambda record: labels.get(code.get(record)), title=title)


def stored(model: type[models.Model], *names: str, path: str = "") -> Iterator[ReportColumn]:
    """A column for each field, described as the field is; two where it has codes. `path` leads to the record."""
    for name in names:
        field: Any = model._meta.get_field(name)
        kind: Any = getattr(field, "output_field", field)
        way = f"{path}.{name}" if path else name
        words = {"title": field.verbose_name}
        constraints: dict[str, Any] = {} if kind.null or kind.blank else {"required": True}
        if field.choices:
            yield from coded(name, field.choices, way, **words, **constraints)
            continue
        get = _plain(way) if isinstance(kind, models.DecimalField) and kind.decimal_places > 2 else way
        yield column(name, get, _type(kind), **words, description=field.help_text, **constraints)


def programme(path: str = "programme") -> tuple[ReportColumn, ReportColumn]:
    """The programme that a record belongs to: its code, and its acronym or name."""
    get = getter(path)
    return (
        column("programme", f"{path}.code", title=_("programme"), required=True),
        column("programme_name", lambda record: str(get(record)), title=_("programme")),
    )


def named(name: str, path: str = "", *, title: str | Promise, label: str = "name") -> tuple[ReportColumn, ReportColumn]:
    """A record of reference data, null where there is none: its code, and as `{name}_name` what it is called."""
    way = path or name
    return (
        column(name, f"{way}.code", title=title),
        column(f"{name}_name", f"{way}.{label}", title=title),
    )


def countries(get: Callable[[Any], Iterable[Any]], *, title: str | Promise) -> tuple[ReportColumn, ReportColumn]:
    """Several countries in one cell: their ISO 3166 alpha-2 codes, and as `countries_names` their names."""
    return (
        column("countries", lambda record: joined(country.code for country in get(record)), title=title),
        column("countries_names", lambda record: joined(country.name for country in get(record)), title=title),
    )


def sources(path: str = "") -> ReportColumn:
    """The sources of a record with the place in each; the record has its `citations` at hand."""
    get = getter(path)

    def cited(record: Any) -> str | None:
        found = get(record)
        return found and joined(dict.fromkeys(str(citation) for citation in found.citations.all()))

    return column(
        "sources",
        cited,
        title=_("sources"),
        description=_("Code of the source and place in it. Empty: no source."),
    )


def joined(texts: Iterable[str]) -> str:
    """Several texts in one cell; empty, which is null, where there are none."""
    return SEPARATOR.join(texts)


def plain(number: Decimal | None) -> Decimal | None:
    """The number without zeros after the last decimal that says something."""
    if number is None:
        return None
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _plain(path: str) -> Callable[[Any], Any]:
    get = getter(path)
    return lambda record: plain(get(record))


def getter(path: str) -> Callable[[Any], Any]:
    """A function that follows the path from a record: null where a step is, the record itself for no path."""
    steps = path.split(".") if path else []

    def get(record: Any) -> Any:
        for step in steps:
            if record is None:
                return None
            record = getattr(record, step)
        return record

    return get


def _type(field: Any) -> Type:
    return next((type_ for kind, type_ in TYPES if isinstance(field, kind)), "string")
