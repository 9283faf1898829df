"""Group commit: one thread, and one transaction for all commits that gathered while the last one ran.

Knows no table and no reactor. No timer and no added delay: alone, a commit is written at once; under load, groups grow
by themselves; whoever submits several commits at once can have them in one (`submit_all`). A commit that is refused
takes no other with it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from msgspec import MsgspecError

from gateway.engine.ports import DuplicateRequest, Fenced, ItemLocked, Outdated
from gateway.store.checkpoints import Checkpoints
from gateway.store.errors import StoreFailed
from gateway.store.promise import Promise

Row = TypeVar("Row")
Commit = tuple[Promise, Sequence[Row]]

MAX_GROUP = 512
"""Commits after which a transaction takes no further ones: the first of a group waits for the last."""

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
        self._queue: SimpleQueue[Sequence[Commit[Row]] | None] = SimpleQueue()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, promise: Promise, rows: Sequence[Row]) -> None:
        """Hand over a commit; `promise` is settled when it is on disk or refused. May be called from any thread."""
        self.submit_all([(promise, rows)])

    def submit_all(self, commits: Sequence[Commit[Row]]) -> None:
        """Hand over one or more commits, to be written in their order and in one transaction; else as `submit`."""
        self._queue.put(commits)
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
        try:
            _leave_processor_to_others()
            while group := self._next_group():
                self._write_group(group)
                self._checkpoints.wrote()
        finally:  # however it ends, nobody waits for ever
            self._ended = True
            self._refuse_rest()
            self._checkpoints.close()

    def _next_group(self) -> list[Commit[Row]]:
        """Take all that is there; wait if nothing is. Gives nothing at the end."""
        group: list[Commit[Row]] = []
        commits = self._first()
        while commits is not None:
            group += commits
            if len(group) >= MAX_GROUP or self._queue.empty():
                return group
            commits = self._queue.get()
        if group:
            self._queue.put(None)  # the end comes after this group
        return group

    def _first(self) -> Sequence[Commit[Row]] | None:
        try:
            return self._queue.get(timeout=IDLE)
        except Empty:
            self._checkpoints.idle()
            return self._queue.get()

    def _write_group(self, group: Sequence[Commit[Row]]) -> None:
        outcomes: Sequence[tuple[Promise, Exception | None]] | None = None
        try:
            outcomes = self._commit(group)
        finally:  # something unforeseen ends the thread, but leaves nobody waiting
            if outcomes is None:
                outcomes = [(promise, StoreFailed("the writer has failed")) for promise, _ in group]
            self._settle(partial(_settle_all, outcomes))

    def _commit(self, group: Sequence[Commit[Row]]) -> list[tuple[Promise, Exception | None]]:
        """Write a group in one transaction; if the transaction itself fails, so do all of its commits.

        Nearly always nothing is refused: the group is first written without savepoints, which are a quarter of its statements. If
        anything is, the transaction is rolled back and written again, each commit in a savepoint of its own.
        """
        try:
            self._execute("BEGIN IMMEDIATE")
            refusal = self._write_rows(chain.from_iterable(rows for _, rows in group))
            if refusal is None:
                self._execute("COMMIT")
                return [(promise, None) for promise, _ in group]
            self._execute("ROLLBACK")
            if len(group) == 1:
                return [(group[0][0], refusal)]
            self._execute("BEGIN IMMEDIATE")
            outcomes = [(promise, self._commit_one(rows)) for promise, rows in group]
            self._execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._execute("ROLLBACK")
            return [(promise, _failure("the transaction was not written", error)) for promise, _ in group]
        return outcomes

    def _commit_one(self, rows: Sequence[Row]) -> Exception | None:
        """Write one commit inside the group's transaction, or give what is wrong with it and leave no trace of it."""
        self._execute("SAVEPOINT one")
        refusal = self._write_rows(rows)
        if refusal is not None:
            self._execute("ROLLBACK TO one")
        self._execute("RELEASE one")
        return refusal

    def _write_rows(self, rows: Iterable[Row]) -> Exception | None:
        """Write rows up to the first that cannot be written; give what is wrong with it."""
        try:
            for row in rows:
                self._write(row)
        except (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed) as refusal:
            return refusal
        except BAD_ROW as error:
            if not self._connection.in_transaction:
                raise  # a full disk or the like: SQLite has rolled the whole group back
            return _failure("a row was not written", error)
        return None

    def _refuse_rest(self) -> None:
        while True:
            try:
                commits = self._queue.get_nowait()
            except Empty:
                return
            for promise, _ in commits or ():
                promise.fail(StoreFailed("the store is closed"))


def _leave_processor_to_others() -> None:
    """Keep this thread, when it is woken, from taking the processor away from the one that woke it.

    On one core that would happen at each commit, most of them in the middle of the reactor's work: it cost a fifth of all
    orders.
    """
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):  # a sandbox may forbid it: then it is only slower
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


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
