"""A stub set over HTTP bytes, without sockets: a host on a reactor in memory, and lines to it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from twisted.internet import testing
from twisted.internet.address import IPv4Address

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.contract.document import ROUTING
from stubs.kit.host import Fittings, StubHost, read_codec
from stubs.kit.settings import StubSettings
from stubs.roles import ROLES

_memory: Any = testing  # its doubles have no types
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

FITTINGS = Fittings(codec=cache(read_codec))
"""Contracts are read once for all sets of the tests."""


class Line:
    """A client; asks one thing at a time."""

    def __init__(self, rig: Rig) -> None:
        self._transport: Any = _memory.StringTransportWithDisconnection(rig.address)
        self._protocol = self._transport.protocol = rig.factory.buildProtocol(rig.address)
        self._protocol.makeConnection(self._transport)

    @property
    def dropped(self) -> bool:
        return bool(self._transport.disconnected)

    @property
    def silent(self) -> bool:
        return not self._transport.value()

    def send(self, method: str, path: str, body: bytes = b"", content_type: str = "text/xml; charset=utf-8", more: str = "") -> None:
        head = f"{method} {path} HTTP/1.1\r\nHost: stub\r\n{more}Content-Length: {len(body)}\r\n"
        self._protocol.dataReceived(f"{head}Content-Type: {content_type}\r\n\r\n".encode() + body)

    def answer(self) -> tuple[int, bytes]:
        head, _, body = self._transport.value().partition(b"\r\n\r\n")
        self._transport.clear()
        return int(head.split()[1]), body


class Rig:
    """A host over a reactor in memory."""

    address = IPv4Address("TCP", "127.0.0.1", 40000)

    def __init__(
        self, root: Path, codecs: dict[str, Codec], *, roles: tuple[str, ...] = tuple(ROLES), world: tuple[Path, ...] = ()
    ) -> None:
        self.reactor: Any = _memory.MemoryReactorClock()
        self.reactor.advance(1_780_000_000)
        settings = StubSettings("jiangxi", "15", 7115, None, roles, root / "wsdl", world or (root / "etc/lab/subscribers.toml",))
        self.host = StubHost(settings, self.reactor, FITTINGS)
        self.port = self.host.listen()
        self.factory = self.reactor.tcpServers[0][1]
        self.codecs = codecs

    def line(self) -> Line:
        return Line(self)

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the admin API."""
        line = self.line()
        line.send(method, f"/_stub/{path}", b"" if body is None else json.dumps(body).encode(), "application/json")
        status, answer = line.answer()
        return status, json.loads(answer)

    def envelope(self, role: str, operation: str, request: Message, routing: Message | None = None) -> bytes:
        codec = self.codecs[role]
        element = codec.contract.operations[operation].request
        header = "" if routing is None else f"<s:Header>{codec.by_element[ROUTING].encode(routing)}</s:Header>"
        body = codec.by_element[element].encode(request)
        return (
            f'<s:Envelope xmlns:s="{SOAP}"{codec.namespace_declarations()}>{header}<s:Body>{body}</s:Body></s:Envelope>'
        ).encode()
