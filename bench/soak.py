"""The long forms of the tests of reliability: `python -m bench.soak`. Ends non-zero where anything was wrong."""

import argparse
import datetime
import os
import platform
import sys
from typing import Any

from bench.contention import contended
from bench.kills import killed
from bench.stages import migrated


def main() -> int:
    """Run both on each database, print what came of it."""
    options = parse()
    print(
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    )
    failed = 0
    for kind in options.database or ["postgresql", "sqlite"]:
        if options.writers:
            with migrated(kind) as stage:
                writers = min(options.writers, 20) if kind == "sqlite" else options.writers
                found = contended(stage, writers=writers, readers=writers // 10 + 1, seconds=options.seconds)
                failed += told(f"{kind}: {writers} writers", found)
        if options.kills:
            with migrated(kind) as stage:
                failed += told(f"{kind}: {options.kills} kills", killed(stage, kills=options.kills, seed=options.seed))
    return int(failed > 0)


def parse() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", action="append", choices=["postgresql", "sqlite"], help="only this; repeatable")
    parser.add_argument("--writers", type=int, default=200, help="at the same programme (200; SQLite 20); 0 for none")
    parser.add_argument("--seconds", type=float, default=60, help="for which they write (60)")
    parser.add_argument("--kills", type=int, default=50, help="of the server and of PostgreSQL in turn (50)")
    parser.add_argument("--seed", type=int, default=1, help="decides the moments of the kills (1)")
    return parser.parse_args()


def told(title: str, found: Any) -> int:
    """Print all numbers; how many faults there are."""
    print(f"\n{title}")
    for name, value in vars(found).items():
        if name not in ("faults", "unexpected"):
            print(f"  {name:12} {dict(sorted(value.items())) if isinstance(value, dict) else value}")
    print(f"  faults       {len(found.faults)}")
    for fault in found.faults[:20]:
        print(f"    {fault}")
    sys.stdout.flush()
    return len(found.faults)


if __name__ == "__main__":
    sys.exit(main())
