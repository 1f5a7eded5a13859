"""What is measured: one question, put to our API, to stock DRF, and to the database in one statement."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

from bench.statements import Statements

CHILDREN = "phases,participations,participating_organisations,budgets"
MOST_PAGES = 100
COUNTRIES = ("PE", "CO", "GT", "BO", "PA", "MX", "BR", "EC", "HN", "PY", "CL", "AR", "CR", "SV", "CU", "DO")
THEMES = ("SECURITY", "DRUGS", "RULE-OF-LAW", "HUMAN-RIGHTS", "PEACE", "ORGANISED-CRIME")

Values = dict[str, str]


class Goal(NamedTuple):
    """What our rate is to be at least, as a part of another one: that of the limit, or our own of another case."""

    least: float
    beside: str = "limit"


class Case(NamedTuple):
    """A question. `ours` and `stock` are addresses; `varied` says what stands in their braces, each in its turn.

    It is put over so many connections at once: many for what many ask, one for what reads whole tables. Where stock
    DRF has no such answer, `stock` is empty. What it and the statement have for the past is the present.

    Records of the kind `written` are edited all the time (see `bench.edits`): what was kept is given only where it
    still holds. None are where answers are `kept`. They are sent only where they are others than before, if the client
    says which it has (`conditional`). With KEPT_ANSWERS_MB=0 in the environment nothing is ever kept.
    """

    name: str
    ours: str
    stock: str
    sql: Callable[[Statements], str]
    goal: Goal | None = None
    varied: str = ""
    connections: int = 8
    kept: bool = False
    conditional: bool = False
    file: bool = False
    written: str = "programme"


LIST, PAGED = "/api/v1/programmes/", "?page={page}"
PLAIN, EXPANDED, WHOLE = "/programmes/", "/expanded-programmes/", "/whole-programmes/{code}/"
FILTER = "?country={country}&theme={theme}"
FOUND = "?search={word}"
TOTALS = "/api/v1/totals/?group_by="
WITH_CHILDREN = f"&expand={CHILDREN}"

CASES = (
    Case("list, nested", LIST + PAGED + WITH_CHILDREN, EXPANDED + PAGED, Statements.expanded_page, Goal(0.75), "pages"),
    Case(
        "list, nested, not counted",
        LIST + PAGED + WITH_CHILDREN + "&count=none",
        "",
        Statements.uncounted_expanded_page,
        Goal(0.75),
        "pages",
    ),
    Case("list", LIST + PAGED, PLAIN + PAGED, Statements.page, Goal(0.75), "pages"),
    Case("list, not counted", LIST + PAGED + "&count=none", "", Statements.uncounted_page, Goal(0.75), "pages"),
    Case("detail", LIST + "{code}/", WHOLE, Statements.whole, Goal(0.55), "codes"),
    Case("filter", LIST + FILTER, PLAIN + FILTER, Statements.filtered_page, None, "filters"),
    Case("search", LIST + FOUND, PLAIN + FOUND, Statements.found_page, None, "words"),
    Case(
        "filter, by total, nested",
        LIST + FILTER + WITH_CHILDREN + "&ordering=-total",
        EXPANDED + FILTER + "&ordering=-total",
        Statements.filtered_page_by_total,
        Goal(0.70),
        "filters",
    ),
    Case(
        "as of a day", LIST + PAGED + "&as_of=2020-06-30", "", Statements.page, Goal(1 / 1.5, "list"), "pages of some"
    ),
    Case(
        "as of a day, others written",
        LIST + PAGED + "&as_of=2020-06-30",
        "",
        Statements.page,
        Goal(1 / 1.5, "list"),
        "pages of some",
        written="observation",
    ),
    Case("as known on a day", LIST + PAGED + "&known_on=2025-06-01", "", Statements.page, Goal(1 / 4, "list"), "pages"),
    Case(
        "total by country and year",
        TOTALS + "country,year",
        "",
        Statements.totals_by_country_and_year,
        Goal(0.80),
        connections=1,
    ),
    Case(
        "total by country",
        TOTALS + "country",
        "/totals-by-country/",
        Statements.totals_by_country,
        Goal(1 / 1.5),
        connections=1,
    ),
    Case(
        "total by instrument", TOTALS + "instrument", "", Statements.totals_by_instrument, Goal(1 / 1.5), connections=1
    ),
    Case(
        "total of a country by year",
        TOTALS + "year&country={country}",
        "",
        Statements.totals_of_country_by_year,
        Goal(1 / 1.5),
        "countries",
        connections=1,
    ),
    Case(
        "total by country and year, others written",
        TOTALS + "country,year",
        "",
        Statements.totals_by_country_and_year,
        Goal(0.80),
        connections=1,
        written="observation",
    ),
    Case(
        "total by instrument, others written",
        TOTALS + "instrument",
        "",
        Statements.totals_by_instrument,
        Goal(1 / 1.5),
        connections=1,
        written="observation",
    ),
    Case("total, kept", TOTALS + "country,year", "", Statements.totals_by_country_and_year, None, "", 1, kept=True),
    Case("detail, kept", LIST + "{code}/", WHOLE, Statements.whole, kept=True, varied="first code"),
    Case("list, kept", LIST + "?page=1", PLAIN + "?page=1", Statements.page, kept=True, varied="first page"),
    Case(
        "list, not changed",
        LIST + "?page=1",
        "",
        Statements.page,
        varied="first page",
        kept=True,
        conditional=True,
    ),
)
FILES = (
    Case("CSV", "/api/v1/reports/budget-lines.csv", "", Statements.budget_lines, Goal(0.7), "", 1, file=True),
    Case(
        "XLSX",
        "/api/v1/reports/budget-lines.xlsx?coverage=regional",
        "",
        Statements.budget_lines_of_coverage,
        connections=1,
        file=True,
    ),
)
SAME_QUERY = "COPY of the same query"  # a case of the limit alone
SAME_QUERY_FILE = "BENCH_SAME_QUERY"  # the variable with the path of that query
BY_NAME = {case.name: case for case in CASES + FILES}


def questions(case: Case, codes: Sequence[str], programmes: int) -> list[Values]:
    """What stands in the braces of a case's addresses, one after the other."""
    pages = min(MOST_PAGES, -(-programmes // 50))
    of_some = min(MOST_PAGES, max(1, programmes // 200))  # a quarter of them at least
    return {
        "": [{}],
        "first page": [{"page": "1"}],
        "pages": [{"page": str(number)} for number in range(1, pages + 1)],
        "pages of some": [{"page": str(number)} for number in range(1, of_some + 1)],
        "first code": [{"code": codes[0]}],
        "codes": [{"code": code} for code in codes],
        "words": [{"word": code.rpartition("-")[2]} for code in codes],
        "countries": [{"country": country} for country in COUNTRIES],
        "filters": [{"country": country, "theme": theme} for country, theme in product(COUNTRIES, THEMES)],
    }[case.varied]
