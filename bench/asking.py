"""Questions put in turn to whoever is compared, so that what else the machine does falls on all of them alike."""

import contextlib
import statistics
import sys
from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from bench import client
from bench.client import Rate
from bench.edits import editing
from bench.servers import Server
from bench.spent import spent

Name = TypeVar("Name", bound=Hashable)
CONNECTIONS_TO_MEET_ALL = 10
TIMES_BEFORE = 4  # of two processes, one in sixteen then has not made an answer


class Ask(NamedTuple):
    """What is asked of whom: the paths in turn, over so many connections.

    Records of the kind `written` are edited meanwhile: programmes and their lines, so that no answer is a kept one, or
    others, and what is made of programmes may have been kept before; none where it is empty. Where it is to be `warm`,
    the same is asked before, for that many seconds and until each path was asked for TIMES_BEFORE times.
    """

    server: Server
    paths: Sequence[str]
    connections: int = 8
    conditional: bool = False
    written: str = "programme"
    warm: float = 0


def interleaved(asks: Mapping[Name, Ask], *, runs: int, seconds: float) -> dict[Name, list[Rate]]:
    """Run after run, one after the other; those that give no answer are told and left out."""
    rates: dict[Name, list[Rate]] = {name: [] for name, ask in asks.items() if _answers(name, ask)}
    for run in range(1, runs + 1):
        for name, found in rates.items():
            print(f"\r{f'run {run} of {runs}: {name}':100}", end="", file=sys.stderr, flush=True)
            ask = asks[name]
            keep(ask.server.port, ask.paths[:1] if ask.written else ask.paths)
            with editing(ask.server.url, ask.written) if ask.written else contextlib.nullcontext():
                asked = 0
                while ask.warm and asked < TIMES_BEFORE * len(ask.paths):
                    asked += _rate(ask, ask.warm).answers
                found.append(_rate(ask, seconds))
    print(file=sys.stderr)
    return rates


def _rate(ask: Ask, seconds: float) -> Rate:
    before = spent(ask.server.process.pid, ask.server.url)
    rate = client.measure(
        ask.server.port, ask.paths, connections=ask.connections, seconds=seconds, conditional=ask.conditional
    )
    return rate._replace(spent=spent(ask.server.process.pid, ask.server.url).since(before))


def _answers(name: Hashable, ask: Ask) -> bool:
    """Ask once, which also warms what is to be warm."""
    try:
        client.get(ask.server.port, ask.paths[0])
    except ConnectionError as error:
        print(f"{name}: no answer ({error})", file=sys.stderr)
        return False
    return True


def keep(port: int, paths: Sequence[str]) -> None:
    """Have every process of the server make the answers; a new connection comes to any of them."""
    for path in paths:
        for _connection in range(CONNECTIONS_TO_MEET_ALL):
            client.get(port, path)


def cost(rates: Sequence[Rate] | None) -> Sequence[float | None]:
    """Seconds of processors that an answer takes of the server, and of the database; nulls where there are none."""
    if not rates:
        return None, None
    parts = zip(*((part / rate.answers for part in rate.spent) for rate in rates), strict=True)
    return [statistics.median(part) for part in parts]


def median(rates: Sequence[Rate] | None) -> float | None:
    """Answers a second; null where there are none."""
    return statistics.median(rate.per_second for rate in rates) if rates else None


def ratios(rates: Sequence[Rate] | None, others: Sequence[Rate] | None) -> list[float]:
    """The one to the other, run by run; empty where one of them gave no answer."""
    return [one.per_second / other.per_second for one, other in zip(rates or (), others or (), strict=False)]


def noise(rates: Sequence[Rate]) -> float:
    """By how much the runs differ: the range as a part of the median."""
    values = [rate.per_second for rate in rates]
    return (max(values) - min(values)) / statistics.median(values)
