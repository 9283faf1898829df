"""The rows that say which process drives a run, and what people did by hand, as the statements that write them.

Leases are judged by `now_micros()`, a function that each database has: PostgreSQL's own clock, on SQLite what the store was given.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.engine.ports import AuditKept, Fenced, Holding, LeaseKept, LeaseLeft, LeaseTaken, RunResumed, RunTaken
from gateway.store.sql_rows import Call, Kinds, Many, Statement
from gateway.store.times import LEASES_KEPT, micros

FOR_EVER = 1 << 62
"""Microseconds: the length of a lease that nobody can contest."""

TAKE_LEASE = Statement(
    "INSERT INTO leases (owner, token, until) VALUES (?, ?, now_micros() + ?)"
    " ON CONFLICT (owner) DO UPDATE SET token = excluded.token, until = excluded.until"
)
FORGET_LEASES = Statement(
    "DELETE FROM leases WHERE owner <> '' AND until <= now_micros() - ? AND NOT EXISTS (SELECT 1 FROM runs WHERE state <> 'ended'"
    " AND state IN ('running', 'waiting', 'stuck') AND runs.owner = leases.owner)"
)
KEEP_LEASE = Statement("UPDATE leases SET until = now_micros() + ? WHERE owner = ? AND token = ?", missed=Fenced)
TAKE_RUN = Statement(
    "UPDATE runs SET state = 'running', owner = ?, fence = fence + 1, wake_at = NULL, note = ''"
    " WHERE id = ? AND fence = ? AND (state = 'waiting' OR state = 'running' AND (owner = ?"
    " OR owner IN (SELECT owner FROM leases WHERE until <= now_micros())))",
    missed=Fenced,
)
HOLD_RUN = Statement(
    "SELECT 1 FROM runs WHERE id = ? AND fence = ?", missed=Fenced, locks=True,
    many=Many(
        5, "SELECT 1 FROM (VALUES ", "(?, ?::bigint)",
        ") AS new (id, fence) CROSS JOIN LATERAL (SELECT 1 FROM runs WHERE id = new.id AND fence = new.fence FOR NO KEY UPDATE) AS old",
    ),
)  # fmt: skip
RESUME_RUN = Statement(
    "UPDATE runs SET state = 'waiting', owner = ?, fence = fence + 1, wake_at = ?, attempts = 0, code = 0, note = '',"
    " ended_at = NULL WHERE id = ? AND fence = ? AND state = 'stuck'",
    missed=Fenced,
)
KEEP_AUDIT = Statement(
    "INSERT INTO audit (seq, at, who, act, subject, why, outcome, prev, hash)"
    " SELECT h.seq + 1, n.at, n.who, n.act, n.subject, n.why, n.outcome, h.hash,"
    " audit_hash(h.hash, h.seq + 1, n.at, n.who, n.act, n.subject, n.why, n.outcome)"
    " FROM (SELECT coalesce(max(seq), 0) AS seq, coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') AS hash"
    " FROM audit) AS h,"
    " (SELECT CAST(? AS BIGINT) AS at, CAST(? AS TEXT) AS who, CAST(? AS TEXT) AS act, CAST(? AS TEXT) AS subject,"
    " CAST(? AS TEXT) AS why, CAST(? AS TEXT) AS outcome) AS n"
)
"""Adds to the chain (audit_chain.py); `audit_hash` is a function that each database has."""


class OwnerRows:
    """Maps leases and fences, and the audit log."""

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

    def _lease_taken(self, row: LeaseTaken) -> Iterator[Call]:
        yield FORGET_LEASES, (_length(LEASES_KEPT),)
        yield TAKE_LEASE, (row.owner, row.token, _length(row.seconds))

    def _lease_kept(self, row: LeaseKept) -> Iterator[Call]:
        yield KEEP_LEASE, (_length(row.seconds), row.owner, row.token)

    def _lease_left(self, row: LeaseLeft) -> Iterator[Call]:
        yield KEEP_LEASE, (0, row.owner, row.token)

    def _run_taken(self, row: RunTaken) -> Iterator[Call]:
        yield TAKE_RUN, (row.owner, row.run_id, row.fence, row.owner)

    def _holding(self, row: Holding) -> Iterator[Call]:
        yield HOLD_RUN, (row.run_id, row.fence)

    def _run_resumed(self, row: RunResumed) -> Iterator[Call]:
        yield RESUME_RUN, (row.owner, micros(row.at), row.run_id, row.fence)

    def _audit_kept(self, row: AuditKept) -> Iterator[Call]:
        yield KEEP_AUDIT, (micros(row.at), row.who, row.act, row.subject, row.why, row.outcome)


def _length(seconds: float) -> int:
    return int(min(seconds * 1e6, FOR_EVER))
