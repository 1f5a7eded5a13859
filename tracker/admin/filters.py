"""A filter by a record that is chosen in a search box."""

from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from tracker.admin.keys import key_of


class ChosenRecord(AutocompleteSelectFilter):
    """Records that lead, by the filter's path, to the chosen one; subclasses may narrow otherwise."""

    label: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.label:
            self.title = self.label

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        text = self.value()
        if not text:
            return queryset
        try:
            key = key_of(self.field.related_model, text)
        except ValidationError as error:
            raise IncorrectLookupParameters(error) from error
        return self.narrow(queryset, key)

    def narrow(self, queryset: models.QuerySet[Any], key: Any) -> models.QuerySet[Any]:
        """The records that the filter keeps."""
        return queryset.filter(**{self.field_path: key})
