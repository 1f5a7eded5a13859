"""The forms of records: the models' own validation, with each error beside the field that caused it."""

import functools
from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.utils.text import capfirst
from unfold.contrib.inlines.forms import NonrelatedInlineModelFormSet
from unfold.forms import PaginationInlineFormSet

from tracker.access.rules import check
from tracker.admin.pages import RowsPaginator
from tracker.admin.widgets import Autocomplete


class RecordForm(forms.ModelForm):
    """A form for a record or a part of it."""

    # By field: parameters that its search box adds to its questions, and the attribute that holds their value.
    search_within: ClassVar[dict[str, dict[str, str]]] = {}

    # Templates ask the class of the form for these; they would make a form of it, and none has any.
    do_not_call_in_templates = True
    nested_formsets: ClassVar[tuple[Any, ...]] = ()

    user: Any = None  # who fills it in, where the page has said so

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, widget in self._autocompletes():
            field = self.instance._meta.get_field(name)
            widget.known = field.get_cached_value(self.instance, default=None)
            within = {key: getattr(self.instance, attr) for key, attr in self.search_within.get(name, {}).items()}
            widget.limits = {key: str(value) for key, value in within.items() if value is not None}

    def _autocompletes(self) -> Iterator[tuple[str, Autocomplete]]:
        links = {field.name for field in self.instance._meta.fields if field.is_relation}
        for name, field in self.fields.items():
            widget = field.widget
            if isinstance(widget, RelatedFieldWidgetWrapper):
                widget = widget.widget
            if isinstance(widget, Autocomplete) and name in links:
                yield name, widget

    def _post_clean(self) -> None:
        """The model's own checks, and whether the record may be written where it belongs now."""
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                check(self.user, self.instance)
            except ValidationError as error:
                self.add_error(None, error)

    def _update_errors(self, errors: Any) -> None:
        """As they are: Django would put a form field's own words for an error code in the place of the model's."""
        self.add_error(None, errors)

    def add_error(self, field: str | None, error: Any) -> None:
        """Errors of fields that this form does not show are said at its top, with the field's name."""
        if field is None and hasattr(error, "error_dict"):
            shown: dict[str, list[ValidationError]] = {}
            for name, errors in error.error_dict.items():
                if name == NON_FIELD_ERRORS or name in self.fields:
                    shown.setdefault(name, []).extend(errors)
                else:
                    shown.setdefault(NON_FIELD_ERRORS, []).extend(self._named(name, each) for each in errors)
            error = ValidationError(shown)
        super().add_error(field, error)

    def _named(self, name: str, error: ValidationError) -> ValidationError:
        try:
            label = self.instance._meta.get_field(name).verbose_name
        except FieldDoesNotExist:
            label = name
        return ValidationError(f"{capfirst(label)}: {' '.join(error.messages)}", code=error.code)


class OneEmptyForm:
    """For sets of forms: the empty one, which templates ask for again and again, is made once."""

    @functools.cached_property
    def empty_form(self) -> Any:
        """The form from which the browser makes new rows."""
        return super().empty_form  # type: ignore[misc]


class InPages:
    """For sets of forms: in pages, of which the first tells by itself that it is the only one."""

    def get_page(self, paginator: Paginator, page: int) -> Any:
        """The page with the number; the first where there is none."""
        self.paginator = RowsPaginator(paginator.object_list, paginator.per_page)
        return super().get_page(self.paginator, page)  # type: ignore[misc]


class RowsFormSet(InPages, OneEmptyForm, PaginationInlineFormSet):
    """The forms of rows."""


class UnrelatedRowsFormSet(InPages, OneEmptyForm, NonrelatedInlineModelFormSet):
    """The forms of rows that no link of their own ties to the page's record."""
