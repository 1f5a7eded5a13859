"""Addresses of the admin, and the data that a browser would send back from a form."""

from typing import Any

from django.db.models import Model
from django.urls import reverse


def page(record: Model | type[Model], view: str, *args: Any, section: str = "") -> str:
    """The address of a page of a kind of record, or of a record, or of a section of that."""
    opts = record._meta
    keys = args or ((record.pk,) if isinstance(record, Model) else ())
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=keys)
    return f"{address}?section={section}" if section else address


def data_of(response: Any) -> dict[str, Any]:
    """What the form of the page would send if nothing were changed in it."""
    formsets = [each.formset for each in response.context["inline_admin_formsets"]]
    forms = [response.context["adminform"].form]
    forms += [form for formset in formsets for form in (formset.management_form, *formset.forms)]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:  # a browser sends no switch that is off
                data[field.html_name] = value
    return data


def added(data: dict[str, Any], prefix: str, **values: Any) -> dict[str, Any]:
    """The data with one more row below `prefix`."""
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    row = {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return data | row | {f"{prefix}-TOTAL_FORMS": number + 1}


def errors_in(response: Any) -> dict[str, list[str]]:
    """The errors of the page by the name of their field."""
    forms = [response.context["adminform"].form]
    forms += [form for each in response.context["inline_admin_formsets"] for form in each.formset.forms]
    return {
        form.add_prefix(field): [str(error) for error in errors]
        for form in forms
        for field, errors in form.errors.items()
    }
