"""What faults make of a message that a party sends of its own accord: never, late, twice, out of order, or spoiled bytes.

Must not know who sends, or why.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from twisted.internet.defer import CancelledError, Deferred

from gateway.contract.codec import Message
from gateway.soap.http_client import HttpPool, HttpReply
from gateway.soap.http_outlet import Clock
from gateway.soap.peer import Peer
from stubs.faults.rules import Met
from stubs.faults.spoil import spoil_request
from stubs.kit.faulty import renumbered
from stubs.kit.times import sleep

if TYPE_CHECKING:
    from stubs.kit.outbound import Caller, Letter

Send = Callable[["Letter"], Awaitable[Message | None]]


class Keeping:
    """Sends letters as their faults say, and keeps back those that let another one go first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: list[Deferred[None]] = []

    async def send(self, letter: Letter, faults: Sequence[Met], send: Send) -> Message | None:
        """Send a letter by `send`; None if it had no answer, or never went."""
        by_name = {met.name: met for met in faults}
        if "callback-never" in by_name:
            return None
        if "late-callback" in by_name:
            await sleep(self._clock, by_name["late-callback"].number("seconds"))
        if "callbacks-out-of-order" in by_name and not self._kept:
            await self._keep(by_name["callbacks-out-of-order"].number("seconds"))
            return await send(letter)
        answer = await send(letter)
        kept, self._kept = self._kept, []
        for waiting in kept:
            waiting.cancel()
        twice = by_name.get("duplicate-callback")
        if twice is not None:
            await sleep(self._clock, twice.number("gap"))
            same = twice.text("numbered") == "same"
            await send(letter if same else replace(letter, message=renumbered(letter.message)))
        return answer

    async def _keep(self, seconds: float) -> None:
        waiting = sleep(self._clock, seconds)
        self._kept.append(waiting)
        try:
            await waiting
        except CancelledError:
            if waiting in self._kept:  # the set stops
                raise
        finally:
            if waiting in self._kept:
                self._kept.remove(waiting)


class _SpoiledPool:
    """Sends other bytes than it was given."""

    def __init__(self, pool: HttpPool, faults: Sequence[Met]) -> None:
        self._pool = pool
        self._faults = faults

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float) -> Deferred[HttpReply]:
        body, content_type = spoil_request(body, headers["Content-Type"], self._faults)
        return self._pool.post(url, body, {**headers, "Content-Type": content_type}, deadline=deadline)

    def renew(self, url: str) -> None:
        """As the pool does."""
        self._pool.renew(url)


def spoiling(caller: Caller, faults: Sequence[Met]) -> Caller:
    """Give a caller whose bytes are spoiled; one that does not speak by a contract of ours (a dialect) is left as it is."""
    if not isinstance(caller, Peer):
        return caller
    return replace(caller, pool=cast(HttpPool, _SpoiledPool(caller.pool, faults)))
