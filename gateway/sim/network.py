"""TCP in memory: bytes of a connection arrive in order, after a delay, or not at all; what goes wrong is the storm's decision.

A machine may be cut off from another one: what is under way waits, and arrives when the cut heals, as TCP does it. A process that is
killed takes its connections with it. Must not know what the bytes mean, but that a client's piece is a request and a server's an answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from twisted.internet.address import IPv4Address
from twisted.internet.error import (
    ConnectionAborted,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    TimeoutError,
    UserError,
)
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.python.failure import Failure

from gateway.sim.timeline import Life, Planned, Timeline

LOOPBACK = "127.0.0.1"
HOP = 0.0005
"""Seconds on the way, at least."""
STRANGER_WAITS = 5.0
"""Seconds after which whoever sent a doubled request hangs up."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one piece on its way; a plain one arrives after `delay` seconds."""

    delay: float = HOP
    lost: bool = False
    """Neither it nor anything after it arrives."""
    reset: float | None = None
    """This part of it arrives, then both ends are reset; 0: none of it."""
    again: float | None = None
    """A request arrives a second time, over another connection, so many seconds later."""
    split: bool = False
    """It arrives in two parts."""


class Weather(Protocol):
    """Decides."""

    def connecting(self, client: Machine, server: Machine) -> bool | None:
        """Say whether a connection comes about; None: nobody answers."""

    def fate(self, sender: Machine, receiver: Machine, request: bool) -> Fate:
        """Give what becomes of a piece."""


@dataclass(eq=False, slots=True)
class Machine:
    """Where processes run; what is said within one machine does not go over the network."""

    name: str


@dataclass(eq=False, slots=True)
class Door:
    """One process that listens on a port; a Twisted port."""

    network: Network
    machine: Machine
    life: Life
    port: int
    factory: Any

    def getHost(self) -> IPv4Address:  # noqa: N802 -- Twisted's
        """Say where it listens."""
        return IPv4Address("TCP", LOOPBACK, self.port)

    def stopListening(self) -> None:  # noqa: N802 -- Twisted's
        """Listen no more; open connections stay."""
        self.network.doors[self.port].remove(self)


class Network:
    """All doors, connections and cuts."""

    def __init__(self, timeline: Timeline, weather: Weather, pick: Callable[[int], int], note: Callable[..., None]) -> None:
        self.timeline = timeline
        self.weather = weather
        self.note = note
        self.doors: dict[int, list[Door]] = {}
        self.open: dict[End, None] = {}
        self._pick = pick
        self._cuts: set[frozenset[str]] = set()
        self._stranger = Life("stranger")

    # ---- doors and connections ---------------------------------------------------------------------------------------

    def listen(self, machine: Machine, life: Life, port: int, factory: Any) -> Door:
        """Open a door; processes of one machine may share a port."""
        door = Door(self, machine, life, port, factory)
        if life.alive:
            self.doors.setdefault(port, []).append(door)
        return door

    def door(self, port: int) -> Door | None:
        """Give a process that listens on a port; of several, any one."""
        doors = self.doors.get(port, [])
        return doors[self._pick(len(doors))] if doors else None

    def connect(self, machine: Machine, life: Life, port: int, factory: Any, timeout: float) -> Connector:
        """Begin to connect."""
        connector = Connector(self, machine, life, port, factory)
        timeline = self.timeline
        connector.timer = timeline.at(timeline.now + timeout, life, connector.fail, TimeoutError)
        timeline.at(timeline.now + HOP, life, connector.try_now)
        return connector

    def join(self, client: Connector, door: Door) -> None:
        """Make a connection: both sides get their protocols, the server's first."""
        there, here = End(self, door.machine, door.life, door.port), End(self, client.machine, client.life)
        there.peer, here.peer = here, there
        address = IPv4Address("TCP", LOOPBACK, 40000)
        there.protocol, here.protocol = door.factory.buildProtocol(address), client.factory.buildProtocol(address)
        self.open[there] = self.open[here] = None
        if there.protocol is None:
            there.abortConnection()
        else:
            there.protocol.makeConnection(there)
        here.protocol.makeConnection(here)

    def plan_again(self, delay: float, port: int, data: bytes) -> None:
        """Plan that a request arrives over a connection of its own; the answer is for nobody."""
        self.timeline.at(self.timeline.now + delay, self._stranger, self._send_again, port, data)

    def _send_again(self, port: int, data: bytes) -> None:
        connector = Connector(self, Machine("stranger"), self._stranger, port, _Strangers(data))
        connector.timer = self.timeline.at(self.timeline.now + STRANGER_WAITS, self._stranger, connector.hang_up)
        door = self.door(port)
        if door is not None:
            self.join(connector, door)

    # ---- what goes wrong ---------------------------------------------------------------------------------------------

    def cut(self, one: str, other: str) -> None:
        """Let nothing pass between two machines."""
        self._cuts.add(frozenset((one, other)))

    def heal(self, one: str, other: str) -> None:
        """Let what waits pass."""
        self._cuts.discard(frozenset((one, other)))
        for end in list(self.open):
            if {end.machine.name, end.other.machine.name} == {one, other}:
                end.pump_soon()

    def heal_all(self) -> None:
        """Let everything pass."""
        for one, other in sorted(tuple(sorted(cut)) for cut in self._cuts):
            self.heal(one, other)

    def is_cut(self, one: Machine, other: Machine) -> bool:
        """Say whether nothing passes."""
        return bool(self._cuts) and frozenset((one.name, other.name)) in self._cuts

    def killed(self, life: Life) -> None:
        """Close what a dead process had open."""
        for doors in self.doors.values():
            doors[:] = [door for door in doors if door.life is not life]
        for end in [end for end in self.open if end.life is life]:
            end.die()


class Connector:
    """One attempt to connect; Twisted's connector."""

    def __init__(self, network: Network, machine: Machine, life: Life, port: int, factory: Any) -> None:
        self.machine = machine
        self.life = life
        self.factory = factory
        self.timer: Planned | None = None
        self._network = network
        self._port = port
        self._over = False

    def try_now(self) -> None:
        """Reach the door, or not; where nobody answers the time-out tells."""
        if self._over:
            return
        door = self._network.door(self._port)
        if door is None:
            self.fail(ConnectionRefusedError)
            return
        if self._network.is_cut(self.machine, door.machine):
            return
        fine = self._network.weather.connecting(self.machine, door.machine)
        if fine is False:
            self.fail(ConnectionRefusedError)
        elif fine:
            self._finish()
            self._network.join(self, door)

    def fail(self, error: type[Exception]) -> None:
        """Tell that there is no connection."""
        if not self._over:
            self._finish()
            self.factory.clientConnectionFailed(self, Failure(error()))  # type: ignore[no-untyped-call]  # Twisted's

    def stopConnecting(self) -> None:  # noqa: N802 -- Twisted's
        """Give up."""
        self.fail(UserError)

    def hang_up(self) -> None:
        """Close what this connector made."""
        if self.factory.end is not None:
            self.factory.end.abortConnection()

    def _finish(self) -> None:
        self._over = True
        if self.timer is not None:
            self.timer.cancel()


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


class _Strangers:
    """Makes the protocol of whoever sends a doubled request."""

    def __init__(self, data: bytes) -> None:
        self.end: End | None = None
        self._data = data

    def buildProtocol(self, address: Any) -> _Strangers:  # noqa: N802 -- Twisted's
        """Be it."""
        return self

    def makeConnection(self, end: End) -> None:  # noqa: N802 -- Twisted's
        """Send."""
        self.end = end
        end.other.push(HOP, self._data)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 -- Twisted's
        """Take the answer, which is for nobody."""

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802 -- Twisted's
        """Be gone."""
        self.end = None
