"""kill -9 at every edge of every case: which edges there are is read from a case that goes well, and so is what must be left.

What must be left are the rows of all partners' ledgers, the states of the case at both tiers, and what everybody holds in the end.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from killcases import Case, Stage, named, stage
from killlab import GATEWAYS, Edge, Killing, SweepLab

from gateway.cli.play import Played

ALIKE_WITHIN = 5.0
"""Seconds within which what is left must be what a case that went well left."""

_PER_CASE = ("at", "number", "order", "streaming_no", "content")
"""Fields of a ledger's row that differ from case to case; "content" is a digest of all."""

_PER_CASE_OF = {"reconfirm": ("code",)}
"""The same, of one ledger."""

_TIME = re.compile(r'"20\d{12}"')


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
        with Killing(lab, edge) as killing:
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
