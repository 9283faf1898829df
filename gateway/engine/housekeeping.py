"""What is done when there is little else to do: ended runs go to the archive, old requests and archives are forgotten.

Small commits with pauses between them, and none while orders need the room. Any number of processes may do it on one store: what one
has moved the others do not find. It must not know what a run is about.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.engine.ports import ArchiveForgotten, Clock, RequestsForgotten, RunArchived, Spawn, Store, StoreFailed
from gateway.engine.wiring import Events

BATCH = 50
"""Runs archived by one commit: a few milliseconds of the store's writer."""

MOST_ASIDE = 20 * BATCH
"""Runs that could not be archived and are passed over; beyond that they are all tried anew."""

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
        self._aside: set[str] = set()
        """Runs that could not be archived: the next ones are looked for beyond them."""

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
                more |= await self._tried(act)
            if not more and self._archived:
                self._events("runs.archived", runs=self._archived)
                self._archived = 0
        finally:
            self._again(BETWEEN if more else EVERY)

    async def _tried(self, act: Callable[[], Awaitable[bool]]) -> bool:
        """Do one act, whatever becomes of the others; one that failed has nothing more to do for now."""
        try:
            return await act()
        except StoreFailed as failure:
            self._events("housekeeping.failed", error=failure)
            return False

    async def _archive(self) -> bool:
        """Archive some runs; gives whether there may be more."""
        if self._ageing.archive is None:
            return False
        limit = BATCH + len(self._aside)
        old = await self._store.archivable(self._clock.now() - self._ageing.archive, limit)
        fresh = [run_id for run_id in old if run_id not in self._aside][:BATCH]
        moved = await self._move(fresh)
        self._archived += moved
        if len(old) < limit or limit > MOST_ASIDE:  # all have had their turn, or it is the store that fails: begin anew
            self._aside.clear()
        return moved > 0 and len(old) == limit

    async def _move(self, runs: Sequence[str]) -> int:
        """Archive runs by one commit, or one by one where one of them keeps the others from it; gives how many went."""
        failed = await self._refused(runs) if runs else None
        if failed is None:
            return len(runs)
        if len(runs) == 1:
            self._set_aside({runs[0]: failed})
            return 0
        self._events("housekeeping.failed", error=failed)
        return await self._move_each(runs)

    async def _move_each(self, runs: Sequence[str]) -> int:
        moved = 0
        failures: dict[str, StoreFailed] = {}
        for run_id in runs:
            if self._stopped:
                break
            failed = await self._refused([run_id])
            if failed is None:
                moved += 1
            else:
                failures[run_id] = failed
        self._set_aside(failures, told=not moved)  # where all failed it is the store, which has been told
        return moved

    async def _refused(self, runs: Sequence[str]) -> StoreFailed | None:
        """Archive runs by one commit; gives why it was refused."""
        try:
            await self._store.commit([RunArchived(run_id) for run_id in runs])
        except StoreFailed as failure:
            return failure
        return None

    def _set_aside(self, failures: Mapping[str, StoreFailed], *, told: bool = False) -> None:
        self._aside.update(failures)
        for run_id, failure in failures.items():
            if not told:
                self._events("housekeeping.failed", run=run_id, error=failure)

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
