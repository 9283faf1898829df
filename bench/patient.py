"""A patient channel: it sends each order under its own number until the order is taken, whatever becomes of the gateway meanwhile.

It must not know which build takes the orders.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import uvloop

from bench.orders import STALL_SECONDS, Client, LoadError, Template
from bench.refusals import SOAP_ACTION, SUCCESS

PAUSE = 0.05
"""Seconds before a request that got no answer, or "busy", is sent again."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What to send, and where. With `to_the_end`, `in_flight` orders are under way at a time; else they are only being taken."""

    port: int
    path: str
    stub_port: int
    template: bytes
    number: Callable[[int], str]
    in_flight: int
    to_the_end: bool


def send(sending: Sending, first: int, count: int) -> None:
    """Send orders and wait until each is taken, or has ended; SystemExit: nothing moved for STALL_SECONDS."""
    try:
        uvloop.run(_Patience(sending, iter(range(first, first + count)), count).run())
    except* LoadError as group:
        reason = str(group.exceptions[0])
        raise SystemExit(f"bench: {reason}") from None


@dataclass
class _Patience:
    sending: Sending
    indexes: Iterator[int]
    count: int
    taken: int = 0
    finished: int = 0
    since: float = field(default_factory=time.monotonic)

    async def run(self) -> None:
        self._template = Template(self.sending.template)
        self._room = asyncio.Semaphore(self.sending.in_flight)
        self._before = await self._finished(-1)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.sending.in_flight, 32)):
                group.create_task(self._send())
            group.create_task(self._watch())

    async def _send(self) -> None:
        client: Client | None = None
        while True:
            await self._room.acquire()
            index = next(self.indexes, None)
            if index is None:
                self._room.release()
                break
            request = self._request(index)
            while not await self._taken(client := client or await self._connected(), request):
                client.close()
                client = None
                await asyncio.sleep(PAUSE)
            self.taken += 1
            self.since = time.monotonic()
            if not self.sending.to_the_end:
                self._room.release()
        if client is not None:
            client.close()

    async def _connected(self) -> Client:
        while True:
            try:
                return await Client.connect(self.sending.port)
            except OSError:
                await asyncio.sleep(PAUSE)

    async def _taken(self, client: Client, request: bytes) -> bool:
        try:
            status, answer = await client.ask(request)
        except LoadError:  # the connection ended: the gateway fell
            return False
        return status == 200 and SUCCESS.search(answer) is not None

    def _request(self, index: int) -> bytes:
        body = self._template.fill(index, self.sending.number(index))
        head = (
            f"POST {self.sending.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "{SOAP_ACTION}"\r\nContent-Length: {len(body)}\r\n\r\n'
        )
        return head.encode() + body

    async def _watch(self) -> None:
        while (self.finished if self.sending.to_the_end else self.taken) < self.count:
            await asyncio.sleep(PAUSE)
            if time.monotonic() - self.since > STALL_SECONDS:
                raise LoadError(f"stalled: {self.taken} of {self.count} orders are taken, {self.finished} have ended")
            if self.sending.to_the_end:
                ended = await self._finished(self._before + self.finished) - self._before
                for _ in range(ended - self.finished):
                    self._room.release()
                    self.since = time.monotonic()
                self.finished = ended

    async def _finished(self, known: int) -> int:
        client = await Client.connect(self.sending.stub_port)
        _, body = await client.ask(b"GET /told HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        client.close()
        told: int = json.loads(body)["told"]
        return max(told, known)
