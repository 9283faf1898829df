"""Overload: the rate that one gateway process sustains, then ten times as much, in an open loop.

Arrival times are fixed beforehand and a latency counts from the time at which an order was meant to be sent, however late the client
or the gateway was: a gateway that stalls cannot hide it by slowing the client down. It must not know how the gateway refuses, only
that a refusal is HTTP 503 or the retryable result code for busy.
"""

import asyncio
import itertools
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import uvloop

from bench import ours
from bench.orders import Template, get_json
from bench.processes import Cores, Running, read_memory, running
from bench.refusals import SOAP_ACTION

CONNECTIONS = 256
SUBSCRIBERS = 400_000
UNLOADED_RATE = 60.0
"""Orders a second: about a tenth of what is sustained."""
FIRST_RATE = 200.0
WARM_SECONDS = 3.0
STEP = 1.1
STEP_SECONDS = 4.0
COMPLETION = (STEP_SECONDS + 1.0) / STEP_SECONDS
"""The orders of a step may be completed within a second after its last."""
BEYOND = 0.9
"""Of the orders of two steps running less than this were accepted: the climb is over."""
SETTLE_SECONDS = 60.0
TIMES = 10


class OverloadError(Exception):
    """The measurement could not be carried to its end; the text says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """What came of orders at one rate. Times are milliseconds; memory is MiB."""

    rate: float
    accepted: list[float]
    refused: list[float]
    kinds: dict[str, int]
    completed_per_second: float
    memory: list[float]
    lateness: list[float]
    """Of the client: how long after its time an order was begun; a client that cannot keep up measures itself."""

    @property
    def accepted_per_second(self) -> float:
        """Orders accepted for each second of load."""
        return len(self.accepted) / (len(self.accepted) + len(self.refused)) * self.rate


@dataclass(frozen=True, slots=True)
class Overload:
    """The unloaded step, the one at which most was done, and ten times what was."""

    unloaded: Step
    sustained: Step
    flooded: Step


def percentile(times: Iterable[float], share: float) -> float:
    """Give the time that a share of all did not exceed; nan if there are none."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def measure_overload(cores: Cores, directory: Path, *, seconds: float) -> Overload:
    """Measure all three on one gateway with its store in an empty directory; SystemExit: an order was lost, or answered otherwise."""
    with _gateway(cores, directory) as load:
        load.run(UNLOADED_RATE, WARM_SECONDS)
        unloaded = load.run(UNLOADED_RATE, seconds)
        sustained = _climb(load, FIRST_RATE)
        flooded = load.run(sustained.accepted_per_second * TIMES, seconds)
    return Overload(unloaded, sustained, flooded)


def _climb(load: "Load", rate: float) -> Step:
    """Raise the rate until the gateway is well beyond what it can do; give the step at which it did most."""
    steps = []
    while len(steps) < 2 or any(step.accepted_per_second >= BEYOND * step.rate for step in steps[-2:]):
        steps.append(load.run(rate, STEP_SECONDS))
        rate *= STEP
    return max(steps, key=lambda step: min(step.accepted_per_second, step.completed_per_second * COMPLETION))


@contextmanager
def _gateway(cores: Cores, directory: Path) -> Iterator["Load"]:
    stubs = running("partners-of-overload", [sys.executable, "-m", "bench.partner_stub"], core=cores.load, path="")
    with stubs as stub, ours.start_ours_gateway(cores.measured, stub.url(), directory, subscribers=SUBSCRIBERS) as gateway:
        yield Load(gateway, stub)


class Load:
    """Orders to one gateway; each has its own number and subscriber."""

    def __init__(self, gateway: Running, stub: Running) -> None:
        self._gateway = gateway
        self._stub = stub
        self._indexes = itertools.count(1)
        self._accepted = 0

    def run(self, rate: float, seconds: float) -> Step:
        """Send at a rate for some seconds, then wait until every order that was accepted has ended."""
        template = Template(ours.order_template())
        indexes = [next(self._indexes) for _ in range(int(rate * seconds))]
        head = (
            f"POST {self._gateway.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "{SOAP_ACTION}"\r\nContent-Length: %d\r\n\r\n'
        ).encode()
        bodies = (template.fill(index, ours.order_number(index)) for index in indexes)
        flood = _Flood(self._gateway, [head % len(body) + body for body in bodies], rate)
        began = time.perf_counter()
        try:
            uvloop.run(flood.run())
        except OverloadError as error:
            raise SystemExit(f"bench: {error}") from None
        self._accepted += len(flood.accepted)
        self._settle()
        took = time.perf_counter() - began
        return Step(
            rate, flood.accepted, flood.refused, dict(flood.kinds), len(flood.accepted) / took, flood.memory, flood.lateness
        )

    def _settle(self) -> None:
        deadline = time.monotonic() + SETTLE_SECONDS
        while (done := get_json(self._stub.port, "/counts")["portal"]) < self._accepted:
            if time.monotonic() > deadline:
                raise SystemExit(f"bench: {done} of {self._accepted} accepted orders were completed")
            time.sleep(0.02)


class _Flood:
    """One step: orders at fixed times over keep-alive connections; what finds none free waits, and its latency runs."""

    def __init__(self, gateway: Running, messages: list[bytes], rate: float) -> None:
        self.accepted: list[float] = []
        self.refused: list[float] = []
        self.kinds: Counter[str] = Counter()
        self.memory: list[float] = []
        self.lateness: list[float] = []
        self._gateway = gateway
        self._messages = messages
        self._gap = 1.0 / rate
        self._idle: list[_Connection] = []
        self._late: deque[int] = deque()
        self._begun = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        made = [loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._gateway.port) for _ in range(CONNECTIONS)]
        connections = [protocol for _, protocol in await asyncio.gather(*made)]
        self._idle += connections
        self._over = loop.create_future()
        self._begun = time.perf_counter() + 0.05
        watch = asyncio.create_task(self._watch())
        try:
            await self._send_all()
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._over
        except TimeoutError:
            raise OverloadError("some orders were never answered") from None
        finally:
            watch.cancel()
            for connection in connections:
                connection.close()

    async def _send_all(self) -> None:
        count, index = len(self._messages), 0
        while index < count:
            due = min(count, int((time.perf_counter() - self._begun) / self._gap) + 1)
            for index in range(index, due):  # noqa: B020  it goes on where it was
                self.lateness.append((time.perf_counter() - self._begun - index * self._gap) * 1e3)
                if self._idle:
                    self._idle.pop().ask(index, self._messages[index])
                else:
                    self._late.append(index)
            index = max(index, due)
            await asyncio.sleep(max(0.0, self._begun + index * self._gap - time.perf_counter()))

    async def _watch(self) -> None:
        while True:
            self.memory.append(read_memory(self._gateway.pid).rss)
            await asyncio.sleep(0.25)

    def answered(self, connection: "_Connection", index: int, status: bytes, body: bytes) -> None:
        took = (time.perf_counter() - self._begun - index * self._gap) * 1e3
        if status == b"503":
            self.refused.append(took)
            self.kinds["503"] += 1
        elif status == b"200" and b"ResultCode>0<" in body:
            self.accepted.append(took)
        elif status == b"200" and b"ResultCode>9001<" in body:
            self.refused.append(took)
            self.kinds["9001"] += 1
        else:
            self.failed(f"an order was answered by {status!r} {body[-400:]!r}")
        if self._late:
            late = self._late.popleft()
            connection.ask(late, self._messages[late])
        else:
            self._idle.append(connection)
        if len(self.accepted) + len(self.refused) == len(self._messages) and not self._over.done():
            self._over.set_result(None)

    def failed(self, reason: str) -> None:
        if not self._over.done():
            self._over.set_exception(OverloadError(reason))


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one order out at a time."""

    def __init__(self, flood: _Flood) -> None:
        self._flood = flood
        self._index = -1
        self._got = b""

    def ask(self, index: int, message: bytes) -> None:
        self._index = index
        self._got = b""
        self._transport.write(message)

    def close(self) -> None:
        self._index = -1
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if found and len(body) >= int(head[head.rindex(b"Content-Length: ") + 16 :].split(b"\r", 1)[0]):
            self._flood.answered(self, self._index, head[9:12], body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._index >= 0:
            self._flood.failed("the gateway closed a connection")
