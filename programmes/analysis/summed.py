"""Totals by one statement of SQL: the sums of any number of lines, each euro once, without reading the lines.

The definition is that of `containment`, `dimensions` and `division`, which say the same line by line; a
property test with generated portfolios holds the two together, on both databases.
"""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connections, transaction
from django.db.models import QuerySet

from programmes.analysis.containment import is_narrow
from programmes.analysis.dimensions import Key, Split, Spread, Value
from programmes.analysis.expected import HASHED, limit, to_be_told
from programmes.analysis.facets import ALWAYS, Facet, Words, facet
from programmes.analysis.money import Sum
from programmes.codelists import Exactness
from programmes.models import Budget, Programme
from programmes.models.own_total import HOLDER, STEP
from tracker.records.carried import Part, Question, sums
from tracker.records.fresh import Last
from tracker.records.past import indexed
from tracker.records.statements import worded
from tracker.records.written import concerned

# Exactness in bits, so that a sum can collect them: none is exact, one alone is itself, several together are "about".
BITS = {Exactness.EXACT: 0, Exactness.ABOUT: 1, Exactness.AT_LEAST: 2, Exactness.AT_MOST: 4}
EXACTNESS = {bits: exactness for exactness, bits in BITS.items()}

LINE = """line AS MATERIALIZED (
    SELECT id, programme_id, {cents} AS cents, currency, {bits} AS bits, part_of_id, same_as_id, revises_id,
        type, status, instrument_id, provider_id, period_start, period_end
    FROM programmes_budget {where}
)"""

# Which selected line with an amount holds the money of which, and how: 1 as the same line, 2 by replacing it, 3 as the
# whole. Most can be told from the link itself (`near`); from the others every way is walked to the nearest such line
# (`far`), through lines that are not selected, that have no amount, or that are the same line printed again.
HELD = """
near(id, cents, bits, currency, part_of_id, same_as_id, holder, how) AS MATERIALIZED (
    SELECT l.id, l.cents, l.bits, l.currency, l.part_of_id, l.same_as_id, COALESCE(same.id, new.id, whole.id),
        CASE WHEN same.id IS NOT NULL THEN 1 WHEN new.id IS NOT NULL THEN 2 WHEN whole.id IS NOT NULL THEN 3 END
    FROM line l
    LEFT JOIN line whole ON whole.id = l.part_of_id AND whole.cents IS NOT NULL
    LEFT JOIN line same ON same.id = l.same_as_id AND same.cents IS NOT NULL AND same.same_as_id IS NULL
    LEFT JOIN line new ON new.revises_id = l.id AND new.cents IS NOT NULL
    WHERE l.cents IS NOT NULL {most}
),
{ways}far(line, nearest) AS (
    SELECT way.line, MIN(way.how * {many} + way.holder)
    FROM way JOIN near holder ON holder.id = way.holder
    WHERE way.line <> way.holder AND (way.how > 1
        OR holder.same_as_id IS NULL AND NOT way.single
        OR (holder.same_as_id IS NULL) = way.single AND holder.id < way.line)
    GROUP BY way.line {most}
),
counted(id, cents, bits, currency) AS MATERIALIZED (
    SELECT id, cents, bits, currency FROM near WHERE how IS NULL AND id NOT IN (SELECT line FROM far) {most}
)"""

# The ways, where the lines with all that are linked to them are known: all their links are read once.
ALL_WAYS = """
{hashed} linked(id, part_of_id, same_as_id, revises_id) AS MATERIALIZED (
    SELECT id, part_of_id, same_as_id, revises_id FROM {all}
    WHERE part_of_id IS NOT NULL OR same_as_id IS NOT NULL OR revises_id IS NOT NULL
),
link(line, holder, how, ends) AS MATERIALIZED (
    SELECT k.line, k.holder, k.how, near.id IS NOT NULL FROM (
        SELECT id AS line, part_of_id AS holder, 3 AS how FROM linked WHERE part_of_id IS NOT NULL
        UNION ALL SELECT id, same_as_id, 1 FROM linked WHERE same_as_id IS NOT NULL
        UNION ALL SELECT same_as_id, id, 1 FROM linked WHERE same_as_id IS NOT NULL
        UNION ALL SELECT revises_id, id, 2 FROM linked WHERE revises_id IS NOT NULL
    ) k LEFT JOIN near ON near.id = k.holder {most_links}
),
way(line, single, holder, how, ends) AS (
    SELECT id, same_as_id IS NULL, id, 1, FALSE FROM near
    WHERE how IS NULL AND (part_of_id IS NOT NULL OR same_as_id IS NOT NULL
        OR id IN (SELECT revises_id FROM linked WHERE revises_id IS NOT NULL)
        OR id IN (SELECT same_as_id FROM linked WHERE same_as_id IS NOT NULL) AND (
            SELECT MAX(CASE WHEN id IN (SELECT revises_id FROM linked WHERE revises_id IS NOT NULL) THEN 1 ELSE 0 END)
            FROM linked WHERE same_as_id IS NOT NULL
        ) = 1)
    UNION
    SELECT w.line, w.single, k.holder, CASE WHEN w.how > k.how THEN w.how ELSE k.how END,
        (w.how > 1 OR k.how > 1) AND k.ends
    FROM way w JOIN link k ON k.line = w.holder WHERE NOT w.ends
),
"""

# The ways of lines of which that is not known: what is linked to them is looked for, by index.
SOME_WAYS = f"""
way(line, single, holder, how, ends) AS (
    SELECT id, same_as_id IS NULL, id, 1, FALSE FROM near
    WHERE how IS NULL AND (part_of_id IS NOT NULL OR same_as_id IS NOT NULL
        OR EXISTS (SELECT 1 FROM {{indexed}} b WHERE b.revises_id = near.id)
        OR EXISTS (SELECT 1 FROM {{indexed}} b WHERE b.same_as_id = near.id))
    UNION
    SELECT w.line, w.single, {HOLDER},
        CASE WHEN link.kind = 1 THEN 3 WHEN link.kind = 4 AND w.how = 1 THEN 2 ELSE w.how END,
        (w.how > 1 OR link.kind IN (1, 4)) AND {HOLDER} IN (SELECT id FROM near)
    FROM way w {STEP.format(at="w.holder", indexed="{indexed}")} WHERE NOT w.ends
),
"""

MANY = 10**15  # more than there are lines
LINKS = 4  # of a line, at most

# The parts of each line, and of the lines that it repeats or replaces, where they do not exceed it.
PARTS = """
held(id, cents, bits, holder, how) AS MATERIALIZED (
    SELECT id, cents, bits, holder, how FROM near WHERE how IS NOT NULL
    UNION ALL SELECT near.id, near.cents, near.bits, far.nearest %% {many}, far.nearest / {many}
    FROM far JOIN near ON near.id = far.line {most}
),
same(id, holder) AS (
    SELECT id, holder FROM held WHERE how < 3
    UNION ALL SELECT s.id, h.holder FROM same s JOIN held h ON h.id = s.holder WHERE h.how < 3
),
part(whole, id, cents, bits) AS MATERIALIZED (
    SELECT COALESCE(s.holder, h.holder), h.id, h.cents, h.bits
    FROM held h LEFT JOIN (
        SELECT same.id, same.holder FROM same LEFT JOIN held further ON further.id = same.holder AND further.how < 3
        WHERE further.id IS NULL
    ) s ON s.id = h.holder
    WHERE h.how = 3 {most}
),
parts(whole, cents, bits) AS MATERIALIZED (
    SELECT w.id, p.cents, p.bits FROM (
        SELECT whole, CAST(SUM(cents) AS BIGINT) AS cents, MAX(bits & 1)
            + CASE MAX(bits & 4) WHEN 4 THEN 2 ELSE 0 END + CASE MAX(bits & 2) WHEN 2 THEN 4 ELSE 0 END AS bits
        FROM part GROUP BY whole
    ) p JOIN near w ON w.id = p.whole WHERE p.cents <= w.cents {most}
)"""


class Summed(NamedTuple):
    """The total by currency, the sums of each group, and how many lines have no amount: in all and by group."""

    total: list[Sum]
    groups: dict[Key, list[Sum]]
    not_stated: dict[Key, int]


def summed(
    lines: QuerySet[Budget], group_by: Sequence[str], *, split: Split = "stated", spread: Spread = "none"
) -> Summed:
    """The sums of `lines` by up to two dimensions (see `totals`)."""
    try:
        statement, parameters = _statement(lines, group_by, split, spread)
    except EmptyResultSet:
        return Summed([], {}, {})
    total = _Sums()
    groups: dict[Key, _Sums] = defaultdict(_Sums)
    not_stated: dict[Key, int] = defaultdict(int)
    question = Question(
        statement,
        parameters,
        ask=lambda *asked: _asked(lines.db, *asked),
        part=lambda before: _part(lines, group_by, split, spread, before),
        carry=sums(keys=1 + len(group_by) + 1),
    )
    for kind, *codes, currency, cents, number, about, at_least, at_most in question.rows():
        key, bits = tuple(map(_value, codes)), (about and 1) | (at_least and 2) | (at_most and 4)
        if kind == "total":
            total.add(currency, cents, number, bits)
        elif kind == "group":
            groups[key].add(currency, cents, number, bits)
        else:
            not_stated[key] += number
    return Summed(total.sums(), {key: each.sums() for key, each in groups.items()}, dict(not_stated))


def _asked(using: str, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Its rows, sums as whole numbers.

    PostgreSQL cannot know how little a walk finds: it is told not to sort for it, nor to compile.
    """
    connection = connections[using]
    with transaction.atomic(using, savepoint=False), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            loops = "off" if HASHED in statement else "on"
            cursor.execute(
                f"SET LOCAL enable_mergejoin = off; SET LOCAL jit = off; SET LOCAL enable_nestloop = {loops}"
            )
        cursor.execute(*worded(statement, parameters))
        return [(*map(_sorted, row[:-SUMMED]), *map(int, row[-SUMMED:])) for row in cursor.fetchall()]


@functools.lru_cache(maxsize=10_000)
def _sorted(codes: str | None) -> str | None:
    """Codes in their order: SQLite has them in that of its rows."""
    return ",".join(sorted(codes.split(","))) if codes and "," in codes else codes


def _part(
    lines: QuerySet[Budget], group_by: Sequence[str], split: Split, spread: Spread, before: Mapping[Any, Last]
) -> Part | None:
    """What the lines add to the sums that what was written may concern."""
    keys = None if lines.query.is_sliced else concerned(before, Budget, Programme)
    if keys is None:
        return None
    try:
        return Part(*_statement(lines, group_by, split, spread, few=len(keys)), only={Budget: keys}) if keys else Part()
    except EmptyResultSet:
        return Part()


@functools.lru_cache(maxsize=10_000)
def _value(codes: str | None) -> Value:
    return Value(tuple(codes.split(",")) if codes else ())


class _Sums:
    """Sums by currency that are added up from rows."""

    def __init__(self) -> None:
        self.by_currency: dict[str, list[int]] = {}

    def add(self, currency: str, cents: Any, number: int, bits: int) -> None:
        """A row of the statement."""
        found = self.by_currency.setdefault(currency, [0, 0, 0])
        found[0] += int(cents)
        found[1] += number
        found[2] |= bits

    def sums(self) -> list[Sum]:
        """A sum for each currency."""
        return [
            Sum(currency, Decimal(cents).scaleb(-2), EXACTNESS.get(bits, Exactness.ABOUT), number)
            for currency, (cents, number, bits) in sorted(self.by_currency.items())
        ]


def _statement(
    lines: QuerySet[Budget], group_by: Sequence[str], split: Split, spread: Spread, *, few: int = 0
) -> tuple[str, tuple[Any, ...]]:
    """The SQL and its parameters. Raises EmptyResultSet where the selection is empty by its definition.

    With `few` it is for a table of so few lines, with all that are linked to them.
    """
    words = Words.of(lines.db)
    selected, parameters = lines.order_by().values("pk").query.get_compiler(using=lines.db).as_sql()
    narrow = is_narrow(lines)
    facets = [
        facet(name, f"f{place}", words, split=split, spread=spread, narrow=narrow or bool(few))
        for place, name in enumerate(group_by, start=1)
    ]
    bits = " ".join(f"WHEN '{each}' THEN {bits}" for each, bits in BITS.items())
    line = LINE.format(
        cents=words.cents.format("amount"),
        bits=f"CASE exactness {bits} END",
        where=f"WHERE id IN ({selected})" if narrow else "",
    )
    number = to_be_told(lines, few, narrow=narrow)
    most, links, hashed = limit(number), limit(LINKS * number), HASHED if number else ""
    if narrow and not few and not number:
        ways = SOME_WAYS.format(indexed=indexed(Budget))
    else:
        all_lines = "programmes_budget" if narrow or few else "line"
        ways = ALL_WAYS.format(all=all_lines, most_links=links, hashed=hashed)
    ctes = [line, HELD.format(many=MANY, ways=ways, most=most)]
    results = [f"SELECT 'total'{', NULL' * len(facets)}, currency, {SUMS} FROM counted GROUP BY currency"]
    if facets:
        more, cells = _cells(facets, most)
        ctes += more
        keys = ", ".join(f"k_{each.name}" for each in facets)
        own = ", ".join(f"t_{each.name}" for each in facets)
        results += [
            f"SELECT 'group', {keys}, currency, {SUMS} FROM {cells} GROUP BY {keys}, currency",
            f"SELECT 'not stated', {own}, NULL, 0, COUNT(*), 0, 0, 0 FROM faced WHERE cents IS NULL GROUP BY {own}",
        ]
    else:
        none = "FROM line WHERE cents IS NULL HAVING COUNT(*) > 0"
        results.append(f"SELECT 'not stated', NULL, 0, COUNT(*), 0, 0, 0 {none}")
    return f"WITH RECURSIVE {', '.join(ctes)} {' UNION ALL '.join(results)}", tuple(parameters) if narrow else ()


SUMS = "SUM(cents), COUNT(*), SUM(bits & 1), SUM(bits >> 1 & 1), SUM(bits >> 2 & 1)"
SUMMED = 5  # columns


def _cells(facets: list[Facet], most: str) -> tuple[list[str], str]:
    """The CTEs that divide the counted lines between the groups, and the name of the last."""
    ctes = [cte for each in facets for cte in each.ctes]
    columns = ", ".join(f"k_{each.name}, d_{each.name}, o_{each.name}" for each in facets)
    values = ", ".join(f"{each.key}, {each.definite}, {each.owner or 'NULL'}" for each in facets)
    joins = " ".join(each.joins for each in facets)
    all_names = ", ".join(f"t_{each.name}" for each in facets)
    together = ", ".join(f"COALESCE({each.together}, {each.key})" if each.together else each.key for each in facets)
    definite = " AND ".join(f"w.d_{each.name}" for each in facets)
    inherited = ", ".join(
        f"CASE WHEN w.d_{each.name} THEN w.{column}_{each.name} ELSE s.{column}_{each.name} END"
        for each in facets
        for column in "kdo"
    )
    ctes.append(
        f"""faced(id, cents, bits, currency, {columns}, {all_names}) AS MATERIALIZED (
    SELECT l.id, l.cents, l.bits, l.currency, {values}, {together} FROM line l {joins} {most}
)"""
    )
    if all(each.definite == ALWAYS for each in facets):
        whole_lines = "SELECT f.* FROM faced f JOIN counted ON counted.id = f.id"
        return [*ctes, f"cell_0(id, cents, bits, currency, {columns}, {all_names}) AS ({whole_lines})"], "cell_0"
    ctes += [
        PARTS.format(many=MANY, most=most),
        f"""step(whole, id, cents, bits, currency, {columns}) AS MATERIALIZED (
    SELECT part.whole, f.id, f.cents, f.bits, f.currency, {_of("f", facets)}
    FROM part JOIN parts ON parts.whole = part.whole
    JOIN faced f ON f.id = part.id JOIN faced w ON w.id = part.whole WHERE NOT ({definite}) {most}
)""",
        # A value that the whole carries holds for its parts; what it does not carry, they may.
        f"""walk(id, cents, bits, currency, {columns}) AS (
    SELECT f.id, f.cents, f.bits, f.currency, {columns} FROM faced f JOIN counted ON counted.id = f.id
    UNION ALL SELECT s.id, s.cents, s.bits, s.currency, {inherited}
    FROM walk w JOIN step s ON s.whole = w.id WHERE NOT ({definite})
)""",
        f"""cell_0(id, cents, bits, currency, {columns}) AS (
    SELECT w.id, w.cents - COALESCE(p.cents, 0), w.bits | COALESCE(p.bits, 0), w.currency,
        {_of("w", facets)}
    FROM walk w LEFT JOIN parts p ON p.whole = w.id AND NOT ({definite})
    WHERE p.whole IS NULL OR w.cents <> p.cents OR {_combined("w.bits | p.bits")} <> w.bits
)""",
    ]
    last = "cell_0"
    for each in facets:
        if each.owner:
            before, last = last, f"cell_{each.name}"
            ctes.append(_divided(each, facets, before, last))
    return ctes, last


def _of(alias: str, facets: list[Facet]) -> str:
    return ", ".join(f"{alias}.{column}_{each.name}" for each in facets for column in "kdo")


def _combined(bits: str) -> str:
    return f"CASE WHEN {bits} IN (0, 2, 4) THEN {bits} ELSE 1 END"


def _divided(by: Facet, facets: list[Facet], before: str, after: str) -> str:
    """Each cell divided by the shares of one facet, in cents that add up to it; see `money.shared_out`."""
    columns = [f"{column}_{each.name}" for each in facets for column in "kdo"]
    kept = ", ".join(columns)
    within = ", ".join(["id", *(f"before_{each.name}" for each in facets)])
    floor = "c.cents / s.whole * s.weight + c.cents %% s.whole * s.weight / s.whole"
    fraction = "c.cents %% s.whole * s.weight %% s.whole"
    replaced = ", ".join("s.key" if column == f"k_{by.name}" else f"c.{column}" for column in columns)
    before_keys = ", ".join(f"c.k_{each.name} AS before_{each.name}" for each in facets)
    return f"""{after} AS (
    SELECT id, cents, bits, currency, {kept} FROM {before} WHERE o_{by.name} IS NULL
    UNION ALL
    SELECT id, cents + CASE WHEN place <= left_over THEN 1 ELSE 0 END, bits, currency, {kept} FROM (
        SELECT id, cents, bits, currency, {kept},
            whole_cents - SUM(cents) OVER (PARTITION BY {within}) AS left_over,
            ROW_NUMBER() OVER (PARTITION BY {within} ORDER BY fraction DESC, share_place) AS place
        FROM (
            SELECT c.id, {floor} AS cents, c.cents AS whole_cents, c.bits, c.currency,
                {_named(replaced, columns)}, {before_keys}, {fraction} AS fraction, s.place AS share_place
            FROM {before} c JOIN {by.name}_share s ON s.owner = c.o_{by.name}
        ) shares
    ) x
)"""


def _named(expressions: str, columns: list[str]) -> str:
    return ", ".join(f"{each} AS {name}" for each, name in zip(expressions.split(", "), columns, strict=True))
