"""Load reference data and the first portfolio."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from countries.models import Country
from programmes.imports.documents import DocumentError
from programmes.imports.fixtures import files_in, load
from programmes.models import Programme
from tracker.records.history import WayIn, change


class Command(BaseCommand):
    """`manage.py load_fixtures [--if-empty] [FILE …]`: in one transaction; loading twice changes nothing."""

    help = "Load reference data and the portfolio from fixtures/, or the named YAML files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="YAML files; without any, all of fixtures/")
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing where there is a country or a programme already",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and (Country.objects.exists() or Programme.objects.exists()):
            self.stdout.write("The database has data already; the fixtures are left alone.")
            return
        paths = options["files"] or files_in(settings.BASE_DIR / "fixtures")
        try:
            with change(WayIn.FIXTURES):
                loaded = load(paths, self.show if options["verbosity"] else None)
        except (DocumentError, OSError) as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        if options["verbosity"]:
            self.stdout.write(
                f"\r{loaded.created} records created, {loaded.changed} changed, {loaded.unchanged} as they were."
            )

    def show(self, name: str, records: int) -> None:
        """One line that counts up on a terminal."""
        self.stdout.write(f"\r  {records:>6} records · {name:<40}", ending="")
        self.stdout.flush()
