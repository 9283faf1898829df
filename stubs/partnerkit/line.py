"""The way to the partner's endpoint: bytes out, bytes in, each exchange kept as it was; one deadline for each.

Must not know what is in a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from twisted.internet.defer import CancelledError, Deferred

from gateway.soap.http_client import HttpCallFailed, HttpPool, HttpReply, Reason
from stubs.kit.times import iso
from stubs.partnerkit.exchange import Exchange

SILENCES = 3
"""Exchanges in a row without an end, after which a partner is taken for gone: a run against it would take minutes."""


@dataclass(slots=True)
class Line:
    """One address; `deadline` in seconds covers a whole exchange."""

    pool: HttpPool
    url: str
    deadline: float
    silences: int = 0
    """Exchanges in a row that the deadline has ended."""

    @property
    def seems_gone(self) -> bool:
        """Whether it has been silent too often."""
        return self.silences >= SILENCES

    async def post(self, title: str, body: bytes, headers: Mapping[str, str]) -> Exchange:
        """Send a message and give what happened; never raises for what the partner does, but CancelledError if it is broken off."""
        exchange = self._begin(title, "POST", self.url, headers, body)
        return await self._end(exchange, self.pool.post(self.url, body, headers, deadline=self.deadline))

    async def get(self, title: str, query: str) -> Exchange:
        """Get the address with a query, such as wsdl."""
        url = f"{self.url}?{query}"
        exchange = self._begin(title, "GET", url, {}, b"")
        return await self._end(exchange, self.pool.get(url, {}, deadline=self.deadline))

    def _begin(self, title: str, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Exchange:
        parts = urlsplit(url)
        target = f"{method} {parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        return Exchange(title, target, dict(headers), body, iso(self.pool.reactor.seconds()))

    async def _end(self, exchange: Exchange, answer: Deferred[HttpReply]) -> Exchange:
        began = self.pool.reactor.seconds()
        try:
            reply = await answer
        except HttpCallFailed as failed:
            if failed.reason is Reason.CANCELLED:
                raise CancelledError from None
            exchange.trouble = failed.reason
        else:
            exchange.status, exchange.answer_headers, exchange.answer = reply.status, reply.headers, reply.body
        self.silences = self.silences + 1 if exchange.trouble in _SILENT else 0
        exchange.seconds = self.pool.reactor.seconds() - began
        return exchange


_SILENT = frozenset({Reason.DEADLINE, Reason.TOO_LARGE})
