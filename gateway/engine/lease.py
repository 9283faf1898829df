"""The life sign of a process: while it holds, nobody else takes up its runs; when others' are over, theirs are taken up here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from gateway.engine.ports import Fenced, LeaseKept, LeaseLeft, LeaseTaken, StoreFailed
from gateway.engine.wiring import Wiring


class Lease:
    """Keeps one lease, three times within its length. Where no other process can have the store there is nothing to keep."""

    def __init__(
        self, wiring: Wiring, *, take_over: Callable[[Sequence[str]], Awaitable[None]], lost: Callable[[], None]
    ) -> None:
        """`take_over` gets the runs that others left; `lost` is told when another process has taken our name."""
        self._w = wiring
        self._take_over = take_over
        self._lost = lost
        self._cancel: Callable[[], None] | None = None
        self._kept: datetime | None = None
        """The last good sign of life; None after a failed one."""
        self._patient_until: datetime | None = None
        """Until then nothing is taken over, because our own sign of life came late."""

    async def take(self) -> None:
        """Begin; a former process of this name is dead from now on. Raises StoreFailed."""
        owner = self._w.owner
        await self._w.store.commit([LeaseTaken(owner.name, owner.token, owner.seconds)])
        self._kept = self._w.clock.now()
        self._again()

    async def leave(self) -> None:
        """End it; others need not wait until it is over."""
        self._end()
        try:
            await self._w.store.commit([LeaseLeft(self._w.owner.name, self._w.owner.token)])
        except Fenced:  # stopped before it was taken, or another process has the name: there is nothing to leave
            return
        except StoreFailed as failure:  # then it ends by itself, in time
            self._w.events("lease.failed", owner=self._w.owner.name, error=failure)

    def _end(self) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _again(self) -> None:
        if self._w.owner.lease is not None:
            self._cancel = self._w.clock.call_later(self._w.owner.seconds / 3, self._on_time)

    def _on_time(self) -> None:
        self._again()
        self._w.spawn(self._keep())

    async def _keep(self) -> None:
        owner = self._w.owner
        try:
            await self._w.store.commit([LeaseKept(owner.name, owner.token, owner.seconds)])
            left = await self._w.store.abandoned_runs(owner.name) if self._others_could_keep_theirs() else []
            await self._take_over(left)
        except Fenced:
            if self._cancel is not None:  # else it has been told, or was left
                self._end()
                self._w.events("lease.lost", owner=owner.name)
                self._lost()
        except StoreFailed as failure:
            self._kept = None
            self._w.events("lease.failed", owner=owner.name, error=failure)

    def _others_could_keep_theirs(self) -> bool:
        """Note a good sign of life; gives whether a lease that is over means that its owner is gone.

        After one that failed or was late it does not: the store was away, or this process slept, and the leases of others that live may
        be over as well. They get a whole length to keep them.
        """
        now, length = self._w.clock.now(), self._w.owner.lease
        if length is not None and (self._kept is None or now - self._kept > length):
            self._patient_until = now + length
        self._kept = now
        return self._patient_until is None or now >= self._patient_until
