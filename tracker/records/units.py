"""Records that are written together: what several of them need is asked once, and what follows is written once.

Inside `one_unit()` a whole gets one new version for all its parts, and none where it is new itself; new records for
which keys are reserved are stored with the others of their kind, at the latest before their table is asked; first
versions of new records go into the history with the others of their kind; the next free number of a code, and a record
to which many point, are looked up once. Nothing of it may be read in the history before the unit ends.
"""

import functools
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

from tracker.records import ahead
from tracker.records.statements import as_records, asked_together
from tracker.records.storing import store

Kind = type[models.Model]
Answer = TypeVar("Answer")
NATURAL = "natural key"  # beside the constraints by their names


class Unit:
    """What is known of the records that are being written."""

    def __init__(self) -> None:
        self.made: set[tuple[Kind, Any]] = set()
        self.taken: set[Hashable] = set()  # what is unique of those, by constraint
        self.older: dict[Kind, dict[Any, None]] = defaultdict(dict)  # wholes that were there before
        self.versions: dict[Kind, list[models.Model]] = defaultdict(list)
        self.expected: dict[Kind, int] = {}  # how many new ones, for which no keys are reserved yet
        self.keys: dict[Kind, list[int]] = {}  # that are reserved, the next one last
        self.waiting: dict[Kind, list[models.Model]] = {}
        self.waiting_codes: dict[Kind, set[str]] = defaultdict(set)
        self.disregarded = False  # whether what is asked may pass over what waits
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

    def look_ahead(
        self,
        numbers: Mapping[Kind, int],
        codes: Mapping[Kind, Collection[str]],
        linked: Mapping[Kind, Collection[str]],
    ) -> None:
        """That so many new records of each kind come, which then wait for the others of their kind.

        Asked at once is which of their codes nobody has, and for the records of the codes that they link to. Those that
        nobody thought of are looked for when they are needed. No rule looks into what stands by itself and is not
        written here: of a country its key is enough.
        """
        self._expect(numbers)
        new, others = ({kind: each for kind, each in given.items() if each} for given in (codes, linked))
        alone = {kind: each for kind, each in others.items() if kind not in numbers and _stands_alone(kind)}
        whole = {kind: each for kind, each in others.items() if kind not in alone}
        known, keys, *found = asked_together(
            ahead.with_codes(new | alone),
            ahead.next_keys(self.expected),
            *(ahead.whole_with_codes(kind, each) for kind, each in whole.items()),
        )
        known_by_code = ahead.records_of(new | alone, known)
        for kind, each in new.items():
            self.free_codes[kind] |= set(each) - known_by_code[kind].keys()
        for kind in alone:
            self.known[kind] |= known_by_code[kind]
        for kind, rows in zip(whole, found, strict=True):
            self.known[kind] |= {record.code: record for (record,) in as_records([kind], rows)}
        if keys:
            self._use(ahead.keys_of(self.expected, keys))

    def _expect(self, numbers: Mapping[Kind, int]) -> None:
        self.expected |= {kind: each for kind, each in numbers.items() if isinstance(kind._meta.pk, models.AutoField)}

    def _use(self, keys: Mapping[Kind, list[int]]) -> None:
        """Use these reserved keys, in their order, for all that are expected."""
        self.keys |= {kind: each[::-1] for kind, each in keys.items()}
        self.expected = {}

    def insert_later(self, record: models.Model, more: int = 0) -> bool:
        """Whether the new record waits for the others of its kind: where it was expected. It has its key now.

        `more` are expected where no more were.
        """
        if more and not self.keys.get(type(record)) and type(record) not in self.expected:
            self._expect({type(record): more})
        if type(record) in self.expected:
            self._use(ahead.reserved(self.expected))
        keys = self.keys.get(type(record))
        if not keys:
            return False
        record.renew_wholes()  # type: ignore[attr-defined]
        record.complete()  # type: ignore[attr-defined]
        record.pk = keys.pop()
        record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS
        self.waiting.setdefault(type(record), []).append(record)
        self.waiting_codes[type(record)].add(getattr(record, "code", ""))
        self.saved(record, new=True)
        return True

    def has_free_code(self, record: models.Model) -> bool:
        """Whether its code is known to be nobody's."""
        return getattr(record, "code", "") in self.free_codes[type(record)]

    def is_free(self, constraint: str, record: models.Model) -> bool:
        """Whether the constraint of that name, or NATURAL, surely has nothing against the record: what it is held to
        belongs to a new record."""
        fields = _unique(type(record)).get(constraint, ())
        return self._is_of_new(record, fields) and _values(record, constraint) not in self.taken

    def _is_of_new(self, record: models.Model, fields: Iterable[Any]) -> bool:
        """Whether one of these links of it leads to a record that was made here."""
        return any(
            each.is_relation and (each.related_model, getattr(record, each.attname)) in self.made for each in fields
        )

    def passing_over(self, look: Callable[[], Answer]) -> Answer:
        """What `look` finds among what is stored, without what waits."""
        before, self.disregarded = self.disregarded, True
        try:
            return look()
        finally:
            self.disregarded = before

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
        waiting, self.waiting = self.waiting, {}
        self.waiting_codes.clear()
        if waiting:
            store(waiting)

    def before_statement(self, execute: Any, statement: str, *rest: Any) -> Any:
        """A wrapper of statements: what waits is stored before its table is asked."""
        if not self.disregarded and any(f'"{kind._meta.db_table}"' in statement for kind in self.waiting):
            self.insert_waiting()
        return execute(statement, *rest)

    def write_versions(self) -> None:
        """The versions that are not yet in the history."""
        for kind, rows in self.versions.items():
            kind._default_manager.bulk_create(rows)
        self.versions.clear()


def _stands_alone(kind: Any) -> bool:
    """Whether its records are no part of a whole and are not linked to one."""
    return not (kind.PART_OF or kind.LINKS_WHOLES)


@functools.cache
def _unique(kind: Kind) -> dict[str, tuple[Any, ...]]:
    """What is unique of a kind: by the name of the constraint the fields that it speaks of, within expressions too."""
    found: dict[str, Iterable[str]] = {NATURAL: kind.NATURAL_KEY}  # type: ignore[attr-defined]
    for constraint in kind._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            found[constraint.name] = (*constraint.fields, *_spoken_of(constraint.expressions))
    return {each: tuple(kind._meta.get_field(name) for name in names) for each, names in found.items()}


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
    values = (getattr(record, field.attname) or None for field in _unique(type(record))[constraint])
    return constraint, *(json.dumps(value, sort_keys=True) if isinstance(value, dict) else value for value in values)


_current: ContextVar[Unit | None] = ContextVar("current_unit", default=None)


def current() -> Unit | None:
    """The unit that is being written, if any."""
    return _current.get()


@contextmanager
def one_unit() -> Iterator[Unit]:
    """Inside, records are written as one unit, in a transaction of the caller's; within another they are part of it."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    unit = Unit()
    token = _current.set(unit)
    try:
        with connection.execute_wrapper(unit.before_statement):
            yield unit
        unit.insert_waiting()
        unit.write_versions()
    finally:
        _current.reset(token)
    for kind, keys in unit.older.items():
        kind.renew(list(keys))  # type: ignore[attr-defined]
