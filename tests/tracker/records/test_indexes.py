"""The indexes of the tables: every link has one, and none is the beginning of another."""

from typing import Any

import pytest
from django.db.models import F, Q, TextField

from countries.models import Country, Grouping, Membership
from programmes.models import Instrument, Theme
from programmes.models.themes import PurposeCode
from tracker.api.ordering import computed_orders, orderable
from tracker.records.search import SearchKeyField
from tracker.records.views import recorded

OF_FEW = (Country, Grouping, Membership, Instrument, Theme, PurposeCode)  # however large the portfolio
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


@MODELS
def test_every_order_and_filter_by_a_column_has_an_index(model: Any) -> None:
    own = {path for name, path in orderable(model).items() if "__" not in path and name not in computed_orders(model)}
    names = {model._meta.get_field(path).name for path in own if not model._meta.get_field(path).unique}
    begun = {each.fields[0] for each in model._meta.indexes if each.fields[1:] == ["id"]}
    assert begun == (set() if model in OF_FEW else names)


@MODELS
def test_texts_that_may_be_long_have_indexes_of_those_that_lack(model: Any) -> None:
    texts = {
        field.name
        for field in model._meta.local_concrete_fields
        if isinstance(field, TextField) and field.blank and not isinstance(field, SearchKeyField)
    }
    found = [each.condition for each in model._meta.indexes if each.fields == ["id"]]
    lacking = {name for name in texts for asked in (Q(**{name: ""}), Q(**{f"{name}__gt": ""})) if asked not in found}
    assert lacking == (texts if model in OF_FEW else set())


def _unique(model: Any) -> list[tuple[str, ...]]:
    """The columns of the unique constraints on all rows."""
    constraints = [each for each in model._meta.constraints if hasattr(each, "nulls_distinct")]
    return [_columns(each) for each in constraints if each.condition is None]


def _columns(index: Any) -> tuple[str, ...]:
    """The names of the columns; other expressions as they are written."""
    return tuple(index.fields or (each.name if isinstance(each, F) else str(each) for each in index.expressions))
