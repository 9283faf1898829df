"""TCP in memory: bytes of a connection arrive in order, after a delay, or not at all; what goes wrong is the storm's decision.

A machine may be cut off from another one: what is under way waits, and arrives when the cut heals, as TCP does it. A process that is
killed takes its connections with it. Must not know what the bytes mean.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionRefusedError, TimeoutError, UserError
from twisted.python.failure import Failure

from gateway.sim.ends import End
from gateway.sim.timeline import Life, Planned, Timeline
from gateway.sim.weather import HOP, LOOPBACK, Machine, Weather

STRANGER_WAITS = 5.0
"""Seconds after which whoever sent a doubled request hangs up."""


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
