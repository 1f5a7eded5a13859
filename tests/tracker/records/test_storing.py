"""New records that are stored together are what they would be if each were saved by itself."""

from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from tests.factories import BudgetFactory, ProgrammeFactory
from tests.programmes.api.resources import RESOURCES, make
from tracker.records.storing import store, stored_fields

pytestmark = pytest.mark.django_db

TEXT = "Ñandú \"two\" 'one' \\n\n\t%s {0} 1e5 null 😀"
OF_THE_TIME = {"created_at", "modified_at"}
KINDS = [view.queryset.model for view in RESOURCES.values()]


def row(record: Any) -> dict[str, Any]:
    """What is stored of a record, but for when."""
    found: dict[str, Any] = type(record)._base_manager.values().get(pk=record.pk)
    return {name: value for name, value in found.items() if name not in OF_THE_TIME}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_is_stored_as_it_is_saved(kind: Any) -> None:
    record = make(kind, 0)
    texts = [each.name for each in stored_fields(kind) if isinstance(each, models.TextField)]
    for name in texts:
        setattr(record, name, TEXT)
    models.Model.save(record)
    saved = row(record)
    kind.history.filter(**{kind._meta.pk.attname: record.pk}).delete()
    kind._base_manager.filter(pk=record.pk)._raw_delete(using="default")
    again = kind(**{each.attname: getattr(record, each.attname) for each in stored_fields(kind)})
    store({kind: [again]})
    assert row(again) == saved
    version = kind.history.get(**{kind._meta.pk.attname: record.pk})
    assert {each.attname: getattr(version, each.attname) for each in stored_fields(kind)} == {
        each.attname: getattr(kind._base_manager.get(pk=record.pk), each.attname) for each in stored_fields(kind)
    }
    assert (version.history_type, version.superseded_at) == ("+", None)


def test_all_kinds_are_one_statement_on_postgresql_whatever_their_number() -> None:
    """So its plan is kept."""
    texts = []
    for number in (1, 3):
        programmes = [ProgrammeFactory.build(pk=1000 * number + place) for place in range(number)]
        lines = [BudgetFactory.build(pk=each.pk, code=f"LINE-{each.pk}", programme=each) for each in programmes]
        with CaptureQueriesContext(connection) as captured:
            store({type(programmes[0]): programmes, type(lines[0]): lines})
        texts.append([query["sql"] for query in captured])
    if connection.vendor == "postgresql":
        assert [len(each) for each in texts] == [1, 1]
    else:
        assert [len(each) for each in texts] == [4, 4]
