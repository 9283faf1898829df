"""The serving side of TLS: the HTTP server's connections behind a handshake, and what a client's certificate says of it.

Must not know who may call what.
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from gateway.soap.http import HttpFactory
from gateway.soap.http_outlet import Clock
from gateway.soap.tls_files import Context
from gateway.soap.tls_stream import TlsStream


class TlsFactory(Factory):
    """Serves an HTTP server's handler over TLS: the limits on connections are its own, a handshake counts as an idle connection.

    `handshake_seconds` is from the connection to the end of the handshake; then it is dropped. `told` hears of each client that TLS
    ended: its address and OpenSSL's name for the reason.
    """

    noisy = False

    def __init__(
        self, http: HttpFactory, context: Context, *, clock: Clock, handshake_seconds: float, told: Callable[[str, str], None]
    ) -> None:
        self._http = http
        self._context = context
        self._clock = clock
        self._handshake_seconds = handshake_seconds
        self._told = told

    def buildProtocol(self, addr: IAddress | None) -> TlsStream | None:  # noqa: N802 -- Twisted's
        """Take a client in, or turn it away as over plain TCP."""
        inner = self._http.buildProtocol(addr)
        if inner is None:
            return None
        stream = TlsStream(self, self._session, self._clock, self._handshake_seconds)
        stream.inner = inner
        stream.peer = getattr(addr, "host", "")
        return stream

    def connected(self, stream: TlsStream) -> None:
        """Put the connection under the server's limits before its handshake."""
        stream.inner.makeConnection(stream)

    def secured(self, stream: TlsStream, session: ssl.SSLObject) -> None:
        """Say who the client is."""
        stream.inner.secured(identity(session))

    def failed(self, stream: TlsStream, reason: str) -> None:
        """Tell of a client that TLS ended."""
        self._told(stream.peer, reason)

    def lost(self, stream: TlsStream, reason: Failure) -> None:
        """Do nothing: the connection knows."""

    def _session(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> ssl.SSLObject:
        return self._context.current.wrap_bio(incoming, outgoing, server_side=True)


def identity(session: ssl.SSLObject) -> tuple[str, ...]:
    """Give what the client's verified certificate names him, each with its kind; nothing if he has shown none.

    First `sha256:` and its fingerprint in small hex, then its alternative names, `uri:` and `dns:` (small letters). One that has none of
    these is named by its subject, `cn:`; beside them a common name does not count (RFC 9525, 6.1).
    """
    der = session.getpeercert(binary_form=True)
    if der is None:
        return ()
    described: dict[str, Any] = session.getpeercert() or {}
    names = [
        f"{kind.lower()}:{name.lower() if kind == 'DNS' else name}"
        for kind, name in described.get("subjectAltName", ())
        if kind in ("URI", "DNS")
    ]
    if not names:
        names = [f"cn:{value}" for part in described.get("subject", ()) for key, value in part if key == "commonName"]
    return f"sha256:{hashlib.sha256(der).hexdigest()}", *names
