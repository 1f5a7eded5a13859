"""A client that costs little, since it shares the machine with what it measures: plain sockets, kept open."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

from bench.spent import Spent

BLOCK = 1 << 18
LAST_CHUNK = b"\r\n0\r\n\r\n"


class Rate(NamedTuple):
    """How many answers came in how many seconds, how large one was on average, in bytes, and what they all cost."""

    answers: int
    seconds: float
    size: int
    spent: Spent = Spent()

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


class Answer(NamedTuple):
    """The size of a body in bytes, its ETag if there is one, and how many seconds its first byte took."""

    size: int
    tag: str
    first: float


class Post(NamedTuple):
    """What is sent, where to, and by which token, if it needs one. Several threads may take from `bodies`."""

    path: str
    bodies: Iterator[bytes]
    token: str = ""


def measure(port: int, paths: Sequence[str], *, connections: int, seconds: float, conditional: bool = False) -> Rate:
    """Ask for the paths in turn over all connections at once, for so long; what has begun is awaited.

    `conditional`: each but the first says which answer the client has. Raises ConnectionError for what is no answer.
    """
    waiting = cycle(paths)
    return _rate(lambda until, results: _ask(port, waiting, until, conditional, results), connections, seconds)


def measure_writing(port: int, post: Post, *, connections: int, seconds: float) -> Rate:
    """Send one body after the other over all connections at once, for so long; what has begun is awaited.

    Raises ConnectionError for any answer but 201.
    """
    return _rate(lambda until, results: _write(port, post, until, results), connections, seconds)


def write(port: int, post: Post, number: int) -> float:
    """Send so many bodies over one connection, each after the answer to the one before; the seconds that it took."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for _each in range(number):
            _sent(connection, post)
    return time.perf_counter() - began


def get(port: int, path: str) -> Answer:
    """One answer. Raises ConnectionError for any but 200."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _answer(connection, path)


def _rate(act: Callable[[float, list[int | Exception]], None], connections: int, seconds: float) -> Rate:
    """What comes of threads that act until so many seconds have passed, and put the size of each answer into a list."""
    results: list[int | Exception] = []
    started = time.perf_counter()
    threads = [threading.Thread(target=act, args=(started + seconds, results)) for _each in range(connections)]
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


def _ask(port: int, paths: Iterator[str], until: float, conditional: bool, results: list[int | Exception]) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            found = _answer(connection, next(paths))
            results.append(found.size)
            while time.perf_counter() < until:
                results.append(_answer(connection, next(paths), found.tag if conditional else "").size)
    except OSError as error:
        results.append(error)


def _write(port: int, post: Post, until: float, results: list[int | Exception]) -> None:
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.perf_counter() < until:
                results.append(_sent(connection, post).size)
    except OSError as error:
        results.append(error)


def _sent(connection: socket.socket, post: Post) -> Answer:
    body = next(post.bodies)
    token = f"Authorization: Bearer {post.token}\r\n" if post.token else ""
    lines = f"POST {post.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{token}"
    content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return _received(connection, (lines + content).encode() + body, post.path, "201")


def _answer(connection: socket.socket, path: str, tag: str = "") -> Answer:
    known = f"If-None-Match: {tag}\r\n" if tag else ""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{known}\r\n"
    return _received(connection, request.encode(), path, "304" if tag else "200", tag)


def _received(connection: socket.socket, request: bytes, path: str, expected: str, tag: str = "") -> Answer:
    began = time.perf_counter()
    connection.sendall(request)
    text = b""
    while b"\r\n\r\n" not in text:
        text += _more(connection)
    head, _blank, body = text.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    if status.split()[1] != expected:
        raise ConnectionError(f"{path}: {status} {body[:300].decode(errors='replace')}")
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
