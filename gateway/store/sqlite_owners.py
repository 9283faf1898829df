"""The rows that say which process drives a run, and what people did by hand, as the statements that write them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from gateway.engine.ports import AuditKept, Fenced, Holding, LeaseKept, LeaseLeft, LeaseTaken, RunResumed, RunTaken
from gateway.store.sqlite_rows import Kinds, Rows
from gateway.store.times import micros

FOR_EVER = 1 << 62
"""Microseconds: the end of a lease that nobody can contest."""


class OwnerRows(Rows):
    """Writes leases and fences, and the audit log."""

    def __init__(self, cursor: sqlite3.Cursor, now: Callable[[], float]) -> None:
        """Leases are judged by `now`, in seconds since 1970."""
        super().__init__(cursor)
        self._now = now

    @property
    def kinds(self) -> Kinds:
        """How to write each kind of row of this subject."""
        return {
            LeaseTaken: self._lease_taken,
            LeaseKept: self._lease_kept,
            LeaseLeft: self._lease_left,
            RunTaken: self._run_taken,
            Holding: self._holding,
            RunResumed: self._run_resumed,
            AuditKept: self._audit_kept,
        }

    def _until(self, seconds: float) -> int:
        return int(min((self._now() + seconds) * 1e6, FOR_EVER))

    def _lease_taken(self, row: LeaseTaken) -> None:
        self._execute(
            "INSERT OR REPLACE INTO leases (owner, token, until) VALUES (?, ?, ?)",
            (row.owner, row.token, self._until(row.seconds)),
        )

    def _lease_kept(self, row: LeaseKept) -> None:
        self._set_lease(row.owner, row.token, self._until(row.seconds))

    def _lease_left(self, row: LeaseLeft) -> None:
        self._set_lease(row.owner, row.token, self._until(0))

    def _set_lease(self, owner: str, token: str, until: int) -> None:
        self._execute("UPDATE leases SET until = ? WHERE owner = ? AND token = ?", (until, owner, token))
        self._must_hold()

    def _run_taken(self, row: RunTaken) -> None:
        self._execute(
            "UPDATE runs SET state = 'running', owner = ?, fence = fence + 1, wake_at = NULL, note = ''"
            " WHERE id = ? AND fence = ? AND (state = 'waiting' OR state = 'running' AND (owner = ?"
            " OR owner IN (SELECT owner FROM leases WHERE until <= ?)))",
            (row.owner, row.run_id, row.fence, row.owner, self._until(0)),
        )
        self._must_hold()

    def _holding(self, row: Holding) -> None:
        if self._execute("SELECT 1 FROM runs WHERE id = ? AND fence = ?", (row.run_id, row.fence)).fetchone() is None:
            raise Fenced

    def _run_resumed(self, row: RunResumed) -> None:
        self._execute(
            "UPDATE runs SET state = 'waiting', owner = ?, fence = fence + 1, wake_at = ?, attempts = 0, code = 0, note = '',"
            " ended_at = NULL WHERE id = ? AND fence = ? AND state = 'stuck'",
            (row.owner, micros(row.at), row.run_id, row.fence),
        )
        self._must_hold()

    def _audit_kept(self, row: AuditKept) -> None:
        self._execute(
            "INSERT INTO audit (at, who, act, subject, why, outcome) VALUES (?, ?, ?, ?, ?, ?)",
            (micros(row.at), row.who, row.act, row.subject, row.why, row.outcome),
        )

    def _must_hold(self) -> None:
        if self._cursor.rowcount == 0:
            raise Fenced
