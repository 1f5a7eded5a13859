"""Search boxes that know what was chosen and where to search."""

import pytest
from django import forms
from django.contrib import admin

from programmes.models import Budget, Phase
from tests.factories import PhaseFactory
from tracker.admin.widgets import Autocomplete


def search_box(*, required: bool = False) -> forms.ModelChoiceField:
    widget = Autocomplete(Budget._meta.get_field("phase"), admin.site)
    return forms.ModelChoiceField(Phase.objects.all(), widget=widget, required=required)


def options(field: forms.ModelChoiceField, value: object) -> list[tuple[str, str, bool]]:
    field.widget.choices = field.choices
    groups = field.widget.optgroups("phase", [value])
    return [
        (str(each["value"]), str(each["label"]), bool(each["selected"]))
        for _name, each_group, _i in groups
        for each in each_group
    ]


def test_chosen_record_that_is_known_takes_no_query(db, django_assert_num_queries):
    phase = PhaseFactory()
    field = search_box(required=True)
    field.widget.known = phase
    with django_assert_num_queries(0):
        assert options(field, phase.pk) == [(str(phase.pk), str(phase), True)]


def test_chosen_record_that_is_not_the_known_one_is_looked_up(db, django_assert_num_queries):
    known, chosen = PhaseFactory(), PhaseFactory()
    field = search_box(required=True)
    field.widget.known = known
    with django_assert_num_queries(2):  # the phase and, for its name, its programme
        assert options(field, chosen.pk) == [(str(chosen.pk), str(chosen), True)]


def test_box_that_may_stay_empty_has_an_empty_option(db):
    phase = PhaseFactory()
    field = search_box()
    field.widget.known = phase
    assert options(field, phase.pk) == [("", "", False), (str(phase.pk), str(phase), True)]


@pytest.mark.parametrize(
    ("limits", "address"),
    [({}, "/admin/autocomplete/"), ({"programme": "7"}, "/admin/autocomplete/?programme=7")],
)
def test_limits_stand_in_the_address_of_the_search(limits, address):
    widget = search_box().widget
    widget.limits = limits
    assert widget.get_url() == address
