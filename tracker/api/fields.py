"""Serializer fields: strict about what they read, and each says what has to be loaded to show it."""

import functools
from collections.abc import Mapping
from operator import attrgetter
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Exists, Model, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from tracker.api.addresses import found_by, key_field, list_path, not_found
from tracker.api.errors import from_model
from tracker.api.suggestions import did_you_mean, shown
from tracker.partial_dates import PartialDate
from tracker.partial_dates.periods import Activity
from tracker.records import units


class TextField(serializers.CharField):
    """A text; a number is not one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class URLField(TextField, serializers.URLField):
    """An address on the web."""


class BooleanField(serializers.BooleanField):
    """true or false, not a word for it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=shown(data))
        return data


class IntegerField(serializers.IntegerField):
    """A whole number, not a text."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class DecimalField(serializers.DecimalField):
    """A decimal number, read from a text or a number and written as a text with all its places."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        return serializers.Field.validate_empty_values(self, data)  # an empty text is not null

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, (bool, list, dict)) or data == "":
            self.fail("invalid")
        return super().to_internal_value(data)


class ChoiceField(serializers.ChoiceField):
    """One code of a list."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, str):
            if data == "" and self.allow_blank:
                return ""
            if data in self.choices:
                return data
        words = [str(code) for code in self.choices if code]
        message = _("There is no value “%s”.") % shown(data) + did_you_mean(str(data), words)
        raise ValidationError(f"{message} {_('Known: %s.') % ', '.join(words)}", code="invalid_choice")


class PartialDateField(serializers.Field):
    """A date known to the year, the month or the day, as text: "2016", "2016-02", "2016-02-15"."""

    def to_internal_value(self, data: Any) -> PartialDate:
        try:
            return PartialDate(data) if isinstance(data, str) else PartialDate.of(data)
        except ModelValidationError as error:
            raise ValidationError(from_model(error)) from None

    def to_representation(self, value: PartialDate) -> str:
        return str(value)


class RelatedField(serializers.PrimaryKeyRelatedField):
    """Another record, by the key of its address: its code (a country also by alpha-3), else its number."""

    @functools.cached_property
    def key(self) -> str:
        """The field of the other record that is shown."""
        return key_field(self.other)

    @functools.cached_property
    def other(self) -> type[Model]:
        """The model of the other record."""
        owner: Any = self.parent
        other: type[Model] = owner.Meta.model._meta.get_field(self.source).related_model
        return other

    def use_pk_only_optimization(self) -> bool:
        return bool(self.other._meta.pk.name == self.key)

    def to_internal_value(self, data: Any) -> Any:
        expected = str if self.key != "id" else int
        if not isinstance(data, expected) or isinstance(data, bool):
            raise ValidationError(_("Write the %s of the record.") % self.key, code="incorrect_type")
        unit = units.current()
        record = self._found(data) if unit is None else unit.remembered(self.other, data, lambda: self._found(data))
        if record is None:
            raise ValidationError(not_found(self.other._default_manager.all(), str(data)), code="does_not_exist")
        return record

    def _found(self, data: Any) -> Model | None:
        condition = found_by(self.other, [str(data)])
        return None if condition is None else self.other._default_manager.filter(condition).first()

    def to_representation(self, value: Any) -> Any:
        return value.pk if self.use_pk_only_optimization() else getattr(value, self.key)


class RelatedFieldSchema(OpenApiSerializerFieldExtension):
    """A related record in the OpenAPI document: a code, or a number."""

    target_class = RelatedField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        field: RelatedField = self.target
        if field.key == "id":
            return {"type": "integer", "minimum": 1}
        return {"type": "string", "minLength": 1, "maxLength": 60}


class PartialDateFieldSchema(OpenApiSerializerFieldExtension):
    """A partial date in the OpenAPI document."""

    target_class = PartialDateField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", "examples": ["2016-02"]}


def at_that_time(rows: QuerySet[Any], as_of: PartialDate | None) -> QuerySet[Any]:
    """The rows that were there then, where they are of a kind that comes and goes."""
    return rows if as_of is None or not hasattr(rows, "as_of") else rows.as_of(as_of)


class CodesField(serializers.Field):
    """The codes of records at the end of `relation`, each once and in order: countries of a programme, say.

    `relation` leads to many records; `code` is the path from one of them to the code; `only` narrows them.
    """

    def __init__(self, relation: str, code: str, only: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        self.relation, self.code, self.only = relation, code, dict(only or {})
        kwargs |= {"read_only": True, "source": "*"}
        super().__init__(**kwargs)

    @property
    def loaded_as(self) -> str:
        return f"{self.field_name}_{self.relation}"

    def prefetch(self, model: type[Model], as_of: PartialDate | None = None) -> Prefetch:
        """What has to be loaded of `model` to show this."""
        relation: Any = model._meta.get_field(self.relation)
        other = relation.related_model
        path = self.code.rpartition("__")[0]
        known = {f"{self.code.partition('__')[0]}__isnull": False}
        rows = at_that_time(other._default_manager.filter(**known, **(self.only or {})).order_by(), as_of)
        rows = rows.select_related(path) if path else rows
        back = [relation.field.attname] if relation.one_to_many else []
        return Prefetch(self.relation, rows.only("pk", *back, self.code), to_attr=self.loaded_as)

    def to_representation(self, value: Any) -> list[str]:
        code = attrgetter(self.code.replace("__", "."))
        return sorted({code(row) for row in getattr(value, self.loaded_as)})


class CodesFieldSchema(OpenApiSerializerFieldExtension):
    """A list of codes in the OpenAPI document."""

    target_class = CodesField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string"}, "readOnly": True}


class Some(NamedTuple):
    """That there are records at the end of a relation to many; `only` narrows them by their columns."""

    relation: str
    only: Mapping[str, Any] | None = None

    def exists(self, model: type[Model]) -> Exists:
        """The condition, for a record of the model."""
        link: Any = model._meta.get_field(self.relation)
        rows = link.related_model._default_manager.order_by()
        return Exists(rows.filter(**{link.field.name: OuterRef("pk")}, **(self.only or {})))


class UnknownField(serializers.Field):
    """Which of the named things are not known of a record. `words` says where each stands: in a column, or in records
    that belong to it.
    """

    def __init__(self, words: Mapping[str, str | Some], **kwargs: Any) -> None:
        self.words = dict(words)
        kwargs |= {"read_only": True, "source": "*"}
        super().__init__(**kwargs)

    def columns(self) -> list[str]:
        """The columns to load."""
        return [where for where in self.words.values() if isinstance(where, str)]

    def annotations(self, model: type[Model]) -> dict[str, Any]:
        """The expressions to load, by the names under which they are read."""
        return {f"{word}_known": some.exists(model) for word, some in self.words.items() if isinstance(some, Some)}

    def to_representation(self, value: Any) -> list[str]:
        names = {word: where if isinstance(where, str) else f"{word}_known" for word, where in self.words.items()}
        return [word for word, name in names.items() if getattr(value, name) in (None, "", False)]


class UnknownFieldSchema(OpenApiSerializerFieldExtension):
    """What is not known in the OpenAPI document."""

    target_class = UnknownField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        words = list(self.target.words)
        return {"type": "array", "items": {"type": "string", "enum": words}, "readOnly": True}


class ActiveField(serializers.Field):
    """Whether the record was active in the period asked for; null where none was."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"read_only": True, "source": "*", "allow_null": True}
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> str | None:
        return getattr(value, "active", None)


class ActiveFieldSchema(OpenApiSerializerFieldExtension):
    """Yes, no, undetermined or null in the OpenAPI document."""

    target_class = ActiveField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {
            "type": ["string", "null"],
            "enum": [*Activity._fields, None],
            "readOnly": True,
            "description": "With active_on or active_in: whether it was going on then.",
        }


class AddressField(serializers.Field):
    """The record's own address in this API."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"read_only": True, "source": "*"}
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> str:
        key = getattr(value, key_field(type(value)))
        return f"{self._base(value)}{key}/"

    def _base(self, value: Any) -> str:
        """The address of the list, found once for each answer."""
        context: Any = self.context
        bases: dict[type, str] = context.setdefault("addresses", {})
        kind: Any = type(value)
        if kind not in bases:
            path, request = list_path(kind), context.get("request")
            bases[kind] = request.build_absolute_uri(path) if request else path
        return bases[kind]


class AddressFieldSchema(OpenApiSerializerFieldExtension):
    """An address in the OpenAPI document."""

    target_class = AddressField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        return {"type": "string", "format": "uri", "readOnly": True}
