"""TLS on one connection: between the socket and the protocol that speaks HTTP, which is the same as over plain TCP.

Python's ssl does the cryptography in memory; sending is as direct as without TLS (see http_outlet). Must not know about HTTP, nor where
certificates come from.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol, cast

from twisted.internet import protocol
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from gateway.soap.http_outlet import Clock, DelayedCall, Outlet, StreamTransport

_RECORD: Final = 16384  # the longest piece that TLS delivers at once (RFC 8446 5.1)
HANDSHAKE_TIMEOUT: Final = "HANDSHAKE_TIMEOUT"
"""The reason for which there is no name of OpenSSL's."""


class TlsFailed(Exception):
    """A connection ended by TLS itself; `reason` is OpenSSL's name for it, such as CERTIFICATE_VERIFY_FAILED."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Side(Protocol):
    """What becomes of a connection; the serving and the calling side differ here alone."""

    def connected(self, stream: "TlsStream", /) -> None:
        """The socket is there; the handshake begins."""

    def secured(self, stream: "TlsStream", session: ssl.SSLObject, /) -> None:
        """The handshake has succeeded."""

    def failed(self, stream: "TlsStream", reason: str, /) -> None:
        """TLS has failed: in the handshake, or later."""

    def lost(self, stream: "TlsStream", reason: Failure, /) -> None:
        """The socket is gone; `inner` is told already, if there is one."""


@implementer(IHalfCloseableProtocol)
class TlsStream(protocol.Protocol):
    """Protocol of the socket, and transport of `inner`. Times are seconds."""

    closes_one_way = True

    def __init__(
        self, side: Side, session: Callable[[ssl.MemoryBIO, ssl.MemoryBIO], ssl.SSLObject], clock: Clock, handshake_seconds: float
    ) -> None:
        self.inner: Any = None
        """The protocol that is served; set by the side, which also makes its connection."""
        self.peer = ""
        """Address of the other side, for the log."""
        self.is_secured = False
        self._side = side
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = session(self._incoming, self._outgoing)
        self._clock = clock
        self._handshake_seconds = handshake_seconds
        self._timer: DelayedCall | None = None
        self._unsent: list[bytes] = []  # written before the handshake was over
        self._producer: Any = None
        self._closing = self._half_closed = False
        self._peer_ended = False  # it will send no more
        self._announced = False  # by a close_notify of either side
        self._failure: str | None = None

    # What Twisted calls

    def connectionMade(self) -> None:  # noqa: N802 -- Twisted's
        """Begin the handshake."""
        raw = cast(Any, self.transport)
        if hasattr(raw, "setTcpNoDelay"):
            raw.setTcpNoDelay(True)
        self._raw = cast(StreamTransport, raw)
        self._outlet = Outlet(self._raw, self._drained)
        self._timer = self._clock.callLater(self._handshake_seconds, self._too_slow)
        self._side.connected(self)
        if not self._session.server_side:
            self._shake()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 -- Twisted's
        """Take in what came, and hand on what it holds."""
        if self._half_closed:
            self.inner.dataReceived(data)  # only counted and thrown away: what it says does not matter any more
        elif self._failure is None and (not self._closing or self._unsent):  # there may be a last word before the handshake is over
            self._incoming.write(data)
            if self.is_secured or self._shake():
                self._read()

    def readConnectionLost(self) -> None:  # noqa: N802 -- Twisted's
        """The peer has closed its sending side, perhaps without a word."""
        self._peer_ends()

    def writeConnectionLost(self) -> None:  # noqa: N802 -- Twisted's
        """Do nothing: this side closed it."""

    def connectionLost(self, reason: Failure = protocol.connectionDone) -> None:  # noqa: N802 -- Twisted's
        """Tell who is concerned; an end that TLS did not announce may have been made by anybody on the way."""
        self._closing = True
        self._stop_timer()
        if self._failure is not None:
            reason = _failure(TlsFailed(self._failure))
        elif isinstance(reason.value, ConnectionDone) and not self._announced:
            reason = _failure(ConnectionLost())
        inner, self.inner = self.inner, None
        if inner is not None:
            inner.connectionLost(reason)
        self._side.lost(self, reason)

    # What the inner protocol calls: StreamTransport

    def write(self, data: bytes) -> None:
        """Encrypt and send."""
        if not self.is_secured:
            self._unsent.append(data)
        elif not self._closing and not self._half_closed and self._failure is None:
            self._session.write(data)
            self._flush()

    def loseConnection(self) -> None:  # noqa: N802 -- Twisted's
        """Close after what was written is sent, with the announcement that TLS demands."""
        if self._closing:
            return
        self._closing = True
        if self._half_closed:
            self._raw.loseConnection()
        elif self.is_secured:
            self._say_goodbye()
            self._raw.loseConnection()
        elif not self._unsent:
            self._raw.abortConnection()

    def loseWriteConnection(self) -> None:  # noqa: N802 -- Twisted's
        """Close the sending side only; what still comes goes to the inner protocol as it is."""
        if self._closing or not self.is_secured:
            self.loseConnection()
            return
        self._say_goodbye()
        self._half_closed = True
        cast(Any, self._raw).loseWriteConnection()

    def abortConnection(self) -> None:  # noqa: N802 -- Twisted's
        """Close now."""
        self._closing = True
        self._raw.abortConnection()

    def pauseProducing(self) -> None:  # noqa: N802 -- Twisted's
        """Stop reading."""
        self._raw.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802 -- Twisted's
        """Read again."""
        self._raw.resumeProducing()

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802 -- Twisted's
        """Tell it when the kernel does not take what was written, and when it has."""
        self._producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802 -- Twisted's
        """Tell nobody any more."""
        self._producer = None

    def getHandle(self) -> Any:  # noqa: N802 -- Twisted's
        """Return the socket."""
        return cast(Any, self._raw).getHandle()

    # Parts of the above

    def _shake(self) -> bool:
        """Go on with the handshake; true when it is over and the connection goes on."""
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as error:
            self._fail(error.reason)
            return False
        self.is_secured = True
        self._stop_timer()
        self._side.secured(self, self._session)
        for data in self._unsent:
            self._session.write(data)
        self._unsent.clear()
        self._flush()
        if self._closing:  # it was only to be told something
            self._say_goodbye()
            self._raw.loseConnection()
        return not self._closing

    def _read(self) -> None:
        incoming, session = self._incoming, self._session
        while not self._closing and not self._half_closed:
            try:
                data = session.read(_RECORD)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                data = b""
            except ssl.SSLError as error:
                self._fail(error.reason)
                return
            if not data:
                self._announced = True
                self._peer_ends()
                return
            self.inner.dataReceived(data)
            if not incoming.pending and not session.pending():
                break  # the usual message ends with a record: asking for more would cost an exception
        if self._outgoing.pending and not self._closing:
            self._flush()  # an answer of TLS itself, such as to a change of keys

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data:
            self._outlet.send(data)
            if self._outlet.backed_up and self._producer is not None:
                self._producer.pauseProducing()

    def _drained(self) -> None:
        if self._producer is not None:
            self._producer.resumeProducing()

    def _say_goodbye(self) -> None:
        """Send close_notify; the peer's own is not waited for, which is what it is to be told by an SSLError."""
        with suppress(ssl.SSLError):
            self._session.unwrap()
        self._announced = True
        self._flush()
        self._outlet.release()

    def _peer_ends(self) -> None:
        if self._peer_ended:
            return
        self._peer_ended = True
        if self.is_secured and IHalfCloseableProtocol.providedBy(self.inner):
            self.inner.readConnectionLost()
        else:
            self._raw.loseConnection()

    def _too_slow(self) -> None:
        self._timer = None
        self._failure = HANDSHAKE_TIMEOUT
        self._side.failed(self, HANDSHAKE_TIMEOUT)
        self._raw.abortConnection()

    def _fail(self, reason: str | None) -> None:
        self._failure = reason or "TLS_FAILED"
        self._stop_timer()
        self._side.failed(self, self._failure)
        self._flush()  # the alert that tells the peer why
        self._raw.loseConnection()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _failure(error: Exception) -> Failure:
    return Failure(error)  # type: ignore[no-untyped-call]  # Twisted's
