"""Work that goes on after, or apart from, the request that began it; can be broken off as a whole."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

_log = Logger("stubs")


class Background:
    """The coroutines under way of one stub set."""

    def __init__(self) -> None:
        self._running: dict[Deferred[None], None] = {}

    @property
    def busy(self) -> int:
        """How many are under way."""
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine up to its first wait, and on from there by itself; what it raises is logged."""
        running: Deferred[None] = Deferred.fromCoroutine(work)
        self._running[running] = None
        running.addBoth(self._ended, running)

    def cancel(self) -> None:
        """Break off everything."""
        for running in list(self._running):
            running.cancel()

    def _ended(self, outcome: object, running: Deferred[None]) -> None:
        self._running.pop(running, None)
        if isinstance(outcome, Failure) and not isinstance(outcome.value, CancelledError):
            _log.failure("work.failed", outcome)
