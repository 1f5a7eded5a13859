"""Records that are written together: what several of them need is asked once, and what follows is written once.

Inside `one_unit()` a whole gets one new version for all its parts, and none where it is new itself; first versions of
new records go into the history with the others of their kind; the next free number of a code, and a record to which
many point, are looked up once. Nothing of it may be read in the history before the unit ends.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
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
        self.known: dict[Kind, dict[Hashable, Any]] = defaultdict(dict)
        self.numbers: dict[Kind, dict[str, int]] = defaultdict(dict)  # the last of each stem

    def saved(self, record: models.Model, *, new: bool) -> None:
        """What was known of records of its kind may be so no longer."""
        self.known.pop(type(record), None)
        if new:
            self.made.add((type(record), record.pk))
            self.taken |= {_values(constraint, record) for constraint in _unique(type(record))}
        elif (type(record), record.pk) in self.made:
            self.made.discard((type(record), record.pk))  # of what belongs to it, too, not all is known here now
        code = getattr(record, "code", "")
        for stem, last in self.numbers[type(record)].items():
            if code.startswith(stem) and code[len(stem) :].isdecimal():
                self.numbers[type(record)][stem] = max(last, int(code[len(stem) :]))

    def is_free(self, constraint: models.UniqueConstraint, record: models.Model) -> bool:
        """Whether the constraint surely has nothing against the record: what it is held to belongs to a new record."""
        links = (record._meta.get_field(name) for name in constraint.fields)
        return _values(constraint, record) not in self.taken and any(
            link.is_relation and (link.related_model, getattr(record, link.attname)) in self.made  # type: ignore[union-attr]
            for link in links
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

    def write_versions(self) -> None:
        """The versions that are not yet in the history."""
        for kind, rows in self.versions.items():
            kind._default_manager.bulk_create(rows)
        self.versions.clear()


@functools.cache
def _unique(kind: Kind) -> list[models.UniqueConstraint]:
    return [each for each in kind._meta.constraints if isinstance(each, models.UniqueConstraint)]


def _values(constraint: models.UniqueConstraint, record: models.Model) -> Hashable:
    return constraint.name, *(getattr(record, record._meta.get_field(name).attname) for name in constraint.fields)


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
        unit.write_versions()
    finally:
        _current.reset(token)
    for kind, keys in unit.older.items():
        kind.renew(list(keys))  # type: ignore[attr-defined]
