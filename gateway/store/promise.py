"""What a commit hands to its caller: something to await that another thread's work settles. Knows no reactor.

The gateway gives one built on a Deferred; tools and tests without a reactor take `BlockingPromise`.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Generator
from typing import Any, Protocol


class Promise(Awaitable[None], Protocol):
    """Awaited by the caller of a commit; settled once, through the store's `on_thread_result`."""

    def succeed(self) -> None:
        """Let what awaits it go on."""
        ...

    def fail(self, error: Exception) -> None:
        """Raise `error` in what awaits it."""
        ...


class BlockingPromise:
    """Blocks the thread that awaits it until it is settled: for programs without a reactor, never inside one."""

    def __init__(self) -> None:
        self._settled = threading.Event()
        self._error: Exception | None = None

    def succeed(self) -> None:
        """Let what awaits it go on."""
        self._settled.set()

    def fail(self, error: Exception) -> None:
        """Raise `error` in what awaits it."""
        self._error = error
        self._settled.set()

    def __await__(self) -> Generator[Any, Any, None]:
        self._settled.wait()
        if self._error is not None:
            raise self._error
        yield from ()
