"""Answers that are kept for as long as nothing at all was written."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from django.conf import settings
from django.utils import timezone

from tracker.records import past

Answer = TypeVar("Answer")

PART_OF_ONE = 4  # the largest answer takes at most this part of all that is kept


class Kept:
    """Answers by their questions, each with the state of the database in which it was made; the oldest go first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, question: Hashable, state: Hashable) -> tuple[bool, Any]:
        """Whether there is an answer of that state, and the answer."""
        with self._lock:
            before, answer = self._answers.get(question, (None, None))
            if before != state:
                return False, None
            self._answers.move_to_end(question)
            return True, answer

    def put(self, question: Hashable, state: Hashable, answer: Any) -> None:
        """Keep the answer, if it is not too large."""
        size, most = _size(answer), settings.KEPT_ANSWERS_BYTES
        if size > most // PART_OF_ONE:
            return
        with self._lock:
            self._drop(question)
            self._answers[question] = (state, answer)
            self._bytes += size
            while self._bytes > most:
                self._drop(next(iter(self._answers)))

    def _drop(self, question: Hashable) -> None:
        if question in self._answers:
            self._bytes -= _size(self._answers.pop(question)[1])


kept = Kept()


def fresh(question: Hashable, make: Callable[[], Answer]) -> Answer:
    """The answer that `make` gives, or gave when all that is read was as it is now.

    `question` holds all that the answer depends on, beside the database and today's date. An answer is a text, bytes, a
    number, or a tuple of such: it is given as it is, and its size is known. Outside `past.reading`, and where one's own
    changes may be seen, every answer is made anew.
    """
    moment = past.moment_read()
    if moment is None:
        return make()
    question = (question, moment.instant, moment.public, timezone.localdate())
    there, answer = kept.get(question, moment.state)
    if not there:
        answer = make()
        kept.put(question, moment.state, answer)
    found: Answer = answer
    return found


def fixed(question: Hashable, make: Callable[[], Answer]) -> Answer:
    """The answer that `make` gives, or gave: one that depends on the question alone, whatever is written."""
    there, answer = kept.get(question, fixed)
    if not there:
        answer = make()
        kept.put(question, fixed, answer)
    found: Answer = answer
    return found


def _size(answer: Any) -> int:
    return sys.getsizeof(answer) + (sum(map(_size, answer)) if isinstance(answer, tuple) else 0)
