"""The life of one gateway process: open, recover, listen, drain, close."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import deferLater

from gateway.engine.engine import Engine
from gateway.engine.housekeeping import Housekeeping
from gateway.engine.wiring import Events
from gateway.services.desk import Desk
from gateway.soap.http import HttpFactory
from gateway.soap.http_client import HttpPool

BACKLOG = 1024
"""Connections that wait to be accepted."""


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
            return reactor.listenTCP(self.port, self.factory, interface=self.host)
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
    ready: bool = False
    failure: Exception | None = None
    """Why it ended by itself."""

    def share_ports(self) -> None:
        """Listen where other processes do too; before `start`."""
        self.soap, self.admin = replace(self.soap, shared=True), replace(self.admin, shared=True)

    def give_up(self, error: Exception) -> None:
        """End the process in order, with an error."""
        self.failure = error
        self.reactor.stop()

    async def start(self) -> tuple[int, int]:
        """Listen, then recover what a former process left before any request is read; gives the SOAP and the admin port.

        Raises CannotListenError if a port is taken, before anything is recovered.
        """
        soap = self.soap.listen(self.reactor)
        admin = self.admin.listen(self.reactor)
        await self.desk.load()
        recovered = await self.engine.recover()
        self.ready = True
        self.housekeeping.start()
        ports = soap.getHost().port, admin.getHost().port
        self.events("gateway.started", name=self.name, port=ports[0], admin_port=ports[1])
        if recovered:
            self.events("gateway.recovered", runs=recovered)
        return ports

    async def stop(self, seconds: float = 20.0) -> None:
        """Drain: take nothing new, let what is under way reach its next commit, then close. What waits, waits on disk."""
        self.ready = False
        self.events("gateway.stopping", name=self.name, active=self.engine.active)
        self.housekeeping.stop()
        self.engine.stop()
        await self.front.drain()
        step = 0.05
        for _ in range(int(seconds / step)):
            if not self.engine.active:
                break
            await deferLater(self.reactor, step)
        await self.engine.leave()
        for pool in self.pools:
            await pool.close()
        self.close_store()


def run_until_stopped(reactor: Any, node: Node, announce: Callable[[int, int], None]) -> None:
    """Start a node, announce its ports, and run until a signal; raises what kept it from starting."""
    failure: list[BaseException] = []

    def failed(reason: Any) -> None:
        failure.append(reason.value)
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
