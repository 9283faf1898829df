"""One side of a connection in memory: what Twisted's protocols take for a TCP transport.

Pieces wait in the order in which they were sent, and arrive when they are ready and nothing is cut. Must not know what they mean, but
that a client's piece is a request and a server's an answer.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.python.failure import Failure

from gateway.sim.timeline import Life
from gateway.sim.weather import HOP, LOOPBACK, Machine

if TYPE_CHECKING:
    from gateway.sim.network import Network


class End:
    """One side of a connection; a Twisted TCP transport that never backs up."""

    __slots__ = (
        "_closing", "_gone", "_incoming", "_network", "_paused", "_pumping", "_silent", "_write_closed", "life", "machine",
        "peer", "port", "protocol",
    )  # fmt: skip

    def __init__(self, network: Network, machine: Machine, life: Life, port: int = 0) -> None:
        self.machine = machine
        self.life = life
        self.port = port
        """The door through which it was made; 0 for a client, whose pieces are requests."""
        self.peer: End | None = None
        self.protocol: Any = None
        self._network = network
        self._incoming: deque[tuple[float, bytes | Exception]] = deque()
        self._pumping = False
        self._paused = False
        self._closing = False  # no more is read or written by this side
        self._write_closed = False
        self._gone = False  # the protocol has been told
        self._silent = False  # nothing of this side arrives any more

    @property
    def other(self) -> End:
        """The other side."""
        assert self.peer is not None
        return self.peer

    # ---- what protocols call -----------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send."""
        if self._closing or self._write_closed or not data or not self.life.alive:
            return
        network, other = self._network, self.other
        fate = network.weather.fate(self.machine, other.machine, self.port == 0)
        network.note("sent", self.machine.name, other.machine.name, data, fate)
        if fate.again is not None:
            network.plan_again(fate.again, other.port, data)
        if fate.lost:
            self._silent = True
        elif fate.reset is not None:
            part = data[: int(len(data) * fate.reset)]
            if part:
                self._deliver(fate.delay, part)
            self._deliver(fate.delay, ConnectionLost())
            self.push(fate.delay, ConnectionLost())
        elif fate.split and len(data) > 1:
            self._deliver(HOP, data[: len(data) // 3])
            self._deliver(fate.delay, data[len(data) // 3 :])
        else:
            self._deliver(fate.delay, data)

    def writeSomeData(self, data: bytes) -> int:  # noqa: N802 -- Twisted's
        """Send all of it."""
        self.write(data)
        return len(data)

    def writeSequence(self, parts: list[bytes]) -> None:  # noqa: N802 -- Twisted's
        """Send."""
        self.write(b"".join(parts))

    def loseConnection(self) -> None:  # noqa: N802 -- Twisted's
        """Close after what was sent."""
        self._close(ConnectionDone())

    def abortConnection(self) -> None:  # noqa: N802 -- Twisted's
        """Close now."""
        self._close(ConnectionAborted())

    def loseWriteConnection(self) -> None:  # noqa: N802 -- Twisted's
        """Close the sending side."""
        self._write_closed = True
        self._deliver(HOP, ConnectionDone())

    def pauseProducing(self) -> None:  # noqa: N802 -- Twisted's
        """Read no more for now."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802 -- Twisted's
        """Read again."""
        self._paused = False
        self.pump_soon()

    def registerProducer(self, producer: Any, streaming: bool) -> None:  # noqa: N802 -- Twisted's
        """Nothing ever backs up here."""

    def unregisterProducer(self) -> None:  # noqa: N802 -- Twisted's
        """Nothing ever backs up here."""

    def getPeer(self) -> IPv4Address:  # noqa: N802 -- Twisted's
        """Say who is at the other side."""
        return IPv4Address("TCP", LOOPBACK, 40000)

    getHost = getPeer

    # ---- arriving ----------------------------------------------------------------------------------------------------

    def push(self, delay: float, what: bytes | Exception) -> None:
        """Let something arrive here, after all that is on its way already."""
        ready = self._network.timeline.now + delay
        if self._incoming:
            ready = max(ready, self._incoming[-1][0])
        self._incoming.append((ready, what))
        if not self._pumping:
            self._plan(ready)

    def pump_soon(self) -> None:
        """Look at once whether something may arrive."""
        if self._incoming and not self._pumping:
            self._plan(self._network.timeline.now + HOP)

    def die(self) -> None:
        """End without a word to the protocol, whose process is dead; the other side is reset."""
        self._forget()
        self._deliver(HOP, ConnectionLost())

    def _deliver(self, delay: float, what: bytes | Exception) -> None:
        other = self.other
        if not self._silent and not other._gone and other.life.alive:
            other.push(delay, what)

    def _plan(self, when: float) -> None:
        self._pumping = True
        self._network.timeline.at(when, self.life, self._pump)

    def _pump(self) -> None:
        self._pumping = False
        incoming, timeline = self._incoming, self._network.timeline
        while incoming and not self._gone:
            ready, what = incoming[0]
            if ready > timeline.now:
                self._plan(ready)
                return
            cut = self._network.is_cut(self.machine, self.other.machine)
            if cut or (self._paused and isinstance(what, bytes)):
                return
            incoming.popleft()
            self._take(what)

    def _take(self, what: bytes | Exception) -> None:
        if isinstance(what, bytes):
            if not self._closing:
                self.protocol.dataReceived(what)
        elif isinstance(what, ConnectionDone) and not self._closing and IHalfCloseableProtocol.providedBy(self.protocol):
            self.protocol.readConnectionLost()
        else:
            self._lose(what)

    def _close(self, error: Exception) -> None:
        if self._closing:
            return
        self._closing = True
        self._deliver(HOP, ConnectionDone() if isinstance(error, ConnectionDone) else ConnectionLost())
        self._network.timeline.at(self._network.timeline.now, self.life, self._lose, error)

    def _lose(self, error: Exception) -> None:
        if self._gone:
            return
        was_closing, self._closing = self._closing, True
        self._forget()
        if not was_closing:  # a socket that is gone answers with a reset
            self._deliver(HOP, ConnectionLost())
        if self.protocol is not None:
            self.protocol.connectionLost(Failure(error))  # type: ignore[no-untyped-call]  # Twisted's

    def _forget(self) -> None:
        self._gone = True
        self._network.open.pop(self, None)
