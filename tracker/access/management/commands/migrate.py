"""`manage.py migrate`: Django's, with what follows the tables: the index of words, what is published, and the roles."""

from collections.abc import Iterable
from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.executor import MigrationExecutor

from tracker.access.roles import make_roles
from tracker.records.ngrams import indexing
from tracker.records.views import publishing, unpublishing


class Command(DjangoCommand):
    """Takes the views away before tables change. Until they are there again the public reads nothing, on PostgreSQL."""

    def handle(self, *args: Any, **options: Any) -> None:
        ours = options["database"] == DEFAULT_DB_ALIAS and not (options["plan"] or options["check_unapplied"])
        if ours and (options["app_label"] or not is_up_to_date()):
            publish(unpublishing())
        super().handle(*args, **options)
        if ours and is_up_to_date():
            run(indexing())
            publish(publishing())
            make_roles()


def publish(statements: Iterable[str]) -> None:
    """Execute the statements, all or none. SQLite keeps no such views."""
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        run(statements)


def run(statements: Iterable[str]) -> None:
    """Execute the statements, all or none."""
    with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def is_up_to_date() -> bool:
    """Whether the tables are those of the models; not so after going back to an earlier migration."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
