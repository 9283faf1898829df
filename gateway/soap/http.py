"""A lean HTTP/1.1 server for SOAP: keep-alive, pipelining in order, chunked bodies, deadlines; all else is refused.

Refusals of this layer (400, 408, 413, 414, 417, 431, 501, 503, 505) have an empty body and close the connection. Must
not know about SOAP, XML or what a handler does. A request costs about 13 us, Twisted and kernel included.
"""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from gateway.soap.http_addresses import Addresses
from gateway.soap.http_connection import TICK, HttpConnection
from gateway.soap.http_heads import KnownHeads
from gateway.soap.http_message import AnswerWriter, HttpGate, HttpHandler, HttpLimits, HttpRequest, HttpResponse
from gateway.soap.http_outlet import Clock, DelayedCall

__all__ = ["HttpConnection", "HttpFactory", "HttpHandler", "HttpLimits", "HttpRequest", "HttpResponse"]

# Beyond the cap, so many more are told 503; the rest is closed without a word.
_TURNED_AWAY: Final = 64
# A connection that has idled less, in seconds, may be about to send: it does not make room for another. Nor does one that has been
# sending a request for less.
_IDLE_ENOUGH: Final = 1.0
# Closed at once to make room, as a part of all: looking through all for each client that comes would be an attack's best help.
_ROOM_MADE: Final = 64
# Seconds until the next look where there was no room to be made.
_LOOK_AGAIN: Final = 0.1


class HttpFactory(Factory):
    """Serves a handler to all clients of a port."""

    noisy = False

    def __init__(
        self,
        handler: HttpHandler,
        limits: HttpLimits | None = None,
        *,
        clock: Clock,
        server_name: str = "vsopgw",
        gate: HttpGate | None = None,
    ) -> None:
        self.handler = handler
        self.gate = gate
        self.limits = limits or HttpLimits()
        self.writer = AnswerWriter(server_name)
        self.known_heads = KnownHeads()
        self.now = clock.seconds()
        self.draining = False
        self.held = 0
        self.turned_away = 0
        """Clients that were refused as they connected, since the start."""
        self._no_room_until = 0.0
        self._clock = clock
        self._tick: DelayedCall | None = None
        self._connections: dict[HttpConnection, None] = {}  # in the order of their arrival, so that a run can be repeated
        self._addresses = Addresses()
        self._in_flight = 0
        self._drained: list[Deferred[None]] = []

    @property
    def connections(self) -> int:
        """Return how many clients are connected."""
        return len(self._connections)

    @property
    def in_flight(self) -> int:
        """Return how many requests the handler has not answered yet, those of clients that went away included."""
        return self._in_flight

    def buildProtocol(self, addr: IAddress | None) -> HttpConnection | None:  # noqa: N802 -- Twisted's
        """Take a client in, or turn it away."""
        self.now = self._clock.seconds()
        peer, limits, refusal = getattr(addr, "host", ""), self.limits, None
        crowded = self._addresses.of(peer) >= limits.connections_per_address
        if self.draining or crowded or (len(self._connections) >= limits.connections and not self._make_room()):
            self.turned_away += 1
            if len(self._connections) >= limits.connections + _TURNED_AWAY:
                return None
            if crowded and self._addresses.of(peer) >= limits.connections_per_address + _TURNED_AWAY:
                return None
            refusal = HttpResponse(503, headers=(("Retry-After", str(limits.retry_after_seconds)),))
        connection = HttpConnection(self, peer, refusal)
        self._addresses.came(peer)
        connection.factory = self
        self._connections[connection] = None
        if self._tick is None:
            self._tick = self._clock.callLater(TICK, self._check_all)
        return connection

    def drain(self) -> "Deferred[None]":
        """Close idle connections, answer what is in flight, take nothing new.

        Fires when all requests are answered, also those whose client went away, and all connections are closed.
        Bounded by the limits of this layer and by the handler.
        """
        self.draining = True
        done: Deferred[None] = Deferred()
        self._drained.append(done)
        for connection in list(self._connections):
            connection.drain()
        self._tell_drained()
        return done

    # What connections call

    def started(self) -> None:
        """Count a request that the handler will answer later."""
        self._in_flight += 1

    def answered(self) -> None:
        """Count that answer."""
        self._in_flight -= 1
        self._tell_drained()

    def lost(self, connection: HttpConnection) -> None:
        """Forget a connection."""
        if connection in self._connections:
            del self._connections[connection]
            self._addresses.went(connection.peer)
        if not self._connections and self._tick is not None:
            self._tick.cancel()
            self._tick = None
        self._tell_drained()

    # Parts of the above

    def _make_room(self) -> bool:
        """Close what has idled longest, if any has idled enough; else what has been sending its request for longest."""
        if self.now < self._no_room_until:
            return False
        long_ago = self.now - _IDLE_ENOUGH
        idle = [(since, id(c), c) for c in self._connections if (since := c.idle_since()) is not None and since <= long_ago]
        slow = [] if idle else [(c.sending_since(), id(c), c) for c in self._connections if c.sending_since() <= long_ago]
        for _, _, connection in sorted(idle or slow)[: max(1, self.limits.connections // _ROOM_MADE)]:
            connection.make_room()
        if not idle and not slow:
            self._no_room_until = self.now + _LOOK_AGAIN
        return bool(idle or slow)

    def _check_all(self) -> None:
        self._tick = self._clock.callLater(TICK, self._check_all)
        self.now = now = self._clock.seconds()
        for connection in list(self._connections):
            connection.check(now)

    def _tell_drained(self) -> None:
        if self.draining and not self._in_flight and not self._connections:
            waiting, self._drained = self._drained, []
            for done in waiting:
                done.callback(None)
