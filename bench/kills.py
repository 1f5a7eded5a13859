"""The server and PostgreSQL killed amid writes: is all there that was acknowledged, and nothing by half?"""

import contextlib
import http.client
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from bench.servers import environment
from bench.stages import Client, Stage

PROGRAMME = "KILLED"
BULK = 20  # records of one request
IMPORTED = 60  # records of one import, which is one transaction
SECONDS_TO_ANSWER = 60


@dataclass
class Killed:
    """What came of it. `faults` is to be empty."""

    kills: dict[str, int] = field(default_factory=dict)
    seconds: float = 0
    single: int = 0
    bulk: int = 0
    increments: int = 0
    imports: int = 0
    imports_cut: int = 0
    unanswered: int = 0
    failed: int = 0
    faults: list[str] = field(default_factory=list)


class Writers:
    """Those who write until they are told to stop. Each request has a key; it is sent again until it is answered."""

    def __init__(self, stage: Stage, result: Killed) -> None:
        self.stage, self.result = stage, result
        self.stopping = threading.Event()
        self.single: list[str] = []
        self.bulk: list[str] = []
        self.imports: dict[str, bool] = {}
        self.importing: subprocess.Popen[bytes] | None = None
        self.increments = self.unclear = 0
        acts: list[Callable[[], None]] = [self.add, self.add, self.add_many, self.increment]
        self.threads = [threading.Thread(target=self.until_stopped, args=[act, n]) for n, act in enumerate(acts)]
        self.local = threading.local()

    def until_stopped(self, act: Callable[[], None], number: int) -> None:
        """Do it again and again."""
        self.local.client, self.local.name, self.local.count = self.stage.client(), number, 0
        while not self.stopping.is_set():
            self.local.count += 1
            try:
                act()
            except RuntimeError as error:
                self.result.faults.append(str(error))
                return
        self.local.client.close()

    def answered(self, method: str, path: str, body: object, key: str) -> None:
        """Send it until it is answered with 201. Raises RuntimeError for any other answer, or for none."""
        client: Client = self.local.client
        until = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < until:
            try:
                answer = client.send(method, path, body, Idempotency_Key=key)
            except (OSError, http.client.HTTPException):
                self.result.unanswered += 1
                time.sleep(0.05)
                continue
            if answer.status == 201:
                return
            if answer.status < 500:
                raise RuntimeError(f"{method} {path} {key}: {answer}")
            self.result.failed += 1  # PostgreSQL is away
            time.sleep(0.05)
        raise RuntimeError(f"{method} {path} {key}: no answer")

    def add(self) -> None:
        """A line of the programme's budget."""
        code = f"S{self.local.name}-{self.local.count}"
        self.answered("POST", "budgets/", {"programme": PROGRAMME, "code": code, "title": "x", "amount": "1"}, code)
        self.single.append(code)

    def add_many(self) -> None:
        """Several sources."""
        name = f"B{self.local.name}-{self.local.count}"
        records = [{"code": f"{name}-{number}", "title": "x"} for number in range(BULK)]
        self.answered("POST", "sources/", records, name)
        self.bulk.append(name)

    def increment(self) -> None:
        """One more, of what was read; whether it was done where no answer came is left open."""
        client: Client = self.local.client
        try:
            seen = client.send("GET", f"programmes/{PROGRAMME}/?fields=components_stated")
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            return
        if seen.status != 200:
            return
        body = {"components_stated": seen.body["components_stated"] + 1}
        try:
            answer = client.send("PATCH", f"programmes/{PROGRAMME}/", body, If_Match=seen.tag or "")
        except (OSError, http.client.HTTPException):
            self.unclear += 1
            return
        if answer.status == 200:
            self.increments += 1
        elif answer.status >= 500:
            self.unclear += 1

    def begin_import(self, folder: Path) -> None:
        """Start importing a file of records in a process of its own."""
        name = f"I{len(self.imports)}"
        path = folder / f"{name}.yaml"
        rows = "".join(f'- {{code: "{name}-{number}", title: "x"}}\n' for number in range(IMPORTED))
        path.write_text("sources:\n" + "".join(f"  {row}\n" for row in rows.splitlines()))
        self.imports[name] = False
        self.importing = subprocess.Popen(
            [sys.executable, "manage.py", "load_fixtures", str(path), "--verbosity", "0"],
            env=environment(self.stage.url, "tracker.settings"),
            stderr=subprocess.DEVNULL,
        )

    def end_import(self, *, kill: bool) -> None:
        """Kill it, or wait for it; one that ended well is acknowledged."""
        if self.importing is not None:
            if kill:
                self.importing.kill()
            name = list(self.imports)[-1]
            self.imports[name] = self.importing.wait() == 0
            self.result.imports_cut += not self.imports[name]
            self.importing = None


def killed(stage: Stage, *, kills: int, seed: int = 1, between: tuple[float, float] = (0.3, 1.5)) -> Killed:
    """Kill the server and PostgreSQL in turn so many times, at moments that the seed decides; then judge."""
    result, random, begun = Killed(), Random(seed), time.monotonic()
    first = stage.client()
    body = {"code": PROGRAMME, "name": "Killed", "components_stated": 0}
    if (made := first.send("POST", "programmes/", body)).status != 201:
        raise RuntimeError(str(made))
    first.close()
    writers = Writers(stage, result)
    for thread in writers.threads:
        thread.start()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(writers.stopping.set)
        for number in range(kills):
            writers.begin_import(Path(folder))
            time.sleep(random.uniform(*between))
            if stage.postgresql is not None and number % 2:
                what = "PostgreSQL"
                stage.kill_postgresql()
            else:
                what = "server"
                stage.kill()
                stage.start()
            # An import takes longer to begin than the pause: some are cut by our hand, at some moment of theirs.
            time.sleep(random.uniform(*between))
            writers.end_import(kill=bool(random.randrange(4)))
            result.kills[what] = result.kills.get(what, 0) + 1
    for thread in writers.threads:
        thread.join()
    result.seconds = time.monotonic() - begun
    _judge(stage, writers, result)
    return result


def _judge(stage: Stage, writers: Writers, result: Killed) -> None:
    result.single, result.bulk = len(writers.single), len(writers.bulk)
    result.increments, result.imports = writers.increments, sum(writers.imports.values())
    ((programme, version, number),) = stage.rows(
        f"SELECT id, version, components_stated FROM programmes_programme WHERE code = '{PROGRAMME}'"
    )
    lines = [code for (code,) in stage.rows(f"SELECT code FROM programmes_budget WHERE programme_id = {programme}")]
    (kept,) = stage.rows(f"SELECT COUNT(*) FROM programmes_historicalbudget WHERE programme_id = {programme}")[0]
    (versions,) = stage.rows(f"SELECT COUNT(*) FROM programmes_historicalprogramme WHERE id = {programme}")[0]
    sources = [code for (code,) in stage.rows("SELECT code FROM programmes_source")]
    (kept_sources,) = stage.rows("SELECT COUNT(*) FROM programmes_historicalsource")[0]
    told = [f"{name}-{each}" for name in writers.bulk for each in range(BULK)]
    imported = {name: sum(code.startswith(f"{name}-") for code in sources) for name in writers.imports}

    if sorted(lines) != sorted(writers.single):
        result.faults.append(f"lines: {len(lines)} are stored, {len(writers.single)} were acknowledged")
    if sorted(code for code in sources if code.startswith("B")) != sorted(told):
        result.faults.append(f"bulk: {len(sources)} are stored, {len(told)} were acknowledged")
    for name, done in writers.imports.items():
        if imported[name] not in ({IMPORTED} if done else {0, IMPORTED}):
            result.faults.append(f"import {name}: {imported[name]} of {IMPORTED}")
    if not writers.increments <= number <= writers.increments + writers.unclear:
        result.faults.append(f"{number} increments are stored, {writers.increments} were acknowledged")
    for what, stored, expected in [
        ("versions of the programme in the history", versions, 1 + number),
        ("version of the programme", version, 1 + number + len(lines)),
        ("versions of the lines in the history", kept, len(lines)),
        ("versions of the sources in the history", kept_sources, len(sources)),
    ]:
        if stored != expected:
            result.faults.append(f"{what}: {stored}, not {expected}")
