"""Widgets of the officers' forms."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models

from tracker.admin.keys import is_key


class Autocomplete(AutocompleteSelect):
    """A search box for a record, which shows the chosen one without asking the database for it again."""

    known: models.Model | None = None
    limits: Mapping[str, str] = {}

    def get_url(self) -> str:
        """The address that answers the search, within the limits (such as one programme) if there are any."""
        url = super().get_url()
        return f"{url}?{urlencode(self.limits)}" if self.limits else url

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The options: what is chosen. A form that is shown again may hold anything, also what is no key."""
        value = [each for each in value if is_key(self.field.related_model, each)]
        known = self.known
        if known is None or [str(each) for each in value] != [str(known.pk)]:
            return super().optgroups(name, value, attr)
        label = self.choices.field.label_from_instance(known)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, known.pk, label, True, 0))
        return [(None, options, 0)]
