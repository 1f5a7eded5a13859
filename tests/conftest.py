"""What every test shares."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.utils import translation

from programmes.imports.fixtures import files_in, load


def pytest_report_header() -> str:
    """Name the database at the top of each run."""
    return f"database: {connection.vendor}"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever language a request before it asked for."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def portfolio_rows(django_db_setup: None, django_db_blocker: Any) -> list[models.Model]:
    """Every row of the fixtures, history included: loaded once as a user would, remembered, and taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(files_in(settings.BASE_DIR / "fixtures"))
        rows = [row for model in _models() for row in model._base_manager.order_by("pk")]
        transaction.set_rollback(True)
    return rows


@pytest.fixture(scope="module")
def portfolio_for_module(portfolio_rows: list[models.Model], django_db_blocker: Any) -> Iterator[None]:
    """The portfolio, there for all tests of a module and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        with connection.constraint_checks_disabled():
            for model in _models():
                model._base_manager.bulk_create([row for row in portfolio_rows if type(row) is model])
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def portfolio(portfolio_for_module: None, db: None) -> None:
    """The reference data and the seed portfolio. For modules whose every test wants them."""


def _models() -> list[type[models.Model]]:
    """The models of our two applications and their histories, in an order in which rows can be inserted."""
    return [model for label in ("countries", "programmes") for model in apps.get_app_config(label).get_models()]
