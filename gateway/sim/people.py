"""Who orders: users at a channel, clerks at CRM and ISMP. They repeat a request, the same one, until they are answered, however long.

Everything that they were told is kept, to be held against what the stores say in the end.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from twisted.internet.defer import Deferred

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import Permanent, Temporary
from gateway.sim.reactor import SimReactor
from gateway.soap.http_client import HttpPool
from gateway.soap.peer import Peer
from gateway.vocabulary import write_time
from stubs.kit.outbound import decided
from stubs.kit.times import sleep

DEADLINE = 8.0
LONGEST_PAUSE = 10.0


@dataclass(slots=True)
class Told:
    """One request of somebody's, and every answer that it got, in their order."""

    gateway: str
    operation: str
    system: str
    streaming_no: str
    order_id: str
    number: str
    content: str
    answers: list[tuple[float, int]] = field(default_factory=list)
    """(when, ResultCode)."""


class Counter:
    """The people beside one gateway."""

    def __init__(self, gateway: str, url: str, reactor: SimReactor, codec: Codec, chance: Random) -> None:
        self.gateway = gateway
        self.reactor = reactor
        self.told: list[Told] = []
        self.busy = 0
        """How many acts are under way."""
        self.refusals: list[str] = []
        """What was refused as such, which our own messages never should be."""
        self._codec = codec
        self._chance = chance
        self._url = url
        self._pool = HttpPool(reactor)
        self._count = 0

    def numbers(self, system: str) -> tuple[str, str]:
        """Give a fresh StreamingNo and OrderId."""
        self._count += 1
        serial = f"{write_time(self.reactor.now())}{self._count:05d}{self._chance.randrange(10_000):04d}"
        return f"{system}{serial}", f"W{serial}"

    def message(self, name: str, **fields: Any) -> Message:
        """Make a message to VSOP."""
        return self._codec[name](**fields)

    def begin(self, act: Awaitable[object]) -> None:
        """Let somebody do something by himself."""
        self.busy += 1

        async def whole() -> None:
            try:
                await act
            finally:
                self.busy -= 1

        Deferred.fromCoroutine(whole())

    async def ask(self, request: Message, *, again: Told | None = None) -> Told:
        """Send a request to VSOP until there is a decision; `again`: it was sent before."""
        name = type(request).__name__
        answer: Message | None
        told = again or Told(
            self.gateway, name, request.SystemId, request.StreamingNo, getattr(request, "OrderId", ""),
            getattr(request, "ProductNo", ""), request.fingerprint("TimeStamp"),
        )  # fmt: skip
        if again is None:
            self.told.append(told)
        peer = Peer(self.gateway, f"{self._url}/services/vsop", self._codec, self._pool, DEADLINE)
        pause = 0.2
        while True:
            try:
                answer = await peer.call(name, request)
            except Temporary:
                answer = None
            except Permanent as refused:
                self.refusals.append(f"{name}: {refused.reason}")
                return told
            if answer is not None and decided(answer):
                told.answers.append((self.reactor.seconds(), int(answer.ResultCode)))
                return told
            await sleep(self.reactor, pause * (0.5 + self._chance.random()))
            pause = min(2 * pause, LONGEST_PAUSE)
