"""How late the event loop is with what it should do at a certain time, measured only while somebody asks for metrics.

The gate measures it too, for itself and only under load (soap/http_admission.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gateway.tally import Spread

EVERY: Final = 0.1
"""Seconds between two looks: ten a second cost about a hundred microseconds."""
ASKED: Final = 120.0
"""Seconds after the last question after which it looks no more: Prometheus asks at least once a minute."""
BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Of the lateness, in seconds."""


class Lag:
    """The lateness of one process. `later` has something called after seconds, `seconds` counts them."""

    def __init__(self, later: Callable[[float, Callable[[], None]], Any], seconds: Callable[[], float]) -> None:
        self._later = later
        self._seconds = seconds
        self._until = 0.0
        self._due = 0.0
        self._running = False
        self.late = Spread(BOUNDS)
        """Each look, in seconds after its time."""

    def asked(self) -> None:
        """Look from now on, for a while."""
        self._until = self._seconds() + ASKED
        if not self._running:
            self._running = True
            self._again()

    def _again(self) -> None:
        self._due = self._seconds() + EVERY
        self._later(EVERY, self._look)

    def _look(self) -> None:
        now = self._seconds()
        self.late.add(max(0.0, now - self._due))
        if now < self._until:
            self._again()
        else:
            self._running = False
