"""How many orders have not ended, told without counting them at each request.

While there is room for many, so many may begin before they are counted anew; near the limit they are counted often, at it once a
second. It counts what the store holds, so it is right for any number of processes with one store, but for what those others began
since: an eighth of the room at most is given away between two counts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

PART_OF_ROOM = 8
RECOUNT = timedelta(seconds=1)


class Backlog:
    """The orders that have not ended; `count` counts them in the store."""

    def __init__(self, count: Callable[[], Awaitable[int]], most: int, now: Callable[[], datetime]) -> None:
        self._count = count
        self._most = most
        self._now = now
        self._left = 0
        self._full_at: datetime | None = None

    async def full(self) -> bool:
        """Whether no more may begin; raises StoreFailed."""
        if self._left > 0:
            return False
        now = self._now()
        if self._full_at is not None and timedelta() <= now - self._full_at < RECOUNT:
            return True
        room = self._most - await self._count()
        self._left = -(-room // PART_OF_ROOM) if room > 0 else 0
        self._full_at = None if room > 0 else now
        return room <= 0

    def began(self) -> None:
        """Note that one has begun."""
        self._left -= 1
