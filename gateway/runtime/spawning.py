"""Runs coroutines of the core on Deferreds: by themselves, and as promises that a store's writer thread keeps."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

_log = Logger("gateway.runtime")


def spawn(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine by itself; what it raises is logged, nobody waits for it."""
    Deferred.fromCoroutine(work).addErrback(lambda failure: _log.failure("work.failed", failure))


class DeferredPromise:
    """A promise that coroutines on Deferreds can await."""

    def __init__(self) -> None:
        self._deferred: Deferred[Any] = Deferred()

    def succeed(self) -> None:
        """Let the waiter go on."""
        self._deferred.callback(None)

    def fail(self, error: BaseException) -> None:
        """Raise in the waiter."""
        self._deferred.errback(error)

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._deferred.__await__()
