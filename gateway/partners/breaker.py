"""When an operation of a partner is called no more, for how long, and what brings it back.

Closed, all calls go. When too great a share of the last ones has failed it opens: no call goes until a pause is over. Then a few
probes go, and no others: they are judged by the same share, and it closes, or opens again, for twice as long up to a cap. One bad probe
does not decide: the first call of a message may be the one that a partner is too busy for, each time anew. Pure: time is read from a clock
that it is given. Must not know what is called, nor what a failure is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Position(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"
    """The pause is over: a few calls show whether the partner is back."""


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """When it opens and for how long."""

    window: int = 50
    """Calls that are remembered."""
    minimum: int = 20
    """It never opens on fewer."""
    share: float = 0.5
    """Of the calls that are remembered: so many failed ones open it."""
    pause: timedelta = timedelta(seconds=10)
    pause_cap: timedelta = timedelta(seconds=60)
    probes: int = 3
    """Calls after a pause, by which it is judged anew."""


class Breaker:
    """One operation of one partner. `moved` is told each new position, and the pause if it opens."""

    def __init__(
        self, rules: BreakerRules, seconds: Callable[[], float], moved: Callable[[Position, timedelta], None]
    ) -> None:
        self._rules = rules
        self._seconds = seconds
        self._moved = moved
        self._failed: deque[bool] = deque(maxlen=rules.window)
        self._pause = timedelta()
        self._until = 0.0
        self._closed_at = 0.0
        self._probes = 0
        """Probes that are out or have told."""
        self._told: list[bool] = []
        """Of the probes, which failed."""
        self._era = 0
        """Counts changes of position: what ends in another era than it began in says nothing about this one."""
        self.position = Position.CLOSED
        self.under_way = 0
        """Calls that have not ended."""

    @property
    def remaining(self) -> timedelta:
        """What is left of the pause; zero unless it is open."""
        left = self._until - self._seconds() if self.position is Position.OPEN else 0.0
        return timedelta(seconds=max(0.0, left))

    def held_back(self) -> timedelta:
        """Give zero where a call may go now, else how long to wait before asking again."""
        if self.position is Position.CLOSED:
            return timedelta()
        if self.position is Position.OPEN:
            if remaining := self.remaining:
                return remaining
            self._move(Position.PROBING)
        if self._probes < self._rules.probes:
            return timedelta()
        return self._pause / 4  # the probes will soon tell; who comes back too often is in the way of all others

    def begin(self) -> int:
        """Note that a call goes, which `held_back` has allowed; what this gives is to be handed to `end`."""
        self.under_way += 1
        if self.position is Position.PROBING:
            self._probes += 1
        return self._era

    def end(self, era: int, good: bool | None) -> None:
        """Note how a call ended; None where that says nothing of the partner."""
        self.under_way -= 1
        if era != self._era:
            return
        if self.position is Position.PROBING:
            self._end_probe(good)
        elif good is not None:
            self._failed.append(not good)
            if not good and self._too_many():
                self._open()

    def _end_probe(self, good: bool | None) -> None:
        if good is None:
            self._probes -= 1
            return
        self._told.append(not good)
        if sum(self._told) >= self._rules.share * self._rules.probes:
            self._open()
        elif len(self._told) == self._rules.probes:
            self._closed_at = self._seconds()
            self._failed.clear()
            self._move(Position.CLOSED)

    def _too_many(self) -> bool:
        calls = len(self._failed)
        return calls >= self._rules.minimum and sum(self._failed) >= self._rules.share * calls

    def _open(self) -> None:
        now = self._seconds()
        # A partner that comes and goes is no better than one that is away: soon after it closed, the pause goes on doubling.
        again = self.position is Position.PROBING or now - self._closed_at < self._pause.total_seconds()
        self._pause = min(self._rules.pause_cap, self._pause * 2) if again else self._rules.pause
        self._until = now + self._pause.total_seconds()
        self._move(Position.OPEN)

    def _move(self, position: Position) -> None:
        self.position = position
        self._era += 1
        self._probes = 0
        self._told.clear()
        self._moved(position, self._pause if position is Position.OPEN else timedelta())
