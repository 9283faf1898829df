"""Time in the stubs: the forms that messages and the journal carry, and waiting; every function is given its clock."""

from __future__ import annotations

import functools
import math
from datetime import datetime, timedelta, timezone

from twisted.internet.defer import Deferred

from gateway.soap.http_outlet import Clock

SHANGHAI = timezone(timedelta(hours=8))


_PLAIN = str.maketrans("", "", "-:T")


def _split(seconds: float) -> tuple[int, int]:
    """Give whole seconds and microseconds, rounded as datetime does."""
    part, whole = math.modf(seconds)
    more, micro = divmod(round(part * 1e6), 1_000_000)
    return int(whole) + more, micro


@functools.lru_cache(maxsize=256)
def _second(whole: int) -> str:
    """Give a second as yyyy-MM-ddTHH:mm:ss: thousands of messages fall into one."""
    return datetime.fromtimestamp(whole, SHANGHAI).strftime("%Y-%m-%dT%H:%M:%S")


def iso(seconds: float) -> str:
    """Give a time of the epoch as ISO 8601 with milliseconds and +08:00, for the journal."""
    whole, micro = _split(seconds)
    return f"{_second(whole)}.{micro // 1000:03d}+08:00"


def stamp(seconds: float) -> str:
    """Give a time of the epoch as yyyyMMddHHmmss in China, the form of every TimeStamp."""
    return _second(_split(seconds)[0]).translate(_PLAIN)


def sleep(clock: Clock, seconds: float) -> Deferred[None]:
    """Fire after so many seconds; cancelling stops the timer."""
    done: Deferred[None] = Deferred(lambda _: timer.cancel())
    timer = clock.callLater(seconds, lambda: done.callback(None))
    return done


class Numbers:
    """Numbers that the stubs of one set give away, unique also when the process is started again within a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # 9 digits: the millisecond of the start, then a million numbers
        self.next = int(clock.seconds() * 1000) % 1000 * 1_000_000 + 1

    def streaming(self, system: str) -> str:
        """Give a StreamingNo: system code (3), time (14), sequence (9)."""
        return f"{system}{stamp(self._clock.seconds())}{self._sequence():09d}"

    def order(self, system: str) -> str:
        """Give an OrderId of one of our systems."""
        return f"{system}-{stamp(self._clock.seconds())}-{self._sequence():09d}"

    def _sequence(self) -> int:
        self.next += 1
        return (self.next - 1) % 1_000_000_000
