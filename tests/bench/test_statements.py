"""The hand-written SQL still fits the tables, and gives what our API gives."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from bench.cases import BY_NAME
from bench.seed import seed
from bench.statements import Statements
from programmes.models import Budget, BudgetCountry

GIVEN = {"code": "MADE-UP-000001", "page": "1", "country": "PE", "theme": "SECURITY", "word": "000001"}

# Ours alone: addresses of records and pages, and what the statements put in other words.
PUBLICATION = {"publication", "published_at", "withdrawn_at"}
OURS = {"url", "next", "previous", "active", "not_stated", "created_at", "modified_at", "version", *PUBLICATION}


@pytest.fixture(autouse=True)
def made_up(portfolio: None) -> None:
    seed(20)


def rows(name: str) -> list[Any]:
    """What the statement of a case gives."""
    statement = BY_NAME[name].sql(Statements(postgresql=connection.vendor == "postgresql"))
    with connection.cursor() as cursor:
        cursor.execute(statement, GIVEN)
        return cursor.fetchall()


def document(name: str) -> Any:
    [[found]] = rows(name)
    return json.loads(found) if isinstance(found, str) else found


def answer(client: Client, name: str) -> Any:
    return client.get(BY_NAME[name].ours.format(**GIVEN)).json()


def comparable(value: Any) -> Any:
    """Without what is only ours or only theirs, in one order, numbers without zeros at the end."""
    match value:
        case dict():
            kept = {key: comparable(each) for key, each in value.items()}
            return {key: each for key, each in kept.items() if key not in OURS and not key.startswith("has_")}
        case list():
            return sorted((comparable(each) for each in value), key=json.dumps)
        case bool():
            return int(value)
        case str() if value.replace(".", "", 1).isdecimal():
            return float(value)
    return value


@pytest.mark.parametrize("name", ["list", "list, nested", "detail", "filter", "search"])
def test_statement_gives_what_the_api_gives(client: Client, name: str) -> None:
    assert comparable(document(name)) == comparable(answer(client, name))


def test_total_counts_every_line_of_every_country() -> None:
    own = BudgetCountry.objects.count()
    taking_part = sum(
        max(1, line.programme.participations.filter(status="participating").count())
        for line in Budget.objects.filter(budget_countries=None).select_related("programme")
    )

    assert sum(group["lines"] for group in document("total by country")) == own + taking_part
    assert sum(group["lines"] for group in document("total by country and year")) == own + taking_part
    assert sum(group["lines"] for group in document("total by instrument")) == Budget.objects.count()


def test_csv_has_every_line() -> None:
    assert len(rows("CSV")) == Budget.objects.count()
