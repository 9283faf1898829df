"""A process's door to its tier's store in memory: what it asks takes time, and a commit that has not arrived dies with the process.

The store itself survives: it is the disk. A commit is written at one moment, and known to the process at a later one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from twisted.internet.defer import Deferred

from gateway.engine.ports import DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed, Write
from gateway.sim.reactor import SimReactor
from gateway.store.memory import MemoryStore

REFUSALS = (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed)
"""What a commit may raise instead of being written."""

Watch = Callable[[Sequence[Write]], None]


class SimStore:
    """The store as one process sees it: the port's reads, and commits in the order in which they were asked for."""

    def __init__(
        self, disk: MemoryStore, reactor: SimReactor, chance: Random, pace: float, watch: Watch, slow: Callable[[], bool]
    ) -> None:
        """`pace` is the mean time of one turn in seconds; `slow` says whether a read takes one: in the calm it takes none."""
        self._disk = disk
        self._reactor = reactor
        self._chance = chance
        self._pace = pace
        self._watch = watch
        self._slow = slow
        self._last = 0.0

    async def commit(self, writes: Sequence[Write]) -> None:
        """Write all rows or none; raises as the port says."""
        await self._turn()
        refused: Exception | None = None
        try:
            await self._disk.commit(writes)
        except REFUSALS as refusal:
            refused = refusal
        else:
            self._watch(writes)
        await self._turn()
        if refused is not None:
            raise refused

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        read = getattr(self._disk, name)

        async def later(*arguments: Any, **named: Any) -> Any:
            if self._slow():
                await self._turn()
            return await read(*arguments, **named)

        return later

    def _turn(self) -> Deferred[None]:
        """Wait for the disk; for ever in a dead process. One thing after the other, as a writer thread does it."""
        reactor = self._reactor
        self._last = max(self._last, reactor.seconds() + self._chance.expovariate(1.0) * self._pace)
        turn: Deferred[None] = Deferred()
        reactor.callLater(self._last - reactor.seconds(), turn.callback, None)
        return turn
