"""kill -9 at every edge of every case: which edges there are is read from a case that goes well, and so is what must be left.

An edge is a moment of a step at one tier, for the so-many-th time. What must be left are the rows of all partners' ledgers, the states
of the case at both tiers, and what everybody holds in the end. One lab serves all: its stubs live on, its gateways are forked anew.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from killcases import Case, Stage, named, stage
from nursery import Nursery
from patient import PatientAdmin, PatientPlayer
from testlab import TestLab

from gateway.cli.play import Door, Played, Player

GATEWAYS = ("group", "jiangxi", "guangxi")
NUMBERS = [f"1330791{n:04d}" for n in range(3000)]
"""Without the last digits at which partners misbehave."""

ALIKE_WITHIN = 5.0
"""Seconds within which what is left must be what a case that went well left."""

OF_GATEWAY = {"jiangxi": {"confirmation__channels": "214"}, "group": {"ppm__audit": "held"}}

LAST_EDGE = 0.5
"""Seconds that an edge may come after the end of its case."""

_PER_CASE = ("at", "number", "order", "streaming_no", "content")
"""Fields of a ledger's row that differ from case to case; "content" is a digest of all."""

_PER_CASE_OF = {"reconfirm": ("code",)}
"""The same, of one ledger."""

_TIME = re.compile(r'"20\d{12}"')


@dataclass(frozen=True, order=True)
class Edge:
    """Where a process ends."""

    tier: str
    moment: str
    step: str
    count: int

    def __str__(self) -> str:
        return f"{self.tier}:{self.moment}:{self.step}:{self.count}"

    @property
    def by_chance(self) -> bool:
        """Whether a case may go well without it: a run leaves memory only where what it waits for has not come yet."""
        return self.step in ("RunWaiting", "RunTaken")


@dataclass
class Figures:
    """What a sweep comes to."""

    kills: int = 0
    orders: int = 0
    lost: int = 0
    doubled: int = 0
    passed_over: int = 0
    """Edges that were not reached again, and need not be."""
    cases: set[str] = field(default_factory=set)
    moments: set[str] = field(default_factory=set)
    steps: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        left = f" ({self.passed_over} more edges are met by chance and were not)" if self.passed_over else ""
        return f"{self.kills} kills, {self.orders} orders, lost {self.lost}, doubled {self.doubled}{left}"


@dataclass(frozen=True)
class Share:
    """The part of all edges that is swept: those whose digest modulo `of` is `part`."""

    part: int
    of: int

    @classmethod
    def asked(cls, of: int) -> Share:
        """Read KILL_SHARE: "all", or PART/OF; else one of `of` parts, another one each day."""
        text = os.environ.get("KILL_SHARE", f"{date.today().toordinal() % of}/{of}")  # noqa: DTZ011  any day will do
        part, count = (0, 1) if text == "all" else (int(each) for each in text.split("/"))
        return cls(part % count, count)

    def has(self, case: Case, edge: Edge) -> bool:
        """Whether it is swept in this part; a new step changes nothing for the others."""
        return zlib.crc32(f"{case.name}/{edge}".encode()) % self.of == self.part

    def __str__(self) -> str:
        return "all" if self.of == 1 else f"{self.part}/{self.of}"


@dataclass(frozen=True)
class Left:
    """What a case leaves behind, without what differs from case to case."""

    rows: Counter[str]
    """Of the partners' ledgers."""
    states: Counter[str]
    """Legs with their steps, relations, services, objects."""

    def beside(self, wanted: Left) -> tuple[Counter[str], Counter[str], Counter[str]]:
        """Give the rows that are missing, those that are too many, and the states that differ."""
        return wanted.rows - self.rows, self.rows - wanted.rows, (wanted.states - self.states) + (self.states - wanted.states)


class SweepLab(TestLab):
    """A lab whose gateways tell their edges and are killed at them."""

    def __init__(self, directory: Path, nursery: Nursery, **settings: str) -> None:
        for name in GATEWAYS:
            (directory / f"{name}-edges").mkdir()
        super().__init__(
            directory, GATEWAYS, NUMBERS, nursery=nursery, failpoint__dir=f"{directory}/{{name}}-edges", log__level="warn",
            retry__base_ms="30", **settings,
        )  # fmt: skip
        self.numbers = iter(NUMBERS)
        self._known = dict.fromkeys(GATEWAYS, 0)

    @property
    def player(self) -> Player:
        """One who repeats what is not answered."""
        if self._player is None:
            self._player = PatientPlayer(
                {name: Door(name, f"http://127.0.0.1:{self.ports[name]}", self.admin(name), self.stubs(name)) for name in self.names}
            )
        return self._player

    def admin(self, name: str) -> PatientAdmin:
        """Give an operator's client who waits for a gateway that starts."""
        return PatientAdmin(name, f"http://127.0.0.1:{self.admin_ports[name]}", self.directory / name / "admin.token")

    def serve(self, name: str, **settings: str) -> None:
        """Start a gateway: Jiangxi asks users of the SMS hall's channel, and at the national PPM a person audits."""
        super().serve(name, **{**OF_GATEWAY.get(name, {}), **settings})

    # ---- edges ---------------------------------------------------------------------------------------------------------

    def forget_edges(self) -> None:
        """Begin a new list of the edges that are reached."""
        for name in GATEWAYS:
            (self.directory / f"{name}-edges/reached").write_text("")

    def edges(self) -> list[Edge]:
        """Give the edges that were reached since."""
        found: list[Edge] = []
        for name in GATEWAYS:
            lines = Counter((self.directory / f"{name}-edges/reached").read_text().splitlines())
            for line, times in lines.items():
                moment, step = line.split(":", 1)
                found += [Edge(name, moment, step, count) for count in range(1, times + 1)]
        return found

    def ask_for(self, edge: Edge) -> Path:
        """Ask for a kill; the file is gone when it has come."""
        asked = self.directory / f"{edge.tier}-edges/kill"
        fresh = asked.with_suffix(".new")
        fresh.write_text(f"{edge.moment}:{edge.step}:{edge.count} {time.monotonic_ns()}")
        fresh.replace(asked)
        return asked

    # ---- ledgers -------------------------------------------------------------------------------------------------------

    def new_rows(self) -> list[dict[str, Any]]:
        """Give the rows of all partners' ledgers since `rows_known`."""
        return [
            {"set": name, **row}
            for name in GATEWAYS
            for row in self.stubs(name).get("ledgers", after=str(self._known[name]))["rows"]
        ]

    def rows_known(self) -> None:
        """Count what is in the ledgers as known: it belongs to cases before."""
        for name in GATEWAYS:
            self._known[name] += len(self.stubs(name).get("ledgers", after=str(self._known[name]))["rows"])


class Sweep:
    """Kills in one lab, and counts."""

    def __init__(self, lab: SweepLab, share: Share, figures: Figures) -> None:
        self.lab = lab
        self.share = share
        self.figures = figures

    def case(self, case: Case, only: str = "") -> list[str]:
        """Sweep one case; gives what was wrong. `only` is one edge of it."""
        with _Modes(self.lab, case):
            clean, edges = self._clean(case)
            self.figures.moments |= {edge.moment for edge in edges}
            self.figures.steps |= {edge.step for edge in edges}
            self.figures.cases.add(case.name)
            wanted = [edge for edge in edges if (str(edge) == only if only else self.share.has(case, edge))]
            return [problem for edge in wanted for problem in self._edge(case, edge, clean)]

    def _clean(self, case: Case) -> tuple[Left, list[Edge]]:
        """Play it undisturbed, twice: it must leave the same; gives what it leaves, and every edge that either met."""
        first, edges = self._play(case, None, None)
        second, more = self._play(case, None, first)
        assert second == first, f"{case.name} does not leave the same each time:\n" + _told(second.beside(first))
        return first, sorted({*edges, *more})

    def _edge(self, case: Case, edge: Edge, clean: Left) -> Iterator[str]:
        for _ in range(3):  # an edge that depends on who was faster may be missed
            before = self.figures.kills
            left, _ = self._play(case, edge, clean)
            missing, more, states = left.beside(clean)
            self.figures.lost += missing.total() + states.total()
            self.figures.doubled += more.total()
            if missing or more or states:
                yield f"{case.name}: killed at {edge}: {_told((missing, more, states))}\n  KILL_ONLY='{case.name}/{edge}'"
            if self.figures.kills > before:
                return
        self.figures.passed_over += 1
        if not edge.by_chance:
            yield f"{case.name}: {edge} was not reached"

    def _play(self, case: Case, edge: Edge | None, clean: Left | None) -> tuple[Left, list[Edge]]:
        lab = self.lab
        lab.rows_known()
        on = stage(lab.player, next(lab.numbers))
        case.before(on)
        lab.forget_edges()
        self.figures.orders += 1
        with _Killing(lab, edge) as killing:
            played = case.play(on)
            assert played.refused is None, f"{case.name}: {played.refused}"
            lab.player.settled(played, 30)
        self.figures.kills += killing.kills
        until = time.monotonic() + (ALIKE_WITHIN if clean is not None else 0.3)
        while True:
            left = _left(lab, case, on, played)
            if left == clean or time.monotonic() > until:
                return left, lab.edges()
            time.sleep(0.03)
            lab.player.settled(played)


class _Modes:
    """Partners behave as a case wants while it is swept."""

    def __init__(self, lab: SweepLab, case: Case) -> None:
        self._lab = lab
        self._case = case

    def __enter__(self) -> None:
        for name, modes in self._case.modes.items():
            self._lab.stubs(name).set(**modes)

    def __exit__(self, *_: object) -> None:
        for name, modes in self._case.modes.items():
            self._lab.stubs(name).set(**{mode: None if mode.count(".") == 2 else "final" for mode in modes})


class _Killing:
    """Asks for a kill, and starts the gateway anew when it has come."""

    def __init__(self, lab: SweepLab, edge: Edge | None) -> None:
        self._lab = lab
        self._edge = edge
        self._over = threading.Event()
        self._nurse = threading.Thread(target=self._watch)
        self._error: Exception | None = None
        self.kills = 0

    def __enter__(self) -> _Killing:
        if self._edge is not None:
            self._asked = self._lab.ask_for(self._edge)
            self._nurse.start()
        return self

    def _watch(self) -> None:
        assert self._edge is not None
        while not self._over.is_set():
            if self._lab.wait_dead(self._edge.tier, 0.1) and not self._revive():
                return

    def _revive(self) -> bool:
        assert self._edge is not None
        self.kills += 1
        try:
            self._lab.serve(self._edge.tier)
        except Exception as error:  # noqa: BLE001  told in the test's own thread
            self._error = error
        return self._error is None

    def __exit__(self, *_: object) -> None:
        if self._edge is None:
            return
        # The last edges come when the case has ended for everybody who looks.
        until = time.monotonic() + LAST_EDGE
        while self._asked.exists() and time.monotonic() < until:
            time.sleep(0.01)
        came = not self._asked.exists()
        self._asked.unlink(missing_ok=True)
        if came and not self.kills:
            self._lab.wait_dead(self._edge.tier)
        self._over.set()
        self._nurse.join()
        if self._error is None and self._lab.wait_dead(self._edge.tier, 0):
            self._revive()
        if self._error is not None:
            raise self._error


def _left(lab: SweepLab, case: Case, on: Stage, played: Played) -> Left:
    own = {on.number: "NUMBER"}
    if case.thing is not None:
        own[named(case.thing(on.serial))[1]] = "OBJECT"
        own |= {str(case.thing(on.serial)[key]): key for key in ("PNameCN", "PNameEN")}

    def plain(value: object) -> str:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        for mine, word in own.items():
            text = text.replace(mine, word)
        return _TIME.sub('"TIME"', text)

    rows = Counter(
        plain({k: v for k, v in row.items() if k not in (*_PER_CASE, *_PER_CASE_OF.get(row["ledger"], ()))})
        for row in lab.new_rows()
    )
    states = Counter(plain(state) for state in itertools.chain(_legs(played), _held(lab, case, on)))
    return Left(rows, states)


def _legs(played: Played) -> Iterator[object]:
    for leg in played.legs:
        arrows = sorted((a["number"], a["sender"], a["receiver"], a["text"], a["state"], a["code"]) for a in leg["arrows"])
        yield [leg[key] for key in ("place", "section", "action", "channel", "state", "code", "run")] + arrows


def _held(lab: SweepLab, case: Case, on: Stage) -> Iterator[object]:
    for name in GATEWAYS:
        if case.thing is not None:
            kind, object_id = named(case.thing(on.serial))
            yield [name, lab.admin(name).get(f"objects/{kind}:{object_id}")]
            for held in lab.stubs(name).get("catalogue", object=object_id)["objects"]:
                yield [name, {k: v for k, v in held.items() if k not in ("at", *_PER_CASE)}]
            continue
        known = lab.admin(name).get(f"numbers/{on.number}")
        yield [name, len(known["orders"]), {r["product"]: r["state"] for r in known["relations"]}]
        for service in lab.stubs(name).get("world")["active"]:
            if service["number"] == on.number:
                yield [name, {k: v for k, v in service.items() if k != "since"}]


def _told(differences: tuple[Counter[str], Counter[str], Counter[str]]) -> str:
    words = ("missing", "too much", "state")
    return "\n".join(f"  {word}: {row} x{times}" for word, rows in zip(words, differences, strict=True) for row, times in rows.items())
