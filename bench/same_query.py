"""The statement by which our CSV of budget lines is made, all of it at once: `python -m bench.same_query` prints it."""

import os

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()

from typing import Any

from django.db import connection

from programmes.reports.budget_lines import BudgetLines
from tracker.records.past import reading


def same_query() -> str:
    """What the report asks of PostgreSQL for the public, with its values, as one part."""
    operations: Any = connection.ops
    report = BudgetLines()
    with reading(public=True):
        return str(operations.compose_sql(*report.statement(report.table(report.selection))))


if __name__ == "__main__":
    print(same_query())
