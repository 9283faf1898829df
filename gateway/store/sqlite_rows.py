"""What every writer of rows needs: a cursor, and a word for what is not there. Knows no table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from gateway.engine.ports import Write
from gateway.store.errors import StoreFailed

Kinds = Mapping[type[Write], Callable[[Any], None]]
"""How to write each kind of row."""


class Rows:
    """Writes rows through one cursor."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self._execute = cursor.execute

    def _must_hit(self, what: str) -> None:
        if self._cursor.rowcount == 0:
            raise StoreFailed(what)


def key_taken(error: sqlite3.IntegrityError) -> bool:
    """Whether the key is another row's, as against a row that breaks some other constraint."""
    return error.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
