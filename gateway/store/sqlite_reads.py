"""The reads of the port on SQLite: on a connection of their own, with the port's error where there is no answer."""

from __future__ import annotations

import sqlite3
from typing import Any

from gateway.store.errors import StoreFailed
from gateway.store.sql_asking import Query
from gateway.store.sql_reads import SqlReads


class SqliteReads(SqlReads):
    """Look-ups on one connection. They block for the microseconds of a look-up and never wait for the writer."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._reserved = 0

    async def reserve_serials(self, count: int) -> int:
        """Count in memory: the file has one owner."""
        first: int = max(self._reserved, self._value("SELECT max(serial) FROM runs") or 0) + 1
        self._reserved = first + count - 1
        return first

    def _together(self, *queries: Query) -> list[list[Any]]:
        self._all("BEGIN")
        try:
            return [self._all(statement, *values) for statement, values in queries]
        finally:
            self._all("COMMIT")

    def _all(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreFailed(f"a read failed: {getattr(error, 'sqlite_errorname', type(error).__name__)}") from error
