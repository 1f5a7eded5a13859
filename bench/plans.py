"""How PostgreSQL finds the records of each list, by every filter and in every order that the API offers."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from bench.servers import environment
from bench.words import Verdict, table

MOST_WHOLE = 0  # filters and orders
SLOWEST = 12  # that are told one by one


class Plan(NamedTuple):
    """How one list is read when it is asked so: `by` which indexes or whole tables, how many rows and buffers of 8 kB.

    `whole` names the tables, but for small ones, of which half the rows and more are read.
    """

    resource: str
    asked: str
    by: list[str]
    whole: list[str]
    rows: int
    buffers: int
    milliseconds: float


class Plans(NamedTuple):
    """What was found for each list."""

    plans: list[Plan]

    def verdicts(self) -> list[Verdict]:
        """No list is to read a table as a whole."""
        whole = defaultdict(list)
        for plan in self.plans:
            if plan.whole:
                whole[plan.resource].append(plan.asked)
        return [
            Verdict(f"{name}: whole tables read for {named(asked)}", len(asked), most=MOST_WHOLE, unit="ways")
            for name, asked in whole.items()
        ]

    def told(self) -> str:
        """A table for each way in which lists are read: all that is asked so, with the most that it takes."""
        groups: dict[tuple[str, str, str], list[Plan]] = defaultdict(list)
        for plan in self.plans:
            groups[plan.resource, ", ".join(plan.whole) or "–", ", ".join(plan.by) or "–"].append(plan)
        rows = [
            [
                name,
                named([plan.asked for plan in plans]),
                by,
                whole,
                f"{max(plan.rows for plan in plans):,}",
                f"{max(plan.buffers for plan in plans):,}",
                f"{max(plan.milliseconds for plan in plans):.3g}",
            ]
            for (name, whole, by), plans in groups.items()
        ]
        whole = sum(bool(plan.whole) for plan in self.plans)
        lists = len({plan.resource for plan in self.plans})
        slowest = sorted(self.plans, key=lambda plan: plan.milliseconds, reverse=True)[:SLOWEST]
        longest = ", ".join(f"`{each.resource}/?{each.asked}` {each.milliseconds:.3g} ms" for each in slowest)
        head = f"{len(self.plans):,} ways to ask {lists} lists; {whole:,} of them read half of a table and more."
        head += f" The longest take: {longest}."
        return head + "\n\n" + table(["list", "asked", "by", "whole tables", "rows", "buffers", "ms"], rows)

    def as_json(self) -> list[dict[str, Any]]:
        """Every plan."""
        return [plan._asdict() for plan in self.plans]


def named(asked: Sequence[str]) -> str:
    """What is asked, in short: "order by `start` ↑↓; `status`, `amount` gte lte" for two orders and three filters."""
    orders: dict[str, str] = defaultdict(str)
    filters: dict[str, list[str]] = defaultdict(list)
    for each in asked:
        if each.startswith("ordering="):
            name = each.removeprefix("ordering=")
            orders[name.removeprefix("-")] += "↓" if name.startswith("-") else "↑"
        else:
            name, _line, lookup = each.partition("__")
            filters[name].append(lookup or "=")
    ordered = [f"`{name}` {ways}" for name, ways in orders.items()]
    filtered = [f"`{name}`" if ways == ["="] else f"`{name}` {' '.join(ways)}" for name, ways in filters.items()]
    return "; ".join([f"order by {', '.join(ordered)}"] * bool(ordered) + [", ".join(filtered)] * bool(filtered))


def plans(url: str) -> Plans:
    """Ask for every list in every way, in a process of its own that has the database."""
    command = [sys.executable, "-m", "bench.explained"]
    done = subprocess.run(command, env=environment(url, "tracker.settings"), stdout=subprocess.PIPE, check=True)
    return Plans([Plan(**each) for each in json.loads(done.stdout)])
