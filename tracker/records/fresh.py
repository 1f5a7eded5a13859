"""Answers that are kept for as long as nothing was written that they are made of.

Of what an answer is made is not always known: then nothing at all may have been written. It is known of the rows of one
statement, which names its tables: they are kept while no version was written of the kinds of record in these. That
holds because nothing changes a record without a version of it; but for `version` and `modified_at`, which a whole takes
from its parts: a statement that names one of these is of the first kind.
"""

import datetime
import functools
import re
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from tracker.records import past, views
from tracker.records.ngrams import index_name, indexed_kinds, terms_name
from tracker.records.statements import asked

Answer = TypeVar("Answer")
Kinds = frozenset[Any]
Rows = tuple[tuple[Any, ...], ...]
Last = tuple[int | None, str | None]  # the number of a version and its time; null where there is none

WORD = re.compile(r"\w+")

SETTLED = datetime.timedelta(days=1)  # after which nothing more is written of a time, however long it takes
WEIGHED = 100  # parts of an answer
PART_OF_ONE = 4  # the largest answer takes at most this part of all that is kept


class Kept:
    """Answers by their questions, each with the state of the database in which it was made; the oldest go first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, question: Hashable, state: Hashable) -> tuple[bool, Any]:
        """Whether there is an answer of that state, and the answer."""
        with self._lock:
            found = self._answers.get(question, _NONE)
            if found.state != state:
                return False, None
            self._answers.move_to_end(question)
            return True, found.answer

    def found(self, question: Hashable) -> tuple[Hashable, Any]:
        """The last answer, and its state; nulls where there is none."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
            found = self._answers.get(question, _NONE)
            return found.state, found.answer

    def put(self, question: Hashable, state: Hashable, answer: Any) -> None:
        """Keep the answer, if it is not too large."""
        size, most = _size(answer), settings.KEPT_ANSWERS_BYTES
        if size > most // PART_OF_ONE:
            return
        with self._lock:
            self._drop(question)
            self._answers[question] = _Answer(state, answer, size)
            self._bytes += size
            while self._bytes > most:
                self._drop(next(iter(self._answers)))

    def _drop(self, question: Hashable) -> None:
        if question in self._answers:
            self._bytes -= self._answers.pop(question).size


class _Answer(NamedTuple):
    """An answer, the state of the database in which it was made, and its size in bytes."""

    state: Hashable
    answer: Any
    size: int


_NONE = _Answer(None, None, 0)
kept = Kept()
_given: ContextVar[list[Kinds | None] | None] = ContextVar("_given", default=None)  # of what, while an answer is made


def fresh(question: Hashable, make: Callable[[], Answer], of: Kinds | None = None) -> Answer:
    """The answer that `make` gives, or gave when all that is read was as it is now.

    `question` holds all that the answer depends on, beside the database and today's date; `of` says which kinds of
    record it is made of, null for any. An answer is a text, bytes, a number, or a tuple of such: it is given as it is,
    and its size is known. Outside `past.reading`, and where one's own changes may be seen, every answer is made anew.
    """
    moment = past.moment_read()
    if moment is None:
        return make()
    question = (question, moment.instant, moment.public, timezone.localdate())
    state = moment.seen.state if of is None or moment.seen.others_write else _state_of(of, moment)
    return _kept_or_made(question, state, make)


def fresh_rows(statement: str, parameters: Sequence[Any], ask: Callable[[], Iterable[Sequence[Any]]]) -> Rows:
    """The rows that the statement has with the parameters, which `ask` asks for."""
    kinds = kinds_in(statement)
    given_of(kinds)
    return fresh((statement, tuple(parameters)), lambda: tuple(map(tuple, ask())), kinds)


def fresh_by_reading(question: Hashable, make: Callable[[], Answer]) -> Answer:
    """The same as `fresh`, of the kinds of record in the statements that `make` asked when it gave the answer, and of
    those that answers are made of which it was given instead.

    Where it asked nothing, what the answer is made of was read before, and may be anything.
    """
    if past.moment_read() is None:
        return make()
    made = functools.partial(_noted, question, make)
    there, kinds = kept.get(("kinds", question), fixed)
    if there:
        answer = fresh((question, kinds), made, kinds)
    else:
        answer = made()
        kinds = kinds_looked_at(question)
        answer = fresh((question, kinds), lambda: answer, kinds)
    given_of(kinds_looked_at(question))
    return answer


def _noted(question: Hashable, make: Callable[[], Answer]) -> Answer:
    """What `make` gives; what kinds of record it was made of is kept."""
    statements = list[str]()

    def note(execute: Any, statement: str, *rest: Any) -> Any:
        statements.append(statement)
        return execute(statement, *rest)

    given: list[Kinds | None] = []
    before = _given.set(given)
    try:
        with connection.execute_wrapper(note):
            answer = make()
    finally:
        _given.reset(before)
    given += map(kinds_in, statements)
    kept.put(("kinds", question), fixed, _together(given) if given else None)
    return answer


def given_of(kinds: Kinds | None) -> None:
    """An answer made of these kinds is given, to whoever is making another one."""
    given = _given.get()
    if given is not None:
        given.append(kinds)


def _together(kinds: Iterable[Kinds | None]) -> Kinds | None:
    """All of them; null where one may be any."""
    found: Kinds = frozenset()
    for each in kinds:
        if each is None:
            return None
        found |= each
    return found


def fresh_about(records: QuerySet[Any], question: Hashable, make: Callable[[], Answer]) -> Answer:
    """The same of a question about the records of a query."""
    try:
        statement, parameters = records.query.sql_with_params()
    except EmptyResultSet:
        return make()
    return fresh_by_reading((question, statement, parameters), make)


def kinds_looked_at(question: Hashable) -> Kinds | None:
    """The kinds of record in the statements for what `fresh_by_reading` answers; null where that is not known."""
    found: Kinds | None = kept.get(("kinds", question), fixed)[1]
    return found


@functools.lru_cache(maxsize=1000)
def kinds_in(statement: str) -> Kinds | None:
    """The kinds of record that a statement reads, by the names of their tables.

    Null where it reads what has no versions, or what changes without one.
    """
    return None if views.CHANGE_WITHOUT_VERSION & set(WORD.findall(statement)) else kinds_read(statement)


@functools.lru_cache(maxsize=1000)
def kinds_read(statement: str) -> Kinds | None:
    """The same, of whole records with all that they take from their parts."""
    words = set(WORD.findall(statement))
    if not words.isdisjoint(_without_versions()):
        return None
    return frozenset(
        model
        for model in views.recorded()
        if not words.isdisjoint((model._meta.db_table, model.history.model._meta.db_table))
    )


@functools.cache
def _without_versions() -> frozenset[str]:
    """The tables that have no versions; among them SQLite's index of words, which is of now alone."""
    tables = (model._meta.db_table for model in views.unrecorded())
    return frozenset((*tables, *(name(kind) for kind in indexed_kinds() for name in (index_name, terms_name))))


def _state_of(kinds: Kinds, moment: past.Moment) -> Hashable:
    """What tells whether a version was written of the kinds, or of those that hide them from the public.

    What is read of a day in the past stays what it was, whatever is written now, but for what is hidden of it.
    """
    read = views.behind(kinds, public=moment.public)
    if moment.instant is None or moment.instant > timezone.now() - SETTLED:
        return tuple(last_versions(read).values())
    statement = _last_times_statement(read, connection.vendor)
    at = {"instant": connection.ops.adapt_datetimefield_value(moment.instant)}
    return moment.hidden, fresh((statement, "then"), lambda: tuple(map(tuple, asked(statement, at)))) if read else ()


def last_versions(kinds: Kinds) -> dict[Any, Last]:
    """The last version of each kind that the moment has.

    A version that is written later has a higher number, where nobody was writing when the last one was looked at.
    """
    statement = _last_versions_statement(connection.vendor)
    found = fresh(statement, lambda: tuple(map(tuple, asked(statement, {})))) if kinds else ()
    last = {place: (number, time) for place, number, time in found}
    return {kind: last.get(place, (None, None)) for place, kind in enumerate(views.recorded()) if kind in kinds}


@functools.cache
def _last_versions_statement(_vendor: str) -> str:
    """Of each kind that has one, the last version and its time; the kind by its place."""
    tables = (views.table(kind.history.model) for kind in views.recorded())
    return " UNION ALL ".join(
        f"SELECT * FROM (SELECT {place}, history_id, CAST(history_date AS text) FROM {each}"  # noqa: S608
        " ORDER BY history_id DESC LIMIT 1) AS last"
        for place, each in enumerate(tables)
    )


@functools.cache
def _last_times_statement(kinds: Kinds, _vendor: str) -> str:
    """Of each kind the time of the last version at an instant, null where there was none."""
    tables = (views.table(kind.history.model) for kind in views.recorded() if kind in kinds)
    return " UNION ALL ".join(
        f"SELECT {place}, CAST(MAX(history_date) AS text) FROM {each} WHERE history_date <= %(instant)s"  # noqa: S608
        for place, each in enumerate(tables)
    )


def fixed(question: Hashable, make: Callable[[], Answer]) -> Answer:
    """The answer that `make` gives, or gave: one that depends on the question alone, whatever is written."""
    return _kept_or_made(question, fixed, make)


def _kept_or_made(question: Hashable, state: Hashable, make: Callable[[], Answer]) -> Answer:
    there, answer = kept.get(question, state)
    if not there:
        answer = make()
        kept.put(question, state, answer)
    found: Answer = answer
    return found


def last(question: Hashable) -> Any:
    """What was answered last, fresh or not; null where nothing is known. For guesses."""
    return kept.get(("last", question), fixed)[1]


def answered(question: Hashable, answer: Any) -> None:
    """Keep it as what was answered last."""
    kept.put(("last", question), fixed, answer)


def _size(answer: Any) -> int:
    """In bytes; of many rows some are weighed for all."""
    if not isinstance(answer, tuple):
        return sys.getsizeof(answer)
    weighed = answer[:: len(answer) // WEIGHED + 1]
    return sys.getsizeof(answer) + sum(map(_size, weighed)) * len(answer) // max(1, len(weighed))
