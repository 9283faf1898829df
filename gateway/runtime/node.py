"""The life of one gateway process: open, recover, listen, drain, close."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from gateway.engine.engine import Engine
from gateway.engine.wiring import Events
from gateway.services.desk import Desk
from gateway.soap.http import HttpFactory
from gateway.soap.http_client import HttpPool


@dataclass(frozen=True, slots=True)
class Listener:
    """Where to listen; port 0 takes any free one."""

    host: str
    port: int
    factory: Any


@dataclass(slots=True)
class Node:
    """Everything that a running gateway is made of, in the order in which it is taken down."""

    name: str
    reactor: Any
    events: Events
    engine: Engine
    desk: Desk
    soap: Listener
    admin: Listener
    front: HttpFactory
    pools: list[HttpPool]
    close_store: Callable[[], None]
    ready: bool = False
    failure: Exception | None = None
    """Why it ended by itself."""

    def give_up(self, error: Exception) -> None:
        """End the process in order, with an error."""
        self.failure = error
        self.reactor.stop()

    async def start(self) -> tuple[int, int]:
        """Listen, then recover what a former process left before any request is read; gives the SOAP and the admin port.

        Raises CannotListenError if a port is taken, before anything is recovered.
        """
        soap = self.reactor.listenTCP(self.soap.port, self.soap.factory, interface=self.soap.host)
        admin = self.reactor.listenTCP(self.admin.port, self.admin.factory, interface=self.admin.host)
        await self.desk.load()
        recovered = await self.engine.recover()
        self.ready = True
        ports = soap.getHost().port, admin.getHost().port
        self.events("gateway.started", name=self.name, port=ports[0], admin_port=ports[1])
        if recovered:
            self.events("gateway.recovered", runs=recovered)
        return ports

    async def stop(self, seconds: float = 20.0) -> None:
        """Drain: take nothing new, let what is under way reach its next commit, then close. What waits, waits on disk."""
        self.ready = False
        self.events("gateway.stopping", name=self.name, active=self.engine.active)
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
