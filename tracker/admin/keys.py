"""Keys as they come in from outside: texts that may be anything."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest


def key_of(model: type[models.Model], text: object) -> Any:
    """The key that the text stands for; raises ValidationError for what can be no key of the model."""
    return model._meta.pk.clean(str(text), None)


def is_key(model: type[models.Model], text: object) -> bool:
    """Whether the text can be a key of the model."""
    try:
        key_of(model, text)
    except ValidationError:
        return False
    return True


def looked_up(request: HttpRequest, page: Any, key: Any) -> Any:
    """The record with the key, as the page of its kind shows it; read once for a request. Null: there is none."""
    known: dict[Any, Any] = request.__dict__.setdefault("records_looked_up", {})
    place = page.model, str(key)
    if place not in known:
        known[place] = page.get_queryset(request).filter(pk=key).first() if is_key(page.model, key) else None
    return known[place]
