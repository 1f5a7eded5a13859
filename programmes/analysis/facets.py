"""The dimensions in SQL: by what a statement about budget lines `l` groups them, and how it divides them.

It says what `programmes.analysis.dimensions` says line by line; a property test holds the two together. The same text
serves both databases; the few words in which they differ are in `Words`.
"""

from collections.abc import Callable
from typing import NamedTuple

from django.db import connections

from countries.models import Grouping
from programmes.analysis.dimensions import Split, Spread
from programmes.codelists import OrganisationRole, ParticipationRole, ParticipationStatus

PERCENT = 10_000  # percentages have four decimals; weights are whole numbers
WHOLE = 100 * PERCENT


class Words(NamedTuple):
    """What the two databases say differently; `{0}` and `{1}` stand for columns."""

    joined: str  # different codes in one text, in their order
    cents: str  # an amount in whole cents
    day_number: str  # of an ISO day, for differences
    last_day: str  # of an ISO month, as an ISO day

    @classmethod
    def of(cls, using: str) -> "Words":
        """Those of a connection."""
        if connections[using].vendor == "postgresql":
            return cls(
                joined="string_agg(DISTINCT {0}, ',' ORDER BY {0})",
                cents="CAST({0} * 100 AS BIGINT)",
                day_number="({0}::date - DATE '2000-01-01')",
                last_day="CAST(CAST({0} || '-01' AS date) + interval '1 month - 1 day' AS date)::text",
            )
        return cls(
            joined="group_concat(DISTINCT {0})",  # in the order of its rows; with commas
            cents="CAST(round({0} * 100) AS INTEGER)",
            day_number="CAST(julianday({0}) AS INTEGER)",
            last_day="date({0} || '-01', '+1 month', '-1 day')",
        )


class Facet(NamedTuple):
    """A dimension of a line `l`, in SQL.

    `key` is its value: codes joined by commas, null where unknown or where the line is divided; `definite` whether all
    of the line has definite values. Where lines can be divided, `owner` is the key of the shares of a divided line
    among the rows of the CTE `{name}_share(owner, key, place, weight, whole)`, and `together` all its codes.
    """

    name: str
    key: str
    definite: str
    joins: str = ""
    ctes: tuple[str, ...] = ()
    owner: str = ""
    together: str = ""


def facet(dimension: str, name: str, words: Words, *, split: Split, spread: Spread, narrow: bool) -> Facet:
    """The facet of a dimension; `name` is that of its CTEs and joins.

    `narrow` reads only the shares of the programmes and lines that the statement is about. Raises KeyError.
    """
    shares = _Shares(name, words, equal=split == "equal", narrow=narrow)
    of_programme = f"JOIN programmes_programme {name} ON {name}.id = l.programme_id"
    of_instrument = f"LEFT JOIN programmes_instrument {name} ON {name}.id = l.instrument_id"
    facets: dict[str, Callable[[], Facet]] = {
        "programme": lambda: _plain(name, f"{name}.code", of_programme, always=True),
        "umbrella": lambda: _umbrella(name),
        "kind": lambda: _plain(name, f"{name}.kind", of_programme, always=True),
        "coverage": lambda: _plain(name, f"NULLIF({name}.coverage, '')", of_programme),
        "country": shares.countries,
        "grouping": shares.regions,
        "instrument": lambda: _plain(name, f"{name}.code", of_instrument),
        "theme": shares.themes,
        "year": lambda: _plain(name, PERIOD) if spread == "none" else _years(name, words, spread),
        "type": lambda: _plain(name, "l.type", always=True),
        "status": lambda: _plain(name, "NULLIF(l.status, '')"),
        "organisation": shares.providers,
    }
    return facets[dimension]()


ALWAYS = "TRUE"  # every line has one definite value

PERIOD = """CASE WHEN l.period_start = l.period_end THEN l.period_start
    WHEN l.period_start IS NOT NULL OR l.period_end IS NOT NULL
    THEN COALESCE(l.period_start, '') || '/' || COALESCE(l.period_end, '') END"""


def _plain(name: str, key: str, joins: str = "", *ctes: str, always: bool = False) -> Facet:
    return Facet(name, key, ALWAYS if always else f"({key}) IS NOT NULL", joins, ctes)


def _umbrella(name: str) -> Facet:
    tops = f"""{name}_top(id, code) AS (
    SELECT id, code FROM programmes_programme WHERE parent_id IS NULL
    UNION ALL SELECT p.id, t.code FROM programmes_programme p JOIN {name}_top t ON t.id = p.parent_id
)"""
    return _plain(name, f"{name}.code", f"JOIN {name}_top {name} ON {name}.id = l.programme_id", tops, always=True)


def _years(name: str, words: Words, spread: Spread) -> Facet:
    """Each year of the line's period, by its days or equally; a period with one end stands undivided."""
    first = "l.period_start || substr('-01-01', length(l.period_start) - 3)"
    last = (
        "CASE length(l.period_end) WHEN 4 THEN l.period_end || '-12-31'"
        f" WHEN 7 THEN {words.last_day.format('l.period_end')} ELSE l.period_end END"
    )
    from_day = "CASE WHEN first > year || '-01-01' THEN first ELSE year || '-01-01' END"
    to_day = "CASE WHEN last < year || '-12-31' THEN last ELSE year || '-12-31' END"
    days = f"{words.day_number.format(f'({to_day})')} - {words.day_number.format(f'({from_day})')} + 1"
    ctes = (
        f"""{name}_period(owner, first, last, until, number) AS (
    SELECT DISTINCT {OWN_PERIOD}, {first}, {last},
        CAST(substr(l.period_end, 1, 4) AS INTEGER), CAST(substr(l.period_start, 1, 4) AS INTEGER)
    FROM line l WHERE l.period_start IS NOT NULL AND l.period_end IS NOT NULL
    UNION ALL SELECT owner, first, last, until, number + 1 FROM {name}_period WHERE number < until
)""",
        f"""{name}_year(owner, year, weight) AS (
    SELECT owner, year, {"1" if spread == "equal" else days}
    FROM (SELECT owner, first, last, CAST(number AS TEXT) AS year FROM {name}_period) y
)""",
        f"""{name}_set(owner, whole, codes) AS (
    SELECT owner, CAST(SUM(weight) AS BIGINT), {words.joined.format("year")} FROM {name}_year GROUP BY owner
)""",
        f"""{name}_share(owner, key, place, weight, whole) AS (
    SELECT y.owner, y.year, y.year, CAST(y.weight AS BIGINT), s.whole
    FROM {name}_year y JOIN {name}_set s ON s.owner = y.owner
)""",
    )
    return Facet(
        name,
        key=f"CASE WHEN {name}.owner IS NULL THEN {PERIOD} END",
        definite=f"({PERIOD}) IS NOT NULL",
        joins=f"LEFT JOIN {name}_set {name} ON {name}.owner = {OWN_PERIOD}",
        ctes=ctes,
        owner=f"{name}.owner",
        together=f"{name}.codes",
    )


OWN_PERIOD = "l.period_start || '/' || l.period_end"

# The smallest M49 region that holds a country.
REGIONS = f"""
    SELECT country_id, code FROM (
        SELECT m.country_id, g.code, ROW_NUMBER() OVER (PARTITION BY m.country_id ORDER BY s.members, g.code) AS place
        FROM countries_membership m JOIN countries_grouping g ON g.id = m.grouping_id
        JOIN (SELECT grouping_id, COUNT(*) AS members FROM countries_membership GROUP BY grouping_id) s
            ON s.grouping_id = g.id
        WHERE g.kind = '{Grouping.Kind.REGION}'
    ) r WHERE place = 1
"""

# Shares belong to lines (even keys) and to programmes (odd keys).
OPEN_LISTS = "SELECT 2 * programme_id + 1 FROM programmes_countryliststatement WHERE NOT exclusive OR unnamed > 0"


class _Shares:
    """Dimensions whose values a line or its programme has several of, with percentages or without."""

    def __init__(self, name: str, words: Words, *, equal: bool, narrow: bool) -> None:
        self.name, self.words, self.equal, self.narrow = name, words, equal, narrow

    def countries(self) -> Facet:
        """By the countries of the line, else by those that take part in its programme."""
        return self._of_line_or_programme(self._country_rows(), open_lists=True)

    def regions(self) -> Facet:
        """The same by region; several countries in one region are one value."""
        rows = f"""
    SELECT c.owner, c.code, g.code AS label, c.percentage FROM ({self._country_rows()}) c
    LEFT JOIN ({REGIONS}) g ON g.country_id = c.code"""
        return self._of_line_or_programme(rows, open_lists=True, merged=True)

    def themes(self) -> Facet:
        """By the themes of the line's programme."""
        rows = f"""
    SELECT 2 * r.programme_id + 1, t.code, t.code, r.percentage
    FROM programmes_programmetheme r JOIN programmes_theme t ON t.id = r.theme_id
    {self._where("r.programme_id")}"""
        return self._facet(
            self._ctes(rows), f"LEFT JOIN {self.name}_set {self.name} ON {self.name}.owner = 2 * l.programme_id + 1"
        )

    def providers(self) -> Facet:
        """Who provides the money: as the line says, else the programme's funding organisations."""
        name = self.name
        rows = f"""
    SELECT DISTINCT 2 * r.programme_id + 1, o.code, o.code, CAST(NULL AS NUMERIC)
    FROM programmes_participatingorganisation r JOIN programmes_organisation o ON o.id = r.organisation_id
    {self._where("r.programme_id", f"r.role = '{OrganisationRole.FUNDING}'")}"""
        joins = (
            f"LEFT JOIN programmes_organisation {name}o ON {name}o.id = l.provider_id"
            f" LEFT JOIN {name}_set {name} ON l.provider_id IS NULL AND {name}.owner = 2 * l.programme_id + 1"
        )
        found = self._facet(self._ctes(rows), joins)
        return found._replace(
            key=f"COALESCE({name}o.code, {found.key})", definite=f"({name}o.code IS NOT NULL OR {found.definite})"
        )

    def _country_rows(self) -> str:
        # A CASE, since PostgreSQL would rather use an index by the role, which nearly all have, than by the programme.
        role, status = ParticipationRole.RECIPIENT, ParticipationStatus.PARTICIPATING
        taking_part = f"CASE role WHEN '{role}' THEN status = '{status}' ELSE FALSE END"
        return f"""
    SELECT 2 * budget_id AS owner, country_id AS code, country_id AS label, percentage
    FROM programmes_budgetcountry {self._where("budget_id", of="id")}
    UNION ALL SELECT 2 * programme_id + 1, country_id, country_id, MAX(percentage)
    FROM programmes_participation {self._where("programme_id", taking_part)} GROUP BY programme_id, country_id"""

    def _where(self, column: str, *conditions: str, of: str = "programme_id") -> str:
        found = [*conditions, *([f"{column} IN (SELECT {of} FROM line)"] if self.narrow else [])]
        return f"WHERE {' AND '.join(found)}" if found else ""

    def _of_line_or_programme(self, rows: str, *, open_lists: bool, merged: bool = False) -> Facet:
        name = self.name
        joins = (
            f"LEFT JOIN {name}_own {name}w ON {name}w.owner = 2 * l.id"
            f" LEFT JOIN {name}_set {name} ON {name}.owner = COALESCE({name}w.owner, 2 * l.programme_id + 1)"
        )
        of_lines = self._where("budget_id", of="id")
        own = f"{name}_own(owner) AS (SELECT DISTINCT 2 * budget_id FROM programmes_budgetcountry {of_lines})"
        return self._facet((*self._ctes(rows, open_lists=open_lists, merged=merged), own), joins)

    def _facet(self, ctes: tuple[str, ...], joins: str) -> Facet:
        name = self.name
        return Facet(
            name,
            key=f"{name}.key",
            definite=f"COALESCE({name}.definite, FALSE)",
            joins=joins,
            ctes=ctes,
            owner=f"CASE WHEN {name}.divided THEN {name}.owner END",
            together=f"{name}.codes",
        )

    def _ctes(self, rows: str, *, open_lists: bool = False, merged: bool = False) -> tuple[str, ...]:
        """By stated percentages; what these leave open is undivided between the codes that have none."""
        name, joined = self.name, self.words.joined.format("label")
        labels = "COUNT(DISTINCT label)" if merged else "COUNT(label)"
        without = "FILTER (WHERE percentage IS NULL)"
        divided = "n > 1" if self.equal else "n > 1 AND stated > 0"
        shown = f"CASE WHEN n = 1 AND owner IN ({OPEN_LISTS}) THEN NULL ELSE codes END" if open_lists else "codes"
        weight = f"CAST(round(percentage * {PERCENT}) AS BIGINT)"
        whole = f"CASE WHEN weight > {WHOLE} THEN weight ELSE {WHOLE} END"
        return (
            f"{name}_row(owner, code, label, percentage) AS ({rows}\n)",
            f"""{name}_sum(owner, n, stated, weight, codes, labels, known, shared, without, labels_without) AS (
    SELECT owner, COUNT(*), COUNT(percentage), CAST(COALESCE(SUM({weight}), 0) AS BIGINT),
        {joined}, {labels}, COUNT(label),
        {joined} FILTER (WHERE percentage IS NOT NULL), {joined} {without}, {labels} {without}
    FROM {name}_row GROUP BY owner
)""",
            # One value or several together, or divided: then it is definite if all its shares are.
            f"""{name}_set(owner, key, codes, divided, definite) AS (
    SELECT owner, CASE WHEN {divided} THEN NULL ELSE {shown} END,
        CASE WHEN stated > 0 AND n > 1 AND weight >= {WHOLE} THEN shared ELSE {shown} END, {divided},
        CASE WHEN NOT ({divided}) THEN labels = 1 AND ({shown}) IS NOT NULL
            WHEN known < n THEN FALSE
            ELSE stated = 0 OR weight >= {WHOLE} OR CASE WHEN stated < n THEN labels_without ELSE labels END = 1 END
    FROM {name}_sum
)""",
            f"""{name}_share(owner, key, place, weight, whole) AS (
    SELECT owner, key, MIN(place), CAST(SUM(weight) AS BIGINT), MAX(whole) FROM (
        SELECT r.owner, r.label AS key, r.code AS place, {weight.replace("percentage", "r.percentage")} AS weight,
            {whole.replace("weight", "s.weight")} AS whole
        FROM {name}_row r JOIN {name}_sum s ON s.owner = r.owner WHERE s.n > 1 AND r.percentage IS NOT NULL
        UNION ALL SELECT owner, CASE WHEN stated < n THEN without ELSE codes END, '~', {WHOLE} - weight, {WHOLE}
        FROM {name}_sum WHERE n > 1 AND stated > 0 AND weight < {WHOLE}
        {self._equal_shares()}
    ) each GROUP BY owner, key
)""",
        )

    def _equal_shares(self) -> str:
        if not self.equal:
            return ""
        return f"""UNION ALL SELECT r.owner, r.label, r.code, 1, s.n
        FROM {self.name}_row r JOIN {self.name}_sum s ON s.owner = r.owner WHERE s.n > 1 AND s.stated = 0"""
