"""Whole tables as files: how fast, when the first byte comes, and what memory the server takes meanwhile."""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import psutil

from bench import client
from bench.cases import FILES, SAME_QUERY, SAME_QUERY_FILE
from bench.rates import path_of
from bench.servers import Server, environment
from bench.spent import family
from bench.words import Verdict, digits, middle, spread, table

MEGABYTE = 2**20
PAUSE = 0.02  # seconds between looks at the memory
MOST_SECONDS_TO_FIRST_BYTE = 0.3
MOST_MEGABYTES = {"CSV": 50, "XLSX": 150}


class File(NamedTuple):
    """One file as it came: seconds to the first byte and to the last, bytes, and megabytes above the idle server."""

    first: float
    seconds: float
    size: int
    memory: float


class Files(NamedTuple):
    """The files of ours and of the limit, run by run."""

    found: dict[tuple[str, str], list[File]]

    def to(self, case: str, other: str) -> list[float]:
        """Our speed as a part of another's, in files a second, run by run."""
        pairs = zip(self.found[case, "ours"], self.found.get((case, other), ()), strict=False)
        return [limit.seconds / ours.seconds for ours, limit in pairs]

    def verdicts(self) -> list[Verdict]:
        """What is held against the goals: speed, first byte, memory."""
        found = []
        for case in FILES:
            files, most = self.found[case.name, "ours"], MOST_MEGABYTES[case.name]
            memory = max(file.memory for file in files)
            found.append(Verdict(f"{case.name}, memory above idle", memory, most=most, unit="MB"))
            if case.goal:
                first = middle([file.first for file in files])
                found += [
                    Verdict(f"{case.name}, to COPY", middle(self.to(case.name, SAME_QUERY)), least=case.goal.least),
                    Verdict(f"{case.name}, first byte", first, most=MOST_SECONDS_TO_FIRST_BYTE, unit="s"),
                ]
        return found

    def told(self) -> str:
        """A table of all files."""
        rows = []
        for (name, server), files in self.found.items():
            rows.append(
                [
                    f"{name}, {server}",
                    spread([file.seconds for file in files]),
                    spread([file.first for file in files]),
                    digits(max(file.memory for file in files)),
                    digits(files[0].size / MEGABYTE),
                    spread(self.to(name, server)) if server != "ours" else "–",
                ]
            )
        return table(["file", "seconds", "to the first byte", "memory above idle, MB", "MB", "ours to it"], rows)

    def as_json(self) -> list[dict[str, Any]]:
        """Every file."""
        return [
            {"file": name, "server": server, **file._asdict()}
            for (name, server), files in self.found.items()
            for file in files
        ]


def files(servers: dict[str, Server], *, runs: int) -> Files:
    """Ask ours and the limit in turn for each file, one at a time; of CSV also COPY of the statement that ours asks."""
    idle = {name: memory(servers[name]) for name in ("ours", "limit")}
    asks = [(case.name, name, name, path_of(case, name, {})) for case in FILES for name in idle]
    asks.insert(2, ("CSV", SAME_QUERY, "limit", f"/?{urlencode({'case': SAME_QUERY})}"))
    found: dict[tuple[str, str], list[File]] = {(case, name): [] for case, name, _server, _path in asks}
    for _run in range(runs):
        for case, name, server, path in asks:
            found[case, name].append(_file(servers[server], path, idle[server]))
    return Files(found)


@contextlib.contextmanager
def same_query(url: str) -> Iterator[None]:
    """Meanwhile a server that is started finds the statement of our CSV in a file."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "same.sql"
        command = [sys.executable, "-m", "bench.same_query"]
        with path.open("w") as file:
            subprocess.run(command, env=environment(url, "tracker.settings"), stdout=file, check=True)
        os.environ[SAME_QUERY_FILE] = str(path)
        try:
            yield
        finally:
            del os.environ[SAME_QUERY_FILE]


def _file(server: Server, path: str, idle: float) -> File:
    began = time.perf_counter()
    with watched(server) as peaks:
        answer = client.get(server.port, path)
        seconds = time.perf_counter() - began
    return File(answer.first, seconds, answer.size, max(peaks) - idle)


@contextlib.contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """Meanwhile the server's memory is looked at again and again."""
    peaks, stopping = [memory(server)], threading.Event()

    def look() -> None:
        while not stopping.wait(PAUSE):
            peaks.append(memory(server))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peaks
    finally:
        stopping.set()
        thread.join()


def memory(server: Server) -> float:
    """Megabytes that the server's processes have in memory, together; what two of them share counts twice."""
    held = 0
    for each in family(server.process.pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            held += each.memory_info().rss
    return held / MEGABYTE
