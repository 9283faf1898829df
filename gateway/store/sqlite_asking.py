"""How the reads ask: on a connection of their own, with the port's error where there is no answer. Knows no table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from gateway.store.errors import StoreFailed
from gateway.store.times import moment


class Asking:
    """Look-ups on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Let several look-ups see one and the same state."""
        self._all("BEGIN")
        try:
            yield
        finally:
            self._all("COMMIT")

    def _all(self, statement: str, *values: object) -> list[Any]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StoreFailed(f"a read failed: {getattr(error, 'sqlite_errorname', type(error).__name__)}") from error

    def _one(self, statement: str, *values: object) -> Any:
        return next(iter(self._all(statement, *values)), None)

    def _value(self, statement: str, *values: object) -> Any:
        row = self._one(statement, *values)
        return None if row is None else row[0]


def maybe_moment(count: int | None) -> datetime | None:
    """Give the time in Asia/Shanghai where there is one."""
    return None if count is None else moment(count)
