"""Where our server's time goes in a case: py-spy looks at its processes from outside while it is asked."""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench import client
from bench.cases import CASES, questions
from bench.edits import editing
from bench.rates import path_of
from bench.servers import server

SECONDS = 10
RATE = 200  # looks a second
LEAST = 0.01  # of the time: what is told of the calls
MOST = 25  # functions that are told by themselves
SAME = 0.95  # of the time of what calls it: who calls so much else does nothing, and is not told


def profile(url: str, codes: list[str], options: argparse.Namespace) -> None:
    """Write for each case that is asked for `CASE.txt`, in words, and `CASE.stacks`, for flame graphs.

    It is Python's own time: what waits for the database, or for another thread, is not seen.
    """
    folder: Path = options.profile
    folder.mkdir(parents=True, exist_ok=True)
    with server(url, "ours") as ours:
        for case in (each for each in CASES if not options.case or each.name in options.case):
            paths = [path_of(case, "ours", values) for values in questions(case, codes, options.programmes)]
            stacks = folder / f"{case.name.replace(' ', '-').replace(',', '')}.stacks"
            command = [str(Path(sys.executable).with_name("py-spy")), "record", "--gil", "--function"]
            command += ["--pid", str(ours.process.pid), "--subprocesses", "--format", "raw", "--rate", str(RATE)]
            command += ["--duration", str(SECONDS), "--output", str(stacks), "--nonblocking"]
            watching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with editing(url):
                client.measure(ours.port, paths, connections=case.connections, seconds=SECONDS + 1)
            watching.wait()
            stacks.with_suffix(".txt").write_text(told(stacks.read_text()))
            print(stacks.with_suffix(".txt"))


def told(stacks: str) -> str:
    """In which packages and functions the time is spent, and by whom these are called.

    `stacks` has a line for each stack, from the outermost function on, separated by semicolons, with how often it was
    seen.
    """
    seen = Counter[tuple[str, ...]]()
    for line in stacks.splitlines():
        stack, _space, times = line.rpartition(" ")
        functions = tuple(each for each in stack.split(";") if not each.startswith("process "))
        if functions:
            seen[functions] += int(times)
    packages, itself = Counter[str](), Counter[str]()
    for functions, times in seen.items():
        packages[_package(functions[-1])] += times
        itself[functions[-1]] += times
    lines = ["In packages", "", *_shares(packages), "", "In functions by themselves", "", *_shares(itself)]
    return "\n".join([*lines, "", "With what they call", "", *_calls(seen, seen.total(), ()), ""])


def _package(function: str) -> str:
    """The first two folders of its file: such as `tracker/api`; of a library the first alone."""
    folders = function.rpartition("(")[2].split("/")[:-1]
    return "/".join(folders[: 2 if folders[:1] in (["tracker"], ["programmes"]) else 1]) or function


def _shares(counted: Counter[str]) -> Iterator[str]:
    for name, times in counted.most_common(MOST):
        yield f"{times / counted.total():6.1%}  {name}"


def _calls(seen: Counter[tuple[str, ...]], all_times: int, above: tuple[str, ...], depth: int = 0) -> Iterator[str]:
    """A line for each function that is called from `above`, with those that it calls further in."""
    called = Counter[str]()
    for functions, times in seen.items():
        if len(functions) > len(above):
            called[functions[len(above)]] += times
    for name, times in called.most_common():
        if times < LEAST * all_times:
            return
        path = (*above, name)
        inside = Counter({each: number for each, number in seen.items() if each[: len(path)] == path})
        is_told = times < SAME * seen.total()
        if is_told:
            yield f"{times / all_times:6.1%}  {'  ' * depth}{name}"
        yield from _calls(inside, all_times, path, depth + is_told)
