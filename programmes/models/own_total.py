"""What the budget lines of one programme come to, each once, as an expression that lists can be ordered by.

The definition is that of `programmes.analysis.containment`, for the selection of the programme's own lines; a property
test holds the two together.
"""

from typing import Any

from django.apps import apps
from django.db.models import DecimalField, F, Func

from tracker.records.past import indexed

CURRENCY = "EUR"

# Another line of the programme, with an amount, that by a direct link holds the money of line `l`. Lines that link to
# another are found in `indexed`, see `tracker.records.past`.
_HELD = """
    EXISTS (SELECT 1 FROM programmes_budget h WHERE h.id = l.part_of_id AND {of_it})
    OR EXISTS (
        SELECT 1 FROM {indexed} i JOIN programmes_budget h ON h.id = i.id
        WHERE i.revises_id = l.id AND h.revises_id = l.id AND {of_it}
    )
    OR EXISTS (SELECT 1 FROM programmes_budget h WHERE h.id = l.same_as_id AND h.same_as_id IS NULL AND {of_it})
"""

# That no link leads on from it, so that nothing else can hold its money.
_ALONE = """
    l.part_of_id IS NULL AND l.same_as_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM {indexed} h WHERE h.same_as_id = l.id)
    AND NOT EXISTS (SELECT 1 FROM {indexed} h WHERE h.revises_id = l.id)
"""

# One step of a way `at` a line: to what it is part of (kind 1), the same as (2, 3: from either of the two), or replaced
# by (4). It reads the few lines that are linked to this one, by index; HOLDER is where it leads.
STEP = """
    JOIN {indexed} i ON i.id = {at} OR i.same_as_id = {at} OR i.revises_id = {at}
    JOIN programmes_budget b ON b.id = i.id
    JOIN (SELECT 1 AS kind UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4) link
        ON link.kind = 1 AND b.id = {at} AND b.part_of_id IS NOT NULL
        OR link.kind = 2 AND b.id = {at} AND b.same_as_id IS NOT NULL
        OR link.kind = 3 AND b.same_as_id = {at}
        OR link.kind = 4 AND b.revises_id = {at}
"""
HOLDER = "CASE link.kind WHEN 1 THEN b.part_of_id WHEN 2 THEN b.same_as_id ELSE b.id END"

# Such a line at the end of any way: through lines of other programmes, without amounts, or printed twice.
_HELD_FAR_AWAY = f"""
    EXISTS (
        WITH RECURSIVE way(id, same) AS (
            SELECT l.id, TRUE
            UNION
            SELECT {HOLDER}, way.same AND link.kind IN (2, 3) FROM way {STEP.format(at="way.id", indexed="{indexed}")}
        )
        SELECT 1 FROM way JOIN programmes_budget h ON h.id = way.id
        WHERE h.id <> l.id AND {{of_it}} AND (
            NOT way.same OR (h.same_as_id IS NULL AND l.same_as_id IS NOT NULL)
            OR ((h.same_as_id IS NULL) = (l.same_as_id IS NULL) AND h.id < l.id)
        )
    )
"""  # noqa: S608 - our own names
_OF_IT = "h.programme_id = l.programme_id AND h.amount IS NOT NULL"


_TOTAL = f"""(
    SELECT SUM(l.amount) FROM programmes_budget l
    WHERE l.programme_id = %(expressions)s AND l.currency = '{CURRENCY}' AND l.amount IS NOT NULL AND NOT CASE
        WHEN {_ALONE} THEN FALSE
        WHEN {_HELD.format(of_it=_OF_IT, indexed="{indexed}")} THEN TRUE
        ELSE {_HELD_FAR_AWAY.format(of_it=_OF_IT, indexed="{indexed}")}
    END
)"""  # noqa: S608 - our own names


class OwnTotal(Func):
    """The sum in euros of a programme's own budget lines, each euro once. Null where no line says an amount in euros.

    It is a number to compare by: how exact its parts are, it does not say.
    """

    output_field = DecimalField(max_digits=20, decimal_places=2, null=True)

    def __init__(self, programme: str = "pk") -> None:
        super().__init__(F(programme))

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:  # type: ignore[override]
        """The template, for whoever reads here."""
        name = indexed(apps.get_model("programmes", "Budget"))
        return super().as_sql(compiler, connection, template=_TOTAL.replace("{indexed}", name), **context)
