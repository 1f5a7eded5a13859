"""Reading from standbys: servers that follow the primary one, and may be a little behind it or gone.

What is read in the API may come from a standby that has all that its reader wrote, and all that the primary had
DATABASE_REPLICA_LAG seconds ago. Where there is none, or it fails, the primary answers. Inside `reading` the default
connection is that of the standby: whoever asks the database need not know of it. Nothing can be written there.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter

HEADER = "Read-After"
SAFE = ("GET", "HEAD", "OPTIONS")
SECONDS_BETWEEN_LOOKS = 1.0  # at how far the primary is
SECONDS_AWAY = 5.0  # before a standby that failed is asked again
FAILURES = (OperationalError, InterfaceError)

READS = Counter("tracker_reads", "Reads that a standby answered, or began to answer.", ["database"])


class Standby:
    """One of them: how far it has come, as far as is known, and until when it is not asked."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.come_to = 0
        self.away_until = 0.0

    def has(self, position: int) -> bool:
        """Whether it can be asked, and has all that was written up to the position."""
        if time.monotonic() < self.away_until:
            return False
        if self.come_to < position:
            try:
                # Null where it follows nobody any more: what it has is then no longer what the primary has.
                self.come_to = _asked(self.alias, "pg_last_wal_replay_lsn()") or 0
            except FAILURES:
                self.failed()
                return False
        return self.come_to >= position

    def failed(self) -> None:
        """It is not asked for a while, nor thought to be where it was."""
        self.come_to, self.away_until = 0, time.monotonic() + SECONDS_AWAY
        with suppress(*FAILURES):
            connections[self.alias].close()


class Standbys:
    """Those of the settings, and how far the primary was when."""

    def __init__(self) -> None:
        self._all = [Standby(alias) for alias in settings.STANDBYS]
        self._looks: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def fit(self, position: int) -> Standby | None:
        """One that has all up to the position, and is not too far behind; null where there is none."""
        wanted = max(position, self._newest_that_may_lack())
        return next((each for each in random.sample(self._all, len(self._all)) if each.has(wanted)), None)

    def _newest_that_may_lack(self) -> int:
        """Where the primary was DATABASE_REPLICA_LAG seconds ago, or when it was first looked at."""
        with self._lock:
            now = time.monotonic()
            if not self._looks or now - self._looks[-1][0] >= SECONDS_BETWEEN_LOOKS:
                self._looks.append((now, position()))
            while len(self._looks) > 1 and self._looks[1][0] <= now - settings.DATABASE_REPLICA_LAG:
                self._looks.popleft()
            return self._looks[0][1]


standbys = Standbys()


@contextmanager
def reading(request: HttpRequest | Any) -> Iterator[Standby | None]:
    """Inside, what the request reads comes from the standby that is given; from the primary where none is."""
    if not settings.STANDBYS or connection.in_atomic_block:
        yield None
        return
    standby = standbys.fit(max(_told(request), cache.get(_key(request.user), 0)))
    if standby is None:
        yield None
        return
    READS.labels(standby.alias).inc()
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[standby.alias]
    try:
        yield standby
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


class ReadYourWritesMiddleware:
    """After a write its user reads nothing older: it is remembered how far the primary was then, and said."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.STANDBYS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in SAFE and response.status_code < 400:
            here = position()
            cache.set(_key(request.user), here, settings.DATABASE_REPLICA_LAG + SECONDS_BETWEEN_LOOKS)
            response[HEADER] = str(here)
        return response


def position() -> int:
    """How much the primary has to say of changes, in bytes since it was made; it grows with every commit.

    Of what is still on its way to the disk, too: a commit need not have waited for that.
    """
    return _asked(DEFAULT_DB_ALIAS, "pg_current_wal_insert_lsn()") or 0


def _asked(alias: str, where: str) -> int | None:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT CAST({where} - '0/0' AS bigint)")
        found: int | None = cursor.fetchone()[0]
        return found


def _told(request: Any) -> int:
    """What the client says that it has to see; 0 where it says nothing that could be."""
    text = request.headers.get(HEADER, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _key(user: Any) -> str:
    return f"written-by-{getattr(user, 'pk', None)}"
