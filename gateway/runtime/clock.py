"""Real time that does not jump, random numbers and identifiers; everything else gets them as arguments."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from gateway.domain.facts import Matter
from gateway.domain.routing import Place
from gateway.vocabulary import CHINA, write_time

FOLLOWS = 0.1
"""Part of the time that passes by which the clock may run faster or slower, to come back to the wall clock when that was set."""

LOOKS = 0.05
"""Seconds between two looks at the wall clock: an order asks for the time some twenty times."""


def _wall() -> datetime:
    return datetime.now(CHINA)


_passed: Callable[[], float] = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
"""Seconds by a clock that is never set, and goes on while the machine sleeps, where there is such a one."""


class SteadyTime:
    """Time of day that begins with the wall clock and follows it, but never jumps.

    Where the wall clock is set by an hour, nothing expires too early, nothing waits an hour longer, and no time comes twice. It is off
    for some ten hours then, unless the process is restarted.
    """

    def __init__(self, wall: Callable[[], datetime] = _wall, passed: Callable[[], float] = _passed) -> None:
        """`wall` is the time of day, `passed` counts seconds and is never set."""
        self._wall = wall
        self._passed = passed
        self._told = self._last = wall()
        self._told_at = passed()

    def now(self) -> datetime:
        """Give the wall clock's time, or, where that was set, one that approaches it."""
        seconds = self._passed() - self._told_at
        told = self._told + timedelta(0, seconds)
        if seconds >= LOOKS:
            most = timedelta(0, seconds * FOLLOWS)
            told = self._told = told + max(-most, min(most, self._wall() - told))
            self._told_at += seconds
        if told > self._last:  # noqa: PLR1730  twenty times for each order: max() takes twice as long
            self._last = told
        return self._last


class ReactorClock:
    """The engine's Clock on a reactor; China time."""

    def __init__(self, reactor: Any, now: Callable[[], datetime] | None = None) -> None:
        self._reactor = reactor
        self._now = now or SteadyTime().now

    def now(self) -> datetime:
        """Give the time of day."""
        return self._now()

    def call_later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Act later; gives what cancels it."""
        call = self._reactor.callLater(seconds, act)

        def cancel() -> None:
            if call.active():
                call.cancel()

        return cancel


def reference() -> str:
    """Give an id that joins a fault to its log line."""
    return secrets.token_hex(6)


def confirmation_code() -> str:
    """Give a code of six digits that nobody can guess, for a user to send back."""
    return f"{secrets.randbelow(1_000_000):06d}"


def streaming_numbers(here: Place) -> Callable[[Matter, int, int], str]:
    """Make StreamingNos of ours: system 3, second of acceptance 14, then province 2, run 5 and step 2.

    The same for every attempt of a step. Two orders of one second differ in their run serial (100 000 of them a second would
    be needed to meet); provinces share system code 200, so the province is part of it. A run that waits for many messages, as for
    ISMP's reports of ninety products, still sends less than a hundred of its own.
    """

    def number(matter: Matter, serial: int, index: int) -> str:
        return f"{here.system}{write_time(matter.accepted_at)}{here.province}{serial % 100_000:05d}{index % 100:02d}"

    return number
