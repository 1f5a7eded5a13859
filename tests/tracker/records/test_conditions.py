"""Conditions in memory give the database's own answers."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tracker.records.conditions import NotEvaluableError, in_memory
from tracker.records.models import Record

CHECKS = [
    (model, constraint)
    for model in apps.get_models()
    if issubclass(model, Record)
    for constraint in model._meta.constraints
    if isinstance(constraint, models.CheckConstraint)
]

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "PartialDateField": st.sampled_from([None, "2016", "2016-02", "2016-02-15", "2015-12", "2017"]),
    "DecimalField": st.sampled_from([None, Decimal(-1), Decimal(0), Decimal("0.5"), Decimal(100), Decimal("100.01")]),
    "ForeignKey": st.sampled_from([None, 1, 2]),
    "OneToOneField": st.sampled_from([None, 1, 2]),
    "BooleanField": st.sampled_from([None, True, False]),
    "BigAutoField": st.sampled_from([None, 1, 2]),
    "CountField": st.sampled_from([None, 1, 2, 3]),
    "SmallCountField": st.sampled_from([None, 1, 2, 3]),
}


def strategy(field: Any) -> st.SearchStrategy[Any]:
    if type(field).__name__ in VALUES:
        return VALUES[type(field).__name__]
    return st.sampled_from(["", *[code for code, _label in field.choices or ()], "EUR"])


def fields_of(condition: Q) -> set[str]:
    found: set[str] = set()
    for child in condition.children:
        if isinstance(child, Q):
            found |= fields_of(child)
        else:
            path, right = child
            found.add(path.partition("__")[0])
            found |= {each.name for each in expressions(right) if isinstance(each, models.F)}
    return found


def expressions(value: Any) -> list[Any]:
    if not hasattr(value, "resolve_expression"):
        return []
    inner = value.get_source_expressions() if hasattr(value, "get_source_expressions") else []
    return [value, *(each for source in inner for each in expressions(source))]


class Agreement(TestCase):
    """On random values."""

    @settings(max_examples=80, deadline=None)
    @given(st.data())
    def test_holds_agrees_with_the_database(self, data: st.DataObject) -> None:
        model, constraint = data.draw(st.sampled_from(CHECKS))
        names = sorted(fields_of(constraint.condition))
        chosen = {name: data.draw(strategy(model._meta.get_field(name)), label=name) for name in names}
        against = {name: models.Value(value, model._meta.get_field(name)) for name, value in chosen.items()}
        assert (in_memory(constraint.condition)(chosen) is not False) == Q(constraint.condition).check(against)


def test_every_check_constraint_is_evaluated_in_memory() -> None:
    for model, constraint in CHECKS:
        values = dict.fromkeys((field.name for field in model._meta.concrete_fields), None)
        assert in_memory(constraint.condition)(values) in (True, False, None)


@pytest.mark.parametrize("condition", [Q(name__startswith="A"), Q(name=Upper("code")), Q(name="A") ^ Q(code="B")])
def test_unknown_construct_is_left_to_the_database(condition: Q) -> None:
    with pytest.raises(NotEvaluableError):
        in_memory(condition)({"name": "A", "code": "B"})
