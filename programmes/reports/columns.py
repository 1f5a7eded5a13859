"""The columns of reports: what they are called, of which type they are, and how a record gives their value."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from tracker.partial_dates import PartialDateField
from tracker.records.expressions import SEPARATOR, Given, Joined, Plain, plain
from tracker.records.models import Named
from tracker.tabular.columns import Column, Type

# What the database says of a column, given the model of the record. It speaks the language of the reader.
Expression = Callable[[Any], Any]

TYPES: tuple[tuple[type[Any], Type], ...] = (
    (PartialDateField, "partial_date"),
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (models.DecimalField, "number"),
)


@dataclass(frozen=True, kw_only=True)
class ReportColumn(Column):
    """A column with the function that takes its value from a record, and the expression by which the database has it.

    A report that reads records needs the first, one whose rows the database makes (`StoredReport`) the other.
    """

    get: Callable[[Any], Any]
    expression: Expression


def column(
    name: str,
    get: str | Callable[[Any], Any] = "",
    type: Type = "string",  # noqa: A002
    *,
    title: str | Promise,
    description: str | Promise = "",
    expression: Expression | None = None,
    **constraints: Any,
) -> ReportColumn:
    """A column; `get` is a function or a path such as "phase.code", null where a step is null, else the name.

    A path says the `expression` too.
    """
    return ReportColumn(
        name=name,
        type=type,
        title=title,
        description=description,
        constraints=constraints,
        get=get if callable(get) else getter(get or name),
        expression=expression or (_unsaid if callable(get) else found(get or name)),
    )


def coded(
    name: str, choices: Any, get: str | Callable[[Any], Any] = "", *, title: str | Promise, **constraints: Any
) -> tuple[ReportColumn, ReportColumn]:
    """Two columns: the code and, as `{name}_label`, its label in the reader's language."""
    code = column(name, get, title=title, enum=list(dict(choices)), **constraints)
    labels = dict(choices)

    def labelled(model: Any) -> Any:
        stored = code.expression(model)
        return Case(
            *(When(models.lookups.Exact(stored, each), Value(str(label))) for each, label in labels.items()),
            output_field=models.CharField(),
        )

    label = column(f"{name}_label", lambda record: labels.get(code.get(record)), title=title, expression=labelled)
    return code, label


def stored(model: type[models.Model], *names: str, path: str = "") -> Iterator[ReportColumn]:
    """A column for each field, described as the field is; two where it has codes. `path` leads to the record."""
    for name in names:
        field: Any = model._meta.get_field(name)
        kind: Any = getattr(field, "output_field", field)
        way = f"{path}.{name}" if path else name
        words: dict[str, Any] = {"title": field.verbose_name}
        constraints: dict[str, Any] = {} if kind.null or kind.blank else {"required": True}
        if field.choices:
            yield from coded(name, field.choices, way, **words, **constraints)
            continue
        words["description"] = field.help_text
        if isinstance(kind, models.DecimalField) and kind.decimal_places > 2:
            words |= {"get": _plain(way), "expression": _plain_expression(way)}
        yield column(name, **{"get": way} | words, type=_type(kind), **constraints)


def programme(path: str = "programme") -> tuple[ReportColumn, ReportColumn]:
    """The programme that a record belongs to: its code, and its acronym or name."""
    get = getter(path)

    def called(_model: Any) -> Any:
        way = path.replace(".", "__")
        return Coalesce(NullIf(F(f"{way}__acronym"), Value("")), F(f"{way}__name"))

    return (
        column("programme", f"{path}.code", title=_("programme"), required=True),
        column("programme_name", lambda record: str(get(record)), title=_("programme"), expression=called),
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


def countries_of(relation: str, *, title: str | Promise) -> tuple[ReportColumn, ReportColumn]:
    """The same of the countries to which a relation of a stored record leads."""

    def codes(model: Any) -> Any:
        return Joined.of(model, relation, text=F("country_id"), rank=F("country_id"))

    def names(model: Any) -> Any:
        # Given rather than joined, which PostgreSQL would do anew for each row.
        all_names = dict(Country.objects.order_by().values_list("code", name_of(Country)))
        return Joined.of(model, relation, text=Given(all_names, "country_id"), rank=F("country_id"))

    return (
        column("countries", _unread, title=title, expression=codes),
        column("countries_names", _unread, title=title, expression=names),
    )


def sources(path: str = "") -> ReportColumn:
    """The sources of a record with the place in each, in order; a record that is read has its `citations` at hand."""
    get = getter(path)

    def cited(record: Any) -> str | None:
        found = get(record)
        return found and joined(sorted({str(citation) for citation in found.citations.all()}))

    def cited_by(model: Any) -> Any:
        place = Case(
            When(place="", then=F("source__code")),
            default=Concat("source__code", Value(", "), "place"),
        )
        return Joined.of(model, "citations", text=place)

    return column(
        "sources",
        cited,
        expression=cited_by,
        title=_("sources"),
        description=_("Code of the source and place in it. Empty: no source."),
    )


def joined(texts: Iterable[str]) -> str:
    """Several texts in one cell; empty, which is null, where there are none."""
    return SEPARATOR.join(texts)


def name_of(model: Any, path: str = "") -> Any:
    """The name of a record of reference data at the end of the path, as an expression (`Named.name`)."""
    at = f"{path}__" if path else ""
    if not issubclass(model, Named):
        return F(f"{at}name")
    language = (get_language() or "en")[:2]
    return Coalesce(NullIf(F(f"{at}name_{language}"), Value("")), F(f"{at}name_en"))


def found(path: str) -> Expression:
    """The expression for what stands at the end of the path."""
    *links, last = path.split(".")

    def of(model: Any) -> Any:
        for link in links:
            model = model._meta.get_field(link).related_model
        way = "__".join(links)
        return name_of(model, way) if last == "name" else F(f"{way}__{last}" if way else last)

    return of


def _unread(_record: Any) -> Any:
    raise NotImplementedError("This column is made by the database.")


def _unsaid(_model: Any) -> Any:
    raise NotImplementedError("This column is taken from records that are read.")


def _plain_expression(path: str) -> Expression:
    return lambda model: Plain(found(path)(model))


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
