"""Our API beside stock DRF and bare SQL: answers a second of each case."""

from itertools import product
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.asking import Ask, cost, interleaved, median, noise, ratios
from bench.cases import CASES, Case, Values, questions
from bench.client import Rate
from bench.servers import Server
from bench.words import Verdict, digits, middle, spread, table

SERVERS = ("ours", "in use", "stock", "limit")
OURS = ("ours", "in use")


class Rates(NamedTuple):
    """The rates of each server in each case that it answers, run by run.

    What was kept a minute of edits ago, in the run before, is hardly worth anything: so "ours" are answers made anew,
    all but those that are kept. A server that is "in use" is asked all the time, among the same edits.
    """

    cases: list[Case]
    rates: dict[tuple[str, str], list[Rate]]

    def to(self, case: Case, other: str, ours: str = "ours") -> list[float]:
        """Our rates as parts of those of another server, or of our own in another case, run by run."""
        beside = (case.name, other) if other in SERVERS else (other, ours)
        return ratios(self.rates.get((case.name, ours)), self.rates.get(beside))

    def verdicts(self) -> list[Verdict]:
        """What each case is held against: its goal, and stock DRF, than which nothing is to be slower."""
        found = []
        for case, ours in product(self.cases, OURS):
            if ours == "in use" and (case.name, ours) not in self.rates:
                continue
            name = f"{case.name}, in use," if ours == "in use" else f"{case.name},"
            if case.goal:
                least, beside = case.goal
                to = middle(self.to(case, beside, ours))
                found.append(Verdict(f"{name} to {_named(beside)}", to, least=least))
            if case.stock:
                found.append(Verdict(f"{name} to stock DRF", middle(self.to(case, "stock", ours)), least=1))
        return found

    def told(self) -> str:
        """A table of all cases, what is slower than stock DRF, and a table of what an answer costs."""
        rates = [f"{name}/s" for name in SERVERS]
        ratios = ["ours:stock", "ours:limit", "in use:limit", "goal"]
        columns = ["case", "connections", *rates, *ratios, "kB"]
        beside = [each for each in self.verdicts() if each.what.endswith("to stock DRF")]
        slower = [each.what for each in beside if each.found is not None and not each.met]
        unknown = [each.what for each in beside if each.found is None]
        said = f"Slower than stock DRF: {'; '.join(slower)}." if slower else "No case is slower than stock DRF."
        said += f" Not measured: {'; '.join(unknown)}." if unknown else ""
        return f"{table(columns, [self._row(case) for case in self.cases])}\n\n{said}\n\n{self._costs()}"

    def _costs(self) -> str:
        rows = []
        for case in self.cases:
            found = (cost(self.rates.get((case.name, server))) for server in SERVERS)
            rows.append([case.name, *(digits(value * 1000 if value else None) for each in found for value in each)])
        columns = ["case", *(f"{name}{part}" for name in SERVERS for part in ("", ", database"))]
        return f"Milliseconds of processors an answer, of the server and of PostgreSQL:\n\n{table(columns, rows)}"

    def _row(self, case: Case) -> list[str]:
        mine = {server: self.rates.get((case.name, server)) for server in SERVERS}
        sizes = [mine[server] for server in SERVERS if server != "in use"]
        goal = "–"
        if case.goal:
            least, beside = case.goal
            found = "; ".join(spread(self.to(case, beside, ours)) for ours in OURS)
            goal = f"{least:.2f}" if beside == "limit" else f"{least:.2f} × {beside}: {found}"
        return [
            case.name,
            str(case.connections),
            *(digits(median(rates)) for rates in mine.values()),
            *(spread(self.to(case, other)) for other in ("stock", "limit")),
            spread(self.to(case, "limit", "in use")),
            goal,
            ", ".join(f"{rates[0].size / 1000:.0f}" if rates else "–" for rates in sizes),
        ]

    def noise(self) -> float:
        """By how much the runs of one server in one case differ, at worst."""
        return max((noise(rates) for rates in self.rates.values()), default=0)

    def as_json(self) -> list[dict[str, Any]]:
        """Every rate, in answers a second, and what an answer costs, in seconds of processors."""
        return [
            {
                "case": case,
                "server": server,
                "per_second": [rate.per_second for rate in rates],
                "bytes": rates[0].size,
                "server_seconds": [rate.spent.server / rate.answers for rate in rates],
                "database_seconds": [rate.spent.database / rate.answers for rate in rates],
            }
            for (case, server), rates in self.rates.items()
        ]


def rates(
    servers: dict[str, Server],
    codes: list[str],
    programmes: int,
    *,
    only: list[str],
    runs: int,
    seconds: float,
    warm: float,
) -> Rates:
    """Ask all, or only some, of the cases, and those that they are held against.

    Ours is asked a second time, after `warm` seconds that do not count.
    """
    beside = [case.goal.beside for case in CASES if case.goal and case.name in only]
    chosen = [case for case in CASES if not only or case.name in [*only, *beside]]
    asks = {}
    for case in chosen:
        for name in SERVERS:
            if (name == "stock" and not case.stock) or (name == "in use" and (case.kept or not warm)):
                continue
            server = "ours" if name in OURS else name
            paths = [path_of(case, server, values) for values in questions(case, codes, programmes)]
            before = warm if name == "in use" else 0
            conditional = case.conditional and server == "ours"
            written = "" if case.kept else case.written
            asks[case.name, name] = Ask(servers[server], paths, case.connections, conditional, written, before)
    return Rates(chosen, interleaved(asks, runs=runs, seconds=seconds))


def path_of(case: Case, server: str, values: Values) -> str:
    if server == "limit":
        return f"/?{urlencode({'case': case.name} | values)}"
    return (case.ours if server == "ours" else case.stock).format(**values)


def _named(other: str) -> str:
    return "the limit" if other == "limit" else f"“{other}”"
