"""Real time, random numbers and identifiers; everything else gets them as arguments."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.domain.facts import Matter
from gateway.domain.routing import Place
from gateway.vocabulary import CHINA, write_time


class ReactorClock:
    """The engine's Clock on a reactor; China time."""

    def __init__(self, reactor: Any, now: Callable[[], datetime] | None = None) -> None:
        self._reactor = reactor
        self._now = now or wall_clock

    def now(self) -> datetime:
        """Give the wall clock's time."""
        return self._now()

    def call_later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Act later; gives what cancels it."""
        call = self._reactor.callLater(seconds, act)

        def cancel() -> None:
            if call.active():
                call.cancel()

        return cancel


def wall_clock() -> datetime:
    """Give the present time of this machine, in China."""
    return datetime.now(CHINA)


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
