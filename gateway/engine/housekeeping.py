"""What is done when there is little else to do: ended runs go to the archive, old requests and archives are forgotten.

Small commits with pauses between them, and none while orders need the room. Any number of processes may do it on one store: what one
has moved the others do not find. It must not know what a run is about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.engine.ports import ArchiveForgotten, Clock, RequestsForgotten, RunArchived, Spawn, Store, StoreFailed
from gateway.engine.wiring import Events

BATCH = 50
"""Runs archived by one commit: a few milliseconds of the store's writer."""

MOST_FORGOTTEN = 500
"""Rows deleted by one commit."""

EVERY = 60.0
"""Seconds after which it is looked again whether anything has become old."""

BETWEEN = 0.1
"""Seconds between two commits, for others."""

BUSY = 5.0
"""Seconds after which it is asked again whether orders leave room."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """From which age on. None is never."""

    archive: timedelta | None = None
    """Ended runs are archived; counted from their end."""
    requests: timedelta | None = None
    """Requests are forgotten."""
    archived: timedelta | None = None
    """Archived runs are deleted for good; counted from their end."""


class Housekeeping:
    """The background work of one process."""

    def __init__(
        self, store: Store, clock: Clock, spawn: Spawn, events: Events, ageing: Ageing, *, quiet: Callable[[], bool]
    ) -> None:
        """Nothing is done while `quiet` says no."""
        self._store = store
        self._clock = clock
        self._spawn = spawn
        self._events = events
        self._ageing = ageing
        self._quiet = quiet
        self._cancel: Callable[[], None] | None = None
        self._stopped = False
        self._archived = 0
        """Runs since it was last told."""

    def start(self) -> None:
        """Begin, where anything is ever to be done."""
        if self._ageing != Ageing():
            self._again(BETWEEN)

    def stop(self) -> None:
        """Begin nothing any more; a commit under way ends with the store."""
        self._stopped = True
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _again(self, seconds: float) -> None:
        if not self._stopped:
            self._cancel = self._clock.call_later(seconds, lambda: self._spawn(self._turn()))

    async def _turn(self) -> None:
        self._cancel = None
        if not self._quiet():
            self._again(BUSY)
            return
        more = False
        try:
            for act in (self._archive, self._forget_requests, self._forget_archived):
                more |= await act()
        except StoreFailed as failure:
            self._events("housekeeping.failed", error=failure)
        if not more and self._archived:
            self._events("runs.archived", runs=self._archived)
            self._archived = 0
        self._again(BETWEEN if more else EVERY)

    async def _archive(self) -> bool:
        """Archive some runs; gives whether there may be more."""
        if self._ageing.archive is None:
            return False
        old = await self._store.archivable(self._clock.now() - self._ageing.archive, BATCH)
        if old:
            await self._store.commit([RunArchived(run_id) for run_id in old])
            self._archived += len(old)
        return len(old) == BATCH

    async def _forget_requests(self) -> bool:
        before = self._passed(self._ageing.requests, (await self._store.ages()).request)
        if before is not None:
            await self._store.commit([RequestsForgotten(before, MOST_FORGOTTEN)])
        return before is not None

    async def _forget_archived(self) -> bool:
        before = self._passed(self._ageing.archived, (await self._store.ages()).archived)
        if before is not None:
            await self._store.commit([ArchiveForgotten(before, MOST_FORGOTTEN)])
        return before is not None

    def _passed(self, age: timedelta | None, oldest: datetime | None) -> datetime | None:
        """Give the time before which everything is too old; None where nothing is."""
        if age is None or oldest is None:
            return None
        before = self._clock.now() - age
        return before if oldest < before else None
