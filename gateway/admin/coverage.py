"""Which steps of the operator's document were done today at this gateway: counted from orders that have ended, a few at a time.

Orders go before: a request reads on where the last one stopped, and no further than its share.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.admin.legs import leg
from gateway.services.desk import Desk
from gateway.vocabulary import CHINA

Resource = Callable[[str, bytes], Awaitable[object]]

SHARE = 100
"""Orders that one request reads: about 10 ms on a file."""


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What was seen since midnight; `seen` counts by section and number, `whole` says that no ended order is left to read."""

    since: datetime
    orders: int
    whole: bool
    seen: Mapping[str, Mapping[str, int]]


def resources(desk: Desk) -> Mapping[tuple[str, str], Resource]:
    """Give the resource by method and first part of the path."""
    return {("GET", "coverage"): _Coverage(desk).get}


class _Coverage:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._since = self._from = datetime.min.replace(tzinfo=CHINA)
        self._after = ""
        self._orders = 0
        self._seen: dict[str, dict[str, int]] = {}

    async def get(self, name: str, query: bytes) -> object:
        """Read on, and tell what was seen; at midnight it begins anew."""
        now = self._desk.clock.now().astimezone(CHINA)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if midnight != self._since:
            self._forget(midnight)
        rows = await self._desk.store.orders_ended(self._from, now + timedelta(seconds=1), self._after, SHARE)
        for row in rows:
            run = await self._desk.store.run(row.order.id)
            if run is None or row.order.id == self._after:  # the last one is read anew when it went to the archive
                continue
            self._orders += 1
            numbers = {arrow.number for arrow in leg(self._desk.here, row, run).arrows if arrow.state in ("done", "refused")}
            steps = self._seen.setdefault(row.order.section, {})
            for number in numbers:
                steps[number] = steps.get(number, 0) + 1
        if rows and rows[-1].ended_at is not None:
            self._from, self._after = rows[-1].ended_at, rows[-1].order.id
        return CoverageView(midnight, self._orders, len(rows) < SHARE, self._seen)

    def _forget(self, midnight: datetime) -> None:
        self._since = self._from = midnight
        self._after = ""
        self._orders = 0
        self._seen = {}
