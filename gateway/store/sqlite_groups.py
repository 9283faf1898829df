"""Writes groups of commits to a SQLite file. Knows no table and no thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import chain
from typing import Generic, TypeVar

from gateway.engine.ports import DuplicateRequest, Fenced, ItemLocked, Outdated
from gateway.store.checkpoints import Checkpoints
from gateway.store.errors import StoreFailed
from gateway.store.group_writer import UNFIT, Outcome, failure

Row = TypeVar("Row")

IDLE = 0.2
"""Seconds without a commit after which the log is folded into the database: nobody waits for it then."""


PROBE = 1.0
"""Seconds between looks whether the disk takes writes again, while it does not and nobody commits."""


class SqliteGroups(Generic[Row]):
    """Writes to `connection`, which is its own from now on."""

    idle_after = IDLE
    elsewhere = False

    def __init__(self, connection: sqlite3.Connection, write: Callable[[Row], None], checkpoints: Checkpoints) -> None:
        """`write` writes one row inside the transaction."""
        self._connection = connection
        self._execute = connection.cursor().execute
        self._write = write
        self._checkpoints = checkpoints
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """SQLite's code, such as SQLITE_FULL, where the last transaction could not be written; else empty."""
        return self._trouble

    def wrote(self) -> None:
        """Fold the log where it is time."""
        self._checkpoints.wrote()

    def idle(self) -> float | None:
        """Fold what there is; once, until the next commit, but again and again while something cannot be written.

        A gateway that is not ready gets no orders, so nothing else would show that it works again.
        """
        self._checkpoints.idle()
        self._probe()
        return PROBE if self._trouble or self._checkpoints.trouble else None

    def _probe(self) -> None:
        """Where a transaction could not be written, write one that changes nothing."""
        if not self._trouble:
            return
        version = self._execute("PRAGMA user_version").fetchone()[0]
        with suppress(sqlite3.Error):
            self._execute(f"PRAGMA user_version = {version}")
            self._trouble = ""

    def close(self) -> None:
        """Wait for what is being folded."""
        self._checkpoints.close()

    def write(self, group: Sequence[Sequence[Row]]) -> list[Outcome]:
        """Write a group in one transaction; if the transaction itself fails, so do all of its commits.

        Nearly always nothing is refused: the group is first written without savepoints, which are a quarter of its statements. If
        anything is, the transaction is rolled back and written again, each commit in a savepoint of its own.
        """
        try:
            self._execute("BEGIN IMMEDIATE")
            refusal = self._write_rows(chain.from_iterable(group))
            if refusal is None:
                self._execute("COMMIT")
                self._trouble = ""
                return [None] * len(group)
            self._execute("ROLLBACK")
            if len(group) == 1:
                return [refusal]
            self._execute("BEGIN IMMEDIATE")
            outcomes = [self._write_one(rows) for rows in group]
            self._execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CONSTRAINT:
                self._trouble = error.sqlite_errorname
            return [_failure("the transaction was not written", error) for _ in group]
        return outcomes

    def _write_one(self, rows: Sequence[Row]) -> Outcome:
        """Write one commit inside the group's transaction, or give what is wrong with it and leave no trace of it."""
        self._execute("SAVEPOINT one")
        refusal = self._write_rows(rows)
        if refusal is not None:
            self._execute("ROLLBACK TO one")
        self._execute("RELEASE one")
        return refusal

    def _write_rows(self, rows: Iterable[Row]) -> Outcome:
        """Write rows up to the first that cannot be written; give what is wrong with it."""
        try:
            for row in rows:
                self._write(row)
        except (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed) as refusal:
            return refusal
        except (sqlite3.Error, *UNFIT) as error:
            if not self._connection.in_transaction:
                raise  # a full disk or the like: SQLite has rolled the whole group back
            return _failure("a row was not written", error)
        return None


def _failure(what: str, cause: Exception) -> StoreFailed:
    return failure(what, cause, getattr(cause, "sqlite_errorname", ""))
