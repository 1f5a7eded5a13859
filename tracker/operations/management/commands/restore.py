"""The command that restores a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from tracker.operations.backup.restoring import restore
from tracker.operations.backup.tables import BackupError


class Command(BaseCommand):
    """`manage.py restore FILE`: into a database that `migrate` has made, of either kind; identical, or not at all."""

    help = "Fill an empty database from a backup, in one transaction, and check that both are the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what manage.py backup has written")
        parser.add_argument("--replace", action="store_true", help="delete all that the database holds now")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the name of the database in the settings")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore(options["file"], options["database"], replace=options["replace"])
        except BackupError as error:
            raise CommandError(f"Nothing was changed. {error}") from error
        rows = sum(table.rows for table in manifest.tables)
        self.stdout.write(f"{rows} rows of {len(manifest.tables)} tables are as they were on {manifest.made_at}.")
        self.stdout.write(manifest.fingerprint)
