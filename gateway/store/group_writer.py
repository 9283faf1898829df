"""Group commit: one thread, and one transaction for all commits that gathered while the last one ran.

Knows no table, no database and no reactor: what writes a group is handed in (sqlite_groups.py, postgres_groups.py). No timer and no
added delay: alone, a commit is written at once; under load, groups grow by themselves; whoever submits several commits at once can
have them in one (`submit_all`). A commit that is refused takes no other with it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

from msgspec import MsgspecError

from gateway.store.errors import StoreFailed
from gateway.store.journal import Journal
from gateway.store.promise import Promise

Row = TypeVar("Row")
Row_contra = TypeVar("Row_contra", contravariant=True)
Commit = tuple[Promise, Sequence[Row]]
Outcome = Exception | None
"""What is wrong with a commit, or nothing."""

MAX_GROUP = 512
"""Commits after which a transaction takes no further ones: the first of a group waits for the last."""

WORTH_HALVES = 16
"""Commits that are written in two halves where the callers and the database wait for each other in turn (see `Groups.elsewhere`)."""

UNFIT = (MsgspecError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a row that cannot be stored makes the encoding raise."""


class Groups(Protocol[Row_contra]):
    """What writes groups to a database; all methods are called by the writer thread."""

    def write(self, group: Sequence[Sequence[Row_contra]]) -> Sequence[Outcome]:
        """Write commits in one transaction, or in several; give what became of each. All that is written is on disk."""
        ...

    def wrote(self) -> None:
        """Do what is to be done after a group, when its callers have been told."""
        ...

    def idle(self) -> float | None:
        """Do what is to be done when nobody commits; give the seconds after which to be called again, None for not before a commit."""
        ...

    @property
    def elsewhere(self) -> bool:
        """Whether writing costs this process little, so that its callers can go on with one half while the other is written.

        Otherwise they would fall into step: all of them wait for one group, then the database for all of them.
        """
        ...

    @property
    def idle_after(self) -> float:
        """Seconds without a commit after which `idle` is called."""
        ...

    def close(self) -> None:
        """Nothing more is written."""
        ...


class GroupWriter(Generic[Row]):
    """Hands commits to `groups`, which is its own from now on, in the order in which they were submitted."""

    def __init__(self, groups: Groups[Row], *, settle: Callable[[Callable[[], None]], None], journal: Journal | None = None) -> None:
        """Start the thread. `settle` has an act run where promises may be settled; `journal` counts the groups."""
        self._journal = journal
        self._groups = groups
        self._settle = settle
        self._queue: SimpleQueue[Sequence[Commit[Row]] | None] = SimpleQueue()
        self._second_half: list[Commit[Row]] = []
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

    def wake(self) -> None:
        """Have `idle` called soon if nobody commits. May be called from any thread."""
        self._queue.put(())

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
                self._groups.wrote()
        finally:  # however it ends, nobody waits for ever
            self._ended = True
            self._refuse_rest()
            self._groups.close()

    def _next_group(self) -> list[Commit[Row]]:
        """Take all that is there; wait if nothing is. Gives nothing at the end."""
        if self._second_half:
            group, self._second_half = self._second_half, []
            return group
        in_step = self._queue.empty()
        group = []
        commits = self._first()
        while commits is not None:
            group += commits
            if len(group) >= MAX_GROUP or self._queue.empty():
                if in_step and self._groups.elsewhere and len(group) >= WORTH_HALVES:
                    group, self._second_half = group[: len(group) // 2], group[len(group) // 2 :]
                return group
            commits = self._queue.get()
        if group:
            self._queue.put(None)  # the end comes after this group
        return group

    def _first(self) -> Sequence[Commit[Row]] | None:
        wait: float | None = self._groups.idle_after
        while True:
            try:
                commits = self._queue.get(timeout=wait)
            except Empty:
                wait = self._groups.idle()
            else:
                if commits is None or commits:
                    return commits
                wait = self._groups.idle()

    def _write_group(self, group: Sequence[Commit[Row]]) -> None:
        outcomes: Sequence[Outcome] | None = None
        began = 0.0 if self._journal is None else self._journal.seconds()
        try:
            outcomes = self._groups.write([rows for _, rows in group])
            if self._journal is not None:
                self._journal.wrote(len(group), began)
        finally:  # something unforeseen ends the thread, but leaves nobody waiting
            if outcomes is None:
                outcomes = [StoreFailed("the writer has failed") for _ in group]
            self._settle(partial(_settle_all, [promise for promise, _ in group], outcomes))

    def _refuse_rest(self) -> None:
        left, self._second_half = self._second_half, []
        for promise, _ in left:
            promise.fail(StoreFailed("the store is closed"))
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


def _settle_all(promises: Sequence[Promise], outcomes: Sequence[Outcome]) -> None:
    for promise, error in zip(promises, outcomes, strict=True):
        if error is None:
            promise.succeed()
        else:
            promise.fail(error)


def failure(what: str, cause: Exception, name: str = "") -> StoreFailed:
    """Name the cause by the database's code or by its class: its text may hold stored input."""
    failed = StoreFailed(f"{what}: {name or type(cause).__name__}")
    failed.__cause__ = cause
    return failed
