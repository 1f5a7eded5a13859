"""Our API beside stock DRF and bare SQL: answers a second of each case."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.asking import Ask, interleaved, median, noise, ratios
from bench.cases import CASES, Case, Values, questions
from bench.client import Rate
from bench.servers import Server
from bench.words import Verdict, digits, middle, spread, table

SERVERS = ("ours", "stock", "limit")


class Rates(NamedTuple):
    """The rates of each server in each case that it answers, run by run."""

    cases: list[Case]
    rates: dict[tuple[str, str], list[Rate]]

    def to(self, case: Case, other: str) -> list[float]:
        """Our rates as parts of those of another server, or of our own in another case, run by run."""
        beside = (case.name, other) if other in SERVERS else (other, "ours")
        return ratios(self.rates.get((case.name, "ours")), self.rates.get(beside))

    def verdicts(self) -> list[Verdict]:
        """What each case is held against: its goal, and stock DRF, than which nothing is to be slower."""
        found = []
        for case in self.cases:
            if case.goal:
                least, beside = case.goal
                to = middle(self.to(case, beside))
                found.append(Verdict(f"{case.name}, to {_named(beside)}", to, least=least))
            if case.stock:
                found.append(Verdict(f"{case.name}, to stock DRF", middle(self.to(case, "stock")), least=1))
        return found

    def told(self) -> str:
        """A table of all cases, and what is slower than stock DRF."""
        columns = ["case", "connections", "ours/s", "stock/s", "limit/s", "ours:stock", "ours:limit", "goal", "kB"]
        beside = {case.name: middle(self.to(case, "stock")) for case in self.cases if case.stock}
        slower = [name for name, ratio in beside.items() if ratio is not None and ratio < 1]
        unknown = [name for name, ratio in beside.items() if ratio is None]
        said = f"Slower than stock DRF: {', '.join(slower)}." if slower else "No case is slower than stock DRF."
        said += f" Not measured beside it: {', '.join(unknown)}." if unknown else ""
        return table(columns, [self._row(case) for case in self.cases]) + f"\n\n{said}"

    def _row(self, case: Case) -> list[str]:
        mine = [self.rates.get((case.name, server)) for server in SERVERS]
        goal = "–"
        if case.goal:
            least, beside = case.goal
            to = "" if beside == "limit" else f" × {beside}: {spread(self.to(case, beside))}"
            goal = f"{least:.2f}{to}"
        return [
            case.name,
            str(case.connections),
            *(digits(median(rates)) for rates in mine),
            *(spread(self.to(case, other)) for other in ("stock", "limit")),
            goal,
            ", ".join(f"{rates[0].size / 1000:.0f}" if rates else "–" for rates in mine),
        ]

    def noise(self) -> float:
        """By how much the runs of one server in one case differ, at worst."""
        return max((noise(rates) for rates in self.rates.values()), default=0)

    def as_json(self) -> list[dict[str, Any]]:
        """Every rate, in answers a second."""
        return [
            {
                "case": case,
                "server": server,
                "per_second": [rate.per_second for rate in rates],
                "bytes": rates[0].size,
            }
            for (case, server), rates in self.rates.items()
        ]


def rates(
    servers: dict[str, Server],
    url: str,
    codes: list[str],
    programmes: int,
    *,
    only: list[str],
    runs: int,
    seconds: float,
    warm: float,
) -> Rates:
    """Ask all, or only some, of the cases, and those that they are held against."""
    beside = [case.goal.beside for case in CASES if case.goal and case.name in only]
    chosen = [case for case in CASES if not only or case.name in [*only, *beside]]
    asks = {}
    for case in chosen:
        for name in SERVERS:
            if name != "stock" or case.stock:
                paths = [path_of(case, name, values) for values in questions(case, codes, programmes)]
                committed = "" if case.kept else url
                conditional = case.conditional and name == "ours"
                asks[case.name, name] = Ask(
                    servers[name].port, paths, case.connections, committed, conditional, case.written
                )
    return Rates(chosen, interleaved(asks, runs=runs, seconds=seconds, warm=warm))


def path_of(case: Case, server: str, values: Values) -> str:
    if server == "limit":
        return f"/?{urlencode({'case': case.name} | values)}"
    return (case.ours if server == "ours" else case.stock).format(**values)


def _named(other: str) -> str:
    return "the limit" if other == "limit" else f"“{other}”"
