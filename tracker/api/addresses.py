"""By what a record is found in the API: its code (a country also by its alpha-3 code), else its number."""

import functools
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.api.suggestions import did_you_mean, shown

CODES = ("code", "alpha3")
MAX_NUMBER = 2**63 - 1
MAX_SUGGESTED_FROM = 2000


@functools.cache
def code_fields(model: type[Model]) -> tuple[str, ...]:
    """The names of the model's code fields, the one that stands in its address first; none where it has no code."""
    names = {field.name for field in model._meta.concrete_fields}
    return tuple(name for name in CODES if name in names)


def key_field(model: type[Model]) -> str:
    """The field that stands in the record's address: "code", or the key's name."""
    return (code_fields(model) or (model._meta.pk.name,))[0]


@functools.cache
def list_path(model: Any) -> str:
    """The path of the list of its records; a record's own is that with its key and a slash."""
    return reverse(f"{model._meta.model_name}-list")


def read_key(model: type[Model], text: str) -> str | int | None:
    """The key of an address as it is stored, whatever its case; None where the text cannot be one."""
    if "\0" in text:
        return None
    if code_fields(model):
        return text.upper()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else MAX_NUMBER + 1
    return number if number <= MAX_NUMBER else None


def found_by(model: type[Model], keys: list[str]) -> Q | None:
    """The condition for having one of the keys, whatever their case; None where one of them cannot be a key."""
    wanted = [read_key(model, key) for key in keys]
    if None in wanted:
        return None
    condition = Q()
    for name in code_fields(model) or ["pk"]:
        condition |= Q(**{f"{name}__in": wanted})
    return condition


def not_found(queryset: QuerySet[Any], key: str) -> str:
    """A sentence that says so, with the nearest code."""
    model = queryset.model
    name = key_field(model)
    words = {"kind": str(model._meta.verbose_name), "key": shown(key)}
    if name != "code":
        return _("There is no %(kind)s “%(key)s”.") % words
    same_start = queryset.order_by("code").filter(code__startswith=key[:1].upper())
    known = list(same_start.values_list("code", flat=True)[:MAX_SUGGESTED_FROM])
    return _("There is no %(kind)s “%(key)s”.") % words + did_you_mean(key, known)
