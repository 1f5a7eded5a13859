"""`manage.py report`: a report as a file, with the filters of the API."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from django.utils import translation
from rest_framework.exceptions import ValidationError

from programmes.api.reports import select
from programmes.reports.base import Report
from programmes.reports.formats import FORMATS, Rows, chunks
from programmes.reports.registry import BY_ID, REPORTS
from tracker.api.errors import problem
from tracker.api.suggestions import did_you_mean
from tracker.tabular.xlsx_writer import TooManyRowsError

SECONDS_OF_SILENCE = 2


class Command(BaseCommand):
    """Writes to a file or to the standard output; what it does meanwhile stands on the standard error."""

    help = "Write a report as CSV, XLSX or JSON. Example: report budget-lines --filter country=PA --output lines.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", nargs="?", help="The report; see --list.")
        parser.add_argument("--list", action="store_true", help="List the reports there are.")
        parser.add_argument("--format", choices=FORMATS, help="Without it: as --output ends, else csv.")
        parser.add_argument("--output", type=Path, metavar="FILE", help="Without it: the standard output.")
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="As in the API, such as country=PA; may be given several times.",
        )
        parser.add_argument("--lang", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, **options: Any) -> None:
        with translation.override(options["lang"]):
            if options["list"]:
                for report in REPORTS:
                    self.stdout.write(f"{report.id:24}{report.description}")
                return
            made = self.selected(options["id"], options["filter"])
        output: Path | None = options["output"]
        kind = options["format"] or (output.suffix[1:] if output and output.suffix[1:] in FORMATS else "csv")
        try:
            self.write(chunks(made, kind, options["lang"], self.watched(made.id)), output)
        except (OSError, TooManyRowsError) as error:
            raise CommandError(str(error)) from error

    def selected(self, name: str | None, filters: list[str]) -> Report:
        """The report with the records that the filters leave."""
        if name is None:
            raise CommandError("Name a report; --list shows them.")
        if name not in BY_ID:
            raise CommandError(f"There is no report “{name}”.{did_you_mean(name, BY_ID)} See --list.")
        query = QueryDict(mutable=True)
        for each in filters:
            parameter, equals, value = each.partition("=")
            if not equals:
                raise CommandError(f"Write --filter {parameter}=VALUE.")
            query.appendlist(parameter, value)
        try:
            return select(BY_ID[name], query)
        except ValidationError as error:
            causes = problem(error, "")["errors"]
            raise CommandError("\n".join(f"{each['field']}: {each['detail']}" for each in causes)) from error

    def write(self, file: Iterator[bytes], output: Path | None) -> None:
        """Write the chunks; a file is made only once there is something to write."""
        first = next(file)
        # The bytes below the standard output: a BOM and line ends must stay as they are.
        stream = output.open("wb") if output else nullcontext(cast(Any, self.stdout)._out.buffer)
        with stream as opened:
            opened.write(first)
            opened.writelines(file)

    def watched(self, name: str) -> Callable[[Rows], Rows]:
        """Says on the standard error how many rows there are so far, whenever two seconds have passed."""

        def watch(rows: Rows) -> Rows:
            told, number = time.monotonic(), 0
            for number, row in enumerate(rows, start=1):
                if time.monotonic() - told > SECONDS_OF_SILENCE:
                    told = time.monotonic()
                    self.stderr.write(f"{name}: {number} rows so far", self.style.NOTICE)
                yield row
            self.stderr.write(f"{name}: {number} rows", self.style.NOTICE)

        return watch
