"""The form field: what an officer types and what comes of it."""

import pytest
from django import forms

from tracker.partial_dates import PartialDate
from tracker.partial_dates.forms import PartialDateFormField


class Form(forms.Form):
    date = PartialDateFormField(required=False)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [("2016", "2016"), (" 2016-02 ", "2016-02"), ("2016-02-15", "2016-02-15"), ("", None), ("  ", None), (None, None)],
)
def test_form_field_typed_date_is_cleaned(typed, cleaned):
    form = Form({"date": typed})

    assert (form.is_valid(), form.cleaned_data) == (True, {"date": cleaned})
    assert type(form.cleaned_data["date"]) is (PartialDate if cleaned else type(None))


def test_form_field_invalid_date_is_refused_with_the_text_as_typed():
    form = Form({"date": "2016-13"})

    assert form.errors == {
        "date": ["“2016-13” is not a date. Write a year, a month or a day: 2016, 2016-02 or 2016-02-15."]
    }
    assert str(form["date"]) == (
        '<input type="text" name="date" value="2016-13" placeholder="2016, 2016-02 or 2016-02-15" maxlength="10"'
        ' inputmode="numeric" aria-invalid="true" aria-describedby="id_date_error" id="id_date">'
    )


def test_form_field_required_and_empty_is_refused():
    field = PartialDateFormField()

    with pytest.raises(forms.ValidationError) as error:
        field.clean("")

    assert error.value.code == "required"


@pytest.mark.parametrize(
    ("initial", "typed", "changed"),
    [
        (None, "", False),
        (PartialDate("2016"), "2016", False),
        (PartialDate("2016"), " 2016 ", False),
        (PartialDate("2016"), "2016-01", True),
        (PartialDate("2016"), "", True),
        (None, "2016", True),
    ],
)
def test_form_field_has_changed_only_with_the_date(initial, typed, changed):
    assert PartialDateFormField().has_changed(initial, typed) is changed
