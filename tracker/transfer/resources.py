"""The table of each kind of record: one column per field, links by code, nothing translated or localised."""

import functools
import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.instance_loaders import ModelInstanceLoader
from import_export.resources import ModelResource, modelresource_factory
from import_export.widgets import Widget

from tracker.access.rules import adopt, check
from tracker.api.addresses import found_by, key_field, not_found
from tracker.api.suggestions import did_you_mean, shown
from tracker.records import units
from tracker.records.history import WayIn, change
from tracker.records.locks import lock_kinds
from tracker.records.models import Record

REASON_LENGTH = 100  # of the history's column for it
VERSION = "version"  # a column that a file may have: which version of the record its writer has seen


class ColumnError(ValueError):
    """A file cannot be read in for the columns that it has or lacks."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


class ValueWidget(Widget):
    """A cell with a value of one model field: an empty cell is unknown, or the field's own default."""

    def __init__(self, field: "models.Field[Any, Any]") -> None:
        super().__init__()
        self.field = field

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The value as the model holds it; raises ValueError, which import-export reports beside the column."""
        if value is None or (isinstance(value, str) and not value.strip()):
            return None if self.field.null else self.field.get_default()
        if not isinstance(value, bool | dict):
            value = str(value)  # spreadsheets make numbers of codes and years
        if isinstance(self.field, models.BooleanField):
            value = str(value).capitalize()  # the API's files have true and false, spreadsheets TRUE and FALSE
        try:
            if isinstance(self.field, models.JSONField):
                # With the field's own rules: records are told apart by what stands here.
                return self.field.clean(_from_json(value) if isinstance(value, str) else value, None)
            return self.field.to_python(value)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "1" if value else "0"
        if isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
        if isinstance(value, int | Decimal):
            return value if kwargs.get("force_native_type") else f"{value:f}" if value % 1 else f"{value:.0f}"
        return str(value)


def _from_json(text: str) -> Any:
    """The value that the text stands for; raises ValueError, too, for what no database holds."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ValueError(_("This is not JSON.")) from error
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


class LinkWidget(Widget):
    """A cell with the code of another record, or its number where it has no code."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self.model = model

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """The record; null for an empty cell. Raises ValueError."""
        key = "" if value is None else str(value).strip()
        if not key:
            return None
        find, unit = functools.partial(self._found, key), units.current()
        record = find() if unit is None else unit.remembered(self.model, key, find)
        if record is None:
            raise ValueError(not_found(self.model._default_manager.all(), key))
        return record

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(getattr(value, key_field(self.model)))

    def _found(self, key: str) -> Any:
        condition = found_by(self.model, [key])
        return None if condition is None else self.model._default_manager.filter(condition).first()


class LockingLoader(ModelInstanceLoader):
    """Finds the record of a row, which nobody else writes until the transaction ends."""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_for_update(no_key=True)


class RecordResource(ModelResource):
    """Rows pass the model's whole validation; what a file does not change is left alone; all or nothing.

    A file names no record twice: one of the two rows would be lost.
    """

    class Meta:
        instance_loader_class = LockingLoader
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: Any) -> models.QuerySet[Any]:
        """Read linked records with the rows."""
        links = [each.attribute for each in self.fields.values() if isinstance(each.widget, LinkWidget)]
        return queryset.select_related(*links) if links else queryset

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """The stored record that the row names; null also where it holds what is no value: import_instance says so."""
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            return None

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        """Refuse a record that another row names, too, or that has changed since: whatever else the row says."""
        _check_version(row.get(VERSION), instance)
        if not new:
            if instance.pk in self.met:
                raise ValidationError(_("It stands there twice."), code="repeated")
            self.met.add(instance.pk)

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Take the values of the row; what is stored, and what it would become, must be the user's to write."""
        user = kwargs.get("user")
        if instance.pk is not None and not instance._state.adding:
            check(user, instance)
        super().import_instance(instance, row, **kwargs)
        check(user, instance)

    def after_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        self.met.add(instance.pk)
        if kwargs.get("user") is not None:
            adopt(kwargs["user"], instance)

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """One import of a kind at a time, and no change of links beside it."""
        self.met: set[Any] = set()
        self.check_columns(dataset.headers)
        lock_kinds([self._meta.model])

    def check_columns(self, names: Collection[str]) -> None:
        """Raise ColumnError for a column that is no field, and for want of one by which rows are told apart."""
        known = {*(field.column_name for field in self.fields.values()), VERSION}
        for name in names:
            if name not in known:
                message = _("There is no column “%(name)s”.") % {"name": shown(name)}
                raise ColumnError(name, message + did_you_mean(name, known))
        for name in self.get_import_id_fields():
            if name not in names:
                message = _("The column “%(name)s” is missing: it tells which records there are already.")
                raise ColumnError(name, message % {"name": name})

    def import_data(self, dataset: Any, *args: Any, **kwargs: Any) -> Any:
        """Say in the history by which way the changes came in, and why or from which file."""
        reason = str(kwargs.get("reason") or kwargs.get("file_name") or "")[:REASON_LENGTH]
        with change(WayIn.IMPORT, reason or None):
            return super().import_data(dataset, *args, **kwargs)

    def import_data_inner(self, *args: Any, **kwargs: Any) -> Any:
        """The rows, within the transaction: the records of a file are written as one unit."""
        with units.one_unit():
            return super().import_data_inner(*args, **kwargs)


def _check_version(seen: Any, record: Record) -> None:
    """Raise ValidationError where the file says which version its writer has seen, and it is no longer so."""
    if seen in (None, ""):
        return
    if record._state.adding:
        message = _("The record is not there, or no longer.")
    elif str(seen).strip() != str(record.version):
        words = {"version": record.version}
        message = _("The record has changed since you read it: it is at version %(version)d now.") % words
    else:
        return
    raise ValidationError({VERSION: ValidationError(message, code="stale")})


@functools.cache
def resource_for(model: type[Record]) -> type[ModelResource]:
    """The table of a kind of record: every field that may be edited; rows are told apart by the natural key."""
    fields = [field for field in model._meta.concrete_fields if field.editable and field.name != "id"]
    resource: type[ModelResource] = modelresource_factory(
        model,
        RecordResource,
        meta_options={
            "fields": [field.name for field in fields],
            "import_id_fields": list(model.NATURAL_KEY),
        },
        custom_fields={field.name: _column(field) for field in fields},
    )
    return resource


def _column(field: Any) -> Field:
    widget = LinkWidget(field.related_model) if field.is_relation else ValueWidget(field)
    return Field(attribute=field.name, column_name=field.name, widget=widget)
