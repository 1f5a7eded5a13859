"""The SQL of the limit: for each question one statement, the same for both databases but for their JSON functions."""

PUBLISHED = "p.publication = 'published'"
STAMPS = "created_at modified_at"
LIFE = (
    "status status_as_of announced planned_start actual_start planned_end revised_end actual_end start end"
    " known_active_until"
)
PROGRAMME = f"code acronym name language kind parent_basis coverage {LIFE} components_stated description {STAMPS}"
AMOUNT = "currency exactness amount_null_reason value_date"
PERIOD = "period_start period_end"
BUDGET = f"code title type status {AMOUNT} instrument_basis {PERIOD} part_of_basis same_as_basis note"
LINE = f"title type status amount {AMOUNT} instrument_basis {PERIOD} part_of_basis same_as_basis note"

# The programmes below a theme, itself included, in which a country takes part.
FILTERED = """
AND EXISTS (
    SELECT 1 FROM programmes_participation
    WHERE programme_id = p.id AND country_id = {country} AND status = 'participating'
) AND EXISTS (
    SELECT 1 FROM programmes_programmetheme
    WHERE programme_id = p.id AND theme_id IN (
        WITH RECURSIVE below(id) AS (
            SELECT id FROM programmes_theme WHERE code = {theme}
            UNION SELECT t.id FROM programmes_theme t JOIN below ON t.parent_id = below.id
        ) SELECT id FROM below
    )
)
"""

# The programmes that hold a word, or of which an alias or an objective does.
FOUND = """
AND p.id IN (
    SELECT id FROM programmes_programme WHERE {holds}
    UNION ALL SELECT programme_id FROM programmes_alias WHERE {holds}
    UNION ALL SELECT programme_id FROM programmes_objective WHERE {holds}
)
"""

# The sum of a programme's exact lines in euros that neither belong to, repeat, nor are replaced by another of its own.
TOTAL = """
(
    SELECT sum(b.amount) FROM programmes_budget b
    WHERE b.programme_id = p.id AND b.currency = 'EUR' AND b.exactness = 'exact' AND b.same_as_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM programmes_budget w WHERE w.id = b.part_of_id AND w.programme_id = p.id)
        AND NOT EXISTS (SELECT 1 FROM programmes_budget l WHERE l.revises_id = b.id)
)
"""


# The countries of a line, else those that take part in its programme.
TAKING_PART = """LEFT JOIN (
    SELECT budget_id, country_id FROM programmes_budgetcountry
    UNION ALL SELECT b.id, p.country_id FROM programmes_budget b JOIN programmes_participation p
        ON p.programme_id = b.programme_id AND p.status = 'participating'
    WHERE b.id NOT IN (SELECT budget_id FROM programmes_budgetcountry)
) c ON c.budget_id = b.id"""


class Statements:
    """The statements in the words of one database. Those of JSON give one row with one text."""

    def __init__(self, *, postgresql: bool) -> None:
        self._postgresql = postgresql
        self._array = "coalesce(json_agg({}), '[]')" if postgresql else "json_group_array({})"
        self._json = "{}" if postgresql else "json({})"
        self._join = "string_agg" if postgresql else "group_concat"

    # Questions

    def page(self) -> str:
        """Fifty programmes, and how many there are; `page` is which fifty."""
        return self._page(self._programme())

    def uncounted_page(self) -> str:
        """The same without how many there are."""
        return self._page(self._programme(), counted=False)

    def expanded_page(self) -> str:
        """Fifty with phases, participations, organisations and budget lines, and how many there are."""
        return self._page(self._programme(**self._children(cited=False)))

    def uncounted_expanded_page(self) -> str:
        """The same without how many there are."""
        return self._page(self._programme(**self._children(cited=False)), counted=False)

    def filtered_page(self) -> str:
        """The first fifty of a `theme` in a `country`, and how many there are."""
        return self._page(self._programme(), self._filtered())

    def found_page(self) -> str:
        """The first fifty that hold a `word`, and how many there are; on PostgreSQL by our server's index."""
        word = self._value("word")
        trigrams = f"SELECT quote_literal(substr({word}, n, 3)) FROM generate_series(1, length({word}) - 2) n"
        listed = f"ngrams(search_key) @@ array_to_string(ARRAY({trigrams}), ' & ')::tsquery"
        holds = f"{listed} AND strpos(search_key, {word}) > 0"
        holds = holds if self._postgresql else f"instr(search_key, {word}) > 0"
        return self._page(self._programme(), FOUND.format(holds=holds))

    def filtered_page_by_total(self) -> str:
        """The same with their children, those with most money first."""
        document = self._programme(**self._children(cited=False))
        return self._page(document, self._filtered(), order=f"{TOTAL} DESC NULLS LAST, code")

    def whole(self) -> str:
        """One programme with all that belongs to it, by its code."""
        children = self._children(cited=True) | {
            "aliases": self._nested("alias", "id name language", cited=True),
            "objectives": self._nested("objective", "id type order text", cited=True),
            "programme_themes": self._nested(
                "programmetheme", "id", cited="programme_theme", theme=_code("theme"), percentage=_text("percentage")
            ),
            "country_list_statements": self._nested(
                "countryliststatement",
                "id order countries_stated exactness unnamed exclusive start end as_of text",
                cited="country_list_statement",
                phase=_code("phase"),
                grouping=_code("grouping", "countries_grouping"),
            ),
            "transactions": self._nested(
                "transaction",
                f"code type date {AMOUNT} description",
                cited=True,
                amount=_text("amount"),
                phase=_code("phase"),
                budget=_code("budget"),
                provider=_code("provider", "programmes_organisation"),
                receiver=_code("receiver", "programmes_organisation"),
                instrument=_code("instrument"),
                country="r.country_id",
            ),
            "results": self._results(),
            "successions": self._nested(
                "succession",
                "id successor_name whole",
                cited=True,
                link="predecessor",
                predecessor="p.code",
                successor=_code("successor", "programmes_programme"),
            ),
            "children": self._nested("programme", "code acronym name kind", link="parent"),
            "citations": self._citations("programme", "p"),
        }
        document = self._programme(**children)
        return f"SELECT {document} FROM programmes_programme p WHERE code = {self._value('code')} AND {PUBLISHED}"

    def totals_by_country(self) -> str:
        """Sums by country and currency that count every line, parts and wholes alike, in full for each country."""
        return self._totals("c.country_id", TAKING_PART)

    def totals_by_country_and_year(self) -> str:
        """The same by country and own period."""
        return self._totals("c.country_id, b.period_start, b.period_end", TAKING_PART)

    def totals_of_country_by_year(self) -> str:
        """Sums by own period and currency that count every line on which a `country` stands."""
        of_country = f"SELECT budget_id FROM programmes_budgetcountry WHERE country_id = {self._value('country')}"
        return self._totals("b.period_start, b.period_end", f"WHERE b.id IN ({of_country})")

    def totals_by_instrument(self) -> str:
        """Sums by instrument and currency that count every line."""
        return self._totals("i.code", "LEFT JOIN programmes_instrument i ON i.id = b.instrument_id")

    def _totals(self, by: str, joins: str) -> str:
        names = " ".join(each.split(".")[1] for each in by.split(", "))
        row = self._row("x", f"{names} currency", amount="CAST(x.amount AS TEXT)", lines="x.lines")
        return f"""
            SELECT {self._list(row)} FROM (
                SELECT {by}, b.currency, sum(b.amount) AS amount, count(*) AS lines
                FROM programmes_budget b {joins} GROUP BY {by}, b.currency
            ) x
        """

    def budget_lines(self) -> str:
        """All budget lines as rows, with their countries and sources joined."""
        return self._budget_lines("")

    def budget_lines_of_coverage(self) -> str:
        """The same of programmes that are regional: one in seven."""
        return self._budget_lines("WHERE p.coverage = 'regional'")

    def _budget_lines(self, where: str) -> str:
        links = {
            "phase": "phase",
            "instrument": "instrument",
            "provider": "organisation",
            "part_of": "budget",
            "same_as": "budget",
            "revises": "budget",
        }
        codes = ", ".join(f"{name}.code AS {name}" for name in links)
        joins = " ".join(
            f"LEFT JOIN programmes_{table} {name} ON {name}.id = r.{name}_id" for name, table in links.items()
        )
        return f"""
            SELECT r.code, p.code AS programme, p.name AS programme_name, {codes},
                {", ".join(f"r.{name}" for name in LINE.split())},
                (
                    SELECT {self._join}(c.country_id, '; ') FROM programmes_budgetcountry c WHERE c.budget_id = r.id
                ) AS countries,
                (
                    SELECT {self._join}(s.code || ', ' || c.place, '; ')
                    FROM programmes_citation c JOIN programmes_source s ON s.id = c.source_id WHERE c.budget_id = r.id
                ) AS sources
            FROM programmes_budget r JOIN programmes_programme p ON p.id = r.programme_id {joins} {where}
            ORDER BY p.code, r.code
        """

    # Parts of them

    def _page(self, document: str, where: str = "", *, order: str = "code", counted: bool = True) -> str:
        chosen = f"FROM programmes_programme p WHERE {PUBLISHED} {where}"
        before = "0" if where else f"(CAST({self._value('page')} AS integer) - 1) * 50"
        rows = f"SELECT * {chosen} ORDER BY {order} LIMIT 50 OFFSET {before}"
        count = {"count": f"(SELECT count(*) {chosen})"} if counted else {}
        return f"SELECT {self._row('p', '', **count, results=f'(SELECT {self._list(document)} FROM ({rows}) p)')}"

    def _filtered(self) -> str:
        return FILTERED.format(country=self._value("country"), theme=self._value("theme"))

    def _value(self, name: str) -> str:
        """The place of a value that is given with the question."""
        return f"%({name})s" if self._postgresql else f":{name}"

    def _programme(self, **children: str) -> str:
        """A programme `p` as the list shows it."""
        countries = (
            "SELECT DISTINCT country_id AS code FROM programmes_participation"
            " WHERE programme_id = p.id AND status = 'participating' ORDER BY code"
        )
        instruments = (
            "SELECT DISTINCT i.code FROM programmes_budget b JOIN programmes_instrument i ON i.id = b.instrument_id"
            " WHERE b.programme_id = p.id ORDER BY i.code"
        )
        themes = (
            "SELECT t.code FROM programmes_programmetheme l JOIN programmes_theme t ON t.id = l.theme_id"
            " WHERE l.programme_id = p.id ORDER BY t.code"
        )
        known = {
            "has_budget": "budget WHERE amount IS NOT NULL AND",
            "has_implementer": "participatingorganisation WHERE role = '4' AND",
            "has_countries": "participation WHERE",
            "has_themes": "programmetheme WHERE",
            "has_objectives": "objective WHERE",
            "has_indicators": "indicator WHERE",
        }
        return self._row(
            "p",
            PROGRAMME,
            parent="(SELECT code FROM programmes_programme WHERE id = p.parent_id)",
            countries=self._codes(countries),
            instruments=self._codes(instruments),
            themes=self._codes(themes),
            **{name: f"EXISTS (SELECT 1 FROM programmes_{table} programme_id = p.id)" for name, table in known.items()},
            **children,
        )

    def _children(self, *, cited: bool) -> dict[str, str]:
        shares = self._row("c", "id", country="c.country_id", percentage="CAST(c.percentage AS TEXT)")
        of_line = "FROM (SELECT * FROM programmes_budgetcountry WHERE budget_id = r.id ORDER BY country_id) c"
        whole_line = {"budget_countries": f"(SELECT {self._list(shares)} {of_line})"} if cited else {}
        return {
            "phases": self._nested(
                "phase",
                f"code label name order {LIFE} description",
                cited=cited,
                follows=_code("follows", "programmes_phase"),
            ),
            "participations": self._nested(
                "participation",
                "id role status start end as_of",
                cited=cited,
                country="r.country_id",
                phase=_code("phase"),
                percentage=_text("percentage"),
            ),
            "participating_organisations": self._nested(
                "participatingorganisation",
                "id role local_role",
                cited="participating_organisation" if cited else False,
                organisation=_code("organisation"),
                phase=_code("phase"),
            ),
            "budgets": self._nested(
                "budget",
                BUDGET,
                cited=cited,
                amount=_text("amount"),
                phase=_code("phase"),
                instrument=_code("instrument"),
                provider=_code("provider", "programmes_organisation"),
                part_of=_code("part_of", "programmes_budget"),
                same_as=_code("same_as", "programmes_budget"),
                revises=_code("revises", "programmes_budget"),
                countries=self._codes(
                    "SELECT country_id AS code FROM programmes_budgetcountry WHERE budget_id = r.id ORDER BY code"
                ),
                **whole_line,
            ),
        }

    def _results(self) -> str:
        observation = self._row(
            "o",
            f"id kind exactness value_null_reason as_of {PERIOD} date comment",
            value="CAST(o.value AS TEXT)",
            disaggregation=self._json.format("o.disaggregation"),
            phase="(SELECT code FROM programmes_phase WHERE id = o.phase_id)",
            citations=self._citations("observation", "o"),
        )
        observations = "FROM (SELECT * FROM programmes_observation WHERE indicator_id = i.id ORDER BY date, id) o"
        indicator = self._row(
            "i",
            "code title measure unit ascending accumulation additive order",
            observations=f"(SELECT {self._list(observation)} {observations})",
            citations=self._citations("indicator", "i"),
        )
        indicators = 'FROM (SELECT * FROM programmes_indicator WHERE result_id = r.id ORDER BY "order", code) i'
        return self._nested(
            "result", "code type title order", indicators=f"(SELECT {self._list(indicator)} {indicators})"
        )

    def _nested(
        self, table: str, columns: str, *, cited: "bool | str" = False, link: str = "programme", **computed: str
    ) -> str:
        """The records `r` of one table that belong to the programme; `cited` names their link from citations."""
        if cited:
            computed["citations"] = self._citations(table if cited is True else cited, "r")
        document = self._row("r", columns, **computed)
        rows = f"SELECT * FROM programmes_{table} WHERE {link}_id = p.id ORDER BY id"
        return f"(SELECT {self._list(document)} FROM ({rows}) r)"

    def _citations(self, link: str, alias: str) -> str:
        source = "(SELECT code FROM programmes_source WHERE id = c.source_id)"
        document = self._row("c", "id place quote as_of field value exactness preferred note", source=source)
        rows = f"SELECT * FROM programmes_citation WHERE {link}_id = {alias}.id ORDER BY id"
        return f"(SELECT {self._list(document)} FROM ({rows}) c)"

    def _codes(self, rows: str) -> str:
        return f"(SELECT {self._list('x.code')} FROM ({rows}) x)"

    def _row(self, alias: str, columns: str, **computed: str) -> str:
        """A JSON object of columns, by their own names, and of expressions."""
        members = {name: f'{alias}."{name}"' for name in columns.split()} | computed
        if self._postgresql:  # which writes a row more quickly than an object of as many members
            selected = ", ".join(f'{expression} AS "{name}"' for name, expression in members.items())
            return f"(SELECT row_to_json(d) FROM (SELECT {selected}) d)"
        pairs = ", ".join(f"'{name}', {expression}" for name, expression in members.items())
        return f"json_object({pairs})"

    def _list(self, element: str) -> str:
        return self._array.format(element)


def _code(name: str, table: str = "") -> str:
    """The code of a related record of `r`."""
    return f"(SELECT code FROM {table or f'programmes_{name}'} WHERE id = r.{name}_id)"


def _text(name: str) -> str:
    return f"CAST(r.{name} AS TEXT)"
