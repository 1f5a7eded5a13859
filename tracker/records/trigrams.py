"""An index of search keys by trigrams: the records that hold a word are found by it, wherever the word stands.

A trigram is three characters that follow each other, none of them a space. What has all those of a word may hold it,
and is looked at; for a word that has none, because it is short, nothing can be found by index.

PostgreSQL finds them by a function and an index of our own, which need no extension; SQLite by a table of FTS5, which
triggers keep. Both follow the tables: `manage.py migrate` makes what is missing.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import AutoField
from django.db.models.lookups import Contains

from tracker.records.search import SearchKeyField, is_searched
from tracker.records.views import TABLES, recorded, table

# The key has single spaces, and lines. Were it dearer, PostgreSQL would call workers to look at what the index lists.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {TABLES["postgresql"]}.trigrams(text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $$
    SELECT ARRAY(
        SELECT DISTINCT found[1] FROM (
            SELECT regexp_matches($1, '...', 'g')
            UNION ALL SELECT regexp_matches(substr($1, 2), '...', 'g')
            UNION ALL SELECT regexp_matches(substr($1, 3), '...', 'g')
        ) AS parts(found)
        WHERE found[1] !~ '[ \\n]'
    )
$$"""  # noqa: S608


def trigrams(word: str) -> list[str]:
    """Those of a normalised word, or of several, each once and in order."""
    return sorted({part[start : start + 3] for part in word.split() for start in range(len(part) - 2)})


def is_indexed(kind: Any) -> bool:
    """Whether the index has records of the kind: those of which there may be many, which are numbered."""
    return is_searched(kind) and isinstance(kind._meta.pk, AutoField)


def indexed_kinds() -> list[Any]:
    """The kinds of record that the index has."""
    return [kind for kind in recorded() if is_indexed(kind)]


def index_name(kind: Any) -> str:
    """The name of the index on PostgreSQL, and of the table on SQLite."""
    return f"{kind._meta.db_table}_search"


@SearchKeyField.register_lookup
class Holds(Contains):
    """`search_key__holds=word` is `search_key__contains=word` of a word that has trigrams, found by the index.

    The index is of the records as they are now.
    """

    lookup_name = "holds"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        listed, wanted = _listed(self.lhs, trigrams(self.rhs), compiler, connection)
        held, values = compiler.compile(Contains(self.lhs, self.rhs))
        return f"({listed} AND {held})", (wanted, *values)


def _listed(column: Any, wanted: list[str], compiler: Any, connection: Any) -> tuple[str, str]:
    """That the index lists the row of a search key under all trigrams, and the parameter for these."""
    if connection.vendor == "postgresql":
        key, _no_values = compiler.compile(column)
        return f"{TABLES['postgresql']}.trigrams({key}) @> string_to_array(%s, ' ')", " ".join(wanted)
    kind, quoted = column.target.model, connection.ops.quote_name
    listed = f"SELECT rowid FROM {TABLES['sqlite']}.{index_name(kind)} WHERE {index_name(kind)} MATCH %s"  # noqa: S608
    every = " AND ".join('"' + each.replace('"', '""') + '"' for each in wanted)
    return f"{quoted(column.alias)}.{quoted(kind._meta.pk.column)} IN ({listed})", every


def indexing() -> Iterator[str]:
    """Statements that make what is missing of the index."""
    if connection.vendor == "postgresql":
        yield _FUNCTION
    for kind in indexed_kinds():
        yield from _on_postgresql(kind) if connection.vendor == "postgresql" else _on_sqlite(kind)


def _on_postgresql(kind: Any) -> Iterator[str]:
    # What is written waits for being sorted in, but never so much of it that a search is slowed by looking through it.
    yield (
        f"CREATE INDEX IF NOT EXISTS {index_name(kind)} ON {table(kind)}"
        f" USING gin ({TABLES['postgresql']}.trigrams(search_key)) WITH (gin_pending_list_limit = 256)"
    )
    # ANALYZE need not take the keys apart: nothing is planned by how many have a trigram.
    yield f"ALTER INDEX {TABLES['postgresql']}.{index_name(kind)} ALTER COLUMN 1 SET STATISTICS 0"


def _on_sqlite(kind: Any) -> Iterator[str]:
    """A table that is made anew by a migration has lost its triggers: then the index is built again."""
    name, of, key = index_name(kind), kind._meta.db_table, kind._meta.pk.column
    add = f"INSERT INTO {name} (rowid, search_key) VALUES (new.{key}, new.search_key)"  # noqa: S608
    remove = f"INSERT INTO {name} ({name}, rowid, search_key) VALUES ('delete', old.{key}, old.search_key)"  # noqa: S608
    triggers = {
        f"{name}_added": f"AFTER INSERT ON {of} BEGIN {add}; END",
        f"{name}_changed": f"AFTER UPDATE OF {key}, search_key ON {of} BEGIN {remove}; {add}; END",
        f"{name}_removed": f"AFTER DELETE ON {of} BEGIN {remove}; END",
    }
    if triggers.keys() <= _there(of):
        return
    yield f"DROP TABLE IF EXISTS {name}"
    yield (
        f"CREATE VIRTUAL TABLE {name} USING fts5"
        f"(search_key, content={of}, content_rowid={key}, tokenize=trigram, detail=none, columnsize=0)"
    )
    for trigger, does in triggers.items():
        yield f"DROP TRIGGER IF EXISTS {trigger}"
        yield f"CREATE TRIGGER {trigger} {does}"
    yield f"INSERT INTO {name} ({name}) VALUES ('rebuild')"  # noqa: S608


def _there(of: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [of])
        return {name for (name,) in cursor.fetchall()}
