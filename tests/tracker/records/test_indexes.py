"""The indexes of the tables: every link has one, and none is the beginning of another."""

from typing import Any

import pytest
from django.db.models import F

from tracker.records.views import recorded

MODELS = pytest.mark.parametrize("model", recorded(), ids=lambda model: model.__name__)


@MODELS
def test_no_index_is_the_beginning_of_another(model: Any) -> None:
    single = [(field.name,) for field in model._meta.local_concrete_fields if field.db_index and not field.unique]
    of_all_rows = [*single, *(_columns(each) for each in model._meta.indexes if each.condition is None)]
    longer = {*of_all_rows, *_unique(model)}
    assert [each for each in of_all_rows if any(other != each and other[: len(each)] == each for other in longer)] == []


@MODELS
def test_every_link_is_at_the_beginning_of_an_index(model: Any) -> None:
    links = [field for field in model._meta.local_concrete_fields if field.many_to_one]
    begun = {_columns(each)[0] for each in model._meta.indexes} | {each[0] for each in _unique(model)}
    assert [field.name for field in links if not field.db_index and field.name not in begun] == []


def _unique(model: Any) -> list[tuple[str, ...]]:
    """The columns of the unique constraints on all rows."""
    constraints = [each for each in model._meta.constraints if hasattr(each, "nulls_distinct")]
    return [_columns(each) for each in constraints if each.condition is None]


def _columns(index: Any) -> tuple[str, ...]:
    """The names of the columns; other expressions as they are written."""
    return tuple(index.fields or (each.name if isinstance(each, F) else str(each) for each in index.expressions))
