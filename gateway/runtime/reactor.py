"""The reactor, chosen once at start: asyncio's, on uvloop where it is installed."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from typing import Any

from twisted.internet import asyncioreactor


def install() -> Any:
    """Install and return the reactor; call before anything imports twisted.internet.reactor."""
    # A message leaves hundreds of objects behind that are no rubbish yet: looking through them at each 700 is in vain.
    gc.set_threshold(20_000, 20, 50)
    if "twisted.internet.reactor" not in sys.modules:
        try:
            import uvloop  # noqa: PLC0415  optional
        except ImportError:
            loop = asyncio.new_event_loop()
        else:
            loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)
        # Twisted would set the context of its old log around each event of each socket, which costs as much as a refusal; we log
        # with fields of our own. What an event raises is caught one call below, as before.
        vars(asyncioreactor)["callWithLogger"] = _call
        asyncioreactor.install(loop)
    from twisted.internet import reactor  # noqa: PLC0415  importing it installs one

    return reactor


def _call(_: object, act: Callable[..., Any], *arguments: object) -> Any:
    return act(*arguments)


def from_threads() -> Callable[[Callable[[], None]], None]:
    """Give what has an act run in the reactor's thread: asyncio's own way, without Twisted's detour by a timer."""
    loop = asyncio.get_event_loop_policy().get_event_loop()

    def act_later(act: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(act)

    return act_later
