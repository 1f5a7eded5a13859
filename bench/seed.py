"""Write a made-up portfolio into the database of DATABASE_URL: `python -m bench.seed --programmes 20000`."""

import argparse
import gc
import os
import sys
from contextlib import nullcontext
from random import Random

import django
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()

from bench.copies import bare, multiply
from bench.portfolio import FIRST_KEY, Portfolio
from countries.models import Country, Grouping
from programmes.imports.fixtures import files_in, load
from programmes.models import Instrument, Theme
from tracker.records.models import Record

SEED = 2017
REGION = "M49-419"  # Latin America and the Caribbean
KNOWN_SINCE = "2025-01-01 00:00:00+00:00"  # when the first version of every record was written
PATTERN = 2000  # programmes of which larger portfolios are copies
AT_A_TIME = 500  # programmes that are held in memory
BATCH = 1000  # rows in one statement, where the database takes as many


def seed(programmes: int, *, progress: bool = False) -> None:
    """Add `programmes` made-up programmes and all that belongs to them: the same ones for the same number.

    The reference data must be there. Every record has one version, of KNOWN_SINCE. Above PATTERN the database makes
    copies of that many. It asks no validation of the models: the database's constraints hold, and a test holds the
    rest by a sample. Whole or not at all. Raises IntegrityError where a made-up portfolio is there already, ValueError
    where a number above PATTERN is no multiple of it.
    """
    made_here, copies = (PATTERN, programmes // PATTERN - 1) if programmes > PATTERN else (programmes, 0)
    if made_here * (1 + copies) != programmes:
        raise ValueError(f"Above {PATTERN} it takes a multiple of that, not {programmes}.")
    portfolio = Portfolio(
        Random(SEED),
        countries=list(Country.objects.order_by("code")),
        region=list(Country.objects.members_of(Grouping.objects.get(code=REGION)).order_by("code")),
        instruments=list(Instrument.objects.order_by("code")),
        themes=list(Theme.objects.order_by("code")),
        programmes=made_here,
    )
    with transaction.atomic():
        made = 0
        while made < made_here:
            until = min(made + AT_A_TIME, made_here)
            while made < until:
                made += portfolio.grow(made_here - made)
            for model, rows in portfolio.rows.items():
                # Keys are given and are checked at the end of the transaction, so the order does not matter.
                model._default_manager.bulk_create(rows, batch_size=BATCH)
                rows.clear()
            if progress:
                print(f"\r{made:,} of {programmes:,} programmes", end="", file=sys.stderr, flush=True)
        models = list(portfolio.rows)
        with bare([*models, *(model.history.model for model in models)]) if copies else nullcontext():
            if copies:
                multiply(models, FIRST_KEY, copies)
            with connection.cursor() as cursor:
                for model in models:
                    cursor.execute(first_versions(model))
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
    if progress:
        print(file=sys.stderr)


def first_versions(model: type[Record]) -> str:
    """The statement that writes a version of each record that has none."""
    quote, versions = connection.ops.quote_name, model.history.model
    columns = ", ".join(quote(field.column) for field in model._meta.concrete_fields if not field.generated)
    table, history = quote(model._meta.db_table), quote(versions._meta.db_table)
    return (
        f"INSERT INTO {history} ({columns}, history_date, history_type, history_via)"
        f" SELECT {columns}, '{KNOWN_SINCE}', '+', 'import' FROM {table}"
        f" WHERE NOT EXISTS (SELECT 1 FROM {history} h WHERE h.id = {table}.id)"
    )


def main() -> None:
    """Make the tables, load the reference data and add the portfolio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programmes", type=int, default=1000, help="how many; 1000 where not given")
    arguments = parser.parse_args()
    call_command("migrate", verbosity=0)
    load(path for path in files_in(settings.BASE_DIR / "fixtures") if path.parent.name == "reference")
    gc.disable()  # a quarter of the time, and nothing made here goes round in a circle
    seed(arguments.programmes, progress=True)


if __name__ == "__main__":
    main()
