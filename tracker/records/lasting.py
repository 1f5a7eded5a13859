"""Whole answers that last while nothing was written of what they are made of: see the journal."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.utils import timezone

from tracker.records import fresh, past
from tracker.records.journal import Journal, Of, journal

Answer = TypeVar("Answer")
Read = TypeVar("Read")


class Made(NamedTuple, Generic[Answer]):
    """An answer, and what it is made of; null where that is not known."""

    answer: Answer
    of: Of | None


class _Kept(NamedTuple):
    answer: Any
    of: Of
    step: int


def lasting(
    question: Hashable,
    whole: Any,
    scope: Callable[[], AbstractContextManager[Read]],
    make: Callable[[Read], Made[Answer]],
) -> Answer:
    """The answer that `make` gives with what it is made of, or gave when that was as it is now.

    Call it within `past.glancing`, which is enough for an answer that stands; `make` is called within the scope. Where
    it is not said of what the answer is made, it is kept as `fresh` keeps it; as where `whole` is null.
    """
    moment = past.moment_read()
    if moment is None:
        with scope() as read:
            return make(read).answer
    # Each database has a journal of its own, with steps of its own.
    question = (question, connection.alias, moment.instant, moment.public, timezone.localdate())
    if moment.instant is not None:
        whole = None
    there, found = _standing(question, moment)
    if there:
        standing: Answer = found
        return standing
    if whole is not None and journal(whole).is_to_be_looked_at(moment):
        with _reading(moment) as seen:
            journal(whole).look(seen)
    with scope() as read:
        if whole is not None and connection.in_atomic_block and (now := past.moment_read()):
            journal(whole).look(now)
        answer, of = make(read)
        moment = past.moment_read()
        if moment is not None and moment.is_seen():
            step = _step(of, moment) if of is not None and whole is not None else None
            if of is None or step is None:
                fresh.kept.put(question, moment.seen.state, answer)
            else:
                fresh.kept.put(question, Journal, _Kept(answer, of, step))
    return answer


def _step(of: Of, moment: past.Moment) -> int | None:
    """The step with which an answer is kept that was made in the moment; null where there is none."""
    known = journal(of.whole)
    return known.step_of(moment) if of.listed is None else known.step_in(of.listed, moment)


def _standing(question: Hashable, moment: past.Moment) -> tuple[bool, Any]:
    """Whether an answer is kept that stands, and the answer. Nothing is asked where that is known not to be so."""
    state, found = fresh.kept.found(question)
    if not isinstance(found, _Kept):
        may_be = state is not None and (moment.is_seen() or state == past.last_seen())
        return may_be and state == moment.seen.state, found
    known = journal(found.of.whole)
    stands = known.may_stand(found.of, found.step) and known.stands(found.of, found.step, moment)
    if stands is None:
        with _reading(moment) as seen:
            known.look(seen)
            if found.of.listed is not None:
                known.place(found.of.listed, seen)
            stands = known.stands(found.of, found.step, seen)
    return bool(stands), found.answer


@contextmanager
def _reading(moment: past.Moment) -> Iterator[past.Moment]:
    """Inside, all is read of one moment: that given, or the one that is now where it was but glanced at."""
    if connection.in_atomic_block:
        yield moment
        return
    with past.reading(public=moment.public):
        yield past.moment_read() or moment
