"""HTTP client for calls to partners: persistent connections, one absolute deadline for each call, honest outcomes.

A failed call says whether the request may have been processed. Redirects are not followed, compressed answers not
taken, nothing is sent twice. https addresses are called over TLS (see tls_client).

Must not know about SOAP or what a caller does with an outcome.
"""

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IConnector
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from gateway.soap.http_client_connection import Call, ClientConnection, HttpCallFailed, HttpReply, Reason, SendOutcome
from gateway.soap.http_message import HTTP_PORTS, check_field, parse_address
from gateway.soap.http_outlet import Clock, DelayedCall
from gateway.soap.tls_client import call_over_tls
from gateway.soap.tls_files import Context
from gateway.soap.tls_stream import TlsStream

__all__ = ["HttpCallFailed", "HttpPool", "HttpReply", "Reason", "SendOutcome"]

# Headers that the client writes itself, or whose promises it does not keep.
_OURS: Final = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "expect", "upgrade", "te")
)
# Heads of requests kept ready: one for each partner and operation.
_HEADS_KEPT: Final = 1024


class ClientReactor(Clock, Protocol):
    """The part of the reactor that is used here."""

    def connectTCP(self, host: str, port: int, factory: ClientFactory, timeout: float, /) -> Any:  # noqa: N802 -- Twisted's
        """Connect, and tell the factory."""


class Observer(Protocol):
    """Sees calls and what becomes of them."""

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], answer: "Deferred[HttpReply]", /) -> None:
        """Note a call; what is added to `answer` must hand it on."""


class HttpPool:
    """Calls to any number of partners. Times are seconds.

    `connect_timeout` bounds one attempt to connect, `idle_timeout` how long an unused connection is trusted,
    `answer_bytes` the body of an answer, `connections_per_peer` the calls that are out to one host and port; as many as
    `waiting_per_peer` more wait in the order of their arrival, and beyond them a call fails at once, CROWDED. https addresses need
    `tls`; the handshake then has as long as `connect_timeout` again.
    """

    def __init__(
        self,
        reactor: ClientReactor,
        *,
        connect_timeout: float = 3.0,
        idle_timeout: float = 30.0,
        answer_bytes: int = 1 << 20,
        connections_per_peer: int = 32,
        waiting_per_peer: int = 256,
        tls: Context | None = None,
    ) -> None:
        self.reactor = reactor
        self.connect_timeout = connect_timeout
        self.idle_timeout = idle_timeout
        self.answer_bytes = answer_bytes
        self.connections_per_peer = connections_per_peer
        self.waiting_per_peer = waiting_per_peer
        self.tls = tls
        self.closing = False
        self.observer: Observer | None = None
        """Sees each call, while there is one."""
        self.reaping = _Alarm(reactor, self._reap)
        self._expiry = _Alarm(reactor, self._expire)
        self._peers: dict[tuple[str, int, bool], _Peer] = {}
        self._heads: dict[tuple[Any, ...], tuple[_Peer, bytes]] = {}
        self._calls: dict[Call, None] = {}  # in the order of their beginning, so that a run can be repeated
        self._closed: list[Deferred[None]] = []

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float) -> "Deferred[HttpReply]":
        """Send a request and give its answer, of any status.

        `deadline` covers everything from now to the last byte of the answer. Fails with HttpCallFailed. Raises
        ValueError for an address or headers that cannot be sent. May be cancelled: the outcome is UNKNOWN once sent.
        """
        key = (url, *headers.items())
        peer, head = self._heads.get(key) or self._prepare(key, url, headers)
        answer = self._submit(peer, head, body, deadline)
        if self.observer is not None:
            self.observer(url, body, headers, answer)
        return answer

    def _submit(self, peer: "_Peer", head: bytes, body: bytes, deadline: float) -> "Deferred[HttpReply]":
        now = self.reactor.seconds()
        call = Call(b"%b%d\r\n\r\n%b" % (head, len(body), body), now + deadline, self._calls)
        if self.closing:
            call.fail(Reason.CLOSED)
        else:
            self._expiry.set(call.expires, now)
            peer.submit(call, now)
        return call.answer

    def get(self, url: str, headers: Mapping[str, str], *, deadline: float) -> "Deferred[HttpReply]":
        """Ask for what an address shows, such as a contract; as `post` in all else."""
        peer, head = self._prepare(("GET", url, *headers.items()), url, headers, "GET")
        return self._submit(peer, head, b"", deadline)

    def renew(self, url: str) -> None:
        """Use no connection to an address again that is open now: what comes on them may be one answer late.

        Calls that are out go on.
        """
        host, port, _, secure = parse_address(url)
        peer = self._peers.get((host, port, secure))
        if peer is not None:
            peer.renew()

    @property
    def open_calls(self) -> int:
        """Return how many calls are out or wait."""
        return len(self._calls)

    def close(self) -> "Deferred[None]":
        """Take no more calls, fail those that wait as NOT_SENT, let those that are out end, at the latest by deadline.

        Fires when all connections are closed.
        """
        self.closing = True
        self.reaping.stop()
        done: Deferred[None] = Deferred()
        self._closed.append(done)
        for peer in self._peers.values():
            peer.close()
        self.tell_closed()
        return done

    def give_up(self) -> None:
        """Fail all calls now; the outcome of those that are out is UNKNOWN."""
        for call in list(self._calls):
            call.fail(Reason.CLOSED)

    def tell_closed(self) -> None:
        """Tell who waits for the end, if it is reached."""
        if self.closing and not any(peer.connections for peer in self._peers.values()):
            self._expiry.stop()
            waiting, self._closed = self._closed, []
            for done in waiting:
                done.callback(None)

    def _prepare(
        self, key: tuple[Any, ...], url: str, headers: Mapping[str, str], method: str = "POST"
    ) -> "tuple[_Peer, bytes]":
        """Find the peer and write the head up to the length, once for each address and set of headers."""
        host, port, target, secure = parse_address(url)
        if secure and self.tls is None:
            raise ValueError("an https address needs a CA")
        shown = f"[{host}]" if ":" in host else host
        lines = [f"{method} {target} HTTP/1.1", f"Host: {shown}" if port == HTTP_PORTS[secure] else f"Host: {shown}:{port}"]
        for name, value in headers.items():
            check_field(name, value)
            if name.lower() in _OURS:
                raise ValueError("header is written by the client")
            lines.append(f"{name}: {value}")
        head = "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")
        if len(self._heads) >= _HEADS_KEPT:
            self._heads.clear()
        peer = self._peers.setdefault((host, port, secure), _Peer(self, host, port, self.tls if secure else None))
        self._heads[key] = peer, head
        return peer, head

    def _expire(self) -> None:
        now = self.reactor.seconds()
        for call in [call for call in self._calls if call.expires <= now]:
            call.fail(Reason.DEADLINE)
        for peer in self._peers.values():
            peer.forget_settled()
        if self._calls:
            self._expiry.set(min(call.expires for call in self._calls), now)

    def _reap(self) -> None:
        now = self.reactor.seconds()
        for peer in self._peers.values():
            peer.reap(now)


class _Peer:
    """The connections to one host and port, and the calls that wait for one."""

    def __init__(self, pool: HttpPool, host: str, port: int, tls: Context | None) -> None:
        self._pool = pool
        self._host = host
        self._port = port
        self._tls = tls
        self._idle: list[ClientConnection] = []  # the most recently used last, and used first
        self._waiting: deque[Call] = deque()
        self._attempts: dict[_Attempt, None] = {}
        self._era = 0
        self.connections = 0
        """Open ones and attempts."""

    def submit(self, call: Call, now: float) -> None:
        """Send a call on an idle connection, or let it wait for a connection."""
        trusted_since = now - self._pool.idle_timeout
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since < trusted_since or not connection.is_open(now):
                connection.close()
            elif connection.start(call):
                return
        if self._is_full():
            self.forget_settled()
            if self._is_full():
                call.fail(Reason.CROWDED)
                return
        self._waiting.append(call)
        self._connect()

    def renew(self) -> None:
        """Close the idle connections, and the others with the answers that they wait for."""
        self._era += 1
        for connection in list(self._idle):
            connection.close()

    def close(self) -> None:
        """Fail the calls that wait, close the idle connections, give up attempts."""
        waiting, self._waiting = self._waiting, deque()
        for call in waiting:
            call.fail(Reason.CLOSED)
        for connection in list(self._idle):
            connection.close()
        for attempt in list(self._attempts):
            attempt.stop()

    def forget_settled(self) -> None:
        """Drop the calls that are past their deadline."""
        if self._waiting:
            self._waiting = deque(call for call in self._waiting if not call.settled)

    def reap(self, now: float) -> None:
        """Close connections that were idle too long; come back when the next one will have been."""
        limit = now - self._pool.idle_timeout
        for connection in [c for c in self._idle if c.idle_since <= limit]:
            connection.close()
        left = [c.idle_since for c in self._idle if c.idle_since > limit]
        if left:
            self._pool.reaping.set(min(left) + self._pool.idle_timeout, now)

    def _is_full(self) -> bool:
        """Say whether one more call would find neither a connection to be made for it nor a place in the line."""
        pool = self._pool
        in_line = len(self._waiting) - len(self._attempts)  # each attempt is begun for one of them
        return self.connections >= pool.connections_per_peer and in_line >= pool.waiting_per_peer

    # What attempts and connections call

    def opened(self, connection: ClientConnection) -> None:
        """Use a new connection."""
        self.freed(connection)

    def freed(self, connection: ClientConnection) -> None:
        """Give a connection to the call that waits longest, or keep it."""
        if self._pool.closing or connection.era != self._era:
            connection.close()
            return
        while self._waiting:
            call = self._waiting.popleft()
            if call.settled:
                continue
            if not connection.start(call):
                self._waiting.appendleft(call)
                self._connect()
            return
        now = self._pool.reactor.seconds()
        connection.idle_since = now
        self._idle.append(connection)
        self._pool.reaping.set(now + self._pool.idle_timeout, now)

    def lost(self, connection: ClientConnection) -> None:
        """Forget a connection; open another for those that wait."""
        if connection in self._idle:
            self._idle.remove(connection)
        self.connections -= 1
        self._connect()
        self._pool.tell_closed()

    def protocol_of(self, attempt: "_Attempt") -> ClientConnection | TlsStream:
        """Make the protocol of a socket that an attempt has opened."""
        if self._tls is None:
            return self.attempt_succeeded(attempt)
        return call_over_tls(
            self._tls, self._host, clock=self._pool.reactor, handshake_seconds=self._pool.connect_timeout,
            made=partial(self.attempt_succeeded, attempt), failed=partial(self.attempt_failed, attempt),
        )  # fmt: skip

    def attempt_succeeded(self, attempt: "_Attempt") -> ClientConnection:
        """Make the protocol of a connection that was established."""
        self._attempts.pop(attempt, None)
        return ClientConnection(self, self._pool.answer_bytes, self._era)

    def attempt_failed(self, attempt: "_Attempt", reason: Reason) -> None:
        """Fail the call that waits longest: each attempt is begun for one of them."""
        self._attempts.pop(attempt, None)
        self.connections -= 1
        while self._waiting:
            call = self._waiting.popleft()
            if not call.settled:
                call.fail(reason)
                break
        self._connect()
        self._pool.tell_closed()

    def _connect(self) -> None:
        pool = self._pool
        while len(self._waiting) > len(self._attempts) and self.connections < pool.connections_per_peer:
            self.connections += 1
            attempt = _Attempt(self)
            self._attempts[attempt] = None
            attempt.connector = pool.reactor.connectTCP(self._host, self._port, attempt, pool.connect_timeout)


class _Attempt(ClientFactory):
    """One attempt to connect."""

    noisy = False

    def __init__(self, peer: _Peer) -> None:
        self._peer = peer
        self._stream: TlsStream | None = None
        self.connector: Any = None

    def stop(self) -> None:
        """Give up; attempt_failed follows."""
        if self._stream is not None:
            self._stream.abortConnection()
        elif self.connector is not None:
            self.connector.stopConnecting()

    def buildProtocol(self, addr: IAddress | None) -> ClientConnection | TlsStream:  # noqa: N802 -- Twisted's
        """Make the protocol of the connection."""
        made = self._peer.protocol_of(self)
        self._stream = made if isinstance(made, TlsStream) else None
        return made

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:  # noqa: N802 -- Twisted's
        """Tell why there is no connection."""
        words = (word for kind, word in _WORDS if isinstance(reason.value, kind))
        self._peer.attempt_failed(self, next(words, Reason.CONNECT_FAILED))


_WORDS: Final[tuple[tuple[type[Exception], Reason], ...]] = (
    (error.ConnectionRefusedError, Reason.REFUSED),
    (error.TimeoutError, Reason.CONNECT_TIMEOUT),
    (error.DNSLookupError, Reason.NO_ADDRESS),
    (error.UserError, Reason.CLOSED),
)


class _Alarm:
    """Calls at the earliest of the times it was set for; setting it again for a later one costs a comparison."""

    __slots__ = ("_call", "_clock", "_due", "_timer")

    def __init__(self, clock: Clock, call: Callable[[], None]) -> None:
        self._clock = clock
        self._call = call
        self._due = 0.0
        self._timer: DelayedCall | None = None

    def set(self, due: float, now: float) -> None:
        """Call at `due` or before."""
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.cancel()
        self._due = due
        self._timer = self._clock.callLater(max(0.0, due - now), self._fire)

    def stop(self) -> None:
        """Do not call."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self) -> None:
        self._timer = None
        self._call()
