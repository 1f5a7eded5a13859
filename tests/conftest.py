"""What every test shares."""

import gc
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django.utils import translation

from programmes.imports.fixtures import files_in, load


def pytest_report_header() -> str:
    """Name the database at the top of each run."""
    return f"database: {connection.vendor}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that want the portfolio come last: no other test meets it, and it is loaded once."""
    items.sort(key=lambda item: "portfolio_for_the_rest" in getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """What is imported by now stays: a sixth of the run went into looking for garbage in it."""
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Close each streamed response that a test did not read to its end, as a server does. It holds a transaction."""
    streamed: list[StreamingHttpResponse] = []
    made = StreamingHttpResponse.__init__

    def remembered(self: StreamingHttpResponse, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        streamed.append(self)

    with mock.patch.object(StreamingHttpResponse, "__init__", remembered):
        try:
            return (yield)
        finally:
            for response in streamed:
                for close in response._resource_closers:
                    close()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins in English, whatever language a request before it asked for."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def kept_for_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What fixtures of a module write is there for all its tests and gone after them. Not beside the portfolio."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def portfolio_for_the_rest(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The portfolio, loaded as a user would; there from its first use until the end of the run."""
    with django_db_blocker.unblock(), transaction.atomic():
        load(files_in(settings.BASE_DIR / "fixtures"))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def portfolio(portfolio_for_the_rest: None, db: None) -> None:
    """The reference data and the seed portfolio."""
