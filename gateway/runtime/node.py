"""The life of one gateway process: open, recover, listen, drain, close."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.error import CannotListenError, ReactorNotRunning
from twisted.internet.task import deferLater

from gateway.access.door import Door
from gateway.capture.capture import Capture
from gateway.engine.engine import Engine
from gateway.engine.housekeeping import Housekeeping
from gateway.engine.wiring import Events
from gateway.runtime.certificates import Certificates
from gateway.services.desk import Desk
from gateway.soap.http import HttpFactory
from gateway.soap.http_client import HttpPool

DRAIN_SECONDS: Final = 20.0
"""For what is under way at the end; what runs a process usually waits for thirty before it kills."""
GRACE_SECONDS: Final = 1.0
"""For telling others that this process ends, though the drain has used up its time."""
_LOOK: Final = 0.05
BACKLOG: Final = 1024
"""Clients that the kernel lets wait for us: beyond them a client's first packet is dropped, which costs it a second."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen; port 0 takes any free one."""

    host: str
    port: int
    factory: Any
    shared: bool = False
    """Whether other processes listen at the same place: the kernel deals connections out among them."""

    def listen(self, reactor: Any) -> Any:
        """Begin to listen; raises CannotListenError."""
        if not self.shared:
            return reactor.listenTCP(self.port, self.factory, BACKLOG, self.host)
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as place:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                place.setsockopt(socket.SOL_SOCKET, option, 1)
            try:
                place.bind((self.host, self.port))
            except OSError as error:
                raise CannotListenError(self.host, self.port, error) from error
            place.listen(BACKLOG)
            place.setblocking(False)
            return reactor.adoptStreamPort(place.fileno(), family, self.factory)


@dataclass(slots=True)
class Node:
    """Everything that a running gateway is made of, in the order in which it is taken down."""

    name: str
    reactor: Any
    events: Events
    engine: Engine
    desk: Desk
    housekeeping: Housekeeping
    soap: Listener
    admin: Listener
    front: HttpFactory
    pools: list[HttpPool]
    close_store: Callable[[], None]
    certificates: Certificates | None = None
    """Those that are used; None where there is no TLS."""
    door: Door | None = None
    """Who judges callers; None where everybody may call."""
    capture: Capture | None = None
    """What records, when it is on."""
    ready: bool = False
    failure: Exception | None = None
    """Why it ended by itself."""
    _port: Any = field(default=None, init=False)
    """Of the SOAP services, while it is open."""

    def share_ports(self) -> None:
        """Listen where other processes do too; before `start`."""
        self.soap, self.admin = replace(self.soap, shared=True), replace(self.admin, shared=True)

    def reload(self) -> None:
        """Read again what can be changed while the process runs: the file of partners."""
        if self.door is not None:
            self.door.roster.reload()

    def give_up(self, error: Exception) -> None:
        """End the process in order, with an error; nothing is done where it is ending already."""
        try:
            self.reactor.stop()
        except ReactorNotRunning:
            return
        self.failure = error

    async def start(self) -> tuple[int, int]:
        """Listen, then recover what a former process left before any request is read; gives the SOAP and the admin port.

        Raises CannotListenError if a port is taken, before anything is recovered.
        """
        soap = self._port = self.soap.listen(self.reactor)
        admin = self.admin.listen(self.reactor)
        await self.desk.load()
        if self.door is not None:
            await self.door.load()
        recovered = await self.engine.recover()
        self.ready = True
        self.housekeeping.start()
        if self.certificates is not None:
            self.certificates.start()
        ports = soap.getHost().port, admin.getHost().port
        self.events("gateway.started", name=self.name, port=ports[0], admin_port=ports[1])
        if recovered:
            self.events("gateway.recovered", runs=recovered)
        return ports

    async def stop(self, seconds: float = DRAIN_SECONDS) -> None:
        """Drain within `seconds`: take nothing new, let what is under way end or wait, then close. What waits, waits on disk.

        Clients that connect from now on are refused, so that they turn to another process at once. Calls that are still out when the
        time is over are given up: their runs wait for the next attempt, under the same numbers.
        """
        until = self.reactor.seconds() + seconds
        self.ready = False
        self.events("gateway.stopping", name=self.name, active=self.engine.active)
        self.housekeeping.stop()
        if self.certificates is not None:
            self.certificates.stop()
        self.engine.stop()
        if self._port is not None:
            await maybeDeferred(self._port.stopListening)  # gives nothing if it is done
        await self._until(until, self.front.drain())
        while self.engine.active and self.reactor.seconds() < until:
            await deferLater(self.reactor, _LOOK)
        for closed in [pool.close() for pool in self.pools]:
            await self._until(until, closed)
        for pool in self.pools:
            pool.give_up()
        if self.door is not None:
            self.door.stop()
        if self.capture is not None:
            self.capture.stop()
        # A store that has lost its database answers when that is back; a lease that is not left ends by itself, in time.
        await self._until(until + GRACE_SECONDS, Deferred.fromCoroutine(self.engine.leave()))
        self.close_store()

    async def _until(self, end: float, waited: Deferred[None]) -> None:
        """Wait for something, but not beyond a time."""
        await waited.addTimeout(max(0.0, end - self.reactor.seconds()), self.reactor, lambda _, __: None)


def run_until_stopped(reactor: Any, node: Node, announce: Callable[[int, int], None]) -> None:
    """Start a node, announce its ports, and run until a signal; raises what kept it from starting."""
    failure: list[BaseException] = []

    def failed(reason: Any) -> None:
        failure.append(reason.value)
        with suppress(ReactorNotRunning):  # a signal came first
            reactor.stop()

    def begin() -> None:
        started: Deferred[tuple[int, int]] = Deferred.fromCoroutine(node.start())
        started.addCallback(lambda ports: announce(*ports)).addErrback(failed)

    reactor.callWhenRunning(begin)
    reactor.addSystemEventTrigger(
        "before", "shutdown", lambda: Deferred.fromCoroutine(node.stop()) if not failure else None
    )
    reactor.run()
    if node.failure is not None:
        failure.append(node.failure)
    if failure:
        raise failure[0]
