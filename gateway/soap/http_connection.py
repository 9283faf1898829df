"""One client of the HTTP server: requests in, answers out in the order of the requests, and the ends of both.

Must not know about SOAP, XML or what a handler does, nor about other connections.
"""

from collections import deque
from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Final, cast

from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from gateway.soap.http_message import LINK_CLOSE, HttpRequest, HttpResponse
from gateway.soap.http_outlet import Outlet, StreamTransport
from gateway.soap.http_parse import SLICE, Refused, RequestReader
from gateway.soap.http_turn import Server, Turn, broken, broken_later

TICK: Final = 0.5
"""Seconds between two looks at all deadlines: one timer for all connections costs less than one for each request."""

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_log = Logger()


@implementer(IHalfCloseableProtocol)
class HttpConnection(protocol.Protocol):
    """One client. With a `refusal` it is told only that."""

    def __init__(self, server: Server, peer: str, refusal: HttpResponse | None = None) -> None:
        self.peer = peer
        self._server = server
        self._handler = server.handler
        self._limits = server.limits
        self._refusal = refusal
        self._reader = RequestReader(self, server, server.known_heads, server.limits, peer)
        # All answers owed, in order. The last of them may be parked: the handler has not seen them yet.
        self._turns: deque[Turn] = deque()
        self._parked: deque[Turn] = deque()
        self._unfed = b""
        self._flushing = False
        self._reading = True
        self._input_over = False  # the client has closed its sending side
        self._ended = False  # no further request is taken
        self._refused = False  # ended by us, while the client may still be sending
        self._closing = False  # the last answer is out
        self._lingering = False  # and the client may still be sending: this is thrown away
        self._gone = False
        self._discarded = 0
        self._served = 0  # requests, refused ones included
        self._receiving = 0  # bytes that the server holds of the request that is being received
        self._since = server.now

    # What Twisted calls

    def connectionMade(self) -> None:  # noqa: N802 -- Twisted's
        """Open the sending side; tell a client that is turned away."""
        transport = cast(Any, self.transport)
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)
        self._stream = cast(StreamTransport, transport)
        self._outlet = Outlet(self._stream, self._drained)
        if self._refusal is not None:
            self._refuse(self._refusal)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 -- Twisted's
        """Read what came."""
        if self._ended:
            self._discard(len(data))
        elif self._unfed or self._parked:
            self._unfed += data
        elif len(data) <= SLICE:
            self._feed(self._reader.read, data)
        else:
            self._feed_slices(data)

    def secured(self, certificate: tuple[str, ...]) -> None:
        """Note that this is TLS, and what the client's certificate names him; before any of its requests."""
        self._reader.secure, self._reader.certificate = True, certificate

    def readConnectionLost(self) -> None:  # noqa: N802 -- Twisted's
        """Finish the answers that are owed, then close: a client may close its sending side after the last request."""
        self._input_over = True
        if self._closing:
            self._stream.loseConnection()
        elif self._reader.receiving and not self._ended:
            self._refuse(HttpResponse(400))
        else:
            self._end()

    def writeConnectionLost(self) -> None:  # noqa: N802 -- Twisted's
        """Do nothing: this side closed it, see _close."""

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802 -- Twisted's
        """Forget the client; what its requests started goes on, their answers are dropped."""
        self._gone = self._ended = self._closing = True
        self._lingering = False
        self._release_received()
        self._server.held -= sum(turn.size for turn in self._parked)  # those that the handler has go on
        self._turns.clear()
        self._parked.clear()
        self._unfed = b""
        self._reader.line.end()
        self._server.lost(self)

    # What the reader calls

    def head_read(self, method: str, path: str, headers: Mapping[str, str]) -> HttpResponse | None:
        """Ask the handler, and the gate for what would begin something, whether to go on with a request."""
        server = self._server
        try:
            refusal = self._handler.check_head(method, path, headers)
            if refusal is None and method == "POST" and server.gate is not None:
                refusal = server.gate.refusal(headers, server.in_flight)
        except Exception:  # noqa: BLE001 -- server edge: whatever breaks in a handler, the client gets an answer
            return broken(path)
        return refusal

    def body_came(self, size: int) -> bool:
        """Count a part of a body; false if all connections together hold too much."""
        self._receiving += size
        self._server.held += size
        return self._server.held <= self._limits.held_bytes

    def request_read(self, request: HttpRequest, link: bytes) -> None:
        """Let the handler answer, or park the request while too many wait."""
        self._release_received()
        if self._ended:
            return
        self._served += 1
        if self._served >= self._limits.requests:
            link = self._last_of_many(link)
        if link is LINK_CLOSE:
            self._ended = True
        if self._turns or self._outlet.backed_up:
            turn = self._held_turn(link, request)
            self._turns.append(turn)
            if self._has_room(len(self._turns) - 1):
                self._start(turn)
            else:
                self._parked.append(turn)
            self._flush()
            return
        result = self._ask(request)
        if isinstance(result, HttpResponse):
            self._send(result, link, request.path)
            if self._ended:
                self._close()
        else:
            turn = self._held_turn(link, request)
            self._turns.append(turn)
            self._wait_for(result, turn)

    def request_refused(self, response: HttpResponse, link: bytes) -> None:
        """Answer for the handler, in turn."""
        if self._ended:
            return
        self._served += 1
        if self._served >= self._limits.requests:
            link = self._last_of_many(link)
        self._ended = link is LINK_CLOSE
        if self._turns or self._outlet.backed_up:
            self._turns.append(Turn(link, None, response))
            self._flush()
            return
        self._send(response, link, "")  # a flood is refused by this way: it has to be short
        if self._ended:
            self._close()

    def _last_of_many(self, link: bytes) -> bytes:
        """End a connection that has brought as many requests as one may; the client may have sent more."""
        if link is not LINK_CLOSE:
            self._refused = True
        return LINK_CLOSE

    # Input

    def _feed(self, read: Callable[[Any], None], data: bytes | memoryview) -> None:
        try:
            read(data)
        except Refused as refused:
            if not self._ended:
                self._refuse(refused.response)
            return
        if self._reader.wants_continue:
            self._offer_continue()
        if self._turns or self._outlet.backed_up:
            self._steer()

    def _feed_slices(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(data), SLICE):
            if self._ended:
                return
            if self._parked:
                self._unfed = data[start:]
                return
            self._feed(self._reader.feed, view[start : start + SLICE])

    def _has_room(self, waiting: int) -> bool:
        return not self._parked and not self._outlet.backed_up and waiting < self._limits.pipelined

    def _discard(self, size: int) -> None:
        """Throw away what comes after the last request, but not for ever."""
        self._discarded += size
        if self._closing and self._discarded > 2 * self._limits.body_bytes:
            self._stream.abortConnection()

    def _steer(self) -> None:
        """Read, or stop reading, as the room for requests and answers demands."""
        if self._input_over or (self._closing and not self._lingering):
            return
        wanted = self._lingering or (not self._ended and not self._unfed and self._has_room(len(self._turns)))
        if wanted == self._reading:
            return
        self._reading = wanted
        if wanted:
            self._reader.since = self._server.now  # a request half read could not go on meanwhile
            self._stream.resumeProducing()
        else:
            self._stream.pauseProducing()

    def _offer_continue(self) -> None:
        if not self._turns and not self._ended:
            self._reader.wants_continue = False
            self._outlet.send(_CONTINUE)

    # The handler

    def _ask(self, request: HttpRequest) -> "HttpResponse | Deferred[HttpResponse]":
        try:
            result = self._handler.handle(request)
            if not isinstance(result, HttpResponse) and not isinstance(result, Deferred):
                raise TypeError("handler gave no answer")
        except Exception:  # noqa: BLE001 -- server edge, as above
            return broken(request.path)
        return result

    def _start(self, turn: Turn) -> None:
        request = cast(HttpRequest, turn.request)
        turn.request = None
        result = self._ask(request)
        if isinstance(result, HttpResponse):
            turn.response = result
            self._server.held -= turn.size
        else:
            self._wait_for(result, turn)

    def _held_turn(self, link: bytes, request: HttpRequest) -> Turn:
        """Take a turn for a request that is not answered at once: until it is, the server holds its body."""
        turn = Turn(link, request)
        turn.size = len(request.body)
        self._server.held += turn.size
        return turn

    def _release_received(self) -> None:
        self._server.held -= self._receiving
        self._receiving = 0

    def _wait_for(self, answer: "Deferred[HttpResponse]", turn: Turn) -> None:
        turn.request = None
        self._server.started()
        answer.addErrback(broken_later, turn.path)
        answer.addCallback(self._answered, turn)

    def _answered(self, response: HttpResponse, turn: Turn) -> None:
        if not isinstance(response, HttpResponse):
            _log.error("handler.answer-missing", path=turn.path)
            response = HttpResponse(500)
        turn.response = response
        self._server.held -= turn.size
        self._server.answered()
        if not self._gone:
            self._flush()

    # Output

    def _flush(self) -> None:
        """Send the answers whose turn it is, then go on with what waited for them."""
        if self._flushing:
            return
        self._flushing = True
        turns = self._turns
        while turns:
            if turns[0].response is not None:
                turn = turns.popleft()
                self._send(cast(HttpResponse, turn.response), turn.link, turn.path)
            elif self._may_unpark():
                self._start(self._parked.popleft())
            else:
                break
        self._flushing = False
        if self._unfed and not self._ended and self._has_room(len(turns)):
            unfed, self._unfed = self._unfed, b""
            self._feed_slices(unfed)
        if self._ended and not turns:
            self._close()
        elif self._reader.wants_continue:
            self._offer_continue()
        self._steer()

    def _may_unpark(self) -> bool:
        turns, parked = self._turns, self._parked
        if not parked or self._outlet.backed_up:
            return False
        return turns[0] is parked[0] or len(turns) - len(parked) < self._limits.pipelined

    def _send(self, response: HttpResponse, link: bytes, path: str) -> None:
        server = self._server
        if (server.draining or self._reader.line.closing) and not self._turns and not self._reader.receiving:
            link = LINK_CLOSE
            self._ended = True
        try:
            message = server.writer.write(response, link)
        except Exception:  # noqa: BLE001 -- server edge: a handler may have answered with anything
            message = server.writer.write(broken(path), link)
        if not self._outlet.backed_up:
            self._since = server.now
        self._outlet.send(message)

    def _drained(self) -> None:
        """Go on after a slow client took what it was owed."""
        self._since = self._server.now
        if not self._closing:
            self._flush()

    # The end

    def _refuse(self, response: HttpResponse) -> None:
        """Answer in turn, and close; the rest of the request is not wanted."""
        self._release_received()
        self._ended = self._refused = True
        self._unfed = b""
        self._turns.append(Turn(LINK_CLOSE, None, response))
        self._flush()

    def _end(self) -> None:
        """Close once all that is owed is answered."""
        self._ended = True
        if not self._turns:
            self._close()

    def _close(self) -> None:
        """Close after the last answer; after a refusal first only this side, as the client may still be sending.

        Closing a socket with unread input resets the connection, and the client may then not see the answer.
        """
        if self._closing:
            return
        self._closing = True
        self._since = self._server.now
        self._outlet.release()
        self._lingering = self._refused and not self._input_over and self._outlet.closes_one_way
        if self._lingering:
            cast(Any, self._stream).loseWriteConnection()
            self._steer()
        else:
            self._stream.loseConnection()

    # What the server calls

    def idle_since(self) -> float | None:
        """Return when it last did something; None while something is owed or being received."""
        return None if self._turns or self._ended or self._reader.receiving else self._since

    def sending_since(self) -> float:
        """Return when the client began the request that it has not finished; infinity if it owes nothing, or is owed something."""
        return self._reader.since if self._reader.receiving and not self._turns and not self._ended else inf

    def make_room(self) -> None:
        """Close for another client, at once: one that is slow may be so on purpose, and is not waited for."""
        if self._reader.receiving:
            self._ended = True
            self._stream.abortConnection()
        else:
            self.drain()

    def drain(self) -> None:
        """Close now if idle; else after the last answer that is owed."""
        if self.idle_since() is not None:
            self._end()

    def check(self, now: float) -> None:
        """Act on the deadline that has passed, if any; times are coarse, so a TICK is granted."""
        limits = self._limits
        waited = now - self._since - TICK
        if self._closing or self._outlet.backed_up:
            if waited >= (limits.linger_seconds if self._closing and self._lingering else limits.write_seconds):
                self._stream.abortConnection()
        elif self._reader.receiving and not self._ended:
            if self._reading and now - self._reader.since - TICK >= limits.receive_seconds:
                self._refuse(HttpResponse(408))
        elif waited >= (limits.idle_seconds if self._served else limits.first_byte_seconds):
            self.drain()
