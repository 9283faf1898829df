"""Serials for new runs, reserved in blocks so that many processes may share a store. Knows no StreamingNo.

A StreamingNo holds a serial's last five digits and the second of its order. Two processes must never use serials of one second that
differ by a multiple of 100 000: so a block is used for a few seconds only, in which all processes together use far fewer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.engine.ports import Clock, Store, StoreFailed

BLOCK = 1000
FRESH = timedelta(seconds=5)
"""How long a block may be used; twenty processes that take a new one each time stay far below 100 000."""


class Serials:
    """The serials of one process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._next = self._end = 0
        self._since: datetime | None = None

    async def ensure(self, count: int) -> None:
        """See to it that `count` serials can be taken at once; raises StoreFailed."""
        now = self._clock.now()
        if self._end - self._next >= count and self._since is not None and abs(now - self._since) < FRESH:
            return
        first = await self._store.reserve_serials(max(count, BLOCK))
        self._next, self._end, self._since = first, first + max(count, BLOCK), now

    def take(self) -> int:
        """Give the next one; raises StoreFailed where more are taken than were ensured."""
        if self._next >= self._end:
            raise StoreFailed("no serial is left")
        self._next += 1
        return self._next - 1
