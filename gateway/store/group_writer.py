"""Group commit: one thread, and one transaction for all commits that gathered while the last one ran.

Knows no table and no reactor. No timer and no added delay: alone, a commit is written at once; under load, groups grow
by themselves. A commit that is refused takes no other with it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from msgspec import MsgspecError

from gateway.engine.ports import DuplicateRequest, ItemLocked
from gateway.store.checkpoints import Checkpoints
from gateway.store.errors import StoreFailed
from gateway.store.promise import Promise

Row = TypeVar("Row")

MAX_GROUP = 512
"""Commits in one transaction: the first of a group waits for the last."""

IDLE = 0.2
"""Seconds without a commit after which the log is folded into the database: nobody waits for it then."""

BAD_ROW = (sqlite3.Error, MsgspecError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a row that cannot be stored makes the driver or the encoding raise."""


class GroupWriter(Generic[Row]):
    """Writes commits to `connection`, which is its own from now on, in the order in which they were submitted."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        write: Callable[[Row], None],
        *,
        settle: Callable[[Callable[[], None]], None],
        checkpoints: Checkpoints,
    ) -> None:
        """Start the thread. `write` writes one row; `settle` has an act run where promises may be settled."""
        self._connection = connection
        self._execute = connection.cursor().execute
        self._write = write
        self._settle = settle
        self._checkpoints = checkpoints
        self._queue: SimpleQueue[tuple[Promise, Sequence[Row]] | None] = SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, promise: Promise, rows: Sequence[Row]) -> None:
        """Hand over a commit; `promise` is settled when it is on disk or refused. May be called from any thread."""
        self._queue.put((promise, rows))
        if self._ended:
            self._refuse_rest()

    @property
    def ended(self) -> bool:
        """Whether the thread is gone, by `close` or by an error: nothing can be written any more."""
        return self._ended

    def close(self) -> None:
        """Write what was submitted, then end the thread; later commits are refused with StoreFailed."""
        self._queue.put(None)
        self._thread.join()

    # ---- the writer thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        if hasattr(os, "SCHED_BATCH"):
            # Being woken must not take the processor from the reactor's thread: on one core that costs a fifth of all orders.
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        try:
            while group := self._next_group():
                self._write_group(group)
                self._checkpoints.wrote()
        finally:  # however it ends, nobody waits for ever
            self._ended = True
            self._refuse_rest()
            self._checkpoints.close()

    def _next_group(self) -> list[tuple[Promise, Sequence[Row]]]:
        """Take all that is there; wait if nothing is. Gives nothing at the end."""
        group: list[tuple[Promise, Sequence[Row]]] = []
        entry = self._first()
        while entry is not None:
            group.append(entry)
            if len(group) == MAX_GROUP or self._queue.empty():
                return group
            entry = self._queue.get()
        if group:
            self._queue.put(None)  # the end comes after this group
        return group

    def _first(self) -> tuple[Promise, Sequence[Row]] | None:
        try:
            return self._queue.get(timeout=IDLE)
        except Empty:
            self._checkpoints.idle()
            return self._queue.get()

    def _write_group(self, group: Sequence[tuple[Promise, Sequence[Row]]]) -> None:
        outcomes: list[tuple[Promise, Exception | None]]
        outcomes = [(promise, StoreFailed("the writer has failed")) for promise, _ in group]
        try:
            outcomes = self._commit(group)
        finally:  # something unforeseen ends the thread, but leaves nobody waiting
            self._settle(partial(_settle_all, outcomes))

    def _commit(self, group: Sequence[tuple[Promise, Sequence[Row]]]) -> list[tuple[Promise, Exception | None]]:
        """Write a group in one transaction; if the transaction itself fails, so do all of its commits.

        Nearly always nothing is refused: the group is first written without savepoints, which are a third of its statements. If
        anything is, the transaction is rolled back and written again, each commit in a savepoint of its own.
        """
        try:
            self._execute("BEGIN IMMEDIATE")
            if not self._all_written(group):
                self._execute("ROLLBACK")
                self._execute("BEGIN IMMEDIATE")
                outcomes = [(promise, self._commit_one(rows)) for promise, rows in group]
            else:
                outcomes = [(promise, None) for promise, _ in group]
            self._execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            return [(promise, _failure("the transaction was not written", error)) for promise, _ in group]
        return outcomes

    def _all_written(self, group: Sequence[tuple[Promise, Sequence[Row]]]) -> bool:
        """Write every row; False if one of them was refused."""
        try:
            for _, rows in group:
                for row in rows:
                    self._write(row)
        except (DuplicateRequest, ItemLocked, StoreFailed):
            return False
        except BAD_ROW:
            if not self._connection.in_transaction:
                raise  # a full disk or the like: SQLite has rolled the whole group back
            return False
        return True

    def _commit_one(self, rows: Sequence[Row]) -> Exception | None:
        """Write one commit inside the group's transaction, or give what is wrong with it and leave no trace of it."""
        self._execute("SAVEPOINT one")
        try:
            for row in rows:
                self._write(row)
        except (DuplicateRequest, ItemLocked, StoreFailed) as refusal:
            outcome: Exception | None = refusal
        except BAD_ROW as error:
            if not self._connection.in_transaction:
                raise  # a full disk or the like: SQLite has rolled the whole group back
            outcome = _failure("a row was not written", error)
        else:
            outcome = None
        if outcome is not None:
            self._execute("ROLLBACK TO one")
        self._execute("RELEASE one")
        return outcome

    def _refuse_rest(self) -> None:
        while True:
            try:
                entry = self._queue.get_nowait()
            except Empty:
                return
            if entry is not None:
                entry[0].fail(StoreFailed("the store is closed"))


def _settle_all(outcomes: Sequence[tuple[Promise, Exception | None]]) -> None:
    for promise, error in outcomes:
        if error is None:
            promise.succeed()
        else:
            promise.fail(error)


def _failure(what: str, cause: Exception) -> StoreFailed:
    """Name the cause by its class or SQLite's code: its text may hold stored input."""
    name = getattr(cause, "sqlite_errorname", None) or type(cause).__name__
    failure = StoreFailed(f"{what}: {name}")
    failure.__cause__ = cause
    return failure
