"""The command that writes a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from tracker.operations.backup import archive
from tracker.operations.backup.tables import BackupError


class Command(BaseCommand):
    """`manage.py backup FILE`: all that the database held at one instant, while others go on writing."""

    help = "Write the whole database into a file from which SQLite and PostgreSQL can be restored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a file that is not there yet, such as backup.zip")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the name of the database in the settings")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = archive.write(options["file"], options["database"])
        except BackupError as error:
            raise CommandError(f"There is no backup. {error}") from error
        rows = sum(table.rows for table in manifest.tables)
        self.stdout.write(f"{rows} rows of {len(manifest.tables)} tables are in {options['file']}.")
        self.stdout.write(manifest.fingerprint)
