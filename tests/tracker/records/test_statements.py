"""Statements as each database takes them."""

from django.db import connection

from tracker.records.statements import worded

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
