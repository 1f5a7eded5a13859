"""What was written since a moment, and whose it is."""

from typing import Any

import pytest

from countries.models import Country
from programmes.models import Budget, Programme
from tests.factories import BudgetFactory, CountryFactory, ProgrammeFactory
from tracker.records import written as module
from tracker.records.fresh import last_versions
from tracker.records.written import Written, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> list[Budget]:
    """Lines of three programmes, each part of the one before; nine more of the first, and one of a fourth."""
    found: list[Budget] = []
    for number in range(3):
        programme = ProgrammeFactory.create(code=f"P{number}")
        found.append(BudgetFactory.create(programme=programme, part_of=found[-1] if found else None))
    for _line in range(9):
        BudgetFactory(programme=found[0].programme)
    BudgetFactory(programme=ProgrammeFactory.create(code="ALONE"))
    return found


def after(record: Any, whole: Any = Programme) -> Written | None:
    """What was written when the record was saved."""
    before = last_versions(frozenset({type(record)}))
    record.note = "changed"
    record.save()
    return written(before, whole)


def codes(keys: Any) -> set[str]:
    return set(Programme.objects.filter(pk__in=keys).values_list("code", flat=True))


def test_with_a_line_goes_its_programme_and_all_whose_lines_are_linked_to_it(lines: list[Budget]) -> None:
    found = after(lines[2])
    assert found is not None
    assert codes(found.wholes) == {"P1", "P2"}
    assert codes(found.with_all_linked()) == {"P0", "P1", "P2"}


def test_of_too_many_nothing_is_told(lines: list[Budget], monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many programmes; lines may be more."""
    monkeypatch.setattr(module, "MOST", 3)
    found = after(lines[0])
    assert found is not None
    assert codes(found.with_all_linked()) == {"P0", "P1", "P2"}
    monkeypatch.setattr(module, "MOST", 2)
    found = after(lines[1])
    assert found is not None
    assert found.with_all_linked() is None


def test_of_too_many_records_of_a_kind_nothing_is_told(lines: list[Budget], monkeypatch: pytest.MonkeyPatch) -> None:
    before = last_versions(frozenset({Budget}))
    for line in lines:
        line.save()
    for most, is_told in ((3, True), (2, False)):
        monkeypatch.setattr(module, "MOST_WRITTEN", most)
        found = written(before, Programme)
        assert (found is not None) is is_told
    monkeypatch.undo()
    found = written(before, Programme)
    assert found is not None
    assert codes(found.wholes) == {"P0", "P1", "P2"}


def test_where_keys_are_no_numbers_nothing_is_told() -> None:
    assert after(CountryFactory.create(code="XA"), Country) is None
