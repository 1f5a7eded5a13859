"""What was written since a moment: the wholes (programmes) to which it belongs, and all that are linked to these."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import AutoField

from tracker.records import views
from tracker.records.fresh import Last, fresh
from tracker.records.parts import outermost, path_to_whole
from tracker.records.statements import asked_once

MOST = 5000  # wholes that are told; of more, nothing is
NO_LONGER = 0  # no record's key


class Written(NamedTuple):
    """What was written since a moment: by kind, the number of its last version then (0 where it had none); and the
    keys of the records of the kind `whole` to which it belongs or belonged, and of those above and below them."""

    since: Mapping[Any, int]
    whole: Any
    wholes: Sequence[int]

    def keys(self, kind: Any) -> str:
        """A statement for the keys of the written records of the kind."""
        return _keys_written(kind, self.since[kind]) if kind in self.since else "SELECT 0 WHERE 1 = 0"

    def belonging(self, kind: Any) -> str:
        """A statement for the keys of the kind's records that belong, or did, to the wholes, link to them, or are such;
        empty where they are further below."""
        wholes, path = self._wholes(), path_to_whole(kind, self.whole)
        if kind is self.whole:
            return wholes
        if len(path) != 1:
            return ""
        links = [path[0], *(name for name in kind.LINKS_WHOLES if _target(kind, name) is self.whole)]
        now = " UNION ".join(
            f"SELECT {_key(kind)} FROM {views.table(kind)} WHERE {kind._meta.get_field(link).column} IN ({wholes})"  # noqa: S608
            for link in links
        )
        return f"{now} UNION {self.keys(kind)}"

    def linked(self, kind: Any) -> str:
        """A statement for the keys of these, and of all that are linked to them in any way by links within the kind."""
        table, changed = views.table(kind), self.keys(kind)
        links = [kind._meta.get_field(name).column for name in kind.LINKS_WHOLES]
        before = " ".join(f"UNION {_linked(kind, name, changed)}" for name in kind.LINKS_WHOLES)
        targets = " ".join(f"WHEN {place} THEN b.{link}" for place, link in enumerate(links))
        places = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(len(links) + 1))
        touches = " OR ".join(f"b.{link} = l.id" for link in links)
        return f"""
            WITH RECURSIVE changed(id) AS ({self.belonging(kind)} {before}),
            linked(id) AS (
                SELECT id FROM changed
                UNION SELECT CASE way.place {targets} ELSE b.id END
                FROM linked l JOIN {table} b ON b.id = l.id OR {touches} CROSS JOIN ({places}) way
            )
            SELECT id FROM linked WHERE id IS NOT NULL
        """  # noqa: S608 - our own names, and keys

    def with_all_linked(self) -> frozenset[int] | None:
        """The wholes, and those of all parts that are linked to theirs in any way; null where they are too many."""
        kinds = [kind for kind in views.recorded() if kind.LINKS_WHOLES and path_to_whole(kind, self.whole)]
        further = " UNION ".join(each for kind in kinds for each in self._wholes_of_linked(kind))
        found = {*self.wholes, *(key for (key,) in (asked_once(further) if further else ()))}
        return frozenset(found - {None}) if len(found) <= MOST else None

    def _wholes_of_linked(self, kind: Any) -> Iterator[str]:
        owner, table = kind._meta.get_field(kind.PART_OF[0]).column, views.table(kind)
        columns = [kind._meta.get_field(name).column for name in kind.LINKS_WHOLES if _target(kind, name) is self.whole]
        if not columns:
            yield f"SELECT {owner} FROM {table} WHERE {_key(kind)} IN (SELECT id FROM ({self.linked(kind)}) AS found)"  # noqa: S608
        for column in columns:
            yield f"SELECT {owner} FROM {table} WHERE {column} IN ({self._wholes()})"  # noqa: S608
            yield f"SELECT {column} FROM {table} WHERE {owner} IN ({self._wholes()})"  # noqa: S608

    def _wholes(self) -> str:
        return ", ".join(map(str, self.wholes)) or "NULL"


def written(before: Mapping[Any, Last], whole: Any) -> Written | None:
    """What was written after the last versions of before. Null where it is no part of a whole, or too much, and where
    the keys of wholes are no numbers."""
    if not isinstance(whole._meta.pk, AutoField) or any(outermost(kind) is not whole for kind in before):
        return None
    statement = _wholes_written(before, whole)
    keys = fresh(("written", statement), lambda: tuple(key for (key,) in asked_once(statement)))
    if NO_LONGER in keys or len(keys) > MOST:
        return None
    return Written({kind: number or 0 for kind, (number, _time) in before.items()}, whole, keys)


def _wholes_written(before: Mapping[Any, Last], whole: Any) -> str:
    """The keys of the wholes of what was written, and of all above and below them, then and now; NO_LONGER where there
    is another history than before."""
    written = [each for kind, (number, _time) in before.items() for each in _up_from(kind, whole, number or 0)]
    table, key = views.table(whole), _key(whole)
    ctes, ends = [f"written(key) AS ({' UNION '.join(written)})"], ["written"]
    for link in (whole._meta.get_field(name).column for name in whole.LINKS_WHOLES):
        above, below = f"above_{link}", f"below_{link}"
        # That it may be the same one keeps PostgreSQL from reading all wholes for a join.
        ctes += [
            _way(above, f"w.{link}", f"{table} w ON w.{key} = r.key"),
            _way(below, f"w.{key}", f"{table} w ON w.{link} = r.key OR w.{key} = r.key"),
        ]
        ends += [above, below]
    found = [f"SELECT key FROM {end} WHERE key IS NOT NULL" for end in ends]  # noqa: S608
    found += [
        f"SELECT {NO_LONGER} WHERE NOT EXISTS (SELECT 1 FROM {views.table(kind.history.model)}"  # noqa: S608
        f" WHERE history_id = {number} AND CAST(history_date AS text) = '{time}')"
        for kind, (number, time) in before.items()
        if number is not None
    ]
    every = " UNION ".join(found)
    return f"WITH RECURSIVE {', '.join(ctes)} SELECT key FROM ({every}) AS found ORDER BY key LIMIT {MOST + 1}"  # noqa: S608


def _up_from(kind: Any, whole: Any, since: int) -> Iterator[str]:
    """Statements for the wholes of the written records of the kind, and of those that these link to."""
    keys = _keys_written(kind, since)
    yield from _up(kind, whole, keys)
    for name in kind.LINKS_WHOLES:
        yield from _up(_target(kind, name), whole, _linked(kind, name, keys))


def _up(kind: Any, whole: Any, keys: str) -> Iterator[str]:
    """Statements for the wholes to which the records with the keys belong, or did in any version."""
    if kind is whole:
        yield keys
        return
    for name in kind.PART_OF:
        yield from _up(_target(kind, name), whole, _linked(kind, name, keys))


def _keys_written(kind: Any, since: int) -> str:
    return f"SELECT {_key(kind)} FROM {views.table(kind.history.model)} WHERE history_id > {since}"  # noqa: S608


def _linked(kind: Any, link: str, keys: str) -> str:
    """A statement for what the records with the keys link to, or did in any version."""
    column, versions = kind._meta.get_field(link).column, views.table(kind.history.model)
    return f"SELECT {column} FROM {versions} WHERE {_key(kind)} IN ({keys})"  # noqa: S608


def _way(name: str, to: str, table: str) -> str:
    return f"{name}(key) AS (SELECT key FROM written UNION SELECT {to} FROM {name} r JOIN {table})"  # noqa: S608


def _target(kind: Any, link: str) -> Any:
    return kind._meta.get_field(link).related_model


def _key(kind: Any) -> str:
    return str(kind._meta.pk.column)
