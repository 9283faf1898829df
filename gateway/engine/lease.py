"""The life sign of a process: while it holds, nobody else takes up its runs; when others' are over, theirs are taken up here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

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

    async def take(self) -> None:
        """Begin; a former process of this name is dead from now on. Raises StoreFailed."""
        owner = self._w.owner
        await self._w.store.commit([LeaseTaken(owner.name, owner.token, owner.seconds)])
        self._again()

    async def leave(self) -> None:
        """End it; others need not wait until it is over."""
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        try:
            await self._w.store.commit([LeaseLeft(self._w.owner.name, self._w.owner.token)])
        except Fenced:  # stopped before it was taken, or another process has the name: there is nothing to leave
            return
        except StoreFailed as failure:  # then it ends by itself, in time
            self._w.events("lease.failed", owner=self._w.owner.name, error=failure)

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
            await self._take_over(await self._w.store.abandoned_runs(owner.name))
        except Fenced:
            self._w.events("lease.lost", owner=owner.name)
            self._lost()
        except StoreFailed as failure:
            self._w.events("lease.failed", owner=owner.name, error=failure)
