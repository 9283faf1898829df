"""Everything that a gateway has for judging callers, in one: made, loaded and ended together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from gateway.access.connections import Lines
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

LOOKS: Final = 1.0


class Seconds:
    """The time of day in seconds since 1970: the clock is looked at once a second, for it costs more than the rest of a judgement."""

    def __init__(self, clock: Clock, passed: Callable[[], float]) -> None:
        self._clock = clock
        self._passed = passed
        self._at = passed()
        self._told = clock.now().timestamp()

    def __call__(self) -> float:
        """Give it."""
        since = self._passed() - self._at
        if since > LOOKS:
            self._at += since
            self._told, since = self._clock.now().timestamp(), 0.0
        return self._told + since


class Door:
    """The guard, and what it works with."""

    def __init__(
        self, file: Path, placeholders: Mapping[str, str], *, kinds: Kinds, fresh: Freshness, share: float, shared: bool,
        plan: NumberPlan, store: Store, clock: Clock, spawn: Spawn, events: Events,
        passed: Callable[[], float], signers: Signers = nobody_signs,
    ) -> None:  # fmt: skip
        """Read the file of partners; raises ConfigMistakes.

        `shared`: other processes write to the store as well; `passed` counts seconds.
        """
        self.seconds = Seconds(clock, passed)
        self._store = store
        self._spawn = spawn
        self._events = events
        self.quotas = Quotas(share)
        self.lines = Lines(share)
        self.refusals = Refusals(clock, self._keep)
        self.used = Used(ReplayWindow(), store, clock, spawn, events, shared=shared)
        self.guard = Gatekeeper(
            kinds=kinds, fresh=fresh, used=self.used, quotas=self.quotas, lines=self.lines, refusals=self.refusals, plan=plan,
            seconds=self.seconds, signers=signers,
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
