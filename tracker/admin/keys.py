"""Keys as they come in from outside: texts that may be anything."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


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
