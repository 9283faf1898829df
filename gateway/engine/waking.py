"""Which runs are taken up, when, and how many at once: those that are due, those that somebody left, those that another run began.

Knows nothing of what a run does. New orders keep their pace: whatever follows by itself fills half of the room; what is due fills less than
that, since more of it would only stand in the line before its partner.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from gateway.engine.ports import StoreFailed
from gateway.engine.wiring import Wiring

STORE_PAUSE = 5.0
"""Seconds before a run is taken up again after the store failed: long enough for a full disk not to fill the log."""

WAKE_AT_ONCE = 100
"""Due runs taken up in one go."""

DUE_AT_ONCE, GO_ON = 256, 10
"""Runs in memory up to which due ones follow, and how many follow in each round however many there are."""

SOON = timedelta(milliseconds=50)
"""A run that is being taken up keeps its old wake time until its next commit: look again in a moment, not at once."""


class Waking:
    """Has runs driven. `active` are those in memory: who drives adds and removes them."""

    def __init__(
        self, wiring: Wiring, active: Mapping[str, object], wake: Callable[[str], Coroutine[Any, Any, None]]
    ) -> None:
        self._w = wiring
        self._active = active
        self._wake = wake
        self._backlog: deque[str] = deque()
        """Runs to take up when there is room for them."""
        self._delayed: set[str] = set()
        """Runs under which the store failed: each has one timer, and nothing else takes it up before."""
        self._cancel_timer: Callable[[], None] | None = None
        self._timer_at: datetime | None = None
        self._credit = 0
        self._going = self._above = False
        self.stopping = False

    @property
    def room(self) -> int:
        """Runs in memory up to which others follow by themselves."""
        return max(1, self._w.max_active // 2)

    def stop(self) -> None:
        """Take nothing up any more."""
        self.stopping = True
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    # ---- those that follow one another -------------------------------------------------------------------------------

    def recover(self, run_ids: Iterable[str]) -> int:
        """Take up what a former process left, a bounded number at once; gives how many there are."""
        self._backlog.extend(run_ids)
        count = len(self._backlog)
        self._follow(min(self._w.recover_at_once, count))
        return count

    def take_up(self, run_ids: Iterable[str]) -> None:
        """Drive runs as far as there is room; the others follow as runs leave memory."""
        for run_id in run_ids:
            if len(self._active) < self.room:
                self._w.spawn(self._wake(run_id))
            else:
                self._backlog.append(run_id)

    def take_over(self, run_ids: Iterable[str]) -> int:
        """Drive runs that nobody drives, but for those that are in hand here; gives how many."""
        known = {*self._active, *self._backlog, *self._delayed}
        left = [run_id for run_id in run_ids if run_id not in known]
        self.take_up(left)
        return len(left)

    def left_memory(self) -> None:
        """Let one of those that wait for room follow. Where new orders take more than half of it, each second time."""
        self._above = not self._above
        if len(self._active) < self.room or self._above:
            self._follow(1)

    def _follow(self, count: int) -> None:
        """Wake so many of the backlog. One that has ended already leaves memory at once and calls this again: it is counted, not nested."""
        self._credit += count
        if self._going:
            return
        self._going = True
        try:
            while self._credit and self._backlog and not self.stopping:
                self._credit -= 1
                self._w.spawn(self._wake(self._backlog.popleft()))
        finally:
            self._going, self._credit = False, 0

    # ---- those that the store failed under ----------------------------------------------------------------------------

    def delay(self, run_id: str, failure: Exception) -> None:
        """Take a run up again when the store may work again."""
        self._w.events("run.delayed", run=run_id, error=failure)
        if run_id not in self._delayed:
            self._delayed.add(run_id)
            self._w.clock.call_later(STORE_PAUSE, lambda: self._again(run_id))

    def _again(self, run_id: str) -> None:
        self._delayed.discard(run_id)
        self._w.spawn(self._wake(run_id))

    # ---- those that are due ------------------------------------------------------------------------------------------

    async def arm(self, at: datetime | None = None) -> None:
        """Have one timer for the earliest wake time of all runs that wait here; `at` is one that is known."""
        at = at if at is not None else await self._w.store.next_wake(self._w.owner.name)
        if at is None or self.stopping or (self._timer_at is not None and self._timer_at <= at):
            return
        if self._cancel_timer is not None:
            self._cancel_timer()
        self._timer_at = at
        seconds = max(SOON, at - self._w.clock.now()).total_seconds()
        self._cancel_timer = self._w.clock.call_later(seconds, self._on_timer)

    def _on_timer(self) -> None:
        self._timer_at = self._cancel_timer = None
        self._w.spawn(self.due())

    async def due(self) -> None:
        """Take up what is due; runs that are in hand still stand in the store as due, and are passed over."""
        now = self._w.clock.now()
        try:
            limit = WAKE_AT_ONCE + len(self._active) + len(self._delayed)
            found = await self._w.store.due_runs(now, limit, self._w.owner.name)
            due = [run_id for run_id in found if run_id not in self._active and run_id not in self._delayed]
            # Where a slow partner has many waiting for it, their attempts must fill neither the room that new orders need nor the line
            # before the partner: who finds that full is put off, for nothing. Some in each round go on however full it is.
            most = min(DUE_AT_ONCE, self._w.max_active * 3 // 4)
            room = max(1, min(GO_ON, most), min(WAKE_AT_ONCE, most - len(self._active)))
            for run_id in due[:room]:
                self._w.spawn(self._wake(run_id))
            if len(due) > room or len(due) >= WAKE_AT_ONCE:  # there are more, perhaps of an owner that is gone
                await self.arm(now)
            elif not self._delayed:
                await self.arm()
            else:  # those stand as due all the time, and are none
                await self.arm(now + timedelta(seconds=1))
        except StoreFailed:
            await self.arm(now + timedelta(seconds=STORE_PAUSE))
