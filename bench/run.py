"""Measure our API beside stock DRF and beside bare SQL: `python -m bench.run --programmes 20000`.

The three servers stand before the same database and are asked in turn, so that what else the machine does at the time
falls on all of them. What counts are the ratios.
"""

import argparse
import contextlib
import datetime
import json
import os
import platform
import sqlite3
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from bench import client
from bench.cases import CASES, Case
from bench.client import Rate
from bench.servers import SERVERS, database, servers

CODES = [f"MADE-UP-{number:06}" for number in range(1, 101)]


class Measured(NamedTuple):
    """The rates of one case, run by run, for each server that can answer it."""

    case: Case
    rates: dict[str, list[Rate]]

    def median(self, server: str) -> float | None:
        """Answers a second; null where the server cannot answer."""
        rates = self.rates.get(server)
        return statistics.median(rate.per_second for rate in rates) if rates else None

    def ratios(self, to: str) -> list[float]:
        """Ours to the other's, run by run; empty where one of them cannot answer."""
        pairs = zip(self.rates.get("ours", ()), self.rates.get(to, ()), strict=False)
        return [ours.per_second / other.per_second for ours, other in pairs]

    def noise(self) -> float:
        """By how much the runs of one server differ, at worst: the range as a part of the median."""
        ranges = []
        for rates in self.rates.values():
            values = [rate.per_second for rate in rates]
            ranges.append((max(values) - min(values)) / statistics.median(values))
        return max(ranges, default=0)


def main() -> None:
    """Make a database, start the servers, measure, print the table."""
    options = parse()
    began, load = datetime.datetime.now(datetime.UTC), os.getloadavg()
    with opened(options) as url, servers(url) as ports:
        about = {
            "date": began.date().isoformat(),
            "database": version(url),
            "programmes": options.programmes,
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            "load_before": load[0],
            "runs": options.runs,
            "seconds": options.seconds,
        }
        measured = measure(ports, options)
        about["load_after"] = os.getloadavg()[0]
    print(table(about, measured))
    if options.json:
        options.json.write_text(json.dumps(as_json(about, measured), indent=2) + "\n")


def parse() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programmes", type=int, default=1000, help="how many there are (1000)")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--url", help="a database that `python -m bench.seed` has filled; else one is made and deleted")
    parser.add_argument("--runs", type=int, default=5, help="how often each server is asked each question (5)")
    parser.add_argument("--seconds", type=float, default=2, help="for how long, each time (2)")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES], help="only this; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every rate there")
    return parser.parse_args()


@contextlib.contextmanager
def opened(options: argparse.Namespace) -> Iterator[str]:
    """The URL of the database that is given, or of one for this run."""
    if options.url:
        yield options.url
    else:
        with database(options.database, options.programmes) as url:
            yield url


def measure(ports: dict[str, int], options: argparse.Namespace) -> list[Measured]:
    """Run after run, case after case, server after server."""
    chosen = [case for case in CASES if not options.case or case.name in options.case]
    measured = [Measured(case, {server: [] for server in SERVERS if answers(case, server, ports)}) for case in chosen]
    for run in range(1, options.runs + 1):
        for case, rates in measured:
            print(f"\rrun {run} of {options.runs}: {case.name:20}", end="", file=sys.stderr, flush=True)
            for server, found in rates.items():
                found.append(
                    client.measure(
                        ports[server], paths(case, server), connections=case.connections, seconds=options.seconds
                    )
                )
    print(file=sys.stderr)
    return measured


def answers(case: Case, server: str, ports: dict[str, int]) -> bool:
    """Ask once, which also warms caches; say so where there is no answer."""
    if server == "stock" and not case.stock:
        return False
    try:
        client.get(ports[server], paths(case, server)[0])
    except ConnectionError as error:
        print(f"{case.name}: {server} does not answer ({error})", file=sys.stderr)
        return False
    return True


def paths(case: Case, server: str) -> list[str]:
    """The addresses of a case: one, or one for each of some programmes."""
    by_code = "{code}" in case.ours
    address = {
        "ours": case.ours,
        "stock": case.stock,
        "limit": f"/?case={CASES.index(case)}" + ("&code={code}" if by_code else ""),
    }[server]
    return [address.format(code=code) for code in CODES] if by_code else [address]


def version(url: str) -> str:
    """Name and version of the database."""
    if not url.startswith("postgres"):
        return f"SQLite {sqlite3.sqlite_version}"
    with psycopg.connect(url) as connection:
        return f"PostgreSQL {connection.info.parameter_status('server_version')}"


# What is said


def table(about: dict[str, Any], measured: list[Measured]) -> str:
    """The results in Markdown."""
    noise = max(each.noise() for each in measured)
    lines = [
        f"{about['date']}, {about['database']}, {about['programmes']:,} programmes, {about['processors']} processors,"
        f" Python {about['python']}, {about['runs']} runs of {about['seconds']:g} s.",
        f"Noise: the runs of one server differ by up to {noise:.0%} of their median;"
        f" load of the machine {about['load_before']:.1f} before, {about['load_after']:.1f} after.",
        "",
        "| case | connections | ours /s | stock DRF /s | limit /s | ours : stock | ours : limit | kB of the three |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for each in measured:
        cells = [
            each.case.name,
            str(each.case.connections),
            *(rate(each.median(server)) for server in SERVERS),
            spread(each.ratios("stock")),
            spread(each.ratios("limit")),
            ", ".join(size(each.rates.get(server)) for server in SERVERS),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rate(value: float | None) -> str:
    """Three digits, or a dash."""
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def spread(ratios: list[float]) -> str:
    """The median with the least and the greatest."""
    return f"{statistics.median(ratios):.2g} ({min(ratios):.2g}–{max(ratios):.2g})" if ratios else "–"


def size(rates: list[Rate] | None) -> str:
    """Kilobytes of one answer."""
    return f"{rates[0].size / 1000:.0f}" if rates else "–"


def as_json(about: dict[str, Any], measured: list[Measured]) -> dict[str, Any]:
    """Every rate, in answers a second, and the medians of the ratios."""
    return about | {
        "cases": [
            {
                "name": each.case.name,
                "connections": each.case.connections,
                "per_second": {server: [rate.per_second for rate in rates] for server, rates in each.rates.items()},
                "bytes": {server: rates[0].size for server, rates in each.rates.items()},
                "ratio": {to: statistics.median(ratios) for to in ("stock", "limit") if (ratios := each.ratios(to))},
            }
            for each in measured
        ]
    }


if __name__ == "__main__":
    main()
