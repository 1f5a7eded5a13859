"""Search that ignores case and accents alike on every database: a normalised copy of the texts, kept by the field."""

import unicodedata
from typing import Any

from django.db import models


def normalise(text: str) -> str:
    """Case folded, without accents and with single spaces: "  Cohesión  Social" becomes "cohesion social"."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    # The null character is in no text, and PostgreSQL does not even let one ask for it.
    return " ".join(text.replace("\0", "").casefold().split())


class SearchKeyField(models.TextField):
    """The normalised texts of the `sources` fields, one a line; written with every save and bulk insert."""

    def __init__(self, *sources: str, **kwargs: Any) -> None:
        self.sources = sources
        kwargs |= {"editable": False, "default": ""}
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, _args, kwargs = super().deconstruct()
        for key in ("editable", "default"):
            kwargs.pop(key, None)
        return name, path, list(self.sources), kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        texts = (normalise(str(getattr(model_instance, name) or "")) for name in self.sources)
        key = "\n".join(text for text in texts if text)
        setattr(model_instance, self.attname, key)
        return key


def is_searched(kind: type[models.Model]) -> bool:
    """Whether records of the kind have a search key."""
    return any(isinstance(field, SearchKeyField) for field in kind._meta.concrete_fields)


def words_of(text: str) -> list[str]:
    """Its normalised words."""
    return normalise(text).split()
