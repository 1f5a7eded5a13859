"""`ordering=`: by which fields a list is sorted. Always total, by the key at the end, and alike on every database."""

import functools
from typing import Any, NamedTuple

from django.db.models import F, Field, ForeignKey, GeneratedField, JSONField, Model, QuerySet, TextField
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from tracker.api.addresses import key_field
from tracker.api.suggestions import did_you_mean, shown
from tracker.records.in_order import DESCENDING, UNKNOWN_LAST


class Term(NamedTuple):
    """One field of an order. What is not known stands at the end, whatever the direction.

    A `computed` one is no column: its expression is that of `computed_orders`.
    """

    path: str
    descending: bool
    nullable: bool
    computed: bool = False

    @property
    def link(self) -> str:
        """The link by which it is found, and without which it is not known; empty where that cannot be."""
        link, _line, further = self.path.partition("__")
        return link if further and self.nullable else ""

    @property
    def direction(self) -> str:
        """What stands after it in SQL."""
        return f"{DESCENDING if self.descending else 'ASC'}{UNKNOWN_LAST if self.nullable else ''}"

    def expression(self, *, backwards: bool = False) -> OrderBy:
        """The SQL order; `backwards` is its exact opposite."""
        nulls = {("nulls_first" if backwards else "nulls_last"): True} if self.nullable else {}
        descending = self.descending != backwards
        return F(self.path).desc(**nulls) if descending else F(self.path).asc(**nulls)


class OrderingFilter(BaseFilterBackend):
    """Sorts by `ordering=`, else in the model's own order."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        order = terms(request, queryset.model)
        computed = {term.path: computed_orders(queryset.model)[term.path] for term in order if term.computed}
        ordered: QuerySet[Any] = queryset.alias(**computed).order_by(*(term.expression() for term in order))
        return ordered

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = list(orderable(view.queryset.model))
        return [
            {
                "name": "ordering",
                "in": "query",
                "description": "Fields to sort by, separated by commas; “-” before one for the opposite direction."
                " What is not known comes last; records alike in all of them stand in the order of their keys, in the"
                " direction of the last field.",
                "schema": {
                    "type": "array",
                    "items": {"type": "string", "enum": [*names, *(f"-{name}" for name in names)]},
                },
                "style": "form",
                "explode": False,
            }
        ]


@functools.cache
def orderable(model: type[Model]) -> dict[str, str]:
    """The words that `ordering=` takes, and the path of each; a related record sorts by its code."""
    columns = {
        field.name: _path(field)
        for field in model._meta.concrete_fields
        if not isinstance(field, (JSONField, TextField))
        and (field.name != "id" or key_field(model) == "id")
        and field.name not in getattr(model, "NOT_PUBLIC", ())
    }
    return columns | {name: name for name in computed_orders(model)}


def computed_orders(model: type[Model]) -> dict[str, Any]:
    """The expressions by which a kind of record can be ordered beside its columns, by their names."""
    found: dict[str, Any] = getattr(model, "COMPUTED_ORDERS", {})
    return found


def _path(field: Field) -> str:
    if not isinstance(field, ForeignKey):
        return field.name
    other = field.related_model._meta
    by = key_field(other.model)
    return field.attname if other.pk.name == by else f"{field.name}__{by}"


def terms(request: Request, model: type[Model]) -> list[Term]:
    """The order that the request asks for."""
    asked = request.query_params.get("ordering")
    if not asked:
        return list(listed_terms(model))
    known = orderable(model)
    chosen = []
    for word in asked.split(","):
        name = word.strip().removeprefix("-").lower()
        if name not in known:
            message = _("“%s” is not a field to sort by.") % shown(word) + did_you_mean(name, known)
            raise ValidationError({"ordering": [ErrorDetail(message, code="unknown_field")]})
        chosen.append(term_of(model, known[name], descending=word.strip().startswith("-")))
    return _total(model, chosen)


@functools.cache
def listed_terms(model: type[Model]) -> tuple[Term, ...]:
    """The order of a list of all records of the kind."""
    return terms_of(model, getattr(model, "LISTED_BY", ()) or model._meta.ordering)


@functools.cache
def default_terms(model: type[Model]) -> tuple[Term, ...]:
    """The order of records of the kind within another record."""
    return terms_of(model, model._meta.ordering)


def terms_of(model: type[Model], order: Any) -> tuple[Term, ...]:
    """An order as Django has it: names and expressions of columns. Raises FieldDoesNotExist for what is none."""
    chosen = []
    for each in order:
        if isinstance(each, OrderBy):
            column: Any = each.expression
            chosen.append(term_of(model, column.name, descending=each.descending))
        else:
            chosen.append(term_of(model, each.removeprefix("-"), descending=each.startswith("-")))
    return tuple(_total(model, chosen))


def _total(model: type[Model], chosen: list[Term]) -> list[Term]:
    # In the direction of the last field: one index is that of both directions.
    key = Term(model._meta.pk.attname, chosen[-1].descending, nullable=False)
    first: dict[str, Term] = {}
    for term in [*chosen, key]:
        first.setdefault(term.path, term)
    return list(first.values())


def term_of(model: type[Model], path: str, *, descending: bool) -> Term:
    """The order by what stands at the end of a path of links, or is computed under that name."""
    if path in computed_orders(model):
        return Term(path, descending, nullable=True, computed=True)
    path = model._meta.pk.attname if path == "pk" else path
    nullable, at = False, model
    for name in path.split("__"):
        field: Any = at._meta.get_field(name)
        column: Any = field.output_field if isinstance(field, GeneratedField) else field
        nullable = nullable or column.null
        at = field.related_model or at
    return Term(path, descending, nullable)
