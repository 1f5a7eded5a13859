"""What was written since a moment: the wholes (programmes) to which it belongs, all that are linked to these, and the
parts of which the sums may be others.

The moment is told by the last versions of then, of the kinds that were written of.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import AutoField

from tracker.records import views
from tracker.records.fresh import Last, fresh
from tracker.records.parts import outermost, path_to_whole
from tracker.records.statements import among_those, asked_once, few

MOST, MOST_CONCERNED = 5000, 10_000  # wholes, and their parts, that are told; of more, nothing is
MOST_WRITTEN = 20_000  # records of a kind; if more were written, nothing is told
NO_LONGER = 0  # no record's key


class Written(NamedTuple):
    """What was written since a moment: by kind, the number of its last version then (0 where it had none); and the
    keys of the records of the kind `whole` to which it belongs or belonged, and of those above and below them."""

    since: Mapping[Any, int]
    whole: Any
    wholes: Sequence[int]

    def keys(self, kind: Any) -> str:
        """A statement for the keys of the written records of the kind."""
        return _keys_written(kind, self.since[kind]) if kind in self.since else "SELECT CAST(0 AS BIGINT) WHERE 1 = 0"

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
        changed = [self.belonging(kind), *(_linked(kind, name, self.keys(kind)) for name in kind.LINKS_WHOLES)]
        return f"WITH RECURSIVE {', '.join(_all_linked(kind, changed))} SELECT id FROM linked WHERE id IS NOT NULL"  # noqa: S608

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
            linked = among_those(f"SELECT id FROM ({self.linked(kind)}) AS found")  # noqa: S608
            yield f"SELECT {owner} FROM {table} WHERE {_key(kind)} {linked}"  # noqa: S608
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
    keys = _wholes_written(before, whole)
    return None if keys is None else Written(numbers(before), whole, keys)


def concerned(before: Mapping[Any, Last], kind: Any, whole: Any) -> Sequence[int] | None:
    """The keys of the kind's records that may count otherwise in a sum since something was written, and of all that are
    linked to them in any way by links within the kind. Null where that cannot be told.

    A record counts by what it says, by its whole with all parts of that, and by the wholes above, never by those below.
    """
    if any(outermost(each) is not whole for each in before):
        return None
    since = numbers(before)
    wholes = [each for changed, number in since.items() for each in _up_from(changed, whole, number)]
    ctes, own = list[str](), list[str]()
    if whole in since:
        below = [_below(whole, link) for link in whole.LINKS_WHOLES]
        ctes = [f"written(key) AS ({_keys_written(whole, since[whole])})", *below]
        wholes += [f"SELECT key FROM {_named(cte)}" for cte in below]  # noqa: S608
    if kind in since:
        keys = _keys_written(kind, since[kind])
        own = [keys, *(_linked(kind, name, keys) for name in kind.LINKS_WHOLES)]
    ctes.append(f"wholes(key) AS ({' UNION '.join(wholes)})")
    (link,) = path_to_whole(kind, whole)
    # No key is negative: that it might be keeps PostgreSQL from reading all records for a join.
    met = f"b.{kind._meta.get_field(link).column} = w.key OR b.{_key(kind)} = -w.key"
    own.append(f"SELECT b.{_key(kind)} FROM wholes w JOIN {views.table(kind)} b ON {met}")  # noqa: S608
    found = "SELECT id FROM linked WHERE id IS NOT NULL"
    return _told([*ctes, *_all_linked(kind, own)], [found], before, MOST_CONCERNED)


def numbers(before: Mapping[Any, Last]) -> dict[Any, int]:
    """The number of the last version of each kind; 0 where it had none."""
    return {kind: number or 0 for kind, (number, _time) in before.items()}


def _wholes_written(before: Mapping[Any, Last], whole: Any) -> Sequence[int] | None:
    """The keys of the wholes of what was written, and of all above and below them, then and now."""
    written = [each for kind, number in numbers(before).items() for each in _up_from(kind, whole, number)]
    ctes = [f"written(key) AS ({' UNION '.join(written)})"]
    for link in whole.LINKS_WHOLES:
        ctes += [_above(whole, link), _below(whole, link)]
    found = [f"SELECT key FROM {_named(cte)} WHERE key IS NOT NULL" for cte in ctes]  # noqa: S608
    return _told(ctes, found, before, MOST)


def _named(cte: str) -> str:
    return cte.partition("(")[0]


def _told(ctes: Sequence[str], found: Sequence[str], before: Mapping[Any, Last], most: int) -> Sequence[int] | None:
    """The keys that the statements find, each once. Null where they are too many, or of too many records, or there is
    another history than before."""
    more = [
        f"SELECT {NO_LONGER} WHERE EXISTS (SELECT 1 {_versions_since(kind, number, 1)} OFFSET {MOST_WRITTEN})"
        for kind, number in numbers(before).items()
    ]
    last = {kind: each for kind, each in before.items() if each[0] is not None}
    other_history = [
        f"SELECT {NO_LONGER} WHERE NOT EXISTS (SELECT 1 FROM {views.table(kind.history.model)}"  # noqa: S608
        " WHERE history_id = %s AND CAST(history_date AS text) = %s)"
        for kind in last
    ]
    every = " UNION ".join([*found, *more, *other_history])
    statement = f"WITH RECURSIVE {', '.join(ctes)} SELECT * FROM ({every}) AS found ORDER BY 1 LIMIT {most + 1}"  # noqa: S608
    values = tuple(value for each in last.values() for value in each)
    keys = fresh(("written", statement, values), lambda: tuple(key for (key,) in asked_once(statement, values)))
    return None if NO_LONGER in keys or len(keys) > most else keys


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
    return few(f"SELECT {_key(kind)} {_versions_since(kind, since, MOST_WRITTEN)}")


def _versions_since(kind: Any, since: int, most: int) -> str:
    """In these words the number is a value, so that a statement is planned once."""
    return f"FROM {views.table(kind.history.model)} WHERE history_id > {since} ORDER BY history_id LIMIT {most}"


def _linked(kind: Any, link: str, keys: str) -> str:
    """A statement for what the records with the keys link to, or did in any version."""
    column, versions = kind._meta.get_field(link).column, views.table(kind.history.model)
    return f"SELECT {column} FROM {versions} WHERE {_key(kind)} {among_those(keys)}"  # noqa: S608


def _all_linked(kind: Any, changed: Sequence[str]) -> list[str]:
    """CTEs: `linked` has the keys that the statements find, and those of all that are linked to them in any way."""
    links = [kind._meta.get_field(name).column for name in kind.LINKS_WHOLES]
    targets = " ".join(f"WHEN {place} THEN b.{link}" for place, link in enumerate(links))
    places = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(len(links) + 1))
    touches = " OR ".join(f"b.{link} = l.id" for link in links)
    return [
        f"changed(id) AS ({' UNION '.join(changed)})",
        f"""linked(id) AS (
            SELECT id FROM changed
            UNION SELECT CASE way.place {targets} ELSE b.id END
            FROM linked l JOIN {views.table(kind)} b ON b.id = l.id OR {touches} CROSS JOIN ({places}) way
        )""",  # noqa: S608 - our own names
    ]


def _above(whole: Any, link: str) -> str:
    column = whole._meta.get_field(link).column
    # So that PostgreSQL looks each up, it is not joined.
    above = f"(SELECT w.{column} FROM {views.table(whole)} w WHERE w.{_key(whole)} = r.key)"  # noqa: S608
    return _way(f"above_{column}", f"SELECT {above} FROM above_{column} r")  # noqa: S608


def _below(whole: Any, link: str) -> str:
    # That it may be the same one keeps PostgreSQL from reading all wholes for a join.
    key, column = _key(whole), whole._meta.get_field(link).column
    met = f"w.{column} = r.key OR w.{key} = r.key"
    return _way(f"below_{column}", f"SELECT w.{key} FROM below_{column} r JOIN {views.table(whole)} w ON {met}")  # noqa: S608


def _way(name: str, further: str) -> str:
    """A CTE with the keys that are written, and those that are found further on the way."""
    return f"{name}(key) AS (SELECT key FROM written UNION {further})"  # noqa: S608


def _target(kind: Any, link: str) -> Any:
    return kind._meta.get_field(link).related_model


def _key(kind: Any) -> str:
    return str(kind._meta.pk.column)
