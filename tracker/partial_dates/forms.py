"""The form field: one text box that takes a year, a month or a day."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.partial_dates.value import PartialDate


class PartialDateFormField(forms.Field):
    """Cleans to a PartialDate, or to None where the box is empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"placeholder": _("2016, 2016-02 or 2016-02-15"), "maxlength": 10, "inputmode": "numeric"}

    def to_python(self, value: Any) -> PartialDate | None:
        if isinstance(value, str):
            value = value.strip()
        return None if value in self.empty_values else PartialDate.of(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or "") != (data or "").strip()
