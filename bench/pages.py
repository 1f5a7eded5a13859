"""Whether a page costs what a page costs: deep in a list, and in portfolios of every size."""

import json
import urllib.request
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from bench.asking import Ask, interleaved, median, noise, ratios
from bench.client import Rate
from bench.servers import Server
from bench.words import Verdict, digits, middle, spread, table

LIST = "/api/v1/programmes/?page_size=50"
STEP = 1000  # records of a page on the way down
DEEP = 0.9
NEIGHBOURS = 10  # pages that are asked for in turn
MOST_TIMES_DEEP, MOST_TIMES_LARGE = 1.2, 1.3
WAYS = {
    "count=exact": LIST + "&count=exact",
    "count=estimate": LIST + "&count=estimate",
    "count=none": LIST + "&count=none",
}
DEPTHS = {"cursor": 0.0, "cursor, deep": DEEP}


class Pages(NamedTuple):
    """The rates of ways to ask for a page, run by run, by the number of programmes."""

    rates: dict[tuple[str, int], list[Rate]]

    def verdicts(self) -> list[Verdict]:
        """How many times longer a page takes deep down, and among more programmes."""
        found = []
        for (way, size), rates in self.rates.items():
            least = min(each for _way, each in self.rates)
            if way == "cursor, deep":
                to = middle(ratios(self.rates.get(("cursor", size)), rates))
                what = f"page at {DEEP:.0%} depth of {size:,}, to the first, by cursor"
                found.append(Verdict(what, to, most=MOST_TIMES_DEEP, unit="times"))
            elif size > least:
                to = middle(ratios(self.rates.get((way, least)), rates))
                what = f"page of {size:,} programmes, to {least:,}, {way}"
                found.append(Verdict(what, to, most=MOST_TIMES_LARGE, unit="times"))
        return found

    def told(self) -> str:
        """A table: for each way and size the rate, and the times as long as among the fewest, or at the beginning."""
        rows = []
        for (way, size), rates in self.rates.items():
            first = ("cursor", size) if way == "cursor, deep" else (way, min(each for _way, each in self.rates))
            rows.append([way, f"{size:,}", digits(median(rates)), spread(ratios(self.rates.get(first), rates))])
        return table(["page", "programmes", "ours/s", "times as long as the first"], rows)

    def noise(self) -> float:
        """By how much the runs of one way differ, at worst."""
        return max((noise(rates) for rates in self.rates.values()), default=0)

    def as_json(self) -> list[dict[str, Any]]:
        """Every rate, in answers a second."""
        return [
            {"page": way, "programmes": size, "per_second": [rate.per_second for rate in rates]}
            for (way, size), rates in self.rates.items()
        ]


def pages(servers: dict[int, Server], *, runs: int, seconds: float) -> Pages:
    """Ask for the first pages in every way, and by cursor deep down, in each portfolio; by the number of programmes."""
    asks = {}
    for way, path in WAYS.items():
        for size, server in servers.items():
            paths = [f"{path}&page={page}" for page in range(1, NEIGHBOURS + 1)]
            asks[way, size] = Ask(server, paths)
    for way, depth in DEPTHS.items():
        for size, server in servers.items():
            asks[way, size] = Ask(server, neighbours(server.port, size, depth))
    return Pages(interleaved(asks, runs=runs, seconds=seconds))


def neighbours(port: int, programmes: int, depth: float) -> list[str]:
    """The addresses of some pages one after the other, the first of which is at that depth of the list."""
    step = min(STEP, programmes // 10)
    cursor = ""
    for _step in range(int(programmes * depth) // step):
        cursor = _next(port, cursor, step)
    found = []
    for _page in range(min(NEIGHBOURS, int(programmes * (1 - depth)) // 50)):
        found.append(f"{LIST}&cursor={cursor}" if cursor else f"{LIST}&pagination=cursor")
        cursor = _next(port, cursor, 50)
    return found


def _next(port: int, cursor: str, size: int) -> str:
    """The cursor of the page that follows, as it stands in an address."""
    asked = f"cursor={cursor}" if cursor else "pagination=cursor"
    address = f"http://127.0.0.1:{port}/api/v1/programmes/?fields=code&page_size={size}&{asked}"
    with urllib.request.urlopen(address) as answer:
        following = json.load(answer)["next"]
    return quote(parse_qs(urlsplit(following).query)["cursor"][0])
