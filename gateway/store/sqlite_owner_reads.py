"""The port's reads of who drives which run: what a process is to take up, and what waits for a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

from gateway.engine.ports import AuditKept, Parked
from gateway.store.documents import read_matter
from gateway.store.sqlite_asking import Asking, maybe_moment
from gateway.store.times import micros, moment

_INTERRUPTED = (
    "SELECT id FROM runs INDEXED BY runs_open WHERE state <> 'ended' AND (state = 'running' OR state = 'waiting' AND EXISTS ("
    " SELECT 1 FROM signals AS g JOIN steps AS s ON s.run_id = g.run_id AND s.name = g.step"
    " WHERE g.run_id = runs.id AND s.reply IS NULL)) AND owner "
)
_LEFT = "IN (SELECT owner FROM leases WHERE until <= ? AND owner <> ?)"
_MINE = _INTERRUPTED + "= ? ORDER BY serial"
_ABANDONED = _INTERRUPTED + _LEFT + " ORDER BY serial"
_DUE = (
    "SELECT id FROM runs WHERE state <> 'ended' AND state = 'waiting' AND wake_at <= ? AND (owner = ? OR owner"
    " IN (SELECT owner FROM leases WHERE until <= ? AND owner <> ?)) ORDER BY wake_at, serial LIMIT ?"
)
_AUDIT = "SELECT at, who, act, subject, why, outcome FROM audit ORDER BY seq DESC LIMIT ?"
_AUDIT_OF = "SELECT at, who, act, subject, why, outcome FROM audit WHERE subject = ? ORDER BY seq DESC LIMIT ?"


class OwnerReads(Asking):
    """The port's reads of this subject."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], float]) -> None:
        """Leases are judged by `now`, in seconds since 1970."""
        super().__init__(connection)
        self._seconds = now
        self._reserved = 0

    async def interrupted_runs(self, owner: str) -> list[str]:
        return [run_id for (run_id,) in self._all(_MINE, owner)]

    async def abandoned_runs(self, owner: str) -> list[str]:
        return [run_id for (run_id,) in self._all(_ABANDONED, self._now(), owner)]

    def _now(self) -> int:
        return int(self._seconds() * 1e6)

    async def due_runs(self, now: datetime, limit: int, owner: str) -> list[str]:
        rows = self._all(_DUE, micros(now), owner, self._now(), owner, limit)
        return [run_id for (run_id,) in rows]

    async def next_wake(self, owner: str) -> datetime | None:
        return maybe_moment(
            self._value("SELECT min(wake_at) FROM runs WHERE state <> 'ended' AND state = 'waiting' AND owner = ?", owner)
        )

    async def reserve_serials(self, count: int) -> int:
        """Count in memory: the file has one owner."""
        first: int = max(self._reserved, self._value("SELECT max(serial) FROM runs") or 0) + 1
        self._reserved = first + count - 1
        return first

    async def parked_runs(self, limit: int) -> list[Parked]:
        rows = self._all(
            "SELECT r.id, o.doc, r.note, r.code, r.ended_at FROM runs AS r INDEXED BY runs_open JOIN orders AS o ON o.id = r.id"
            " WHERE r.state <> 'ended' AND r.state = 'stuck' ORDER BY r.ended_at, r.serial LIMIT ?",
            limit,
        )
        return [Parked(run_id, read_matter(doc), note, code, moment(at)) for run_id, doc, note, code, at in rows]

    async def audit(self, subject: str, limit: int) -> list[AuditKept]:
        rows = self._all(_AUDIT_OF, subject, limit) if subject else self._all(_AUDIT, limit)
        return [AuditKept(moment(at), who, act, of, why, outcome) for at, who, act, of, why, outcome in rows]
