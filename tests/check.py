"""Everything that must hold, two steps at a time: `python -m tests.check`. Ends non-zero if a step fails."""

import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

DEVELOPMENT = {"DEBUG": "1", "DATABASE_URL": "sqlite://:memory:"}
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "tracker.example.org",
    "DATABASE_URL": "sqlite://:memory:",
}


class Step(NamedTuple):
    """Commands that are run in turn and must each end with 0."""

    name: str
    commands: list[str]
    env: dict[str, str] = DEVELOPMENT


class Outcome(NamedTuple):
    """How a step ended: what it printed, and the exit code of its last command."""

    step: Step
    output: str
    code: int
    seconds: float


def steps() -> list[Step]:
    """All steps, the longest first. What clients see is the same on both databases."""
    # What takes longest first; PostgreSQL, the slower one, in two parts, so that both cores end at about the same time.
    # More processes than cores were slower.
    pytest, admin = "pytest --ignore tests/contract", "tests/programmes/admin"
    if (workers := (os.cpu_count() or 2) // 2) > 1:
        pytest += f" --numprocesses {workers}"
    postgresql = DEVELOPMENT | {"TEST_DATABASE": "postgresql"}
    return [
        Step("tests on PostgreSQL", [f"{pytest} --ignore {admin}"], postgresql),
        Step("tests on SQLite", [pytest], DEVELOPMENT | {"TEST_DATABASE": "sqlite"}),
        Step("admin on PostgreSQL", [f"{pytest} {admin}"], postgresql),
        Step("types", ["mypy"]),
        Step("contract with clients", ["pytest tests/contract"]),
        Step("settings for production", ["python manage.py check --deploy --fail-level WARNING"], PRODUCTION),
        Step("no missing migration", ["python manage.py makemigrations --check --dry-run"]),
        Step("order of imports", ["lint-imports"]),
        Step("lint", ["ruff check"]),
        Step("format", ["ruff format --check"]),
    ]


def run(step: Step) -> Outcome:
    """Run the commands of a step, up to the first that fails."""
    started = time.monotonic()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    output, code = "", 0
    for command in step.commands:
        output += f"$ {command}\n"
        done = subprocess.run(
            command.split(),
            env=os.environ | step.env | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        output, code = output + done.stdout, done.returncode
        if code:
            break
    return Outcome(step, output, code, time.monotonic() - started)


def main() -> int:
    """Print what each step printed as it ends, then one line for each."""
    outcomes = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for future in as_completed([pool.submit(run, step) for step in steps()]):
            outcome = future.result()
            outcomes.append(outcome)
            print(f"\n==> {outcome.step.name}\n{outcome.output}", flush=True)
    for outcome in outcomes:
        print(f"{'FAILED' if outcome.code else 'ok':8}{outcome.step.name:28}{outcome.seconds:5.0f} s")
    return int(any(outcome.code for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
