"""One run of the whole system for one seed: people act, the storm goes on and ends, the clock runs until all is settled, and it is judged.

Everything that happens follows from the seed: the digest over all of it is the same whenever and wherever the seed is run.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, cast

from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from gateway.config import Config
from gateway.domain.facts import OrderEnded, RelationEnded
from gateway.domain.order import OrderState
from gateway.domain.user_change import UserChange
from gateway.engine.ports import Holding, RunStarted, RunTaken, Write
from gateway.sim.acts import Acts, Place
from gateway.sim.cast import Gateway, Scene
from gateway.sim.collecting import at_once, collect, open_runs
from gateway.sim.invariants import Violation, broken
from gateway.sim.misanswers import id_of, misanswers, rule_of
from gateway.sim.network import Network
from gateway.sim.people import Counter as People
from gateway.sim.reactor import SimReactor
from gateway.sim.setting import Setting
from gateway.sim.storm import Storm, Trouble
from gateway.sim.timeline import Life, Timeline
from gateway.sim.weather import Machine
from gateway.sim.workshop import Workshop
from gateway.store.memory import MemoryStore
from gateway.telemetry import EVENTS, Level
from stubs.faults.rules import FaultBook
from stubs.kit.host import Fittings, StubHost
from stubs.kit.magic import Behaviour

if TYPE_CHECKING:
    from twisted.logger import ILogObserver

START = 1_780_000_000.0
LOOK = 30.0
"""Seconds of virtual time between two looks whether all is settled."""
LEASE = timedelta(seconds=12)
"""After so long without a sign of life a process's orders are taken over, where several share a store."""
LINGER = 60.0
"""Seconds that the clock runs on when it is: what is still on its way arrives, and must change nothing."""
MOST_ERRORS = 20
MOST_EVENTS = 200_000
"""Beyond either a run is broken off; a long one has twenty thousand events."""
PATIENCE = 100_000
"""Attempts of partners: as long as it takes."""


@dataclass(slots=True)
class Outcome:
    """What a seed came to."""

    seed: int
    violations: list[Violation]
    digest: str
    orders: int
    faults: Counter[str]
    virtual: float
    """Seconds."""
    happened: int
    sections: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)


class World:
    """One run; `settle` bounds the time after the storm, in seconds."""

    def __init__(
        self, seed: int, setting: Setting, workshop: Workshop, *, processes: int = 0, settle: float = 1800.0,
        trace: bool = False,
    ) -> None:  # fmt: skip
        self.seed = seed
        self.timeline = Timeline(START)
        self.errors: list[Violation] = []
        self._setting = setting
        self._settle = settle
        self._digest = hashlib.blake2b(digest_size=16)
        self._trace: list[str] | None = [] if trace else None
        self._life = Life("world")
        chance = Random(f"{seed}")
        self.storm = Storm(self._random("storm"), chance.choice((20.0, 60.0, 180.0, 400.0)))
        self.network = Network(self.timeline, self.storm, self._random("network").randrange, self._note)
        self._scene = Scene(
            self.timeline, self.network, self.storm, workshop, self._note, self._committed, self._failed
        )
        self._ended: dict[tuple[str, str], OrderState] = {}
        self.gateways: dict[str, list[Gateway]] = {}
        self.disks: dict[str, MemoryStore] = {}
        self.partners: dict[str, StubHost] = {}
        self.people: dict[str, People] = {}
        processes = processes or chance.choice((1, 1, 2))
        for name in setting.gateways:
            self._build(name, processes)

    # ---- building ----------------------------------------------------------------------------------------------------

    def _random(self, what: str) -> Random:
        return Random(f"{self.seed}/{what}")

    def _build(self, name: str, processes: int) -> None:
        setting, workshop = self._setting, self._scene.workshop
        config = setting.gateways[name]
        disk = self.disks[name] = MemoryStore(lambda: self.timeline.now)
        at_once(disk.commit(setting.rows))
        machine = Machine(name)
        names = [f"{name}-{count}" for count in range(1, processes + 1)]
        lease = LEASE if processes > 1 else None
        self.gateways[name] = [
            Gateway(self._scene, _named(config, own), disk, machine, self._random(own), lease) for own in names
        ]
        beside = Machine(f"partners-{name}")
        reactor = SimReactor(self.timeline, self.network, beside, Life(beside.name))
        fittings = Fittings(workshop.codec, workshop.stub_endpoint(name), workshop.world, PATIENCE)
        self.timeline.now += 0.137  # stub sets count their numbers from the millisecond of their start
        self.partners[name] = StubHost(setting.stubs_of(name), reactor, fittings)
        people = Machine(f"people-{name}")
        url = f"http://127.0.0.1:{config.gateway.port}"
        self.people[name] = People(
            name, url, SimReactor(self.timeline, self.network, people, Life(people.name)),
            workshop.codec(config.gateway.contracts / "vsop.wsdl"), self._random(f"people-{name}"),
        )  # fmt: skip

    # ---- running -----------------------------------------------------------------------------------------------------

    def run(self) -> Outcome:
        """Play the seed, and judge it."""
        observer = cast("ILogObserver", self._logged)  # zope's interfaces are no types without a plugin
        globalLogPublisher.addObserver(observer)
        try:
            self._play()
        finally:
            globalLogPublisher.removeObserver(observer)
        if self.timeline.happened > MOST_EVENTS:
            self._failed("the run does not come to rest")
        evidence = collect(self._setting, self.disks, self.partners, self.people)
        orders = [row for tier in evidence.tiers.values() for row in tier.orders.values() if row.order.id == row.order.trace_id]
        return Outcome(
            self.seed, self.errors + broken(evidence), self._digest.hexdigest(), len(orders), self.storm.counts,
            self.timeline.now - START, self.timeline.happened, Counter(row.order.section for row in orders), self._trace or [],
        )  # fmt: skip

    def _play(self) -> None:
        length = self.storm.length
        for host in self.partners.values():
            host.listen()
        for processes in self.gateways.values():
            for gateway in processes:
                gateway.start()
        begin = self.timeline.now
        places = [
            Place(
                name, self.people[name], self.partners[name], self._setting.users_of(name)[:], self._setting.sold_by(name),
                self._setting.gateways[name].gateway.province,
            )
            for name in self.gateways
        ]  # fmt: skip
        for planned in Acts(self._setting, self._few(places), self._random("acts")).plan(length):
            self._at(begin + planned.at, self._act, planned.place, planned.name, planned.begin)
        self._plan_troubles(begin)
        while self.timeline.now < begin + length and not self._broken_off():
            self.timeline.run_until(min(self.timeline.now + LOOK, begin + length))
        self._heal()
        limit = self.timeline.now + self._settle
        while not self._settled() and self.timeline.now < limit and not self._broken_off():
            self.timeline.run_until(self.timeline.now + LOOK)
        if not self._broken_off():
            self.timeline.run_until(self.timeline.now + LINGER)

    def _broken_off(self) -> bool:
        """Say whether enough is known to be wrong: what goes wrong without end would take without end to play."""
        return len(self.errors) > MOST_ERRORS or self.timeline.happened > MOST_EVENTS

    def _few(self, places: Sequence[Place]) -> list[Place]:
        chance = self._random("users")
        return [
            Place(p.name, p.people, p.partners, chance.sample(p.users, min(len(p.users), 4)), p.offers, p.province) for p in places
        ]

    def _act(self, place: Place, name: str, begin: Callable[[], Any]) -> None:
        self._note("act", place.name, name)
        place.people.begin(begin())

    def _settled(self) -> bool:
        return (
            not any(people.busy for people in self.people.values())
            and not any(host.stage.background.busy for host in self.partners.values())
            and not any(open_runs(disk) for disk in self.disks.values())
        )

    def _at(self, when: float, act: Callable[..., object], *arguments: Any) -> None:
        self.timeline.at(when, self._life, act, *arguments)

    # ---- the storm ---------------------------------------------------------------------------------------------------

    def _plan_troubles(self, begin: float) -> None:
        gateways = [gateway.name for processes in self.gateways.values() for gateway in processes]
        machines = [name for place in self.gateways for name in (place, f"partners-{place}")]
        roles = [(place, role) for place, host in self.partners.items() for role in host.roles]
        planned = [*self.storm.troubles(gateways, machines, roles), *misanswers(self._random("answers"), self.storm.length, roles)]
        for trouble in planned:
            self._at(begin + trouble.at, self._begin_trouble, trouble)
            if trouble.at + trouble.lasts < self.storm.length:
                self._at(begin + trouble.at + trouble.lasts, self._end_trouble, trouble)

    def _begin_trouble(self, trouble: Trouble) -> None:
        self.storm.counts[trouble.kind] += 1
        self._note("trouble", trouble.kind, trouble.whom, trouble.detail)
        if trouble.kind == "cut":
            self.network.cut(trouble.whom, trouble.detail)
        elif trouble.kind == "partner":
            place, role = trouble.whom.split("/")
            self.partners[place].stage.modes[role] = Behaviour(trouble.detail)
        elif trouble.kind == "answers":
            self.storm.counts[trouble.detail.split()[0]] += 1
            self._book(trouble).add(rule_of(trouble))
        else:
            gateway = self._gateway(trouble.whom)
            {"kill": gateway.kill, "drain": gateway.drain, "pause": gateway.stop}[trouble.kind]()

    def _end_trouble(self, trouble: Trouble) -> None:
        if trouble.kind == "cut":
            self.network.heal(trouble.whom, trouble.detail)
        elif trouble.kind == "partner":
            place, role = trouble.whom.split("/")
            self.partners[place].stage.modes.pop(role, None)
        elif trouble.kind == "answers":
            self._book(trouble).remove(id_of(trouble))
        elif trouble.kind == "pause":
            self._gateway(trouble.whom).go_on()
        else:
            self._gateway(trouble.whom).start()

    def _book(self, trouble: Trouble) -> FaultBook:
        return self.partners[trouble.whom.partition("/")[0]].stage.faults.book

    def _gateway(self, name: str) -> Gateway:
        return next(gateway for processes in self.gateways.values() for gateway in processes if gateway.name == name)

    def _heal(self) -> None:
        """End everything that goes wrong; what runs on its own goes on."""
        self._note("calm")
        self.storm.calm = True
        self.network.heal_all()
        for host in self.partners.values():
            host.stage.modes.clear()
            host.stage.faults.book.clear()
        for processes in self.gateways.values():
            for gateway in processes:
                gateway.go_on()
                self._at(self.timeline.now + 1.0, gateway.start)
                self._at(self.timeline.now + 40.0, gateway.start)  # one that was draining has ended by then

    # ---- watching ----------------------------------------------------------------------------------------------------

    def _note(self, kind: str, *what: Any) -> None:
        if kind == "sent":
            sender, receiver, data, fate = what
            what = (sender, receiver, len(data), zlib.crc32(data), fate)
        elif kind == "event":
            life, event, fields = what
            what = (life, event, *(f"{name}={value}" for name, value in fields.items()))
            if EVENTS[event].level is Level.ERROR:
                self.errors.append(Violation("INV-15", f"{life} told {event}: {fields}"))
        line = f"{self.timeline.now - START:.6f} {kind} {' '.join(map(str, what))}"
        self._digest.update(line.encode())
        if self._trace is not None:
            self._trace.append(line)

    def _committed(self, process: str, writes: Sequence[Write]) -> None:
        tier = process.rpartition("-")[0]
        self._note("commit", process, *(type(row).__name__ for row in writes))
        for row in writes:
            if isinstance(row, RelationEnded) and self._serves(row, tier, writes):
                text = f"{row.product_id} of {row.number.digits[-4:]} ended at {tier} while its platform serves it"
                self.errors.append(Violation("INV-9", text))
            if isinstance(row, OrderEnded):
                before = self._ended.setdefault((tier, row.order_id), row.state)
                if before is not row.state:
                    text = f"{row.order_id} was {before.name.lower()} at {tier} and became {row.state.name.lower()}"
                    self.errors.append(Violation("INV-2", text))

    def _serves(self, end: RelationEnded, tier: str, writes: Sequence[Write]) -> bool:
        """Say whether a platform serves what ends; it must have ended it before.

        Of a user who is torn down, each tier hears the other tier's word, and its own platforms alone (docs/guarantees.md, INV-9).
        """
        of_runs = (row.run_id for row in writes if isinstance(row, Holding | RunStarted | RunTaken))
        run = at_once(self.disks[tier].run(next(of_runs, "")))
        torn_down = run is not None and isinstance(run.order, UserChange)
        beside = [self.partners[tier]] if torn_down else self.partners.values()
        return any(host.stage.world.services.serves(end.number.digits, end.product_id) for host in beside)

    def _failed(self, text: str) -> None:
        self.errors.append(Violation("INV-15", text))

    def _logged(self, event: LogEvent) -> None:
        if event.get("log_level", LogLevel.info) >= LogLevel.error:
            failure = event.get("log_failure")
            told = "" if failure is None else f": {failure.value!r} {failure.getTraceback()}"
            self.errors.append(Violation("INV-15", f"{event.get('log_namespace')} logged {event.get('log_format')}{told}"))


def _named(config: Config, name: str) -> Config:
    return replace(config, gateway=replace(config.gateway, name=name))
