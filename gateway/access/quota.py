"""Counts what each partner sends against his quotas. Time is handed in, in seconds since 1970; knows no message.

Each process counts for itself and has its share: of N workers each lets in a Nth of what the file says.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from gateway.access.partner import Day, Mode, Partner, Rate
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
    midnight: float
    """End of the day that is counted."""
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
            count = self._counts[partner.name] = _Count(self._burst(burst), now, _midnight(now))
        if now >= count.midnight:
            count.midnight, count.today = _midnight(now), 0
        above = None if partner.rate is None else self._rate(partner.rate, count, now)
        if partner.day is not None and (above is None or not above.refused):
            above = self._day(partner.day, count, now) or above
        if above is not None:
            count.above += 1
            if above.refused:
                return above
        count.tokens = max(0.0, count.tokens - 1)
        count.today += 1
        return above

    def used(self, partner: str, now: float) -> tuple[int, int]:
        """Give how many messages of today were let in, and how many since the start were above a quota; of this process alone."""
        count = self._counts.get(partner)
        if count is None:
            return 0, 0
        return (count.today if now < count.midnight else 0), count.above

    def above(self) -> dict[str, int]:
        """Give how many messages of each partner were above a quota since the start; of this process alone."""
        return {partner: count.above for partner, count in self._counts.items()}

    def _burst(self, burst: int) -> float:
        return max(1.0, burst * self._share)

    def _rate(self, rate: Rate, count: _Count, now: float) -> Above | None:
        speed = rate.per_second * self._share
        count.tokens = min(self._burst(rate.burst), count.tokens + (now - count.at) * speed)
        count.at = now
        if count.tokens >= 1:
            return None
        return Above(OVER_RATE, rate.mode is Mode.ENFORCE, min(MOST_WAIT, ceil((1 - count.tokens) / speed)))

    def _day(self, day: Day, count: _Count, now: float) -> Above | None:
        if count.today < max(1, day.requests * self._share):
            return None
        return Above(OVER_DAY, day.mode is Mode.ENFORCE, min(MOST_WAIT, ceil(count.midnight - now)))


def _midnight(now: float) -> float:
    """Give the end of the day that a time is of."""
    return float((int(now + _CHINA) // _DAY + 1) * _DAY - _CHINA)
