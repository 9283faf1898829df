"""Writes an answer in the manner that a fault says: whole, in part, drop by drop, without end, twice, or not at all.

For whoever serves over Lines: the stubs' front and the partner kit. Must not know SOAP, rules or roles.
"""

from __future__ import annotations

from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred

from gateway.soap.http_message import LINK_CLOSE, LINK_KEEP, AnswerWriter, HttpResponse
from gateway.soap.http_outlet import Clock
from stubs.faults.wire import Manner, Sent
from stubs.kit.times import sleep

DRAINED = 0.05
"""Seconds in which what was written has left, before a connection is reset behind it."""
GONE_WITHIN = 1.0
"""Seconds until a connection that was closed is dropped, if the other side leaves it open."""
MOST_BYTES = 64 << 20
"""Of an answer without end: a caller who reads nothing must not fill our memory."""


class Wire(Protocol):
    """The connection that an answer is for; gone is one that either side has closed."""

    gone: bool

    def put(self, data: bytes) -> None:
        """Write beside the HTTP layer."""

    def close(self) -> None:
        """Close after what was written."""

    def drop(self) -> None:
        """Reset it; what waits is lost."""

    def watch(self, waiting: Deferred[None]) -> None:
        """Cancel a wait when it is gone."""

    def unwatch(self, waiting: Deferred[None]) -> None:
        """Do so no more."""


class Player:
    """Plays answers; `server_name` is in their heads, as in those that the HTTP layer writes."""

    def __init__(self, clock: Clock, server_name: str) -> None:
        self._clock = clock
        self._writer = AnswerWriter(server_name)

    async def play(self, sent: Sent, wire: Wire) -> HttpResponse:
        """Write an answer, or a part of it; gives what the HTTP layer is owed, which goes nowhere where the wire is gone."""
        if sent.wait:
            await self.rest(sent.wait, wire)
        response = HttpResponse(sent.status, sent.body, sent.content_type, sent.headers)
        match sent.manner:
            case Manner.WHOLE:
                return response
            case Manner.TWICE:
                wire.put(self._writer.write(response, LINK_KEEP))
                return response
            case Manner.SILENT:
                await self.rest(sent.lasts, wire)
                wire.drop()
            case Manner.RESET:
                await self._reset(sent, response, wire)
            case Manner.CUT:
                wire.put(self._head(response) + sent.written())
                wire.close()
            case Manner.DRIP:
                await self._drip(sent, self._writer.write(response, LINK_CLOSE), wire)
            case Manner.ENDLESS:
                await self._go_on(sent, response, wire)
        await self.rest(GONE_WITHIN, wire)
        wire.drop()
        await self.rest(DRAINED, wire)  # the HTTP layer throws its answer away once the line is gone
        return response

    async def rest(self, seconds: float, wire: Wire) -> None:
        """Wait so long, or until the wire is gone."""
        if wire.gone:
            return
        waiting = sleep(self._clock, seconds)
        wire.watch(waiting)
        try:
            await waiting
        except CancelledError:
            if not wire.gone:  # whoever plays is being stopped
                raise
        finally:
            wire.unwatch(waiting)

    def _head(self, response: HttpResponse) -> bytes:
        """Give the head of a whole answer, which promises all of its body."""
        head, end, _ = self._writer.write(response, LINK_KEEP).partition(b"\r\n\r\n")
        return head + end

    async def _reset(self, sent: Sent, response: HttpResponse, wire: Wire) -> None:
        if sent.part:
            wire.put(self._head(response) + sent.written())
            await self.rest(DRAINED, wire)
        wire.drop()

    async def _drip(self, sent: Sent, data: bytes, wire: Wire) -> None:
        for start in range(0, len(data), sent.piece):
            if wire.gone:
                return
            wire.put(data[start : start + sent.piece])
            await self.rest(sent.pause, wire)
        wire.close()

    async def _go_on(self, sent: Sent, response: HttpResponse, wire: Wire) -> None:
        head = self._head(response).replace(f"Content-Length: {len(response.body)}".encode(), b"Transfer-Encoding: chunked")
        source = response.body or b" "
        filler = (source * (sent.piece // len(source) + 1))[: sent.piece]
        wire.put(head)
        until, written = self._clock.seconds() + sent.lasts, 0
        while not wire.gone and self._clock.seconds() < until and written < MOST_BYTES:
            wire.put(b"%x\r\n%b\r\n" % (len(filler), filler))
            written += len(filler)
            await self.rest(sent.pause, wire)
        wire.drop()
