"""Many who write the same programme at once, and others who read it: is any update lost, any answer wrong?"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from bench.stages import Client, Stage

PROGRAMME = "CONTENDED"
READS = (
    f"programmes/{PROGRAMME}/",
    f"programmes/{PROGRAMME}/?expand=budgets",
    f"budgets/?programme={PROGRAMME}&page_size=20",
    f"programmes/{PROGRAMME}/history/",
    "programmes/?ordering=-modified_at&page_size=10",
)
# What a writer may be answered; 412 to those who saw an older version.
EXPECTED = {200, 201, 304, 412}


@dataclass
class Contended:
    """What came of it. Every number of `faults` is to be zero."""

    seconds: float = 0
    answers: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    increments: int = 0
    lines: int = 0
    changes: int = 0
    faults: list[str] = field(default_factory=list)


def contended(stage: Stage, *, writers: int, readers: int, seconds: float) -> Contended:
    """Let them write and read for so long, then hold what was acknowledged against what is stored.

    Some raise a number of the programme by one, having read it; some add lines of its budget; some change these.
    """
    first = stage.client()
    made = first.send("POST", "programmes/", {"code": PROGRAMME, "name": "Contended", "components_stated": 0})
    line = first.send("POST", "budgets/", {"programme": PROGRAMME, "title": "0", "amount": "0", "currency": "EUR"})
    if (made.status, line.status) != (201, 201):
        raise RuntimeError(f"{made} {line}")
    first.close()

    result, lock = Contended(), threading.Lock()
    acts = cycle([_increment, _add, _increment, _change, _increment, _increment, _change, _increment])
    workers = [(next(acts), f"writer {number}") for number in range(writers)]
    workers += [(_read, f"reader {number}") for number in range(readers)]
    begun = time.monotonic()

    def work(act: Any, name: str) -> None:
        client, mine = stage.client(), Counter[str]()
        while time.monotonic() < begun + seconds:
            try:
                for what, answer in act(client, line.body["code"]):
                    mine[f"{what} {answer.status}"] += 1
                    if answer.status not in EXPECTED:
                        result.unexpected.append(f"{name}: {what} {answer.status} {answer.body}")
            except OSError as error:
                result.unexpected.append(f"{name}: {error!r}")
        client.close()
        with lock:
            result.answers += mine

    threads = [threading.Thread(target=work, args=each) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.monotonic() - begun
    _judge(stage, result)
    return result


def _increment(client: Client, _line: str) -> Any:
    seen = client.send("GET", f"programmes/{PROGRAMME}/?fields=components_stated")
    yield "read", seen
    if seen.status == 200:
        more = {"components_stated": seen.body["components_stated"] + 1}
        yield "increment", client.send("PATCH", f"programmes/{PROGRAMME}/", more, If_Match=seen.tag or "")


def _add(client: Client, line: str) -> Any:
    # Who adds need not have seen anything; without a pause nobody who has to would ever be in time.
    yield from _read(client, line)
    yield "add", client.send("POST", "budgets/", {"programme": PROGRAMME, "title": "x", "amount": "1"})


def _change(client: Client, line: str) -> Any:
    seen = client.send("GET", f"budgets/{line}/?fields=title,version")
    yield "read", seen
    if seen.status == 200:
        more = {"title": str(int(seen.body["title"]) + 1), "version": seen.body["version"]}
        yield "change", client.send("PATCH", f"budgets/{line}/", more)


def _read(client: Client, _line: str) -> Any:
    for path in READS:
        answer = client.send("GET", path)
        yield "read", answer
        if answer.tag:
            yield "read", client.send("GET", path, If_None_Match=answer.tag)


def _judge(stage: Stage, result: Contended) -> None:
    result.increments = result.answers["increment 200"]
    result.lines, result.changes = 1 + result.answers["add 201"], result.answers["change 200"]
    ((version, number, programme),) = stage.rows(
        f"SELECT version, components_stated, id FROM programmes_programme WHERE code = '{PROGRAMME}'"
    )
    ((titled, line_version),) = stage.rows(
        f"SELECT title, version FROM programmes_budget WHERE programme_id = {programme} ORDER BY id LIMIT 1"
    )
    (versions,) = stage.rows(f"SELECT COUNT(*) FROM programmes_historicalprogramme WHERE id = {programme}")[0]
    (lines,) = stage.rows(f"SELECT COUNT(*) FROM programmes_budget WHERE programme_id = {programme}")[0]
    (line_versions,) = stage.rows(
        f"SELECT COUNT(*) FROM programmes_historicalbudget WHERE programme_id = {programme} AND history_type = '~'"
    )[0]
    wholes = {
        "increments that are stored": (number, result.increments),
        "versions of the programme in the history": (versions, 1 + result.increments),
        "lines": (lines, result.lines),
        "changes of the line that are stored": (int(titled), result.changes),
        "versions of the line in the history": (line_versions, result.changes),
        "version of the line": (line_version, 1 + result.changes),
        "version of the programme": (version, 1 + result.increments + result.lines + result.changes),
    }
    result.faults = [f"{what}: {stored}, not {told}" for what, (stored, told) in wholes.items() if stored != told]
    result.faults += result.unexpected
