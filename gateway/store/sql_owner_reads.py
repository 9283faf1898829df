"""The port's reads of who drives which run: what a process is to take up, and what waits for a person."""

from __future__ import annotations

from datetime import datetime

from gateway.engine.ports import AuditKept, Parked
from gateway.store.documents import read_matter
from gateway.store.sql_asking import Asking, maybe_moment
from gateway.store.times import micros, moment

_INTERRUPTED = (
    "SELECT id FROM runs INDEXED BY runs_open WHERE state <> 'ended' AND (state = 'running' OR state = 'waiting' AND EXISTS ("
    " SELECT 1 FROM signals AS g JOIN steps AS s ON s.run_id = g.run_id AND s.name = g.step"
    " WHERE g.run_id = runs.id AND s.reply IS NULL)) AND owner "
)
_LEFT = "IN (SELECT owner FROM leases WHERE until <= now_micros() AND owner <> ?)"
_MINE = _INTERRUPTED + "= ? ORDER BY serial"
_ABANDONED = _INTERRUPTED + _LEFT + " ORDER BY serial"
_DUE = (
    "SELECT id FROM runs WHERE state <> 'ended' AND state = 'waiting' AND wake_at <= ? AND (owner = ? OR owner"
    " IN (SELECT owner FROM leases WHERE until <= now_micros() AND owner <> ?)) ORDER BY wake_at, serial LIMIT ?"
)
_AUDIT = "SELECT at, who, act, subject, why, outcome FROM audit ORDER BY seq DESC LIMIT ?"
_AUDIT_OF = "SELECT at, who, act, subject, why, outcome FROM audit WHERE subject = ? ORDER BY seq DESC LIMIT ?"


class OwnerReads(Asking):
    """The port's reads of this subject."""

    async def interrupted_runs(self, owner: str) -> list[str]:
        return [run_id for (run_id,) in self._all(_MINE, owner)]

    async def abandoned_runs(self, owner: str) -> list[str]:
        return [run_id for (run_id,) in self._all(_ABANDONED, owner)]

    async def due_runs(self, now: datetime, limit: int, owner: str) -> list[str]:
        rows = self._all(_DUE, micros(now), owner, owner, limit)
        return [run_id for (run_id,) in rows]

    async def next_wake(self, owner: str) -> datetime | None:
        return maybe_moment(
            self._value("SELECT min(wake_at) FROM runs WHERE state <> 'ended' AND state = 'waiting' AND owner = ?", owner)
        )

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
