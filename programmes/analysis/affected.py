"""The budget lines that may count otherwise since something was written: those of its programmes, and all linked to
them in any way. No other line holds their money, or has its money held by them, before or after."""

from programmes.models import Budget
from tracker.records import views
from tracker.records.carried import Written

LINKS = Budget.LINKS_WHOLES


def affected_lines(written: Written, most: int) -> str:
    """A statement for their keys; for some more than `most` of them where they are more."""
    table, versions = views.table(Budget), views.table(Budget.history.model)
    changed = written.keys(Budget)
    before = " ".join(f"UNION SELECT {link}_id FROM {versions} WHERE id IN ({changed})" for link in LINKS)  # noqa: S608
    targets = " ".join(f"WHEN {place} THEN b.{link}_id" for place, link in enumerate(LINKS))
    places = " UNION ALL ".join(f"SELECT {place} AS place" for place in range(len(LINKS) + 1))
    touches = " OR ".join(f"b.{link}_id = l.id" for link in LINKS)
    return f"""
        WITH RECURSIVE changed(id) AS (
            SELECT id FROM {table} WHERE programme_id IN ({", ".join(map(str, written.wholes)) or "NULL"})
            UNION {changed} {before}
        ),
        linked(id) AS (
            SELECT id FROM changed
            UNION SELECT CASE way.place {targets} ELSE b.id END
            FROM linked l JOIN {table} b ON b.id = l.id OR {touches} CROSS JOIN ({places}) way
        )
        SELECT id FROM linked WHERE id IS NOT NULL LIMIT {most + 1}
    """  # noqa: S608 - our own names, and keys
