"""Statements as the cursor of our own gives them to PostgreSQL."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tracker.records.prepared import numbered
from tracker.records.statements import asked


def test_parameters_by_place() -> None:
    statement, names = numbered("SELECT a FROM t WHERE b = %s AND c LIKE 'x%%s' AND d = ANY(%s)")
    assert statement == b"SELECT a FROM t WHERE b = $1 AND c LIKE 'x%s' AND d = ANY($2)"
    assert names == ()


def test_parameters_by_name_stand_once_each_however_often_they_are_used() -> None:
    statement, names = numbered("SELECT %(to)s, %(since)s, '100 %%', %(to)s")
    assert statement == b"SELECT $1, $2, '100 %', $1"
    assert names == ("to", "since")


def test_more_parameters_than_the_statement_names_may_be_given(db: None) -> None:
    text = "CAST(%(one)s AS varchar(9))"
    assert asked(f"SELECT {text}, '%%', {text}", {"other": 1, "one": "ñ %s"}) == [("ñ %s", "%", "ñ %s")]
    assert asked("SELECT '%%'", {}) == [("%",)]


def test_what_was_asked_is_logged(db: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        asked("SELECT %(one)s || 'x'", {"one": "first"})
    assert [each["sql"] for each in captured] == [
        "SELECT $1 || 'x'" if connection.vendor == "postgresql" else "SELECT 'first' || 'x'"
    ]
