"""How many rows PostgreSQL is to expect where it cannot know: by that it chooses how to join.

It knows nothing of what is in a CTE, from version 17 but of what comes from a table as it is. After each join of two it
expects hundreds of times as many rows as there are, until it plans for more than could ever be read.
"""

from typing import Any

from django.db import connections
from django.db.models import QuerySet

from programmes.models import Budget
from tracker.records import views
from tracker.records.statements import asked, expected_rows

MOST_UNTOLD = 2000  # lines for which it plans well enough, whatever it expects
KNOWS = 170000  # the version from which it knows what comes from a table
# In a statement that says how many rows to expect: that PostgreSQL is not to take that for a hint that but some of them
# are wanted, for which it would compare all with all.
HASHED = "/* joined by hashes alone */"


def to_be_told(lines: QuerySet[Budget], few: int, *, narrow: bool) -> int:
    """What the lines are not more than, where PostgreSQL has to be told; else 0.

    They are so `few` of a table made for the statement, where that is given; or all, or those of a `narrow` selection.
    """
    database: Any = connections[lines.db]
    if few:
        return few if few > MOST_UNTOLD else 0
    if database.vendor != "postgresql" or database.pg_version >= KNOWS:
        return 0
    return 0 if narrow and expected_rows(lines) <= MOST_UNTOLD else _span()


def _span() -> int:
    """By their keys: what all lines that are held now, or were ever, are not more than."""
    spans = (
        f"SELECT MAX(id) - MIN(id) + 1 AS number FROM {views.table(kind)}"  # noqa: S608
        for kind in (Budget, Budget.history.model)
    )
    ((number,),) = asked(f"SELECT MAX(number) FROM ({' UNION ALL '.join(spans)}) AS spans", {})  # noqa: S608
    return int(number or 0)


def limit(most: int) -> str:
    """A LIMIT that cuts nothing off, and tells that there are no more rows than that; empty for 0.

    It says more: so few statements differ, and none is wrong for what others write meanwhile.
    """
    return f"LIMIT {max(1000, 1 << (2 * most).bit_length())}" if most else ""
