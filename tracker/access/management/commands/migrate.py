"""`manage.py migrate`: Django's, with what has to follow the tables: the views of what is published, and the roles."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from tracker.access.roles import make_roles
from tracker.records.views import publishing, unpublishing


class Command(DjangoCommand):
    """Takes the views away before tables change. Until they are there again the public reads nothing, on PostgreSQL."""

    def handle(self, *args: Any, **options: Any) -> None:
        ours = options["database"] == DEFAULT_DB_ALIAS and not (options["plan"] or options["check_unapplied"])
        if ours and (options["app_label"] or not is_up_to_date()):
            run(unpublishing())
        super().handle(*args, **options)
        if ours and is_up_to_date():
            run(publishing())
            make_roles()


def run(statements: Any) -> None:
    """Execute the statements, all or none. SQLite keeps no such views."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def is_up_to_date() -> bool:
    """Whether the tables are those of the models; not so after going back to an earlier migration."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
