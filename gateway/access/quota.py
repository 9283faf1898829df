"""Counts what each partner sends against his quotas. Time is handed in, in seconds since 1970; knows no message.

Each process counts for itself and has its share: of N workers each lets in a Nth of what the file says.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from gateway.access.partner import Mode, Partner
from gateway.errors import OVER_DAY, OVER_RATE, Result

_DAY: Final = 86_400
_CHINA: Final = 8 * 3600
"""Seconds by which days begin earlier than in UTC; no summer time since 1991."""
MOST_WAIT: Final = 3600
"""Seconds told to who has used up a day: it may be raised before midnight."""


@dataclass(slots=True)
class _Count:
    """What one partner has used."""

    tokens: float
    at: float
    day: int
    today: int = 0
    above: int = 0
    """Messages above a quota since the start, whether let in or not."""


@dataclass(frozen=True, slots=True)
class Above:
    """A message is above a quota: which, whether it is refused, and after how many seconds one would not be."""

    result: Result
    refused: bool
    retry_after: int


class Quotas:
    """The counts of all partners."""

    def __init__(self, share: float = 1.0) -> None:
        """`share` is the part of each quota that this process may use, of (0, 1]."""
        self._share = share
        self._counts: dict[str, _Count] = {}

    def count(self, partner: Partner, now: float) -> Above | None:
        """Count one message; gives the quota that it is above. One that is refused uses up nothing."""
        if partner.rate is None and partner.day is None:
            return None
        count = self._counts.get(partner.name)
        if count is None:
            burst = 0 if partner.rate is None else partner.rate.burst
            count = self._counts[partner.name] = _Count(self._burst(burst), now, _day_of(now))
        above = self._rate(partner, count, now)
        if above is None or not above.refused:
            above = self._day(partner, count, now) or above
        if above is not None:
            count.above += 1
        if above is None or not above.refused:
            count.tokens = max(0.0, count.tokens - 1)
            count.today += 1
        return above

    def used(self, partner: str, now: float) -> tuple[int, int]:
        """Give how many messages of today were let in, and how many since the start were above a quota; of this process alone."""
        count = self._counts.get(partner)
        if count is None:
            return 0, 0
        return (count.today if count.day == _day_of(now) else 0), count.above

    def above(self) -> dict[str, int]:
        """Give how many messages of each partner were above a quota since the start; of this process alone."""
        return {partner: count.above for partner, count in self._counts.items()}

    def _burst(self, burst: int) -> float:
        return max(1.0, burst * self._share)

    def _rate(self, partner: Partner, count: _Count, now: float) -> Above | None:
        rate = partner.rate
        if rate is None:
            return None
        speed = rate.per_second * self._share
        count.tokens = min(self._burst(rate.burst), count.tokens + (now - count.at) * speed)
        count.at = now
        if count.tokens >= 1:
            return None
        return Above(OVER_RATE, rate.mode is Mode.ENFORCE, min(MOST_WAIT, ceil((1 - count.tokens) / speed)))

    def _day(self, partner: Partner, count: _Count, now: float) -> Above | None:
        day = partner.day
        today = _day_of(now)
        if count.day != today:
            count.day, count.today = today, 0
        if day is None or count.today < max(1, day.requests * self._share):
            return None
        midnight = (count.day + 1) * _DAY - _CHINA
        return Above(OVER_DAY, day.mode is Mode.ENFORCE, min(MOST_WAIT, ceil(midnight - now)))


def _day_of(now: float) -> int:
    return int(now + _CHINA) // _DAY
