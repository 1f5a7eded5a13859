"""The command that tells whether two databases, or a database and a backup, hold the same."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from tracker.operations.backup.archive import opened
from tracker.operations.backup.tables import BackupError, Table, fingerprint, snapshot, tables_now


class Command(BaseCommand):
    """`manage.py fingerprint [FILE]`: the same text for the same rows; table by table with `--verbosity 2`."""

    help = "Print the fingerprint of the database, or of a backup."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="a backup; without it the database")
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS, help="the name of the database in the settings")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tables = _tables(options["file"], options["database"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        if options["verbosity"] > 1:
            for table in tables:
                self.stdout.write(f"{table.sha256[:16]} {table.rows:>9} {table.name}")
        self.stdout.write(fingerprint(tables))


def _tables(path: Path | None, using: str) -> list[Table]:
    if path is not None:
        with opened(path) as (_archive, manifest):
            return manifest.tables
    with snapshot(using):
        return tables_now(using)
