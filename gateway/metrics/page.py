"""What is written when metrics are asked for: what is counted, and what the store holds, which is read at most once in some seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from gateway.engine.ports import Clock, Store, StoreFailed
from gateway.metrics.gathering import Gathered, Sources, registry, written

FRESH: Final = 5.0
"""Seconds for which what the store holds is told again: a backlog of 100,000 takes milliseconds to count."""


def page(sources: Sources, store: Store, clock: Clock, seconds: Callable[[], float]) -> Callable[[], Awaitable[bytes]]:
    """Give what writes the page; `seconds` counts from anywhere."""
    gathered = Gathered(sources)
    gathered.now = lambda: clock.now().timestamp()
    made = registry(gathered)
    read_at = float("-inf")

    async def write() -> bytes:
        nonlocal read_at
        sources.lag.asked()
        if gathered.open is None or seconds() - read_at > FRESH:
            read_at = seconds()
            try:
                gathered.open = await store.open_by_state()
            except StoreFailed:  # told by vsopgw_store_up: all else is told as ever
                gathered.open = None
        return written(made)

    return write
