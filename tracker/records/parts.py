"""What is part of what: from a record up to the outermost one that it belongs to."""

import functools
from typing import Any

from tracker.records.changes import Scope, versions
from tracker.records.models import Record


def _wholes(model: type[Record]) -> list[tuple[str, Any]]:
    return [(name, model._meta.get_field(name).related_model) for name in model.PART_OF]


@functools.cache
def depth(model: type[Record]) -> int:
    """How far below the outermost record those of the kind may be: 0 for a programme, 1 for a budget line."""
    return max((depth(whole) + 1 for _name, whole in _wholes(model)), default=0)


@functools.cache
def paths_to_wholes(model: type[Record]) -> list[str]:
    """The links up to the outermost records, as `select_related` takes them: indicator__result__programme."""
    found: list[str] = []
    for name, whole in _wholes(model):
        found += [f"{name}__{path}" for path in paths_to_wholes(whole)] or [name]
    return found


@functools.cache
def outermost(model: type[Record]) -> type[Record]:
    """The kind of the outermost record that those of the kind belong to: itself, where they are part of none."""
    wholes = _wholes(model)
    return outermost(wholes[0][1]) if wholes else model


@functools.cache
def path_to_whole(model: type[Record], whole: type[Record]) -> tuple[str, ...]:
    """The links from a kind of record up to the whole that it is a part of; none where it is of several kinds."""
    path: list[str] = []
    at: Any = model
    while at is not whole and len(at.PART_OF) == 1:
        path.append(at.PART_OF[0])
        at = at._meta.get_field(path[-1]).related_model
    return tuple(path) if at is whole else ()


@functools.cache
def parts_of(model: type[Record]) -> dict[str, str]:
    """The relations from a record to its parts, and for each the link back: budgets by programme."""
    return {
        relation.name: relation.field.name
        for relation in model._meta.related_objects
        if issubclass(relation.related_model, Record) and relation.field.name in relation.related_model.PART_OF
    }


def with_parts(record: Record) -> Scope:
    """The record and all that is or ever was a part of it, or of a part: the keys by kind, owners first."""
    scope: dict[type[Record], Any] = {type(record): {record.pk}}
    for owner in scope_order(type(record)):
        keys = scope.get(owner, set())
        for relation in owner._meta.related_objects:
            part: Any = relation.related_model
            if keys and relation.name in parts_of(owner):
                links = {f"{relation.field.attname}__in": keys}
                found = versions(part).filter(**links).values_list(part._meta.pk.attname, flat=True)
                scope.setdefault(part, set()).update(found)
    return scope


@functools.cache
def scope_order(model: type[Record]) -> list[type[Record]]:
    """The kind and those of its parts, to any depth: each after all that it may be a part of."""
    found = {model}
    pending = [model]
    while pending:
        owner = pending.pop()
        for name in parts_of(owner):
            part: Any = owner._meta.get_field(name).related_model
            if part not in found:
                found.add(part)
                pending.append(part)
    return sorted(found, key=lambda kind: (depth(kind), kind._meta.label))
