"""A client that costs little, since it shares the machine with what it measures: plain sockets, kept open."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

BLOCK = 1 << 18
LAST_CHUNK = b"\r\n0\r\n\r\n"


class Rate(NamedTuple):
    """How many answers came in how many seconds, and how large one was on average, in bytes."""

    answers: int
    seconds: float
    size: int

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


def measure(port: int, paths: Sequence[str], *, connections: int, seconds: float) -> Rate:
    """Ask for the paths in turn over all connections at once, for so long; what has begun is awaited.

    Raises ConnectionError for any answer but 200.
    """
    results: list[int | Exception] = []
    waiting = cycle(paths)
    started = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(port, waiting, started + seconds, results)) for _each in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - started
    sizes = []
    for result in results:
        if isinstance(result, Exception):
            raise result
        sizes.append(result)
    return Rate(len(sizes), taken, sum(sizes) // len(sizes))


def get(port: int, path: str) -> int:
    """The size of one answer's body, in bytes. Raises ConnectionError for any answer but 200."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _answer(connection, path)


def _ask(port: int, paths: Iterator[str], until: float, results: list[int | Exception]) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            results.append(_answer(connection, next(paths)))
            while time.perf_counter() < until:
                results.append(_answer(connection, next(paths)))
    except OSError as error:
        results.append(error)


def _answer(connection: socket.socket, path: str) -> int:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += _more(connection)
    head, _blank, body = head.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ConnectionError(f"{path}: {head.splitlines()[0].decode()}")
    size = len(body)
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    if length is not None:
        missing = int(length.partition(b":")[2]) - size
        while missing > 0:
            missing -= (read := len(_more(connection)))
            size += read
        return size
    end = body[-len(LAST_CHUNK) :]
    while end != LAST_CHUNK:
        block = _more(connection)
        size += len(block)
        end = (end + block)[-len(LAST_CHUNK) :]
    return size


def _more(connection: socket.socket) -> bytes:
    block = connection.recv(BLOCK)
    if not block:
        raise ConnectionError("The server hung up.")
    return block
