"""Everything that a gateway has for judging callers, in one: made, loaded and ended together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.access.guard import Gatekeeper
from gateway.access.kinds import Freshness, Kinds, Signers, nobody_signs
from gateway.access.quota import Quotas
from gateway.access.refusals import Refusals
from gateway.access.replay import ReplayWindow
from gateway.access.roster import Roster
from gateway.access.used import Used
from gateway.domain.numbers import NumberPlan
from gateway.engine.ports import AuditKept, Clock, Spawn, Store, StoreFailed
from gateway.engine.wiring import Events


class Door:
    """The guard, and what it works with."""

    def __init__(
        self, file: Path, placeholders: Mapping[str, str], *, kinds: Kinds, fresh: Freshness, share: float, shared: bool,
        plan: NumberPlan, store: Store, clock: Clock, spawn: Spawn, events: Events, signers: Signers = nobody_signs,
    ) -> None:  # fmt: skip
        """Read the file of partners; raises ConfigMistakes. `shared`: other processes write to the store as well."""
        self._store = store
        self._spawn = spawn
        self._events = events
        self.quotas = Quotas(share)
        self.refusals = Refusals(clock, self._keep)
        self.used = Used(ReplayWindow(), store, clock, spawn, events, shared=shared)
        self.guard = Gatekeeper(
            kinds=kinds, fresh=fresh, used=self.used, quotas=self.quotas, refusals=self.refusals, clock=clock, plan=plan,
            signers=signers,
        )
        self.roster = Roster(file, placeholders, kinds, self.guard, store, clock, spawn, events)

    async def load(self) -> None:
        """Learn from the store what was used and changed before; raises StoreFailed. No message may be judged before."""
        await self.used.load()
        await self.roster.load()

    def stop(self) -> None:
        """Write what is counted, and look for nothing any more; the store is closed after this."""
        self.roster.stop()
        self.used.stop()
        self.refusals.flush()

    def _keep(self, row: AuditKept) -> None:
        self._spawn(self._write(row))

    async def _write(self, row: AuditKept) -> None:
        """A line that cannot be written is told to the log: the refusal it is about has been made all the same."""
        try:
            await self._store.commit([row])
        except StoreFailed as failure:
            self._events("audit.lost", act=row.act, subject=row.subject, error=failure)
