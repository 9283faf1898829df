"""The processes of a run: gateways that are killed and started again on the store that survives them, and the partners' stub sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from gateway.app import compose
from gateway.config import Config
from gateway.engine.ports import Boundary, Write
from gateway.runtime.means import Means, OpenStore
from gateway.runtime.node import Node
from gateway.sim.network import Network
from gateway.sim.reactor import SimReactor
from gateway.sim.stores import SimStore
from gateway.sim.storm import Storm
from gateway.sim.timeline import Life, Timeline
from gateway.sim.weather import Machine
from gateway.sim.workshop import Workshop
from gateway.store.memory import MemoryStore

Note = Callable[..., None]
RESTART = 2.0
"""Seconds after which a process that was killed at an edge of a step is started again."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all processes of a run have in common."""

    timeline: Timeline
    network: Network
    storm: Storm
    workshop: Workshop
    note: Note
    committed: Callable[[str, Sequence[Write]], None]
    """Told which process has written what."""
    failed: Callable[[str], None]
    """Told what no process should do."""


class Gateway:
    """One process of a gateway, again and again: each life is composed anew, on the store of its tier.

    `config` bears the process's own name; `lease` is None where no other process has the store.
    """

    def __init__(
        self, scene: Scene, config: Config, disk: MemoryStore, machine: Machine, chance: Random, lease: timedelta | None
    ) -> None:
        self.name = config.gateway.name
        self.disk = disk
        self._scene = scene
        self._config = config
        self._machine = machine
        self._chance = chance
        self._lease = lease
        self._lives = 0
        self._node: Node | None = None
        self.life = Life(self.name)
        self.life.alive = False

    def start(self) -> None:
        """Begin a life, unless there is one."""
        if self.life.alive:
            return
        self._lives += 1
        self.life = life = Life(f"{self.name}/{self._lives}")
        reactor = SimReactor(self._scene.timeline, self._scene.network, self._machine, life, self.kill)
        self._scene.note("start", life.name)
        self._node = compose(self._config, reactor, _Events(life, self._scene.note), self._means(reactor))
        starting: Deferred[Any] = Deferred.fromCoroutine(self._node.start())
        starting.addErrback(self._start_failed)

    def kill(self) -> None:
        """End this life as kill -9 does."""
        if self.life.alive:
            self._scene.note("kill", self.life.name)
            self._scene.timeline.end(self.life)
            self._scene.network.killed(self.life)

    def drain(self) -> None:
        """End this life as SIGTERM does: what is under way is finished first."""
        if self.life.alive and not self.life.stopped and self._node is not None:
            self._scene.note("drain", self.life.name)
            Deferred.fromCoroutine(self._node.stop()).addBoth(self._drained, self.life)

    def stop(self) -> None:
        """Hold it, as SIGSTOP does."""
        if self.life.alive:
            self._scene.note("pause", self.life.name)
            self._scene.timeline.stop(self.life)

    def go_on(self) -> None:
        """Let it go on."""
        if self.life.alive and self.life.stopped:
            self._scene.note("resume", self.life.name)
            self._scene.timeline.go_on(self.life)

    def _edge(self, moment: str, step: str, restart: float) -> None:
        """Let the storm strike at an edge of a step; what the code that asked does from here on reaches nobody, or comes late."""
        storm, timeline = self._scene.storm, self._scene.timeline
        if storm.kills():
            self._scene.note("edge", moment, step)
            self.kill()
            timeline.at(timeline.now + restart, _ALWAYS, self.start)
            return
        pause = storm.pauses()
        if pause:
            self._scene.note("edge", moment, step)
            self.stop()
            timeline.at(timeline.now + pause, _ALWAYS, self.go_on)

    def _drained(self, outcome: object, life: Life) -> None:
        if isinstance(outcome, Failure):
            self._scene.failed(f"{life.name} did not drain: {outcome.value!r}")
        if life is self.life:
            self.kill()

    def _start_failed(self, failure: Failure) -> None:
        self._scene.failed(f"{self.name} did not start: {failure.value!r}")

    def _means(self, reactor: SimReactor) -> Means:
        chance = Random(f"{self._chance.random()}")

        def open_store(config: Config, _: Any) -> OpenStore:
            pace = chance.choice((0.0002, 0.002, 0.02))
            written = partial(self._scene.committed, self.name)
            store: Any = SimStore(self.disk, reactor, chance, pace, written, lambda: not self._scene.storm.calm)
            return store, lambda: None, lambda: True

        def boundary(_: str, __: str) -> Boundary:
            def reached(moment: str, step: str) -> None:
                if reactor.life.alive and not reactor.life.stopped:
                    self._edge(moment, step, RESTART * chance.random())

            return reached

        return Means(
            now=reactor.now, random=chance.random, reference=lambda: f"{chance.randrange(1 << 48):012x}",
            confirmation_code=lambda: f"{chance.randrange(1_000_000):06d}", boundary=boundary, codec=self._scene.workshop.codec,
            endpoint=self._scene.workshop.gateway_endpoint(self.name), store=open_store, token=lambda _: "token",
            lease=self._lease,
        )  # fmt: skip


_ALWAYS = Life("world")


class _Events:
    """Notes what a living gateway tells."""

    def __init__(self, life: Life, note: Note) -> None:
        self._life = life
        self._note = note

    def __call__(self, event: str, /, **fields: object) -> None:
        if self._life.alive:
            self._note("event", self._life.name, event, fields)
