"""Measure our API beside stock DRF and beside bare SQL: `python -m bench.run`.

The servers that are compared stand before the same database and are asked in turn, so that what else the machine does
at the time falls on all of them. What counts are the ratios.
"""

import argparse
import contextlib
import datetime
import json
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.cases import CASES
from bench.files import files, same_query
from bench.pages import pages
from bench.plans import plans
from bench.profile import profile
from bench.rates import rates
from bench.servers import database, server, servers
from bench.start import starts
from bench.writing import writing

PARTS = {
    "rates": "Each case beside stock DRF and the limit",
    "pages": "A page, whatever the size and the depth",
    "files": "Whole tables as files",
    "writing": "Programmes with 17 parts, written",
    "plans": "How lists are read, by filter and order",
    "start": "The start of the server",
}
POSTGRESQL_ONLY = ("writing", "plans")
CODES = 1000  # programmes whose details are asked for in turn


def main() -> None:
    """Make the databases, start the servers, measure, print what was found: each part when it is, in Markdown."""
    options = parse()
    began, load = time.monotonic(), os.getloadavg()[0]
    with opened(options) as urls:
        if options.profile:
            profile(urls[options.programmes], codes(urls[options.programmes]), options)
            return
        about = {
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "database": version(next(iter(urls.values()))),
            "programmes": options.programmes,
            "sizes": sorted(urls),
            "python": platform.python_version(),
            "processors": os.cpu_count(),
            "runs": options.runs,
            "seconds": options.seconds,
            "warm": options.warm,
            "load_before": load,
        }
        found = {}
        for part in options.part:
            found[part] = measured(part, urls, options)
            print(f"### {PARTS[part]}\n\n{found[part].told()}\n", flush=True)
        about |= {"load_after": os.getloadavg()[0], "minutes": round((time.monotonic() - began) / 60, 1)}
    print(told(about, found))
    if options.json:
        everything = about | {part: results.as_json() for part, results in found.items()} | {"short": short(found)}
        options.json.write_text(json.dumps(everything, indent=2) + "\n")


def parse() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programmes", type=int, default=20_000, help="how many the cases are asked of (20000)")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        default=[1000, 200_000],
        help="and of how many pages are; files are of the most (1000 200000)",
    )
    parser.add_argument("--part", nargs="+", choices=PARTS, default=[], help="only these parts")
    parser.add_argument("--case", nargs="+", choices=[case.name for case in CASES], default=[], help="only these cases")
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument(
        "--url", action="append", default=[], help="a database that `python -m bench.seed` has filled; repeatable"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each server is asked each question (5)")
    parser.add_argument("--seconds", type=float, default=1.5, help="for how long, each time (1.5)")
    parser.add_argument(
        "--warm",
        type=float,
        default=3,
        help="for how long a server is asked at least before it is in use; 0: never (3)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every rate there")
    parser.add_argument(
        "--profile", type=Path, metavar="FOLDER", help="write there where our server's time goes, per case"
    )
    options = parser.parse_args()
    on_sqlite = options.database == "sqlite" or any(not url.startswith("postgres") for url in options.url)
    if on_sqlite and (refused := {*POSTGRESQL_ONLY} & {*options.part}):
        parser.error(f"Only on PostgreSQL: {', '.join(sorted(refused))}.")
    options.part = options.part or [part for part in PARTS if not (on_sqlite and part in POSTGRESQL_ONLY)]
    return options


@contextlib.contextmanager
def opened(options: argparse.Namespace) -> Iterator[dict[int, str]]:
    """The URLs of the databases by their number of programmes: those that are given, and those that lack."""
    wanted = {options.programmes} if {*options.part} - {"pages", "files"} or options.profile else set()
    if {"pages", "files"} & {*options.part} and not options.profile:
        wanted |= {options.programmes, *options.sizes}
    with contextlib.ExitStack() as stack:
        urls = {counted(url): url for url in options.url}
        for size in sorted(wanted - urls.keys()):
            began = time.monotonic()
            urls[size] = stack.enter_context(database(options.database, size))
            print(f"{size:,} programmes: made in {time.monotonic() - began:.0f} s", file=sys.stderr)
        yield {size: urls[size] for size in sorted(wanted)}


def measured(part: str, urls: dict[int, str], options: argparse.Namespace) -> Any:
    """What was found in one part."""
    url, how = urls[options.programmes], {"runs": options.runs, "seconds": options.seconds}
    match part:
        case "rates":
            with servers(url) as three:
                return rates(three, codes(url), options.programmes, only=options.case, warm=options.warm, **how)
        case "pages":
            with contextlib.ExitStack() as stack:
                ours = {size: stack.enter_context(server(each, "ours")) for size, each in urls.items()}
                return pages(ours, **how)
        case "files":
            largest = urls[max(urls)]
            with same_query(largest), server(largest, "ours") as ours_, server(largest, "limit") as limit:
                return files({"ours": ours_, "limit": limit}, runs=min(3, options.runs))
        case "writing":
            with servers(url) as three:
                return writing(three, url, **how)
        case "plans":
            return plans(url)
        case _:
            return starts(url, runs=options.runs)


def codes(url: str) -> list[str]:
    """The codes of programmes from all over the portfolio."""
    found = [code for (code,) in asked(url, "SELECT code FROM programmes_programme ORDER BY id")]
    return found[:: -(-len(found) // CODES)]


def counted(url: str) -> int:
    """How many programmes there are."""
    [(found,)] = asked(url, "SELECT count(*) FROM programmes_programme")
    return int(found)


def version(url: str) -> str:
    """Name and version of the database."""
    if not url.startswith("postgres"):
        return f"SQLite {sqlite3.sqlite_version}"
    [(found,)] = asked(url, "SHOW server_version")
    return f"PostgreSQL {found}"


def asked(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement's answer."""
    if not url.startswith("postgres"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


# What is said


def told(about: dict[str, Any], found: dict[str, Any]) -> str:
    """Of what was measured, and what falls short."""
    noise = max((results.noise() for results in found.values() if hasattr(results, "noise")), default=0)
    lines = [
        f"{about['date']}, {about['database']}, {about['programmes']:,} programmes, {about['processors']} processors,"
        f" Python {about['python']}, {about['runs']} runs of {about['seconds']:g} s, {about['minutes']:g} minutes;"
        f" in use: asked for {about['warm']:g} s before, and for each address four times.",
        f"Noise: the runs of one server differ by up to {noise:.0%} of their median;"
        f" load of the machine {about['load_before']:.1f} before, {about['load_after']:.1f} after.",
    ]
    missed = short(found)
    lines += ["", "### What falls short", "", *(f"- {each}" for each in missed or ["Nothing."])]
    return "\n".join(lines)


def short(found: dict[str, Any]) -> list[str]:
    """What is not what it is to be."""
    return [str(verdict) for results in found.values() for verdict in results.verdicts() if not verdict.met]


if __name__ == "__main__":
    main()
