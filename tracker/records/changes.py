"""What changed between versions, field by field, with what a record is linked to by its code."""

import datetime
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value

from tracker.records.fields import StateField
from tracker.records.models import Record

# Records by their kind: those whose versions are asked for. The order of the kinds is that of their dependence.
Scope = Mapping[type[Record], Collection[Any]]

TYPES = {"+": "created", "~": "changed", "-": "deleted"}


class FieldChange(NamedTuple):
    """A field and its two values, fit for JSON: a link by its code or number; null where there is no value."""

    field: str
    old: Any
    new: Any


class RecordChange(NamedTuple):
    """A version of a record beside the one before."""

    when: datetime.datetime
    user: str | None
    via: str
    reason: str | None
    model: type[Record]
    key: Any
    type: str
    fields: list[FieldChange]


class Pair(NamedTuple):
    """Two states of one record, stored or versions; null where there was none."""

    before: Any
    after: Any


class Reference(NamedTuple):
    """A version among those of several kinds: its instant, the place of its kind in the scope, its number."""

    instant: datetime.datetime
    kind: int
    version: int


def kind_name(model: type[models.Model]) -> str:
    """Such as "budget_country"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def key_name(model: type[models.Model]) -> str:
    """The field by which people know the record: "code", or its number."""
    return "code" if any(field.name == "code" for field in model._meta.concrete_fields) else model._meta.pk.attname


def versions(model: type[Record]) -> QuerySet[Any]:
    """All versions of all records of the kind, in no order."""
    found: QuerySet[Any] = model.history.model._default_manager.order_by()
    return found


def current_at(instant: datetime.datetime | None) -> Q:
    """Of each record the version at the instant, or the last one; a deleted record's says so."""
    if instant is None:
        return Q(superseded_at=None)
    return Q(history_date__lte=instant) & (Q(superseded_at=None) | Q(superseded_at__gt=instant))


# How versions stand in a history, newest first.
ORDER = ("-history_date", "nth_kind", "-history_id")


def references(scope: Scope, condition: Q) -> list[QuerySet[Any, tuple[Any, ...]]]:
    """The versions of the records in the scope, a list for each kind, each as the values of a Reference."""
    return [
        versions(model)
        .filter(condition, **{f"{model._meta.pk.attname}__in": keys})
        .annotate(nth_kind=Value(number, output_field=models.IntegerField()))
        .values_list("history_date", "nth_kind", "history_id")
        for number, (model, keys) in enumerate(scope.items())
    ]


def changes(kinds: Sequence[type[Record]], page: Iterable[tuple[Any, ...]]) -> list[RecordChange]:
    """The changes that the versions made, in the order of the page: as many queries for one as for a thousand."""
    wanted = [Reference(*row) for row in page]
    found: dict[tuple[int, int], tuple[Any, Pair]] = {}
    for number in sorted({each.kind for each in wanted}):
        numbers = [each.version for each in wanted if each.kind == number]
        for version, pair in _with_previous(kinds[number], numbers):
            found[number, version.history_id] = version, pair
    rows = [(kinds[each.kind], *found[each.kind, each.version]) for each in wanted]
    fields = differences([(model, pair) for model, _version, pair in rows])
    return [
        RecordChange(
            when=version.history_date,
            user=version.history_user.get_username() if version.history_user else None,
            via=version.history_via,
            reason=version.history_change_reason or None,
            model=model,
            key=getattr(version, key_name(model)),
            type=TYPES[version.history_type],
            fields=changed,
        )
        for (model, version, _pair), changed in zip(rows, fields, strict=True)
    ]


def _with_previous(model: type[Record], numbers: list[int]) -> list[tuple[Any, Pair]]:
    key = model._meta.pk.attname
    earlier = versions(model).filter(**{key: OuterRef(key)}, history_id__lt=OuterRef("history_id"))
    newest = earlier.order_by("-history_id").values("history_id")[:1]
    page = versions(model).filter(history_id__in=numbers).annotate(previous_version=Subquery(newest))
    rows = list(page.select_related("history_user"))
    before = versions(model).in_bulk([row.previous_version for row in rows if row.previous_version])
    return [(row, _pair(row, before.get(row.previous_version))) for row in rows]


def _pair(version: Any, previous: Any) -> Pair:
    if version.history_type == "-":
        return Pair(version, None)
    gone = version.history_type == "+" or previous is None or previous.history_type == "-"
    return Pair(None if gone else previous, version)


def differences(pairs: Iterable[tuple[type[Record], Pair]]) -> list[list[FieldChange]]:
    """For each pair the fields that differ; of a record that comes or goes those that have a value."""
    found = [[(field, *_values(field, pair)) for field in written_fields(model)] for model, pair in pairs]
    differing = [[each for each in fields if each[1] != each[2]] for fields in found]
    codes = _codes(differing)
    return [[_change(field, old, new, codes) for field, old, new in fields] for fields in differing]


def written_fields(model: type[Record]) -> list[Any]:
    """The columns that people write, and states."""
    keys = (models.AutoField, models.BigAutoField, models.SmallAutoField)
    written = [field for field in model._meta.concrete_fields if field.editable or isinstance(field, StateField)]
    return [field for field in written if not isinstance(field, keys)]


def _values(field: Any, pair: Pair) -> list[Any]:
    known = [None if state is None else getattr(state, field.attname) for state in pair]
    if None in (pair.before, pair.after):
        return [None if value in ("", {}) else value for value in known]
    return known


Codes = dict[type[models.Model], dict[Any, Any]]


def _codes(differing: list[list[tuple[Any, Any, Any]]]) -> Codes:
    """The codes of the linked records by their keys, those deleted since too: one query for each kind."""
    linked: dict[Any, set[Any]] = defaultdict(set)
    for fields in differing:
        for field, old, new in fields:
            if field.is_relation and key_name(field.related_model) != field.related_model._meta.pk.attname:
                linked[field.related_model] |= {old, new} - {None}
    return {
        model: dict(
            versions(model)
            .filter(current_at(None), **{f"{model._meta.pk.attname}__in": keys})
            .values_list(model._meta.pk.attname, key_name(model))
        )
        for model, keys in linked.items()
    }


def _change(field: Any, old: Any, new: Any, codes: Codes) -> FieldChange:
    known = codes.get(field.related_model, {})
    return FieldChange(field.name, *(known.get(value, value) if known else _plain(value) for value in (old, new)))


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | dict():
            return value
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)
