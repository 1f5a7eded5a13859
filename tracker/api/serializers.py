"""The base of all serializers: declared fields in, the model's own validation, and exactly what is shown loaded."""

import copy
import functools
from collections.abc import Collection, Mapping
from contextlib import suppress
from itertools import islice
from types import MappingProxyType
from typing import Any, ClassVar, Self, cast

from django.core.exceptions import ValidationError as ModelValidationError
from django.db import models
from django.db.models import GeneratedField, Model, Prefetch, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField
from rest_framework.utils.field_mapping import ClassLookupDict
from rest_framework.validators import UniqueValidator

from tracker.api import fields
from tracker.api.addresses import key_field
from tracker.api.errors import from_model
from tracker.api.fields import at_that_time
from tracker.api.ordering import default_terms
from tracker.api.parameters import MAX_FAULTS
from tracker.api.selection import Selection, described, nested_in
from tracker.api.suggestions import did_you_mean, shown
from tracker.partial_dates import PartialDate, PartialDateField
from tracker.records import units

# What PostgreSQL holds; SQLite would take more, and then the two would not be alike.
LARGEST = {models.PositiveSmallIntegerField: 2**15 - 1, models.PositiveIntegerField: 2**31 - 1}


_BUILT: dict[tuple[type, str | None], dict[str, tuple[Any, dict[str, Any]]]] = {}


class RecordSerializer(serializers.ModelSerializer):
    """A record as the API shows and takes it. Subclasses only declare `Meta.model`, `Meta.fields` and nested records.

    `Meta.only_at_top` names fields that are left out where the record is nested in another, unless asked for.
    """

    selection: Selection | None = None
    # Of a part that is written within another record: that record by its link; nothing is stored where nothing
    # changes; where the other record is not valid, only the shape of this one is looked at.
    owner: Mapping[str, Model] = MappingProxyType({})
    skip_unchanged = False
    shape_only = False
    unchanged = False

    serializer_field_mapping: ClassVar = serializers.ModelSerializer.serializer_field_mapping | {
        models.CharField: fields.TextField,
        models.TextField: fields.TextField,
        models.URLField: fields.URLField,
        models.BooleanField: fields.BooleanField,
        models.IntegerField: fields.IntegerField,
        models.PositiveIntegerField: fields.IntegerField,
        models.PositiveSmallIntegerField: fields.IntegerField,
        models.DecimalField: fields.DecimalField,
        PartialDateField: fields.PartialDateField,
    }
    serializer_choice_field = fields.ChoiceField
    serializer_related_field = fields.RelatedField

    url = fields.AddressField(help_text="The record's own address.")

    class Meta:
        model: type[Model]
        fields: tuple[str, ...]
        only_at_top: tuple[str, ...] = ("url", "created_at", "modified_at")

    def __init__(self, *args: Any, selection: Selection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.selection = selection

    @classmethod
    def writing(
        cls, record: Model | None, data: Any, context: dict[str, Any], *, partial: bool = False, part_by: str = ""
    ) -> Self:
        """A serializer that writes the data to the record, a new one if null; as a part of another one, `part_by` names
        the link to that. The fields, which are costly to make, are the same for all."""
        other = object.__new__(cls)
        vars(other).update(vars(_like(cls, partial, part_by, get_language())))
        other.instance, other.initial_data, other._context = record, data, context
        return other

    # Shape

    def get_field_names(self, declared_fields: Any, info: Any) -> list[str]:
        names = super().get_field_names(declared_fields, info)
        return [name for name in names if self.selection is None or name in self.selection]

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        if self.selection is not None:
            for name, field in found.items():
                if nested_in(field) is not None:
                    inner: Any = getattr(field, "child", field)
                    inner.selection = self.selection[name]
        return found

    def build_field(self, field_name: str, info: Any, model_class: Any, nested_depth: int) -> Any:
        """How a field is made; found out once for a language, in which its label is."""
        known = _BUILT.setdefault((type(self), get_language()), {})
        if field_name not in known:
            known[field_name] = super().build_field(field_name, info, model_class, nested_depth)
        field_class, kwargs = known[field_name]
        return field_class, dict(kwargs)

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        if isinstance(model_field, GeneratedField):
            stored: Any = model_field.output_field
            kinds: Any = ClassLookupDict(self.serializer_field_mapping)
            kind = kinds[stored]
            return kind, {"read_only": True, "allow_null": stored.null, "help_text": model_field.help_text}
        field_class, kwargs = super().build_standard_field(field_name, model_field)
        if "validators" in kwargs:  # the model checks uniqueness, and says it in its own words
            kwargs["validators"] = [each for each in kwargs["validators"] if not isinstance(each, UniqueValidator)]
        if isinstance(model_field, PartialDateField):
            kwargs.pop("max_length", None)
        if largest := LARGEST.get(type(model_field)):
            kwargs |= {"max_value": largest, "min_value": 0}
        return field_class, kwargs

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        field_class, kwargs = super().build_relational_field(field_name, relation_info)
        kwargs.pop("validators", None)
        return field_class, kwargs

    def get_uniqueness_extra_kwargs(self, field_names: Any, declared_fields: Any, extra_kwargs: Any) -> Any:
        return extra_kwargs, {}

    # Writing

    @functools.cached_property
    def _writable_fields(self) -> list[Any]:
        return [field for field in self.fields.values() if not field.read_only]

    def run_validators(self, value: Any) -> None:
        """None: the model checks the whole of it, see `validate`."""

    def to_internal_value(self, data: Any) -> Any:
        names = data if isinstance(data, dict) else ()
        strange = islice((name for name in names if name not in self.fields), MAX_FAULTS)
        wrong: dict[str, Any] = {name: [_unknown_field(name, self.fields)] for name in strange}
        known: Any = {}
        try:
            known = super().to_internal_value(data)
        except ValidationError as error:
            wrong |= cast(dict[str, Any], error.detail)
        if wrong:
            raise ValidationError({**self._against_the_rules(data, wrong), **wrong})
        return known

    def _against_the_rules(self, data: Any, wrong: Collection[str]) -> dict[str, Any]:
        """What the model has against those fields that are right in themselves, where others are wrong."""
        if self.shape_only or not isinstance(data, dict):
            return {}
        right: dict[str, Any] = {}
        for field in self._writable_fields:
            if field.field_name not in wrong:
                with suppress(SkipField):
                    right[field.source or ""] = field.run_validation(field.get_value(data))
        record = copy.copy(self.instance) if self.instance else self.Meta.model()
        for name, value in {**right, **self.owner}.items():
            setattr(record, name, value)
        unclear = {str(self.fields[name].source) for name in wrong if name in self.fields}
        try:
            record.full_clean(exclude=unclear)
        except ModelValidationError as error:
            found = self._by_field(from_model(error))
            return {name: each for name, each in found.items() if name in data}
        return {}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Build the record as it would be and let the model check the whole of it."""
        if self.shape_only:
            return attrs
        given = {**attrs, **self.owner}
        if self.instance is None:
            self.record = self.Meta.model(**given)
        else:
            self.record = self.instance
            if self.skip_unchanged and _holds(self.record, attrs):
                self.unchanged = True
                return attrs
            self._change(given)
        try:
            self.record.full_clean()
        except ModelValidationError as error:
            raise ValidationError(self._by_field(from_model(error))) from None
        return attrs

    def _change(self, given: dict[str, Any]) -> None:
        """Give the stored record its new values; what is not given is kept, or replaced by its default."""
        record = self.record
        if not self.partial:
            self._reset_what_is_not_given(record, given)
        key = self.Meta.model._meta.pk.name
        if given.get(key, record.pk) != record.pk:
            message = _("It stands in addresses and does not change.")
            raise ValidationError({key: [ErrorDetail(message, code="immutable")]})
        for name, value in given.items():
            setattr(record, name, value)

    def _by_field(self, errors: Any) -> Any:
        """The model's errors under the names that the fields have here."""
        names = {field.source: name for name, field in self.fields.items()}
        return {names.get(name, name): each for name, each in errors.items()}

    def _reset_what_is_not_given(self, record: Model, attrs: dict[str, Any]) -> None:
        """PUT replaces: an absent field gets its default. A code that may be derived is kept."""
        for field in self.fields.values():
            name = field.source or ""
            if not field.read_only and name not in attrs and name != "code":
                column: Any = record._meta.get_field(name)
                setattr(record, name, column.get_default())

    def create(self, validated_data: dict[str, Any]) -> Model:
        unit = units.current()
        if unit is None or not unit.insert_later(self.record):
            self.record.save(force_insert=True)
        return self.record

    def update(self, instance: Model, validated_data: dict[str, Any]) -> Model:
        if not self.unchanged:
            self.record.save()
        return self.record


@functools.cache
def _like(kind: type[RecordSerializer], partial: bool, part_by: str, _language: str | None) -> Any:
    like = kind(partial=partial)
    if part_by in like.fields:  # the record that it stands in need not be named
        like.fields[part_by].read_only, like.fields[part_by].required = True, False
    like._writable_fields  # noqa: B018 - found once for all that are like it
    return like


def _holds(record: Model, attrs: dict[str, Any]) -> bool:
    """Whether the record has these values already."""
    for name, value in attrs.items():
        column: Any = record._meta.get_field(name)
        if getattr(record, column.attname) != (value.pk if isinstance(value, Model) else value):
            return False
    return True


def _unknown_field(name: str, known: Any) -> ErrorDetail:
    message = _("There is no field “%s”.") % shown(name) + did_you_mean(name, known)
    return ErrorDetail(message, code="unknown_field")


# Loading


def load(
    queryset: QuerySet[Any],
    serializer: type[RecordSerializer],
    selection: Selection,
    *also: str,
    as_of: PartialDate | None = None,
) -> QuerySet[Any]:
    """The queryset with the columns, codes and children that `selection` shows and the columns `also`, nothing else.

    With `as_of` the children that were there at that time, of the kinds that come and go.
    """
    model = queryset.model
    stored = {field.name for field in model._meta.concrete_fields}
    columns, joins = {model._meta.pk.attname, key_field(model), *also}, set[str]()
    prefetches: list[Prefetch] = []
    annotations: dict[str, Any] = {}
    for name, within in selection.items():
        field: Any = described(serializer)[name]
        source: str = field.source
        if (inner := nested_in(field)) is not None:
            prefetches.append(_children(model, field.source, inner, within, as_of))
        elif isinstance(field, fields.CodesField):
            prefetches.append(field.prefetch(model, as_of))
        elif isinstance(field, fields.UnknownField):
            columns.update(field.columns())
            annotations |= field.annotations(model)
        elif isinstance(field, fields.RelatedField) and not field.use_pk_only_optimization():
            columns |= {source, f"{source}__{field.key}"}
            joins.add(source)
        elif "." in source:
            path = source.replace(".", "__")
            columns |= {path, path.split("__")[0]}
            joins.add(path.rpartition("__")[0])
        elif source in stored:
            columns.add(source)
    found: Any = queryset.select_related(*joins) if joins else queryset
    loaded: QuerySet[Any] = found.annotate(**annotations).only(*columns).prefetch_related(*prefetches)
    return loaded


def _children(
    model: type[Model], source: str, inner: type[RecordSerializer], selection: Selection, as_of: PartialDate | None
) -> Prefetch:
    relation: Any = model._meta.get_field(source)
    other = relation.related_model
    rows = other._default_manager.order_by(*(term.expression() for term in default_terms(other)))
    rows = at_that_time(rows, as_of)
    return Prefetch(source, load(rows, inner, selection, relation.field.attname, as_of=as_of))
