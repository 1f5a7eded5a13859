"""A database of the kind that TEST_DATABASE names, for this package alone, with a real server in front."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import environ
import pytest
from django.db import connection, connections

from bench.prepare import new_token
from bench.stages import Stage, playing, postgresql


@pytest.fixture(scope="package")
def stage(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """What is killed here is no other test's."""
    with contextlib.ExitStack() as stack, django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            path, server = tmp_path_factory.mktemp("stage") / "stage.sqlite3", None
            connection.ensure_connection()
            path.write_bytes(connection.connection.serialize())
            url = f"sqlite:///{path}"
        else:
            server = stack.enter_context(postgresql())
            url = server.get_uri()
            copy_tables(server)
        stack.enter_context(_known_as_stage(url))
        token = new_token("stage")
        connections["stage"].close()
        yield stack.enter_context(playing(Stage(url, token, server)))


def copy_tables(server: Any) -> None:
    """Those of the run's database, which are empty, to another server: far quicker than to migrate again."""
    connection.ensure_connection()
    at = connection.connection.info
    dump = subprocess.run(
        [Path(server.bin_path) / "pg_dump", "--no-owner", "--host", at.host, "--username", at.user, at.dbname],
        stdout=subprocess.PIPE,
        check=True,
    )
    target = [Path(server.bin_path) / "psql", "--quiet", "--set", "ON_ERROR_STOP=1", server.get_uri()]
    subprocess.run(target, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)


@contextlib.contextmanager
def _known_as_stage(url: str) -> Iterator[None]:
    connections.settings["stage"] = connections.settings["default"] | environ.Env.db_url_config(url)
    try:
        connections["stage"].connect()
        yield
    finally:
        connections["stage"].close()
        del connections["stage"], connections.settings["stage"]
