"""The port's reads of who drives which run: what a process is to take up, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from gateway.engine.ports import AuditKept, Parked
from gateway.errors import PARTNER_AWAY
from gateway.store.documents import read_matter
from gateway.store.sql_asking import Asking, maybe_moment
from gateway.store.times import micros, moment

_OPEN = " FROM runs INDEXED BY runs_open WHERE state <> 'ended' AND state = "
_RUNNING = f"SELECT serial, id{_OPEN}'running' AND owner = ?"
_HAS_SIGNAL = (
    " AND (SELECT 1 FROM signals AS g JOIN steps AS s ON s.run_id = g.run_id AND s.name = g.step"
    " WHERE g.run_id = runs.id AND s.reply IS NULL LIMIT 1) IS NOT NULL"
)
_SIGNALLED = f"SELECT serial, id{_OPEN}'waiting' AND owner = ?{_HAS_SIGNAL}"
_ANSWERED = f"SELECT serial, id{_OPEN}'stuck' AND owner = ? AND code = {PARTNER_AWAY.code}{_HAS_SIGNAL}"
_DUE = f"SELECT wake_at, serial, id{_OPEN}'waiting' AND owner = ? AND wake_at <= ? ORDER BY wake_at, serial LIMIT ?"
_DEAD = "SELECT owner FROM leases WHERE until <= now_micros() AND owner <> ?"
_AUDIT = "SELECT at, who, act, subject, why, outcome FROM audit ORDER BY seq DESC LIMIT ?"
_AUDIT_OF = "SELECT at, who, act, subject, why, outcome FROM audit WHERE subject = ? ORDER BY seq DESC LIMIT ?"


class OwnerReads(Asking):
    """The port's reads of this subject.

    They ask for one owner after the other: each question is a look-up by the index then, however many runs wait, which no database sees
    to by itself when it is asked for all at once.
    """

    async def interrupted_runs(self, owner: str) -> list[str]:
        return self._interrupted([owner], _RUNNING, _ANSWERED, _SIGNALLED)

    async def running_runs(self, owner: str) -> list[str]:
        return self._interrupted([owner], _RUNNING, _ANSWERED)

    async def abandoned_runs(self, owner: str) -> list[str]:
        return self._interrupted(self._dead(owner), _RUNNING, _ANSWERED, _SIGNALLED)

    def _interrupted(self, owners: Sequence[str], *texts: str) -> list[str]:
        found = self._together(*((text, (owner,)) for owner in owners for text in texts))
        return [run_id for _, run_id in sorted(chain.from_iterable(found))]

    def _dead(self, owner: str) -> list[str]:
        return [other for (other,) in self._all(_DEAD, owner)]

    async def due_runs(self, now: datetime, limit: int, owner: str) -> list[str]:
        found = self._together(*((_DUE, (one, micros(now), limit)) for one in (owner, *self._dead(owner))))
        return [run_id for _, _, run_id in sorted(chain.from_iterable(found))[:limit]]

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
