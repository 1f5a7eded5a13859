"""Statements as each database takes them."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from programmes.models import Budget, Programme
from tests.factories import BudgetFactory
from tests.programmes.api.resources import RESOURCES, make
from tracker.records.statements import Statement, as_records, asked, asked_together, columns, worded

KINDS = [view.queryset.model for view in RESOURCES.values()]

STATEMENT = (
    "SELECT a FROM t WHERE b = %s AND id IN (1, 2, 3) AND id IN (%s, 5) AND code IN (%s, %s) AND c IN (SELECT 1)"
    " AND d IN ('x') AND e IN (NULL) AND history_id > 55 AND n.history_id <= 7 AND %s LIMIT 9"
)
VALUES = ["b", 4, "MX", "PE", True]


def test_keys_are_values_and_numbers_of_versions_on_sqlite() -> None:
    text, values = worded(STATEMENT, VALUES)
    if connection.vendor == "postgresql":
        assert text == (
            "SELECT a FROM t WHERE b = %s AND id = ANY(%s) AND id = ANY(%s) AND code IN (%s, %s) AND c IN (SELECT 1)"
            " AND d IN ('x') AND e IN (NULL) AND history_id > 55 AND n.history_id <= 7 AND %s LIMIT 9"
        )
        assert values == ["b", [1, 2, 3], [4, 5], "MX", "PE", True]
        return
    given = "IN (SELECT value FROM json_each(%s))"
    assert text == (
        f"SELECT a FROM t WHERE b = %s AND id {given} AND id {given} AND code IN (%s, %s) AND c IN (SELECT 1)"
        " AND d IN ('x') AND e IN (NULL) AND history_id > %s AND n.history_id <= %s AND %s LIMIT 9"
    )
    assert values == ["b", "[1, 2, 3]", "[4, 5]", "MX", "PE", 55, 7, True]


def test_statements_for_other_keys_have_the_same_words() -> None:
    texts = {worded(f"SELECT 1 WHERE id IN ({keys})", []).text for keys in ("1", "1, 2", "7, 8, 9")}
    assert len(texts) == 1


def test_numbers_of_versions_are_words_on_postgresql() -> None:
    texts = {worded(f"SELECT 1 WHERE history_id > {number}", []).text for number in (1, 12)}
    assert len(texts) == (1 if connection.vendor == "sqlite" else 2)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_records_of_every_kind_are_read_as_django_reads_them(kind: Any, db: None) -> None:
    made = [make(kind, number) for number in range(2)]
    key = kind._meta.pk.column
    statement = f'SELECT {columns(kind)} FROM "{kind._meta.db_table}" WHERE "{key}" = %(key)s'
    for each in made:
        [(found,)] = as_records([kind], asked(statement, {"key": each.pk}))
        (expected,) = kind._base_manager.filter(pk=each.pk)
        values = {field.attname: getattr(expected, field.attname) for field in kind._meta.concrete_fields}
        read = {field.attname: getattr(found, field.attname) for field in kind._meta.concrete_fields}
        assert read == values
        assert {name: type(value) for name, value in read.items()} == {
            name: type(value) for name, value in values.items()
        }
        assert (found._state.adding, found._state.db) == (False, "default")


def test_records_of_two_kinds_are_read_from_one_row(db: None) -> None:
    line = BudgetFactory()
    statement = (
        f"SELECT {columns(Budget)}, {columns(Programme)} FROM programmes_budget"
        " JOIN programmes_programme ON programmes_programme.id = programmes_budget.programme_id"
        " WHERE programmes_budget.code = %(code)s"
    )
    [(budget, programme)] = as_records([Budget, Programme], asked(statement, {"code": line.code}))
    assert (budget.pk, budget.amount, programme.pk, programme.code) == (
        line.pk,
        line.amount,
        line.programme.pk,
        line.programme.code,
    )


def test_questions_asked_together_are_answered_in_their_order(db: None) -> None:
    one, other = Statement("SELECT %(a)s + 1", {"a": 1}), Statement("SELECT 5 UNION ALL SELECT 6 ORDER BY 1", {})
    assert asked_together(other, None, one, None, other) == [[(5,), (6,)], [], [(2,)], [], [(5,), (6,)]]
    assert asked_together() == []


def test_one_that_cannot_be_answered_is_an_error_of_the_database_and_leaves_the_connection_usable(db: None) -> None:
    one = Statement("SELECT 1", {})
    for questions in ([Statement("SELECT a FROM nowhere", {}), one], [one, Statement("SELECT a FROM nowhere", {})]):
        with pytest.raises(DatabaseError, match="nowhere"), transaction.atomic():
            asked_together(*questions)
        assert asked_together(one) == [[(1,)]]


def test_numbers_of_versions_of_which_few_follow_are_values() -> None:
    statement = "SELECT id FROM t WHERE history_id > {} ORDER BY history_id LIMIT 9"
    for number in (1, 12):
        assert worded(statement.format(number), []) == (statement.format("%s"), [number])
