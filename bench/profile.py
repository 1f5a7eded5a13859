"""Where our server's time goes in a case: py-spy looks at its processes from outside while it is asked."""

import argparse
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bench import client
from bench.cases import CASES, questions
from bench.edits import editing
from bench.rates import path_of
from bench.servers import server

SECONDS = 10
RATE = 200  # looks a second
MOST = 25  # lines of each list


def profile(url: str, codes: list[str], options: argparse.Namespace) -> None:
    """Write for each case that is asked for `CASE.txt`, in words, and `CASE.stacks`, for flame graphs."""
    folder: Path = options.profile
    folder.mkdir(parents=True, exist_ok=True)
    with server(url, "ours") as ours:
        for case in (each for each in CASES if not options.case or each.name in options.case):
            paths = [path_of(case, "ours", values) for values in questions(case, codes, options.programmes)]
            stacks = folder / f"{case.name.replace(' ', '-').replace(',', '')}.stacks"
            command = [str(Path(sys.executable).with_name("py-spy")), "record"]
            command += ["--pid", str(ours.process.pid), "--subprocesses", "--format", "raw", "--rate", str(RATE)]
            command += ["--duration", str(SECONDS), "--output", str(stacks), "--nonblocking"]
            watching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with editing(url):
                client.measure(ours.port, paths, connections=case.connections, seconds=SECONDS + 1)
            watching.wait()
            stacks.with_suffix(".txt").write_text(told(stacks.read_text()))
            print(stacks.with_suffix(".txt"))


def told(stacks: str) -> str:
    """The functions in which most of the time is spent: by themselves, and with all that they call.

    `stacks` has a line for each stack, from the outermost function on, separated by semicolons, with how often it was
    seen.
    """
    itself, within, seen = Counter[str](), Counter[str](), 0
    for line in stacks.splitlines():
        stack, _space, times = line.rpartition(" ")
        functions = stack.split(";")
        seen += int(times)
        itself[functions[-1]] += int(times)
        within.update(dict.fromkeys(functions, int(times)))
    parts = {"By themselves": itself, "With what they call": within}
    return "\n".join(
        "\n".join(
            [title, "", *(f"{times / seen:6.1%}  {function}" for function, times in counted.most_common(MOST)), ""]
        )
        for title, counted in parts.items()
    )
