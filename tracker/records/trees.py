"""Records that point at their own kind (parent, part of, follows): what lies below, and no way round in a circle."""

from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connections, models
from django.utils.translation import gettext_lazy as _


def refuse_cycle(record: models.Model, field: str) -> None:
    """Raise ValidationError on `field` (code "cycle") where following it from `record` comes back to `record`."""
    steps: list[Any] = []
    at: Any = getattr(record, field)
    while at is not None and at not in steps:
        if at is record or at == record:
            path = " → ".join(str(step) for step in [record, *steps, record])
            raise ValidationError(
                {field: ValidationError(_("This leads back to itself: %(path)s."), code="cycle", params={"path": path})}
            )
        steps.append(at)
        at = getattr(at, field)


def with_descendants(queryset: models.QuerySet[Any], field: str) -> dict[int, int | None]:
    """Keys of the records of `queryset` and of everything below them, whatever the depth, in one statement.

    Each with the key of the record above it.
    """
    model = queryset.model
    connection = connections[queryset.db]
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    link = quote(model._meta.get_field(field).column)
    try:
        roots, parameters = queryset.order_by().values("pk").query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return {}
    # UNION, not UNION ALL: it ends even on a circle.
    sql = (
        f"WITH RECURSIVE below(id) AS ({roots} UNION SELECT child.{key} FROM {table} child"  # noqa: S608
        f" JOIN below ON child.{link} = below.id)"
        f" SELECT below.id, record.{link} FROM below JOIN {table} record ON record.{key} = below.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return dict(cursor.fetchall())
