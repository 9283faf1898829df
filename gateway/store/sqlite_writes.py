"""Runs the statements of rows on SQLite, one after the other. Knows no table and no transaction: the writer begins and ends them."""

from __future__ import annotations

import sqlite3

from gateway.engine.ports import Write
from gateway.store.sql_writes import SqlWrites


class SqliteWrites:
    """Writes rows through one cursor."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._execute = cursor.execute
        self._calls = SqlWrites().calls

    def write(self, row: Write) -> None:
        """Write one row; raises DuplicateRequest, ItemLocked, Outdated, StoreFailed, or what the driver raises."""
        for statement, values in self._calls(row):
            try:
                self._execute(statement.text, values)
            except sqlite3.IntegrityError as error:
                if statement.taken is not None and error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                    raise statement.taken() from error
                raise
            if statement.missed is not None and self._cursor.rowcount == 0:
                raise statement.missed()
