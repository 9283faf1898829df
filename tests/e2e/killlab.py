"""A lab for kill -9: its gateways tell the edges that they reach, die at one that is asked for, and are started again at once.

An edge is a moment of a step at one tier, for the so-many-th time. The stubs live on; their ledgers only grow.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nursery import Nursery
from patient import PatientAdmin, PatientPlayer
from testlab import TestLab

from gateway.cli.play import Door, Player

GATEWAYS = ("group", "jiangxi", "guangxi")
NUMBERS = [f"1330791{n:04d}" for n in range(3000)]
"""Without the last digits at which partners misbehave."""

OF_GATEWAY = {"jiangxi": {"confirmation__channels": "214"}, "group": {"ppm__audit": "held"}}

LAST_EDGE = 0.5
"""Seconds that an edge may come after the end of its case."""
DEATH = 15.0
"""Seconds within which a gateway that was told to die is dead."""


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
        """Whether a case may go well without it: how a report is kept, say, depends on whether its order has ended by then.

        So does whether a step is come to a second time: where a commit was slow, its run was taken up once more.
        """
        return self.moment in ("before-commit", "after-commit") or self.count > 1


class SweepLab(TestLab):
    """A lab whose gateways tell their edges and are killed at them."""

    def __init__(self, directory: Path, nursery: Nursery, databases: dict[str, str], **settings: str) -> None:
        """`databases` as TestLab has it: none for files."""
        for name in GATEWAYS:
            (directory / f"{name}-edges").mkdir()
        super().__init__(
            directory, GATEWAYS, NUMBERS, databases, nursery=nursery, failpoint__dir=f"{directory}/{{name}}-edges", log__level="warn",
            retry__base_ms="30", breaker__open_s="0.3", breaker__open_cap_s="1", **settings,
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


class Killing:
    """Asks for a kill, and starts the gateway anew when it has come."""

    def __init__(self, lab: SweepLab, edge: Edge | None) -> None:
        self._lab = lab
        self._edge = edge
        self._over = threading.Event()
        self._nurse = threading.Thread(target=self._watch)
        self._error: Exception | None = None
        self.kills = 0

    def __enter__(self) -> Killing:
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
        dead_by = time.monotonic() + DEATH
        while came and not self.kills and time.monotonic() < dead_by:  # the nurse waits for it: two must not read of one child
            time.sleep(0.01)
        self._over.set()
        self._nurse.join()
        if self._error is None and self._lab.wait_dead(self._edge.tier, 0):
            self._revive()
        if self._error is not None:
            raise self._error
