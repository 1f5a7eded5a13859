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


class Answer(NamedTuple):
    """The size of a body in bytes, its ETag if there is one, and how many seconds its first byte took."""

    size: int
    tag: str
    first: float


def measure(port: int, paths: Sequence[str], *, connections: int, seconds: float, conditional: bool = False) -> Rate:
    """Ask for the paths in turn over all connections at once, for so long; what has begun is awaited.

    `conditional`: each but the first says which answer the client has. Raises ConnectionError for what is no answer.
    """
    results: list[int | Exception] = []
    waiting = cycle(paths)
    started = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(port, waiting, started + seconds, conditional, results))
        for _each in range(connections)
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


def get(port: int, path: str) -> Answer:
    """One answer. Raises ConnectionError for any but 200."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _answer(connection, path)


def _ask(port: int, paths: Iterator[str], until: float, conditional: bool, results: list[int | Exception]) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            found = _answer(connection, next(paths))
            results.append(found.size)
            while time.perf_counter() < until:
                results.append(_answer(connection, next(paths), found.tag if conditional else "").size)
    except OSError as error:
        results.append(error)


def _answer(connection: socket.socket, path: str, tag: str = "") -> Answer:
    began = time.perf_counter()
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{known}\r\n".encode())
    text = b""
    while b"\r\n\r\n" not in text:
        text += _more(connection)
    head, _blank, body = text.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    expected = "304" if tag else "200"
    if status.split()[1] != expected:
        raise ConnectionError(f"{path}: {status}")
    if tag:
        return Answer(0, tag, time.perf_counter() - began)
    if not body:
        body = _more(connection)
    first, size = time.perf_counter() - began, len(body)
    if "content-length" in headers:
        while size < int(headers["content-length"]):
            size += len(_more(connection))
        return Answer(size, headers.get("etag", ""), first)
    end = body[-len(LAST_CHUNK) :]
    while end != LAST_CHUNK:
        block = _more(connection)
        size += len(block)
        end = (end + block)[-len(LAST_CHUNK) :]
    return Answer(size, "", first)


def _more(connection: socket.socket) -> bytes:
    block = connection.recv(BLOCK)
    if not block:
        raise ConnectionError("The server hung up.")
    return block
