"""Records written with their parts in one request: a programme with its phases, budget lines and their countries.

An item that names a part by its code or number changes it; any other is added. Parts that are not named stay: they are
deleted at their own addresses. So it is for POST, PUT and PATCH alike.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError

from tracker.api.addresses import key_field
from tracker.api.errors import TooLarge
from tracker.api.etags import Stale
from tracker.api.faults import GATHERED, at_places, together
from tracker.api.fields import RelatedField
from tracker.api.selection import described, nested_in
from tracker.api.serializers import RecordSerializer
from tracker.records import units
from tracker.records.locks import self_links
from tracker.records.models import Record
from tracker.records.parts import parts_of

MAX_PARTS = 1000
Allow = Callable[[Any], None]


@functools.cache
def parts(serializer: type[RecordSerializer]) -> dict[str, tuple[type[RecordSerializer], str]]:
    """The fields that take parts of the record, in the order in which they are written: serializer and link back."""
    links = parts_of(serializer.Meta.model)
    found = {}
    for name, field in described(serializer).items():
        inner = nested_in(field)
        if inner is not None and field.source in links:
            found[name] = inner, links[field.source]
    return found


def kinds_linked(serializer: type[RecordSerializer], items: list[Any], *, new: bool = False) -> set[type[Record]]:
    """The kinds of the items, and of the parts within them, of which one is to be linked to another of its kind.

    Where all are `new`, links to one another do not count: of these nobody else can know.
    """
    found = set()
    codes: dict[type[Record], set[str]] = {}
    given = [(each.Meta.model, records) for each, records in _by_serializer(serializer, items)]
    for model, records in given if new else ():
        codes.setdefault(model, set()).update(_codes(records))
    for model, records in given:
        links = {
            str(item[link]).upper() for item in records for link in self_links(model) if item.get(link) is not None
        }
        if links - codes.get(model, set()):
            found.add(model)
    return found


def look_ahead(unit: units.Unit, serializer: type[RecordSerializer], items: list[Any]) -> None:
    """Find out which of the codes of new items, and of the parts within them, nobody has; which records they link to;
    and say how many come."""
    numbers, codes, links = Counter[Any](), defaultdict[Any, set[str]](set), defaultdict[Any, set[str]](set)
    for each, records in _by_serializer(serializer, items):
        model = each.Meta.model
        numbers[model] += len(records)
        if key_field(model) == "code":
            codes[model] |= _codes(records)
        for name, other in _links_by_code(each):
            links[other] |= {code for item in records if _is_code(code := item.get(name))}
    unit.look_ahead(numbers, codes, {model: wanted - codes[model] for model, wanted in links.items()})


@functools.cache
def _links_by_code(serializer: type[RecordSerializer]) -> tuple[tuple[str, Any], ...]:
    """The fields that name another record by its code, with its kind."""
    fields = described(serializer).items()
    links = [(name, field) for name, field in fields if isinstance(field, RelatedField) and not field.read_only]
    return tuple((name, field.other) for name, field in links if field.key == "code")


def _by_serializer(serializer: type[RecordSerializer], items: list[Any]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The items, and the parts within them, by their serializers."""
    given = [item for item in items if isinstance(item, dict)]
    yield serializer, given
    for name, (inner, _link) in parts(serializer).items():
        within = [part for item in given if isinstance(item.get(name), list) for part in item[name]]
        if within:
            yield from _by_serializer(inner, within)


def _codes(records: list[dict[str, Any]]) -> set[str]:
    return {code.upper() for item in records if _is_code(code := item.get("code"))}


def _is_code(value: Any) -> TypeGuard[str]:
    """Whether it may be one: no database holds a text with the null character."""
    return isinstance(value, str) and "\0" not in value


def save_with_parts(serializer: Any, *, allow: Allow) -> Any:
    """Store the serializer's record and the parts that its data hold; `allow` raises where one may not be written.

    Raises an APIException that holds everything that is wrong. Run it inside a transaction, which is then undone.
    """
    data = serializer.initial_data
    kind: Any = type(serializer)
    given = {name: data[name] for name in parts(kind) if isinstance(data, dict) and name in data}
    serializer.skip_unchanged |= bool(given) and serializer.partial
    record = None
    details: Any = {}
    faults: list[APIException] = []
    try:
        serializer.is_valid(raise_exception=True)
    except ValidationError as error:
        if not given:
            raise
        details, faults = error.detail, [error]
    else:
        if not serializer.shape_only:
            allow(serializer.record)
            record = serializer.save()
    for name, items in given.items():
        inner, link = parts(kind)[name]
        try:
            _save_parts(inner, items, link, record, serializer.context, allow)
        except GATHERED as error:
            details[name], faults = error.detail, [*faults, error]
    if faults:
        raise together(details, faults)
    return record


def _save_parts(inner: Any, items: Any, link: str, owner: Any, context: dict[str, Any], allow: Allow) -> None:
    if not isinstance(items, list):
        raise ValidationError([ErrorDetail(_("Write a list of records."), code="not_a_list")])
    if len(items) > MAX_PARTS:
        raise TooLarge(_("A list has at most %d records.") % MAX_PARTS)
    name = key_field(inner.Meta.model)
    stored: dict[str, Any] = {}
    names_some = any(isinstance(item, dict) and item.get(name) is not None for item in items)
    if names_some and owner is not None and not _is_new(owner):
        rows = inner.Meta.model._default_manager.filter(**{link: owner})
        stored = {str(getattr(row, name)): row for row in rows}
    faults: dict[int, APIException] = {}
    for place, item in enumerate(items):
        try:
            serializer = _serializer(inner, link, item, stored, context)
            _belong(serializer, link, owner)
            save_with_parts(serializer, allow=allow)
        except GATHERED as error:
            if owner is not None or _without_missing(error):
                faults[place] = error
    if faults:
        raise together(at_places(faults, len(items)), faults.values())


def _is_new(record: Any) -> bool:
    """Whether it is known to have no parts yet but those that were written here."""
    unit = units.current()
    return unit is not None and (type(record), record.pk) in unit.made


def _serializer(inner: Any, link: str, item: Any, stored: dict[str, Any], context: dict[str, Any]) -> Any:
    """One for the item, as a part by the link."""
    if not isinstance(item, dict):
        raise ValidationError([ErrorDetail(_("Write a record."), code="not_a_mapping")])
    name = key_field(inner.Meta.model)
    key = item.get(name)
    record = None if key is None else stored.get(str(key).upper())
    if key is not None and record is None and name == "id":
        raise ValidationError({name: [ErrorDetail(_("There is no such record here."), code="does_not_exist")]})
    if record is not None and item.get("version", record.version) != record.version:
        raise Stale(record=record)
    data = item if record is None else {**item, name: getattr(record, name)}
    return inner.writing(record, data, context, partial=record is not None, part_by=link)


def _belong(serializer: Any, link: str, owner: Any) -> None:
    """The part belongs to the record that it stands in; where that one is not valid, only its shape is looked at."""
    field = serializer.fields.get(link)
    named = serializer.initial_data.get(link)
    known = field is not None and owner is not None and named is not None
    if known and str(named).upper() != str(getattr(owner, field.key)):
        message = _("It stands within another record than it names here.")
        raise ValidationError({link: [ErrorDetail(message, code="other_owner")]})
    serializer.skip_unchanged = True
    if owner is None:
        serializer.shape_only = True
    else:
        serializer.owner = {link: owner}


def _without_missing(error: APIException) -> bool:
    """Whether there is more wrong than links to records that this very request may have been going to add."""

    def codes(detail: Any) -> Iterator[str]:
        match detail:
            case dict():
                for each in detail.values():
                    yield from codes(each)
            case list():
                for each in detail:
                    yield from codes(each)
            case _:
                yield str(getattr(detail, "code", ""))

    return any(code != "does_not_exist" for code in codes(error.detail))
