"""What is measured: one question, put to our API, to stock DRF, and to the database in one statement."""

from collections.abc import Callable
from typing import NamedTuple

from bench.statements import Statements

CHILDREN = "phases,participations,participating_organisations,budgets"


class Case(NamedTuple):
    """A question. `ours` and `stock` are addresses; `{code}` in them is a programme's, another one each time.

    It is put over so many connections at once: many for what many ask, one for what reads whole tables. Where stock
    DRF has no such answer, `stock` is empty. What it and the statement have for the past is the present.
    """

    name: str
    ours: str
    stock: str
    sql: Callable[[Statements], str]
    connections: int = 8


CASES = (
    Case("list", "/api/v1/programmes/", "/programmes/", Statements.page),
    Case("list, expanded", f"/api/v1/programmes/?expand={CHILDREN}", "/expanded-programmes/", Statements.expanded_page),
    Case("detail", "/api/v1/programmes/{code}/", "/whole-programmes/{code}/", Statements.whole),
    Case(
        "filter",
        "/api/v1/programmes/?country=PE&theme=SECURITY",
        "/programmes/?country=PE&theme=SECURITY",
        Statements.filtered_page,
    ),
    Case("as of a day", "/api/v1/programmes/?as_of=2020-06-30", "/programmes/", Statements.page),
    Case("as known on a day", "/api/v1/programmes/?known_on=2025-06-01", "/programmes/", Statements.page),
    Case("total", "/api/v1/totals/?group_by=country", "/totals-by-country/", Statements.totals_by_country, 1),
    Case("total by two", "/api/v1/totals/?group_by=country,year", "", Statements.totals_by_country_and_year, 1),
    Case("total by one", "/api/v1/totals/?group_by=instrument", "", Statements.totals_by_instrument, 1),
    Case("CSV", "/api/v1/reports/budget-lines.csv", "/budget-lines.csv", Statements.budget_lines, connections=1),
)
BY_NAME = {case.name: case for case in CASES}
