"""The backend by the name that Django looks for."""

import select
from contextlib import suppress
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes connections that hold from the pool; which do is told by their sockets, and asked only where these differ.

    The pool itself would ask the server each time, which takes as long as a short statement.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection: from the pool one that holds. Raises OperationalError where there is none in time."""
        while True:
            connection = super().get_new_connection(conn_params)
            if not self.pool or _holds(connection):
                return connection
            connection.close()
            self.pool.putconn(connection)  # which replaces it


def _holds(connection: Any) -> bool:
    """Whether the server is there: on a connection that rests it says nothing, unless it hangs up or was set anew."""
    with suppress(psycopg.OperationalError):
        if not _is_silent(connection.fileno()):
            ConnectionPool.check_connection(connection)
        return True
    return False


def _is_silent(socket: int) -> bool:
    listening = select.poll()
    listening.register(socket, select.POLLIN)
    return not listening.poll(0)
