"""The calling side of TLS: connections to a partner whose certificate must be of the configured CA and bear the name that is called.

Must not know about HTTP; there is no way to leave the verification out.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Final

from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from gateway.soap.http_client_connection import Reason
from gateway.soap.http_outlet import Clock
from gateway.soap.tls_files import Context
from gateway.soap.tls_stream import HANDSHAKE_TIMEOUT, TlsStream

_UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"


def reason_of(tls: str) -> Reason:
    """Say in our words why TLS failed; `tls` is OpenSSL's name for it."""
    if tls == _UNTRUSTED:
        return Reason.UNTRUSTED
    if tls == HANDSHAKE_TIMEOUT:
        return Reason.CONNECT_TIMEOUT
    return Reason.TLS_REFUSED if "_ALERT_" in tls else Reason.TLS_FAILED


def call_over_tls(
    context: Context,
    host: str,
    *,
    clock: Clock,
    handshake_seconds: float,
    made: Callable[[], Protocol],
    failed: Callable[[Reason], None],
) -> TlsStream:
    """Give the protocol of a new socket to `host`; either `made` is called, for what is spoken over it, or `failed`."""

    def session(incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO) -> ssl.SSLObject:
        return context.current.wrap_bio(incoming, outgoing, server_hostname=host)

    return TlsStream(_Attempt(made, failed), session, clock, handshake_seconds)


class _Attempt:
    """A connection that is counted only when its handshake is over."""

    def __init__(self, made: Callable[[], Protocol], failed: Callable[[Reason], None]) -> None:
        self._made = made
        self._failed = failed
        self._secured = False
        self._reason = Reason.CONNECT_FAILED

    def connected(self, stream: TlsStream) -> None:
        """Wait for the handshake."""

    def secured(self, stream: TlsStream, session: ssl.SSLObject) -> None:
        """Use the connection."""
        self._secured = True
        inner: Any = self._made()
        stream.inner = inner
        inner.makeConnection(stream)

    def failed(self, stream: TlsStream, reason: str) -> None:
        """Remember why."""
        self._reason = reason_of(reason)

    def lost(self, stream: TlsStream, reason: Failure) -> None:
        """Tell of a connection that never came to be; who speaks over one is told already."""
        if not self._secured:
            self._failed(self._reason)
