"""An index of search keys by n-grams: the records that hold a word are found by it, wherever the word stands.

An n-gram is what a word has from one of its characters on, up to three. What has all trigrams of a word may hold it,
and is looked at; a shorter word is the beginning of some n-gram.

PostgreSQL finds them by a function and an index of our own, which need no extension; SQLite by a table of FTS5, which
triggers keep. Both follow the tables: `manage.py migrate` makes what is missing.
"""

import sys
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import AutoField
from django.db.models.lookups import Contains

from tracker.records.search import SearchKeyField, is_searched
from tracker.records.views import TABLES, recorded, table

MOST = 3  # characters of one
LONGEST = 50_000  # characters of a key: of more PostgreSQL's type may not have room for all n-grams
ANY = " "  # stands for all n-grams of a longer one

# The key has single spaces, and lines. Were it dearer, PostgreSQL would call workers to look at what the index lists.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {TABLES["postgresql"]}.ngrams(text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
    SELECT array_to_tsvector(CASE WHEN length($1) > {LONGEST} THEN ARRAY['{ANY}'] ELSE ARRAY(
        SELECT part FROM (
            SELECT (regexp_matches($1, '...', 'g'))[1]
            UNION ALL SELECT (regexp_matches(substr($1, 2), '...', 'g'))[1]
            UNION ALL SELECT (regexp_matches(substr($1, 3), '...', 'g'))[1]
            UNION ALL SELECT right(word, size)
            FROM string_to_table(translate($1, E'\\n', ' '), ' ') AS word CROSS JOIN generate_series(1, 2) AS size
        ) AS parts(part)
        WHERE part !~ '[ \\n]|^$'
    ) END)
$$"""  # noqa: S608
_END = "char(10, 10)"  # of a key on SQLite, whose trigrams are of the whole: with it one begins at each character


def ngrams(text: str) -> list[str]:
    """Those by which the normalised words are found, each once: their trigrams, and the shorter words."""
    return sorted({part for word in text.split() for part in _longest(word)})


def _longest(word: str) -> Iterator[str]:
    size = min(MOST, len(word))
    return (word[start : start + size] for start in range(len(word) - size + 1))


def is_indexed(kind: Any) -> bool:
    """Whether the index has records of the kind: those of which there may be many, which are numbered."""
    return is_searched(kind) and isinstance(kind._meta.pk, AutoField)


def indexed_kinds() -> list[Any]:
    """The kinds of record that the index has."""
    return [kind for kind in recorded() if is_indexed(kind)]


def index_name(kind: Any) -> str:
    """The name of the index on PostgreSQL, and of the table on SQLite."""
    return f"{kind._meta.db_table}_search"


def terms_name(kind: Any) -> str:
    """The name of the table of its trigrams, on SQLite."""
    return f"{index_name(kind)}_terms"


@SearchKeyField.register_lookup
class Holds(Contains):
    """`search_key__holds=word` is `search_key__contains=word`, found by the index.

    The index is of the records as they are now.
    """

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        listing = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
        listed, wanted = listing(self.lhs, ngrams(self.rhs), compiler)
        held, values = compiler.compile(Contains(self.lhs, self.rhs))
        return f"({listed} AND {held})", (*wanted, *values)


def _on_postgresql(column: Any, wanted: list[str], compiler: Any) -> tuple[str, list[str]]:
    """That the index lists the row of a search key under all n-grams, and the parameters for these."""
    key, _no_values = compiler.compile(column)
    # A beginning is asked for twice: PostgreSQL expects it of every fiftieth, and would call workers.
    forms = (("{0}" if len(each) == MOST else "{0}:* & {0}:*").format(_quoted(each)) for each in wanted)
    listed = f"{' & '.join(forms)} | {_quoted(ANY)}"
    return f"{TABLES['postgresql']}.ngrams({key}) @@ CAST(%s AS tsquery)", [listed]


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", r"\\").replace("'", "''")
    return f"'{escaped}'"


def _on_sqlite(column: Any, wanted: list[str], _compiler: Any) -> tuple[str, list[str]]:
    """The same."""
    kind, quoted = column.target.model, connection.ops.quote_name
    name, terms = (f"{TABLES['sqlite']}.{each}" for each in (index_name(kind), terms_name(kind)))
    listed, values = list[str](), list[str]()
    if trigrams := ['"' + each.replace('"', '""') + '"' for each in wanted if len(each) == MOST]:
        listed.append(f"SELECT rowid FROM {name} WHERE {index_name(kind)} MATCH %s")  # noqa: S608
        values.append(" AND ".join(trigrams))
    for beginning in (each for each in wanted if len(each) < MOST):
        listed.append(f"SELECT doc FROM {terms} WHERE term BETWEEN %s AND %s")  # noqa: S608
        values += [beginning, beginning + chr(sys.maxunicode) * MOST]
    key = f"{quoted(column.alias)}.{quoted(kind._meta.pk.column)}"
    return " AND ".join(f"{key} IN ({each})" for each in listed), values


def indexing() -> Iterator[str]:
    """Statements that make what is missing of the index."""
    if connection.vendor == "postgresql":
        yield _FUNCTION
    for kind in indexed_kinds():
        yield from _made_on_postgresql(kind) if connection.vendor == "postgresql" else _made_on_sqlite(kind)


def _made_on_postgresql(kind: Any) -> Iterator[str]:
    # What is written waits for being sorted in, but never so much of it that a search is slowed by looking through it.
    yield (
        f"CREATE INDEX IF NOT EXISTS {index_name(kind)} ON {table(kind)}"
        f" USING gin ({TABLES['postgresql']}.ngrams(search_key)) WITH (gin_pending_list_limit = 256)"
    )
    # ANALYZE need not take the keys apart: nothing is planned by how many have an n-gram.
    yield f"ALTER INDEX {TABLES['postgresql']}.{index_name(kind)} ALTER COLUMN 1 SET STATISTICS 0"


def _made_on_sqlite(kind: Any) -> Iterator[str]:
    """A table that is made anew by a migration has lost its triggers: then the index is built again."""
    name, terms, of, key = index_name(kind), terms_name(kind), kind._meta.db_table, kind._meta.pk.column
    add = f"INSERT INTO {name} (rowid, search_key) VALUES (new.{key}, new.search_key || {_END})"  # noqa: S608
    old = f"'delete', old.{key}, old.search_key || {_END}"
    remove = f"INSERT INTO {name} ({name}, rowid, search_key) VALUES ({old})"  # noqa: S608
    triggers = {
        f"{name}_added": f"AFTER INSERT ON {of} BEGIN {add}; END",
        f"{name}_changed": f"AFTER UPDATE OF {key}, search_key ON {of} BEGIN {remove}; {add}; END",
        f"{name}_removed": f"AFTER DELETE ON {of} BEGIN {remove}; END",
    }
    if triggers.keys() <= _there(of):
        return
    yield f"DROP TABLE IF EXISTS {terms}"
    yield f"DROP TABLE IF EXISTS {name}"
    tokens = "tokenize='trigram case_sensitive 1', detail=none, columnsize=0"
    yield f"CREATE VIRTUAL TABLE {name} USING fts5(search_key, content='', {tokens})"
    yield f"CREATE VIRTUAL TABLE {terms} USING fts5vocab({name}, instance)"
    for trigger, does in triggers.items():
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield f"CREATE TRIGGER {trigger} {does}"
    yield f"INSERT INTO {name} (rowid, search_key) SELECT {key}, search_key || {_END} FROM {of}"  # noqa: S608


def _there(of: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [of])
        return {name for (name,) in cursor.fetchall()}
