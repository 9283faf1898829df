"""Who is let in while the process is at its limit, decided before anything is parsed: the rest is told HTTP 503, when to come again.

New work is refused first; what completes, asks or ends work goes on until twice as much is in flight. Must not know about XML, nor
which operations there are.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from gateway.soap.http_message import HttpResponse
from gateway.soap.http_outlet import Clock, DelayedCall
from gateway.soap.http_window import Window

LOOK: Final = 0.01
"""Seconds between two looks at how late the process is."""
QUIET: Final = 100
"""Looks without any new work after which there are no further ones."""
IDLE: Final = 20
"""The same while nothing is under way: a client that drips its request must not keep the process busy."""
_WAITS: Final = (5, 4, 6, 5, 4, 5, 6, 4, 6, 5)
"""Seconds told as Retry-After, a fifth more or less: those who were refused together must not come back together."""


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """When new work is refused."""

    in_flight: int = 256
    """Requests without an answer."""
    lag: float = 0.0015
    """Seconds by which the process may be late with all it does, on average."""


class Admission:
    """The gate of one listener.

    `urgent` tells what is no new work, `under_way` how much of that there is from its request to its end, but for what waits, on disk or
    for a slow partner.
    `told` is called when refusals begin (None) and, a second after the last one, with how many there were.
    """

    def __init__(
        self,
        limits: AdmissionLimits,
        *,
        urgent: Callable[[Mapping[str, str]], bool],
        under_way: Callable[[], int],
        clock: Clock,
        told: Callable[[int | None], None],
    ) -> None:
        self._limits = limits
        self._urgent = urgent
        self._under_way = under_way
        self._clock = clock
        self._told = told
        self._window = Window(limits.lag)
        self._look: DelayedCall | None = None
        self._due = 0.0
        self._quiet = 0
        self._unrefused = 0
        self._refusals = cycle([HttpResponse(503, headers=(("Retry-After", str(wait)),)) for wait in _WAITS])
        self.refused = 0
        """Since refusals began; 0 while nothing is refused."""
        self.refused_ever = 0
        """Since the start."""

    @property
    def places(self) -> int:
        """How much new work may be under way at present."""
        return int(self._window.places)

    def refusal(self, headers: Mapping[str, str], in_flight: int) -> HttpResponse | None:
        """Refuse a request, or let it in; `in_flight` are those that have no answer yet."""
        limit = self._limits.in_flight
        if self._urgent(headers):
            return None if in_flight < 2 * limit else self._refuse()
        self._quiet = 0
        if self._look is None:
            self._look_later(self._clock.seconds())
        if in_flight < limit and self._window.admits(self._under_way()):
            return None
        return self._refuse()

    def _refuse(self) -> HttpResponse:
        if not self.refused:
            self._told(None)
        self.refused += 1
        self.refused_ever += 1
        self._unrefused = 0
        return next(self._refusals)

    def _look_later(self, now: float) -> None:
        self._due = now + LOOK
        self._look = self._clock.callLater(LOOK, self._look_now)

    def _look_now(self) -> None:
        now = self._clock.seconds()
        self._look = None
        self._window.sample(now - self._due, now, self._under_way())
        self._unrefused += 1
        if self.refused and self._unrefused == QUIET:
            self._told(self.refused)
            self.refused = 0
        self._quiet += 1
        if self._quiet < (QUIET if self._under_way() else IDLE) or self.refused:
            self._look_later(now)
