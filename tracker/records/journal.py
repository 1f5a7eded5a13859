"""Answers that stand while nothing was written of the records in them, whatever is written of others.

Programmes hardly depend on each other: an edit of one need not empty what is kept of all. A journal is kept in each
process of what was written, as far as it was looked at: in steps, each of which knows the wholes (programmes) of what
was written, and those that are linked to them in any way. An answer is kept with the step in which it was made, the
wholes and the kinds of record that it is made of, and the list in which it has found its records. It stands while no
later step has one of these wholes, a kind that is part of no whole, or moved a record in the list.

Nothing is asked for that but what the database is seen as; the first to see it so looks for what was written.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from itertools import takewhile
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from tracker.records import past, views
from tracker.records.fresh import Kinds, Last, Rows, answered, kinds_read, last, last_versions
from tracker.records.in_order import placed_anew, sorted_by
from tracker.records.parts import outermost
from tracker.records.statements import asked_once
from tracker.records.written import written

MOST_LISTS, MOST_STEPS, MOST_STATES, MOST_TOUCHED = 500, 500, 50, 100_000  # that are remembered
MOST_ROWS = 20_000  # of a list of which all are kept
MOST_KEYS = 5000  # that are looked for in a list


class Listed(NamedTuple):
    """All records of a list, with their keys as `pk` and what they are ordered by: a statement and its parameters; and
    the kinds of record that were looked at to make it. With the directions of their order all of them are kept."""

    statement: str
    parameters: tuple[Any, ...] = ()
    kinds: Kinds = frozenset()
    directions: tuple[str, ...] = ()

    def all_in_order(self) -> str:
        """A statement for all of them; for one more than MOST_ROWS, where they are more."""
        order = sorted_by(self.directions)
        return f"SELECT * FROM ({self.statement}) selected ORDER BY {order} LIMIT {MOST_ROWS + 1}"  # noqa: S608

    def those_with(self, keys: Iterable[Any]) -> str:
        """A statement for those of them with the keys."""
        return f"SELECT * FROM ({self.statement}) selected WHERE pk IN ({', '.join(map(str, keys)) or 'NULL'})"  # noqa: S608


class Of(NamedTuple):
    """What an answer is made of: some wholes with their parts, other kinds of record, the list in which they stand."""

    whole: Any
    kinds: Kinds
    keys: frozenset[Any]
    listed: Listed | None = None


class _Written(NamedTuple):
    """The wholes of what was written, and the kinds. Null for the wholes where nothing can be told of them."""

    wholes: frozenset[Any] | None = frozenset()
    kinds: Kinds = frozenset()


class _Place(NamedTuple):
    """Up to which step it was looked whether a list moved, when it last did, and which schema was read then."""

    looked: int
    moved: int
    schema: str


class _Found(NamedTuple):
    """All rows of a list, as of which step, and since which they are the same. What is kept follows from what was kept
    before, step by step: between two of them no other is taken for it."""

    rows: Rows
    step: int
    moved: int


class Journal:
    """What was written of the parts of one kind of whole, and of all that is part of none."""

    def __init__(self, whole: Any) -> None:
        self.whole = whole
        self._lock = threading.RLock()
        self._state: Hashable = None  # that was looked at last
        self._since_then = _Written()  # what it has beyond the last step, where somebody was writing
        self._step = 0
        self._next = 0  # on PostgreSQL, the first transaction that the last step may lack
        self._nothing_before = 0  # the step before which nothing stands
        self._steps: OrderedDict[Hashable, int] = OrderedDict()  # the steps that the last states were, where they were
        self._versions: dict[int, dict[Any, Last]] = {}  # the last versions of each step
        self._touched: dict[Any, int] = {}  # the last step of each whole, in the order of these
        self._kinds: dict[Any, int] = {}  # and of each kind
        self._places: OrderedDict[tuple[Listed, bool], _Place] = OrderedDict()

    def step_of(self, moment: past.Moment) -> int | None:
        """The last step of which the moment has all; null where it is not known."""
        seen = moment.seen
        with self._lock:
            has_all = self.is_at(moment) if seen.oldest is None else seen.oldest >= self._next
            return self._step if self._step and has_all else None

    def step_in(self, listed: Listed, moment: past.Moment) -> int | None:
        """The step that the moment is, where the list is known as of then; else null. Call it within `reading`.

        It is looked whether the list moved: else one that moved, and moved back, would seem to have stayed, and what
        was made in between would seem to stand.
        """
        with self._lock:
            self.place(listed, moment)
            step = self._steps.get(moment.seen.state)
            is_placed = self._place(listed, moment) is not None
            return step if step is not None and is_placed and self._last(listed, moment) <= step else None

    def is_to_be_looked_at(self, moment: past.Moment) -> bool:
        """Whether nobody ever looked; or not at what the moment has, where that alone tells its step."""
        return not self._step or (moment.is_seen() and moment.seen.oldest is None and not self.is_at(moment))

    def is_at(self, moment: past.Moment) -> bool:
        """Whether it was looked at what the moment has."""
        return self._state == moment.seen.state

    def look(self, moment: past.Moment) -> None:
        """Look at what was written up to the moment. Call it within `reading`, so that all is of this moment."""
        if moment.seen.standby and moment.seen.others_write:
            return
        if self.is_at(moment):
            return
        versions = last_versions(frozenset(views.recorded()))
        with self._lock:
            if self.is_at(moment) or (moment.seen.oldest is not None and moment.seen.oldest < self._next):
                return  # it is before the last step
            before = self._versions.get(self._step)
            found = _Written(None) if before is None else self._written(before, versions)
            self._since_then = found
            self._state = moment.seen.state
            if not moment.seen.others_write:  # else a version may come that is older than the last
                self._since_then = _Written()
                self._next = moment.seen.oldest or 0
                if before is None or versions != before:
                    self._go_on(found, versions)
            if self._since_then == _Written():
                self._steps[self._state] = self._step
                if len(self._steps) > MOST_STATES:
                    self._steps.popitem(last=False)

    def stands(self, of: Of, step: int, moment: past.Moment) -> bool | None:
        """Whether an answer of the step stands. Null where it has to be asked for, within `reading`."""
        state = moment.seen.state  # asked for before others are kept waiting
        with self._lock:
            if not self.may_stand(of, step):
                return False
            if self._state != state:
                return None
            beyond = self._since_then
            if beyond.wholes is None or beyond.wholes & of.keys or self._others(beyond.kinds) & of.kinds:
                return False
            if of.listed is None:
                return True
            if self._is_beyond(of.listed, moment):
                return False
            place = self._place(of.listed, moment)
            return None if place is None else place.moved <= step

    def may_stand(self, of: Of, step: int) -> bool:
        """Whether no step is known that speaks against it."""
        return (
            step >= self._nothing_before
            and not any(self._touched.get(key, 0) > step for key in of.keys)
            and not any(self._kinds.get(kind, 0) > step for kind in self._others(of.kinds))
        )

    def rows(self, listed: Listed, moment: past.Moment) -> Rows | None:
        """All rows of a list that names its directions: kept, carried over what was written, or asked for. Null where
        it is not known of which step the moment is. Call it within `reading`."""
        found = self._found(listed, moment)
        return None if found is None else found.rows

    def keeps(self, listed: Listed, moment: past.Moment) -> bool:
        """Whether all rows of the list are kept, of whichever step."""
        return last(self._question(listed, moment)) is not None

    def _found(self, listed: Listed, moment: past.Moment) -> "_Found | None":
        question = self._question(listed, moment)
        before: _Found | None = last(question)
        with self._lock:
            step, keys = self._step_for(listed, moment), None
            if step is None:
                return None
            if before is not None and before.step <= step:
                keys = self._keys_since(before.step, listed, moment)
        if before is not None and keys == []:
            return before
        rows = None
        if before is not None and keys is not None:
            now = tuple(asked_once(listed.those_with(keys), listed.parameters))
            rows = placed_anew(before.rows, frozenset(keys), now, listed.directions)
        if rows is None:
            rows = tuple(asked_once(listed.all_in_order(), listed.parameters, by_values=True))
        with self._lock:
            if before is None:
                found = _Found(rows, step, step if step == self._step else self._step + 1)
            else:
                found = _Found(rows, step, before.moved if rows is before.rows else step)
            if last(question) is before and (before is None or before.step <= step) and len(rows) <= MOST_ROWS:
                answered(question, found)
        return found

    def _question(self, listed: Listed, moment: past.Moment) -> Hashable:
        return "rows", self, listed._replace(kinds=frozenset()), moment.public, timezone.localdate()

    def place(self, listed: Listed, moment: past.Moment) -> None:
        """See whether the list moved since it was last looked at. Call it within `reading`."""
        if listed.directions:
            found = self._found(listed, moment)
            with self._lock:
                if found is not None and last(self._question(listed, moment)) is found:
                    self._put(listed, moment, _Place(found.step, found.moved, moment.schema))
            return
        with self._lock:
            if not self.is_at(moment) or self._is_beyond(listed, moment) or self._place(listed, moment) is not None:
                return  # what another thread has looked at since, the moment does not have
            before = self._places.get((listed, moment.public))
            stays = before is not None and not self._moved(listed, before, moment)
            moved = before.moved if before and stays else self._step
            self._put(listed, moment, _Place(self._step, moved, moment.schema))

    def _place(self, listed: Listed, moment: past.Moment) -> _Place | None:
        """The place of the list in the journal, if nothing was written since that it is made of."""
        place = self._places.get((listed, moment.public))
        return place if place is not None and self._last(listed, moment) <= place.looked else None

    def _last(self, listed: Listed, moment: past.Moment) -> int:
        """The last step with something that the list is made of."""
        kinds = _kinds_of(listed, moment)
        return max([self._nothing_before, *(self._kinds.get(kind, 0) for kind in kinds)])

    def _is_beyond(self, listed: Listed, moment: past.Moment) -> bool:
        """Whether the moment has something beyond the last step that the list may be made of."""
        beyond = self._since_then
        return beyond.wholes is None or bool(beyond.kinds & _kinds_of(listed, moment))

    def _put(self, listed: Listed, moment: past.Moment, place: _Place) -> None:
        self._places[listed, moment.public] = place
        self._places.move_to_end((listed, moment.public))
        if len(self._places) > MOST_LISTS:
            self._places.popitem(last=False)

    def _moved(self, listed: Listed, before: _Place, moment: past.Moment) -> bool:
        """Whether the wholes that were written since stand elsewhere in the list than before."""
        versions, changed = self._versions.get(before.looked), self._written_since(before.looked)
        keys = self._keys_since(before.looked, listed, moment)
        if versions is None or keys is None:
            return True
        part = listed.those_with(keys)
        reader = views.Reader(public=bool(before.schema), last={kind: versions[kind][0] or 0 for kind in changed})
        everything = before.schema != moment.schema
        was = views.reading_as(part, kinds_read(part) or (), reader, everything=everything)
        then, now = (Counter(asked_once(each, listed.parameters)) for each in (was, part))
        return then != now

    def _step_for(self, listed: Listed, moment: past.Moment) -> int | None:
        """The step that the moment is, as far as the list is concerned."""
        step = self._steps.get(moment.seen.state)
        if step is None and self._step and self.is_at(moment) and not self._is_beyond(listed, moment):
            return self._step
        return step

    def _keys_since(self, step: int, listed: Listed, moment: past.Moment) -> list[Any] | None:
        """The keys of the wholes that may stand elsewhere in the list since the step; null where any may."""
        kinds, changed = _kinds_of(listed, moment), self._written_since(step)
        if step < self._nothing_before or self._others(kinds) & changed:
            return None
        if not kinds & changed:
            return []
        keys = [key for key, _step in takewhile(lambda item: item[1] > step, reversed(self._touched.items()))]
        return keys if len(keys) <= MOST_KEYS else None

    def _written_since(self, step: int) -> Kinds:
        return frozenset(kind for kind, last in self._kinds.items() if last > step)

    def _others(self, kinds: Kinds) -> Kinds:
        """Those that are no parts of a whole, nor wholes."""
        return frozenset(kind for kind in kinds if outermost(kind) is not self.whole)

    def _go_on(self, found: _Written, versions: dict[Any, Last]) -> None:
        """One step further."""
        self._step += 1
        if found.wholes is None or len(self._touched) > MOST_TOUCHED:
            self._nothing_before = self._step
            self._touched.clear()
            self._versions.clear()
        for key in found.wholes or ():
            self._touched.pop(key, None)
            self._touched[key] = self._step
        self._kinds |= dict.fromkeys(found.kinds, self._step)
        self._versions[self._step] = versions
        self._versions.pop(self._step - MOST_STEPS, None)

    def _written(self, before: Mapping[Any, Last], versions: Mapping[Any, Last]) -> _Written:
        """What was written after the versions of before."""
        changed = {kind: before[kind] for kind in versions if versions[kind] != before[kind]}
        parts = {kind: last for kind, last in changed.items() if outermost(kind) is self.whole}
        if any((versions[kind][0] or 0) < (number or 0) for kind, (number, _time) in changed.items()):
            return _Written(None)
        since = written(parts, self.whole) if parts else None
        wholes = since.with_all_linked() if since else None if parts else frozenset[Any]()
        return _Written(wholes, frozenset(changed))


def _kinds_of(listed: Listed, moment: past.Moment) -> Kinds:
    """The kinds of record that a list depends on."""
    return views.behind(kinds_read(listed.statement) or (), public=moment.public)


_journals: dict[tuple[str, Any], Journal] = {}


def journal(whole: Any) -> Journal:
    """The journal of what is written of the wholes of a kind, in the database that is asked."""
    return _journals.setdefault((connection.alias, whole), Journal(whole))
