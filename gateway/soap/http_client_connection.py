"""One connection to a partner: a request out, its answer in, and whether the connection may serve again.

Must not know about the queue of calls, nor about SOAP. Whatever is odd about an answer costs the connection.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol, cast

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpResponseParser
from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from gateway.soap.http_outlet import Outlet, StreamTransport
from gateway.soap.tls_stream import TlsFailed

# Of one answer's head, interim answers included. Chunk extensions and trailers: what twice the body's limit leaves.
_HEAD_BYTES: Final = 64 << 10
_HEAD_LINES: Final = 128
# A connection used this recently, in seconds, is not probed: servers do not close within so little idle time.
_SURELY_OPEN: Final = 0.5


class SendOutcome(StrEnum):
    """What is known of a failed call."""

    NOT_SENT = "not-sent"
    """Nothing reached the peer: it may be called again at once."""
    UNKNOWN = "unknown"
    """The request may have been processed: ask, or repeat it with the same id."""


class Reason(StrEnum):
    """Why a call failed, in our words."""

    REFUSED = "connection refused"
    CONNECT_TIMEOUT = "connect time-out"
    NO_ADDRESS = "address not found"
    CONNECT_FAILED = "connect failed"
    DEADLINE = "deadline passed"
    CANCELLED = "cancelled"
    CLOSED = "client closed"
    CROWDED = "too many calls wait"
    LOST = "connection lost"
    UNTRUSTED = "certificate of the partner not trusted"
    TLS_REFUSED = "partner refused our TLS or certificate"
    TLS_FAILED = "TLS failed"
    TOO_LARGE = "answer too large"
    NOT_HTTP = "answer not HTTP"
    ENCODED = "answer encoded"


class HttpCallFailed(Exception):
    """No answer was had; `outcome` says what may have happened, `reason` why."""

    def __init__(self, outcome: SendOutcome, reason: Reason) -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome
        self.reason = reason


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A whole answer, of any status; `headers` have lower-case names."""

    status: int
    headers: dict[str, str]
    body: bytes


class Call:
    """One request on its way. `connection` is set once it is out; `open_calls` holds it until it is settled."""

    __slots__ = ("answer", "connection", "expires", "message", "open_calls", "settled")

    def __init__(self, message: bytes, expires: float, open_calls: "dict[Call, None]") -> None:
        self.message = message
        self.expires = expires
        self.answer: Deferred[HttpReply] = Deferred(self._cancel)
        self.connection: ClientConnection | None = None
        self.settled = False
        self.open_calls = open_calls
        open_calls[self] = None

    def fail(self, reason: Reason) -> None:
        """Tell the caller, and drop the connection that was busy with it."""
        if self.settled:
            return
        self._settle()
        outcome = SendOutcome.NOT_SENT
        if self.connection is not None:
            outcome = SendOutcome.UNKNOWN
            self.connection.abandon()
        self.answer.errback(HttpCallFailed(outcome, reason))

    def succeed(self, reply: HttpReply) -> None:
        """Give the caller the answer."""
        self._settle()
        self.answer.callback(reply)

    def _settle(self) -> None:
        self.settled = True
        self.open_calls.pop(self, None)

    def _cancel(self, _: "Deferred[HttpReply]") -> None:
        self.fail(Reason.CANCELLED)


class Owner(Protocol):
    """Who hands calls to connections."""

    def opened(self, connection: "ClientConnection", /) -> None:
        """Use a new connection."""

    def freed(self, connection: "ClientConnection", /) -> None:
        """Use a connection again."""

    def lost(self, connection: "ClientConnection", /) -> None:
        """Forget a connection."""


class _Broken(Exception):
    pass


class ClientConnection(protocol.Protocol):
    """Serves one call at a time. `idle_since` is kept by the owner; `era` says to it when this was made."""

    def __init__(self, owner: Owner, answer_bytes: int, era: int = 0) -> None:
        self.era = era
        self._owner = owner
        self._answer_bytes = answer_bytes
        self._call: Call | None = None
        self._usable = True
        self._gone = False
        self._received = 0
        self._done = self._surplus = False
        self._begin()
        self.idle_since = 0.0

    def start(self, call: Call) -> bool:
        """Send a call; false, and the call untouched, if the connection turns out to be dead."""
        self._received = 0
        self._done = self._surplus = False
        self._begin()
        if not self._outlet.send(call.message):
            self._usable = False
            return False
        self._call = call
        call.connection = self
        return True

    def is_open(self, now: float) -> bool:
        """Say whether an idle connection may be used; notices a peer's close that the reactor has not told yet."""
        if not self._usable or now - self.idle_since < _SURELY_OPEN:
            return self._usable
        handle: Callable[[], socket.socket] | None = getattr(self.transport, "getHandle", None)
        if handle is None:
            return True
        try:
            handle().recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def abandon(self) -> None:
        """Drop the connection and what may still come."""
        self._call = None
        self._usable = False
        if not self._gone:
            self._stream.abortConnection()

    def close(self) -> None:
        """Close an idle connection."""
        self._usable = False
        self._stream.loseConnection()

    # What Twisted calls

    def connectionMade(self) -> None:  # noqa: N802 -- Twisted's
        """Offer the connection to its owner."""
        transport = cast(Any, self.transport)
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)
        self._stream = cast(StreamTransport, transport)
        self._outlet = Outlet(self._stream, _nothing)
        self._parser: HttpResponseParser = HttpResponseParser(self)
        self._owner.opened(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 -- Twisted's
        """Read a part of the answer."""
        if self._call is None:
            self.abandon()  # nobody asked: the next answer could be taken for another's
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserUpgrade, HttpParserError) as error:
            # More after a whole answer does not spoil that answer, only the connection.
            self._surplus = True
            if not self._done:
                self._call.fail(self._reason_of(error))
                return
        if self._done:
            self._finish(self._call)
        elif self._received > (2 * self._answer_bytes if self._head_done else 0) + _HEAD_BYTES:
            self._call.fail(Reason.TOO_LARGE)

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802 -- Twisted's
        """Fail the call, unless this is how its answer ends."""
        call, self._call = self._call, None
        self._usable = False
        self._gone = True
        ended = reason is not None and isinstance(reason.value, ConnectionDone)
        self._owner.lost(self)
        if call is None:
            return
        if ended and self._head_done and self._until_close:
            call.succeed(HttpReply(self._status, self._headers, bytes(self._body)))
        else:
            call.fail(Reason.TLS_REFUSED if reason is not None and isinstance(reason.value, TlsFailed) else Reason.LOST)

    # What llhttp calls

    def on_message_begin(self) -> None:
        """Stop at a second answer."""
        if self._done:
            raise _Broken

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; drop it if it is a trailer."""
        self._lines += 1
        if self._lines > _HEAD_LINES:
            self._break(Reason.TOO_LARGE)
        if self._head_done:
            return
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1").rstrip(" \t")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """Judge the head."""
        self._status = status = self._parser.get_status_code()
        if status < 200:
            if status == 101:
                self._break(Reason.NOT_HTTP)
            return
        headers = self._headers
        self._head_done = True
        self._keep = self._parser.should_keep_alive()
        coding = headers.get("transfer-encoding", "").lower()
        length = headers.get("content-length")
        if coding not in ("", "chunked") or headers.get("content-encoding", "identity").lower() != "identity":
            self._break(Reason.ENCODED)
        if length is not None and int(length) > self._answer_bytes:
            self._break(Reason.TOO_LARGE)
        self._until_close = length is None and not coding

    def on_body(self, part: bytes) -> None:
        """Collect the body."""
        self._body += part
        if len(self._body) > self._answer_bytes:
            self._break(Reason.TOO_LARGE)

    def on_message_complete(self) -> None:
        """Note the end of the answer, or of an interim one (100 and the like), which is skipped."""
        if self._head_done:
            self._done = True
        else:
            self._begin()

    # Parts of the above

    def _begin(self) -> None:
        self._status = 0
        self._headers: dict[str, str] = {}
        self._lines = 0
        self._head_done = self._keep = self._until_close = False
        self._body = bytearray()
        self._broken: Reason | None = None

    def _finish(self, call: Call) -> None:
        self._call = None
        reply = HttpReply(self._status, self._headers, bytes(self._body))
        if self._keep and not self._surplus and not self._outlet.backed_up:
            self._owner.freed(self)
        else:
            self.close()
        call.succeed(reply)

    def _break(self, reason: Reason) -> None:
        self._broken = reason
        raise _Broken

    def _reason_of(self, error: Exception) -> Reason:
        if self._broken is not None:
            return self._broken
        if isinstance(error, HttpParserCallbackError):
            raise error  # ours, not the peer's
        return Reason.NOT_HTTP


def _nothing() -> None:
    """Wait for the answer, not for the buffer."""
