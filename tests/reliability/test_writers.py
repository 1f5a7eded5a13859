"""Twenty connections that write at once, without a server between: nobody is told that the database is locked."""

from pathlib import Path

import pytest
from django.db import connection

from programmes.models import Budget, Programme
from tests.factories import BudgetFactory, ProgrammeFactory
from tests.threads import at_once, shared_database

pytestmark = pytest.mark.django_db(transaction=connection.vendor == "postgresql")

WRITERS, WRITES = 20, 4


def test_twenty_writers_all_write(tmp_path: Path) -> None:
    with shared_database(tmp_path):
        programme = ProgrammeFactory()
        lines = [BudgetFactory(programme=programme) for _ in range(WRITERS)]
        begun = Programme.objects.get().version

        def write(line: Budget) -> None:
            for number in range(WRITES):
                line.title = f"Written {number}"
                line.save()

        at_once([lambda line=line: write(line) for line in lines])
        assert set(Budget.objects.values_list("title", flat=True)) == {f"Written {WRITES - 1}"}
        assert Budget.history.filter(history_type="~").count() == WRITERS * WRITES
        assert Programme.objects.get().version == begun + WRITERS * WRITES
