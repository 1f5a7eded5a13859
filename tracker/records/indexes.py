"""Indexes for the orders that lists have, and for the filters by the same columns."""

from django.db.models import Index, Q

LONGEST_NAME = 30  # of an index, to Django
IN_EVERY_RECORD = ("created_at", "modified_at", "version")


def for_orders(name: str, *fields: str) -> list[Index]:
    """One for each field by which a list of many records is sorted, with the key, by which those alike in it are.

    Read backwards it is that for the opposite direction. What is unknown is read after the rest, in both.
    """
    return [Index(fields=[field, "id"], name=f"{name}_{field}"[:LONGEST_NAME]) for field in (*IN_EVERY_RECORD, *fields)]


def for_texts(name: str, *fields: str) -> list[Index]:
    """Two for each field whose text may be long: of the records that have one, and of those that have none."""
    return [
        Index(fields=["id"], condition=condition, name=f"{name}_{kind}_{field}")
        for field in fields
        for kind, condition in (("no", Q(**{field: ""})), ("any", Q(**{f"{field}__gt": ""})))
    ]
