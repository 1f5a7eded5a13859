"""Records that are written together: what several of them need is asked once, and what follows is written once.

Inside `one_unit()` a whole gets one new version for all its parts, and none where it is new itself; first versions of
new records go into the history with the others of their kind; the next free number of a code, and a record to which
many point, are looked up once. Nothing of it may be read in the history before the unit ends.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

Kind = type[models.Model]


class Unit:
    """What is known of the records that are being written."""

    def __init__(self) -> None:
        self.made: set[tuple[Kind, Any]] = set()
        self.taken: set[Hashable] = set()  # what is unique of those, by constraint
        self.older: dict[Kind, dict[Any, None]] = defaultdict(dict)  # wholes that were there before
        self.versions: dict[Kind, list[models.Model]] = defaultdict(list)
        self.waiting: dict[Kind, list[models.Model]] = defaultdict(list)
        self.known: dict[Kind, dict[Hashable, Any]] = defaultdict(dict)
        self.numbers: dict[Kind, dict[str, int]] = defaultdict(dict)  # the last of each stem
        self.free_codes: dict[Kind, set[str]] = defaultdict(set)

    def saved(self, record: models.Model, *, new: bool) -> None:
        """A new record is known by its code. Of others, what was known of their kind may be so no longer."""
        code = getattr(record, "code", "")
        self.free_codes[type(record)].discard(code)
        if new:
            self.made.add((type(record), record.pk))
            self.taken |= _held(record)
            if code:
                self.known[type(record)][code] = record
        else:
            self.known.pop(type(record), None)
            self.made.discard((type(record), record.pk))  # of what belongs to it, too, not all is known here now
        for stem, last in self.numbers[type(record)].items():
            if code.startswith(stem) and code[len(stem) :].isdecimal():
                self.numbers[type(record)][stem] = max(last, int(code[len(stem) :]))

    def insert_later(self, record: models.Model) -> bool:
        """Whether the record waits for the others of its kind: where it is a part of a new record, and none of it."""
        if not record.MAY_WAIT or not self._is_of_new(record, record.PART_OF):  # type: ignore[attr-defined]
            return False
        self.waiting[type(record)].append(record)
        self.taken |= _held(record)
        return True

    def look_for_codes(self, kind: Kind, codes: set[str]) -> None:
        """Find out which of these codes nobody has, of many at once."""
        has_one = kind._base_manager.filter(code__in=codes).values_list("code", flat=True)
        self.free_codes[kind] |= codes - set(has_one)

    def has_free_code(self, record: models.Model) -> bool:
        """Whether its code is known to be nobody's."""
        return getattr(record, "code", "") in self.free_codes[type(record)]

    def is_free(self, constraint: models.UniqueConstraint, record: models.Model) -> bool:
        """Whether the constraint surely has nothing against the record: what it is held to belongs to a new record."""
        names = _unique(type(record)).get(constraint.name, ())
        return self._is_of_new(record, names) and _values(record, constraint.name) not in self.taken

    def _is_of_new(self, record: models.Model, names: Collection[str]) -> bool:
        """Whether one of its links leads to a record that was made here."""
        links: list[Any] = [record._meta.get_field(name) for name in names]
        return any(
            link.is_relation and (link.related_model, getattr(record, link.attname)) in self.made for link in links
        )

    def last_number(self, kind: Kind, stem: str, look: Callable[[], int]) -> int:
        """The last number that codes of the stem have."""
        numbers = self.numbers[kind]
        if stem not in numbers:
            numbers[stem] = look()
        return numbers[stem]

    def remembered(self, kind: Kind, about: Hashable, look: Callable[[], Any]) -> Any:
        """What `look` finds, until a record of the kind is written. What is null is looked for again."""
        found = self.known[kind].get(about)
        if found is None:
            found = self.known[kind][about] = look()
        return found

    def insert_waiting(self) -> None:
        """Store the records that wait, with their first versions."""
        for kind, records in self.waiting.items():
            kind._default_manager.bulk_create(records)
            kind.history.first_versions(records)  # type: ignore[attr-defined]
        self.waiting.clear()

    def write_versions(self) -> None:
        """The versions that are not yet in the history."""
        for kind, rows in self.versions.items():
            kind._default_manager.bulk_create(rows)
        self.versions.clear()


@functools.cache
def _unique(kind: Kind) -> dict[str, tuple[str, ...]]:
    """What is unique of a kind: by the name of the constraint the fields that it speaks of, within expressions too."""
    found = {}
    for constraint in kind._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            found[constraint.name] = (*constraint.fields, *_spoken_of(constraint.expressions))
    return found


def _spoken_of(expressions: Iterable[Any]) -> Iterator[str]:
    for expression in expressions:
        if isinstance(expression, models.F):
            yield str(expression.name)  # type: ignore[attr-defined]
        else:
            yield from _spoken_of(filter(None, expression.get_source_expressions()))


def _held(record: models.Model) -> set[Hashable]:
    """What is taken by the record, by constraint."""
    return {_values(record, name) for name in _unique(type(record))}


def _values(record: models.Model, constraint: str) -> Hashable:
    """What the constraint holds apart. Nothing, 0 and the empty text are taken for alike, as an expression may."""
    fields: list[Any] = [record._meta.get_field(name) for name in _unique(type(record))[constraint]]
    return constraint, *(getattr(record, field.attname) or None for field in fields)


_current: ContextVar[Unit | None] = ContextVar("current_unit", default=None)


def current() -> Unit | None:
    """The unit that is being written, if any."""
    return _current.get()


@contextmanager
def one_unit() -> Iterator[None]:
    """Inside, records are written as one unit, in a transaction of the caller's; within another they are part of it."""
    if _current.get() is not None:
        yield
        return
    unit = Unit()
    token = _current.set(unit)
    try:
        yield
        unit.insert_waiting()
        unit.write_versions()
    finally:
        _current.reset(token)
    for kind, keys in unit.older.items():
        kind.renew(list(keys))  # type: ignore[attr-defined]
