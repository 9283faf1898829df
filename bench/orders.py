"""Drive unique subscribeToVSOP orders in a closed loop and time them to their end.

It must not know which build takes them: an order has ended when the partner stub has had its result
(subResultFromVSOP), the last call of order 4.1.1 in every build. `in_flight` orders are under way at a time, over as
many keep-alive connections.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import httptools
import uvloop

from bench.refusals import SOAP_ACTION, SUCCESS

STALL_SECONDS = 30.0
ZONE = ZoneInfo("Asia/Shanghai")
UNIQUE = re.compile(
    rb"(<(?:[\w.-]+:)?(?P<name>TraceId|StreamingNo|TimeStamp|OrderId|ProductNo)(?: [^>]*)?>)[^<]*(?=</)", re.DOTALL
)


def mobile_number(index: int) -> str:
    """Make the subscriber number of an order: each order has its own."""
    return str(13300000000 + index)


@dataclass(frozen=True, slots=True)
class OrderLoad:
    """What to send and where. `number` gives the subscriber of the order with an index; indexes begin at `first`."""

    port: int
    path: str
    stub_port: int
    template: bytes
    count: int
    in_flight: int
    first: int = 1
    number: Callable[[int], str] = mobile_number


@dataclass(frozen=True, slots=True)
class OrderRate:
    """Orders per second until the last had ended, and the milliseconds from sending an order to its result."""

    per_second: float
    p50: float
    p99: float


class Template:
    """A request with its unique fields cut out: StreamingNo, TimeStamp, OrderId, ProductNo, the header's TraceId."""

    def __init__(self, request: bytes) -> None:
        self._parts: list[bytes] = []
        self._names: list[str] = []
        end = 0
        for found in UNIQUE.finditer(request):
            self._parts.append(request[end : found.end(1)])
            self._names.append(found["name"].decode())
            end = found.end()
        self._parts.append(request[end:])

    def fill(self, index: int, number: str) -> bytes:
        """Make the request of the order with an index."""
        now = datetime.now(ZONE).strftime("%Y%m%d%H%M%S")
        order_id = make_order_id(index)
        values = {
            "StreamingNo": f"211{now}{index:09d}",
            "TimeStamp": now,
            "OrderId": order_id,
            "TraceId": order_id,
            "ProductNo": number,
        }
        pieces = [self._parts[0]]
        for name, part in zip(self._names, self._parts[1:], strict=True):
            pieces += (values[name].encode(), part)
        return b"".join(pieces)


def make_order_id(index: int) -> str:
    """Make the channel's number of the order with an index."""
    return f"B.{index:010d}"


class LoadError(Exception):
    """The load could not be carried to its end; the text says why."""


def run_orders(load: OrderLoad) -> OrderRate:
    """Send all orders and wait until each has ended; SystemExit: one was refused or none ended for STALL_SECONDS."""
    try:
        return uvloop.run(_Drive(load).run())
    except* LoadError as group:
        reason = str(group.exceptions[0])
    raise SystemExit(f"bench: {reason}")


def get_json(port: int, path: str) -> dict[str, int]:
    """GET a small JSON object of numbers from the loopback."""
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=STALL_SECONDS) as response:
        answer: dict[str, int] = json.load(response)
    return answer


@dataclass
class _Drive:
    load: OrderLoad
    sent_at: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)

    async def run(self) -> OrderRate:
        load = self.load
        before = get_json(load.stub_port, "/counts")["portal"]
        self._permits = asyncio.Semaphore(load.in_flight)
        self._template = Template(load.template)
        self._indexes = iter(range(load.first, load.first + load.count))
        clients = [await Client.connect(load.port) for _ in range(load.in_flight)]
        began = time.perf_counter()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch(before))
                for client in clients:
                    group.create_task(self._send(client))
        finally:
            for client in clients:
                client.close()
        seconds = time.perf_counter() - began
        took = sorted(self.took) or [float("nan")]
        return OrderRate(load.count / seconds, took[len(took) // 2] * 1e3, took[len(took) * 99 // 100] * 1e3)

    async def _send(self, client: "Client") -> None:
        load = self.load
        head = (
            f"POST {load.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "{SOAP_ACTION}"\r\nContent-Length: %d\r\n\r\n'
        ).encode()
        while True:
            await self._permits.acquire()
            index = next(self._indexes, None)
            if index is None:
                self._permits.release()
                return
            body = self._template.fill(index, load.number(index))
            self.sent_at[make_order_id(index)] = time.perf_counter()
            status, answer = await client.ask(head % len(body) + body)
            if status != 200 or not SUCCESS.search(answer):
                raise LoadError(f"an order was refused: {status} {answer[:600]!r}")

    async def _watch(self, before: int) -> None:
        client = await Client.connect(self.load.stub_port)
        seen, end = before, before + self.load.count
        while seen < end:
            request = b"GET /finished?after=%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % seen
            try:
                async with asyncio.timeout(STALL_SECONDS):
                    _, body = await client.ask(request)
            except TimeoutError:
                raise LoadError(f"stalled: {seen - before} of {self.load.count} orders have ended") from None
            now = time.perf_counter()
            news = json.loads(body)
            for order_id in news["ids"]:
                self._permits.release()
                if order_id in self.sent_at:
                    self.took.append(now - self.sent_at.pop(order_id))
            seen = news["finished"]
        client.close()


class Client(asyncio.Protocol):
    """One keep-alive connection that asks one thing at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def connect(cls, port: int) -> "Client":
        _, protocol = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return protocol

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        self._answer = asyncio.get_running_loop().create_future()
        self._body: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by shape only

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LoadError("the server closed a connection before it answered"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._body)))
