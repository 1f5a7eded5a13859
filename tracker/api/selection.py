"""`fields=` and `expand=`: which parts of a record are shown, and so which are loaded.

A selection is a tree: the names of the fields, and for nested records the selection within them.
"""

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from tracker.api.suggestions import did_you_mean, shown

if TYPE_CHECKING:
    from tracker.api.serializers import RecordSerializer


class Selection(dict[str, "Selection"]):
    """The names of the fields that are shown, with what is shown within each. It is not changed after it is made."""

    _hash: int | None = None

    def __hash__(self) -> int:  # type: ignore[override]
        if self._hash is None:
            self._hash = hash(tuple(self.items()))
        return self._hash


@functools.cache
def described(serializer: "type[RecordSerializer]") -> dict[str, Any]:
    """The serializer's fields by name, made once: to look at, not to serialize with."""
    return dict(serializer().fields)


@functools.cache
def shape(serializer: "type[RecordSerializer]") -> "dict[str, type[RecordSerializer] | None]":
    """The names of the serializer's fields; for nested records their serializer."""
    return {name: nested_in(field) for name, field in described(serializer).items()}


def nested_in(field: Any) -> "type[RecordSerializer] | None":
    """The serializer of the records that a field nests; None for a plain field."""
    inner = getattr(field, "child", field)
    return type(inner) if hasattr(inner, "selection") else None


def default(serializer: "type[RecordSerializer]", *, whole: bool, nested: bool = False) -> Selection:
    """What is shown where nothing is asked: `whole` with everything nested in it, else without."""
    apart = serializer.Meta.only_at_top if nested else ()
    chosen = Selection()
    for name, inner in shape(serializer).items():
        if name in apart:
            continue
        if inner is None:
            chosen[name] = Selection()
        elif whole:
            chosen[name] = default(inner, whole=True, nested=True)
    return chosen


@functools.lru_cache(maxsize=1000)
def asked(serializer: "type[RecordSerializer]", *, whole: bool, fields: str | None, expand: str | None) -> Selection:
    """The default, limited by `fields` and widened by `expand`. Raises ValidationError for an unknown name."""
    chosen = default(serializer, whole=whole) if not fields else Selection()
    for parameter, text in (("fields", fields), ("expand", expand)):
        for path in (text or "").split(",") if text else ():
            _add(chosen, serializer, path.strip(), parameter)
    return chosen


def _add(chosen: Selection, serializer: "type[RecordSerializer]", path: str, parameter: str) -> None:
    names, at, inner = path.split("."), chosen, serializer
    for position, name in enumerate(names):
        known = shape(inner)
        last = position == len(names) - 1
        if parameter == "expand":
            known = {each: kind for each, kind in known.items() if kind is not None}
        elif not last:
            known = {each: kind for each, kind in known.items() if kind is not None or each == name}
        if name not in known:
            raise _unknown(parameter, ".".join([*names[:position], name]), names[:position], known)
        kind = known[name]
        if kind is None:
            if not last:
                raise _unknown(parameter, ".".join(names[: position + 2]), names[:position], known)
            at[name] = Selection()
            return
        if last or parameter == "expand":
            # A field of it may have been named before: then that one is kept, and the usual ones come with it.
            at[name] = Selection(default(kind, whole=False, nested=True) | at.get(name, {}))
        else:
            at.setdefault(name, Selection())
        at, inner = at[name], kind


def _unknown(parameter: str, upto: str, before: list[str], known: Iterable[str]) -> ValidationError:
    prefix = "".join(f"{name}." for name in before)
    message = _("There is no “%s” here.") % shown(upto)
    message += did_you_mean(upto, [f"{prefix}{name}" for name in known])
    return ValidationError({parameter: [ErrorDetail(message, code="unknown_field")]})


def parameters(serializer: "type[RecordSerializer]") -> list[dict[str, Any]]:
    """`fields` and, where records are nested, `expand` as OpenAPI parameters."""
    names = shape(serializer)
    nested = [name for name, inner in names.items() if inner is not None]
    found = [
        {
            "name": "fields",
            "in": "query",
            "description": "Only these fields, separated by commas; those of nested records as in budgets.amount."
            f" Known: {', '.join(names)}.",
            **_list_of_names(),
        }
    ]
    if nested:
        found.append(
            {
                "name": "expand",
                "in": "query",
                "description": f"Nested records to show besides, separated by commas. Known: {', '.join(nested)}.",
                **_list_of_names(nested),
            }
        )
    return found


def _list_of_names(examples: Iterable[str] = ()) -> dict[str, Any]:
    item = {"type": "string", "pattern": r"^[a-z_]+(\.[a-z_]+)*$"} | ({"examples": list(examples)} if examples else {})
    return {"schema": {"type": "array", "items": item, "minItems": 1}, "style": "form", "explode": False}
