"""Filters: those that every stored field has by its kind, and the base of those that a resource adds.

`field` and `field__in` take several values between commas, `field__not` leaves those out, `field__gte` and
`field__lte` bound it, `field__isnull` asks whether it is unknown (for a text: empty). Partial dates are compared by
what is certain: `__gte=2016` finds dates that cannot be before 1 January 2016, `__lte=2016` those that cannot be
after 31 December.
"""

from collections.abc import Callable, Collection
from typing import Any

import django_filters
from django.db import models
from django.db.models import Field, ForeignKey, GeneratedField, JSONField, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from tracker.api import values
from tracker.api.addresses import CODES
from tracker.api.errors import from_model
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.partial_dates.bounds import earliest_not_before, latest_not_after
from tracker.partial_dates.periods import Activity
from tracker.records.matching import matching
from tracker.records.search import SearchKeyField, is_searched, words_of

# Bare, these are questions to the whole system ("as of that day"), so a stored field of the name has only its bounds.
RESERVED = ("as_of", "known_on")
MAX_WORDS = 20


class Filter(django_filters.Filter):
    """One query parameter: its value, the condition that it makes, and what it is for.

    `condition` is a lookup on `field_name` (such as "in"), or a function from the field's name and the value to a Q.
    """

    def __init__(
        self,
        value: values.Value,
        field_name: str | None = None,
        condition: "str | Callable[[str, Any], Q]" = "exact",
        *,
        exclude: bool = False,
        help_text: Any = "",
    ) -> None:
        super().__init__(field_name, label="", exclude=exclude)
        self.value, self.condition, self.help_text = value, condition, help_text

    @property
    def field(self) -> values.Value:
        return self.value

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        name = self.field_name or ""
        if isinstance(self.condition, str):
            asked = Q(**{f"{name}__{self.condition}": value})
        else:
            asked = self.condition(name, value)
        return qs.exclude(asked) if self.exclude else qs.filter(asked)


class Together(Filter):
    """A parameter that its filter set reads along with others, in `filter_together`."""

    def __init__(self, value: values.Value, help_text: Any = "") -> None:
        super().__init__(value, help_text=help_text)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class FilterSet(django_filters.FilterSet):
    """The filters of a resource: one or more for each stored field of `Meta.model`, and those declared.

    `Meta.exclude` names fields that have none.
    """

    base_filters: Any

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # Only those asked for: a form of a hundred fields costs more than the query.
        every: dict[str, Filter] = type(self).base_filters
        self.base_filters = {name: every[name] for name in data or () if name in every}
        super().__init__(data, *args, **kwargs)

    @classmethod
    def get_filters(cls) -> dict[str, Filter]:
        if cls._meta.model is None:
            return dict(cls.declared_filters)
        return stored_filters(cls._meta.model, cls._meta.exclude or ()) | dict(cls.declared_filters)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return self.filter_together(super().filter_queryset(queryset), self.form.cleaned_data)

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        """Narrow by parameters that belong together; `asked` holds only those given."""
        return queryset


class InTime(FilterSet):
    """`active_on=2016-05-01` and `active_in=2016`: what went on then, by dates that may be vague or missing."""

    active_on = Together(values.Day(), "Going on on this day; see `activity`.")
    active_in = Together(values.Date(), "Going on at some time in this year, month or day; see `activity`.")
    as_of = Together(
        values.Date(),
        "What was true in this year, month or day, certainly or perhaps: as `active_in` with yes and undetermined, and"
        " what is shown within each record is of that time too.",
    )
    activity = Together(
        values.Several(values.Choice(Activity._fields)),
        "With `active_on` or `active_in`: yes (certainly; so without this parameter), no (certainly not), undetermined"
        " (the dates do not tell). Each record then says which in `active`.",
    )

    def activity_in(self, period: PartialDate) -> Activity:
        """The conditions for the period."""
        raise NotImplementedError

    def filter_together(self, queryset: QuerySet[Any], asked: dict[str, Any]) -> QuerySet[Any]:
        queryset = super().filter_together(queryset, asked)
        answers = asked.get("activity")
        given = [name for name in ("active_on", "active_in", "as_of") if asked.get(name)]
        when: Any = asked[given[0]] if given else None
        if len(given) > 1:
            raise refusal(given[0], _("Give one of %s.") % ", ".join(given), "one_of_several")
        if answers and not when:
            raise refusal("activity", _("It needs active_on, active_in or as_of."), "needs_another")
        if not when:
            return queryset
        conditions = self.activity_in(PartialDate.of(when))
        wanted = answers or (["yes", "undetermined"] if asked.get("as_of") else ["yes"])
        # Of those that are wanted, the last answer is that of all others.
        *others, last = [answer for answer in conditions._fields if answer in wanted]
        active = models.Case(
            *(models.When(getattr(conditions, answer), then=models.Value(answer)) for answer in others),
            default=models.Value(last),
            output_field=models.CharField(),
        )
        found: QuerySet[Any] = queryset.filter(conditions.among(wanted)).annotate(active=active)
        return found


def refusal(parameter: str, message: str, code: str) -> ValidationError:
    """The error of one parameter."""
    return ValidationError({parameter: [ErrorDetail(message, code=code)]})


class FilterBackend(BaseFilterBackend):
    """Narrows a list by the view's filter set."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if view.filterset_class.base_filters.keys().isdisjoint(request.query_params):
            return queryset
        filters = view.filterset_class(request.query_params, queryset=queryset, request=request)
        if not filters.is_valid():
            errors = filters.form.errors.as_data()
            raise ValidationError({name: from_model_errors(each) for name, each in errors.items()})
        narrowed: QuerySet[Any] = filters.qs
        return narrowed

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "query", "description": str(each.help_text)} | each.value.describe()
            for name, each in view.filterset_class.base_filters.items()
        ]


def from_model_errors(errors: Any) -> list[Any]:
    """The details of a form field's errors, with their codes."""
    return [detail for error in errors for detail in from_model(error)]


class SearchFilter(BaseFilterBackend):
    """`search=`: records that hold every word, whatever its case and accents."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        words = request.query_params.get("search")
        if not words or not is_searched(queryset.model):
            return queryset
        if len(words.split()) > MAX_WORDS:
            message = _("At most %d words.") % MAX_WORDS
            raise ValidationError({"search": [ErrorDetail(message, code="too_many")]})
        if hasattr(queryset, "search"):
            found: QuerySet[Any] = queryset.search(words)
            return found
        return queryset.filter(matching(queryset.model, words_of(words), "search_key"))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not is_searched(view.queryset.model):
            return []
        description = "Words that the names, titles or texts hold, all of them; case and accents do not matter."
        return [{"name": "search", "in": "query", "description": description, "schema": {"type": "string"}}]


def stored_filters(model: type[Model], exclude: Collection[str] = ()) -> dict[str, Filter]:
    """The filters of the model's own columns, but for those in `exclude`."""
    found: dict[str, Filter] = {}
    for field in model._meta.concrete_fields:
        if not isinstance(field, SearchKeyField) and field.name not in exclude:
            for suffix, each in _filters_of(field).items():
                if suffix or field.name not in RESERVED:
                    found[f"{field.name}{suffix}"] = each
    return found


def _filters_of(field: Field) -> dict[str, Filter]:
    name, what = field.name, field.verbose_name
    kind: Any = field.output_field if isinstance(field, GeneratedField) else field
    filters: dict[str, Filter] = {}
    if isinstance(kind, ForeignKey):
        records = values.Records(kind.related_model._default_manager.all())
        filters = _listed(records, name, what, "pk")
    elif name in CODES:
        records = values.Records(field.model._default_manager.all())
        filters = _listed(records, "pk", what, "pk")
    elif kind.choices:
        codes = values.Several(values.Choice(values.choice_codes(kind.choices)))
        filters = _listed(codes, name, what, "")
    elif isinstance(kind, PartialDateField):
        filters = {
            "": Filter(values.Several(values.Date()), name, "in", help_text=f"{what}: exactly this text."),
            "__gte": Filter(values.Date(), name, _certainly_from, help_text=f"{what}: certainly not before."),
            "__lte": Filter(values.Date(), name, _certainly_until, help_text=f"{what}: certainly not after."),
        }
        filters["__in"] = filters[""]
    elif isinstance(kind, models.BooleanField):
        filters = {"": Filter(values.Boolean(), name, help_text=what)}
    elif isinstance(kind, models.DateTimeField):
        filters = _bounded(values.Instant(), name, what)
    elif isinstance(kind, models.DateField):
        filters = _bounded(values.Day(), name, what) | _listed(values.Several(values.Day()), name, what, "")
    elif isinstance(kind, models.IntegerField):
        filters = _bounded(values.WholeNumber(), name, what) | _listed(
            values.Several(values.WholeNumber()), name, what, ""
        )
    elif isinstance(kind, models.DecimalField):
        filters = _bounded(values.Number(), name, what)
        filters |= _listed(values.Several(values.Number()), name, what, "")
    elif isinstance(kind, models.CharField):
        filters = {"": Filter(values.Value(), name, help_text=f"{what}: exactly this text.")}
    if _may_lack(kind, field):
        filters["__isnull"] = Filter(
            values.Boolean(), name, "isnull" if kind.null else without_text, help_text=f"{what}: is it unknown?"
        )
    return filters


def _listed(value: values.Value, name: str, what: Any, lookup: str) -> dict[str, Filter]:
    path = "in" if not lookup or name == lookup else f"{lookup}__in"
    one_of = Filter(value, name, path, help_text=f"{what}: one of these, separated by commas.")
    none_of = Filter(value, name, path, exclude=True) if lookup else Filter(value, name, _but)
    none_of.help_text = f"{what}: none of these."
    return {"": one_of, "__in": one_of, "__not": none_of}


def _but(name: str, listed: list[Any]) -> Q:
    """None of the values: where it is one, what is on either side of it, which an index finds if that is little."""
    if len(listed) > 1:
        return ~Q(**{f"{name}__in": listed})
    (value,) = listed
    return Q(**{f"{name}__lt": value}) | Q(**{f"{name}__gt": value}) | Q(**{f"{name}__isnull": True})


def _bounded(value: values.Value, name: str, what: Any) -> dict[str, Filter]:
    return {
        "__gte": Filter(value, name, "gte", help_text=f"{what}: at least."),
        "__lte": Filter(value, name, "lte", help_text=f"{what}: at most."),
    }


def _may_lack(kind: Field, field: Field) -> bool:
    texts = isinstance(kind, (models.CharField, models.TextField)) and not isinstance(kind, PartialDateField)
    return not isinstance(kind, JSONField) and (kind.null or (texts and field.blank and field.name != "code"))


def without_text(name: str, unknown: bool) -> Q:
    """The text is empty, or is not: nothing comes before an empty one, so an index finds the others."""
    return Q(**{name: ""}) if unknown else Q(**{f"{name}__gt": ""})


def _certainly_from(name: str, date: PartialDate) -> Q:
    return earliest_not_before(name, date.earliest)


def _certainly_until(name: str, date: PartialDate) -> Q:
    return latest_not_after(name, date.latest)
