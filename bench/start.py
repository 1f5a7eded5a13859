"""How long the server takes from nothing to its first answer."""

from typing import Any, NamedTuple

from bench.servers import server
from bench.words import Verdict, middle, spread

MOST_SECONDS = 2.5


class Starts(NamedTuple):
    """The seconds of each start."""

    seconds: list[float]

    def verdicts(self) -> list[Verdict]:
        """The median against the goal."""
        return [Verdict("cold start to the first answer", middle(self.seconds), most=MOST_SECONDS, unit="s")]

    def told(self) -> str:
        """One line."""
        return f"From the start of the server to its first page: {spread(self.seconds)} s."

    def as_json(self) -> list[dict[str, Any]]:
        """Each start."""
        return [{"seconds": seconds} for seconds in self.seconds]


def starts(url: str, *, runs: int) -> Starts:
    """Start it and end it, so often."""
    found = []
    for _run in range(runs):
        with server(url, "ours") as started:
            found.append(started.seconds)
    return Starts(found)
