"""Used credentials beyond one process: what is marked is written to the store, so that neither a restart nor a second process forgets it.

Who owns the store alone looks into its own memory; what it marks is written behind, before anything that the message leads to. Where
other processes share the store, a message waits until its mark is written: of two that bring the same token one is refused, and two
processes cannot both be right. Why: docs/decisions/0026.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from gateway.access.replay import Mark, ReplayWindow
from gateway.engine.ports import (
    Clock,
    DuplicateRequest,
    Spawn,
    Store,
    StoreFailed,
    TokensForgotten,
    TokensKept,
    TokenUsed,
)
from gateway.engine.wiring import Events
from gateway.errors import BUSY, REPLAYED
from gateway.soap.faults import Security, Side, SoapFault

EVERY: Final = 5.0
"""Seconds between two looks for marks that have ended: few at a time, so that the writer is held up by none."""


class Used:
    """What this process, and who shares its store, has taken."""

    def __init__(
        self, window: ReplayWindow, store: Store, clock: Clock, spawn: Spawn, events: Events, *, shared: bool
    ) -> None:
        """`shared`: other processes write to the store as well."""
        self._window = window
        self._store = store
        self._clock = clock
        self._spawn = spawn
        self._events = events
        self._shared = shared
        self._fresh: list[Mark] = []
        """What this turn of the reactor has taken."""
        self._cancel: Callable[[], None] | None = None

    async def load(self) -> None:
        """Remember what was taken before this process began; raises StoreFailed."""
        rows = [] if self._shared else await self._store.used_tokens(self._clock.now())
        self._window.load((row.mark, row.until.timestamp()) for row in rows)
        if rows:
            self._look_later()

    def take(self, mark: Mark, now: float) -> None:
        """Mark credentials here; raises SoapFault where they were used, or where there is no room for more."""
        window = self._window
        if window.full:
            window.forget(now)
            if window.full:
                raise SoapFault(BUSY, Side.RECEIVER, retry_after=5)
        if not window.take(*mark):
            raise replayed()
        if self._cancel is None:
            self._look_later()

    def keep(self, marks: Sequence[Mark]) -> Awaitable[None] | None:
        """Have marks of an admitted message written; gives what it must wait for, and that raises SoapFault."""
        if self._shared:
            rows = [TokenUsed(mark, datetime.fromtimestamp(until, UTC)) for mark, until in marks]
            return self._written(self._store.commit(rows))
        first = not self._fresh
        self._fresh += marks
        if first:
            self._spawn(self._write_behind(self._store.commit_late(self._drained)))
        return None

    def _drained(self) -> Sequence[TokensKept]:
        fresh, self._fresh = self._fresh, []
        return [TokensKept(tuple(fresh))]

    def stop(self) -> None:
        """Forget nothing any more: the store is about to close."""
        if self._cancel is not None:
            self._cancel()

    async def _written(self, written: Awaitable[None]) -> None:
        try:
            await written
        except DuplicateRequest:
            raise replayed() from None
        except StoreFailed as failure:
            self._events("store.failed", error=failure)
            raise SoapFault(BUSY, Side.RECEIVER, retry_after=5) from None

    async def _write_behind(self, written: Awaitable[None]) -> None:
        """A store that does not write takes no order either, so nothing can be done twice for a mark that is lost with it."""
        try:
            await written
        except (StoreFailed, DuplicateRequest) as failure:
            self._events("store.failed", error=failure)

    def _look_later(self) -> None:
        self._cancel = self._clock.call_later(EVERY, self._look)

    def _look(self) -> None:
        now = self._clock.now()
        self._window.forget(now.timestamp())
        self._spawn(self._write_behind(self._store.commit([TokensForgotten(now)])))
        self._cancel = None
        if len(self._window):
            self._look_later()


def replayed() -> SoapFault:
    """Make the refusal of credentials that were used before."""
    return SoapFault(REPLAYED, security=Security.INVALID_SECURITY)
