"""What the partner calls by itself: the kit serves the gateway's contracts to it, says 0 to everything, and remembers.

Must not know what a case waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twisted.internet.defer import Deferred

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import OK
from gateway.soap.endpoint import Endpoint
from gateway.soap.endpoint import Exchange as Seen
from gateway.soap.front import Front
from gateway.soap.http import HttpRequest, HttpResponse
from stubs.faults.catalogue import FAULTS
from stubs.faults.rules import Met, Rule
from stubs.faults.spoil import spoil
from stubs.faults.wire import Sent
from stubs.kit.times import iso
from stubs.partnerkit.case import Fields
from stubs.partnerkit.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Received:
    """One call of the partner: its operation, its message, and how it travelled."""

    operation: str
    message: Message
    exchange: Exchange


class Listener:
    """Serves contracts at /services/NAME; implements what the HTTP server asks for. `clock` gives seconds of the epoch."""

    def __init__(self, codecs: Mapping[str, Codec], replies: Mapping[str, Fields], clock: Callable[[], float]) -> None:
        self.received: list[Received] = []
        """In the order of their coming."""
        self.exchanges: list[Exchange] = []
        """The same, with those that were no good messages."""
        self._replies = replies
        self._once: dict[str, list[Fields]] = {}
        self._spoilt: dict[str, list[Met]] = {}
        self._clock = clock
        self._handled: tuple[str, Message] | None = None
        self._endpoints = [Endpoint(codec, self._handler(codec), reference=lambda: "kit") for codec in codecs.values()]
        self._front = Front(self._endpoints, public_url="http://127.0.0.1")

    def at(self, public_url: str) -> None:
        """Say under which address the contracts are published."""
        self._front = Front(self._endpoints, public_url=public_url)

    def reset(self) -> None:
        """Forget what was received: the next case begins."""
        self.received, self.exchanges, self._once, self._spoilt = [], [], {}, {}

    def reply(self, operation: str, fields: Fields, times: int) -> None:
        """Answer the next calls of an operation with these fields instead."""
        self._once[operation] = [fields] * times

    def spoil(self, operation: str, fault: str, times: int) -> None:
        """Let a fault of the stubs' catalogue meet the answers to the next calls of an operation: one that spoils a whole answer."""
        rule = Rule(FAULTS[fault])
        self._spoilt[operation] = [Met(rule, count) for count in range(1, times + 1)]

    def check_head(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Refuse what cannot become a SOAP message, as the gateway does."""
        return self._front.check_head(method, path, headers)

    def handle(self, request: HttpRequest) -> HttpResponse | Deferred[HttpResponse]:
        """Answer a call of the partner and keep it."""
        began = iso(self._clock())
        title = urlsplit(request.path).path.rpartition("/")[2]
        exchange = Exchange(title, f"{request.method} {request.path}", dict(request.headers), request.body, began, incoming=True)
        if request.method == "POST":
            self.exchanges.append(exchange)
        self._handled = None
        answer = self._front.handle(request)
        if isinstance(answer, Deferred):
            return answer.addCallback(self._keep, exchange)
        return self._keep(answer, exchange)

    def _keep(self, response: HttpResponse, exchange: Exchange) -> HttpResponse:
        spoilt = self._spoilt.get(self._handled[0]) if self._handled is not None else None
        if spoilt:
            sent = spoil(Sent(response.status, response.body, response.content_type, response.headers), [spoilt.pop(0)])
            response = HttpResponse(sent.status, sent.body, sent.content_type, sent.headers)
        exchange.status, exchange.answer = response.status, response.body
        exchange.answer_headers = {"content-type": response.content_type}
        if self._handled is not None:
            operation, message = self._handled
            exchange.title = operation
            self.received.append(Received(operation, message, exchange))
            self._handled = None
        return response

    def _handler(self, codec: Codec) -> object:
        """Make an object with a coroutine for each operation of the contract, which notes the message and says 0."""
        return type("Handler", (), {name: self._act(codec, name) for name in codec.contract.operations})()

    def _act(self, codec: Codec, operation: str) -> Callable[..., Any]:
        answer_type = codec.by_element[codec.contract.operations[operation].response].type
        usual = self._replies.get(operation, {})

        async def act(_: object, request: Message, seen: Seen) -> Message:
            self._handled = (operation, request)
            waiting = self._once.get(operation, [])
            fields = {"ResultCode": "0", "ResultDesc": OK.describe(), **usual, **(waiting.pop(0) if waiting else {})}
            return answer_type(StreamingNo=request.StreamingNo, **fields)

        return act
