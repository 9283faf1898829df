"""Virtual time: what is to happen, in order; to whom, and not at all once that process is dead.

Two things at the same moment happen in the order in which they were planned, so a run depends on nothing but its plan. Must not know
what happens.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

Act = Callable[..., object]


class Planned:
    """One thing to happen; a timer as Twisted has it."""

    __slots__ = ("_act", "_arguments", "life", "when")

    def __init__(self, when: float, life: Life, act: Act, arguments: tuple[Any, ...]) -> None:
        self.when = when
        self.life = life
        self._act: Act | None = act
        self._arguments = arguments

    def cancel(self) -> None:
        """Let it not happen."""
        self._act = None

    def active(self) -> bool:
        """Say whether it is still to happen."""
        return self._act is not None

    def happen(self) -> None:
        """Do it."""
        act, self._act = self._act, None
        if act is not None:
            act(*self._arguments)


class Life:
    """One process from its start to its end. What was planned for it does not happen once it is dead, and late while it is stopped."""

    __slots__ = ("alive", "held", "name", "stopped")

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.stopped = False
        self.held: list[Planned] = []
        """What fell due while it was stopped."""


class Timeline:
    """The plan of a whole world; `now` is in seconds of the epoch."""

    def __init__(self, start: float) -> None:
        self.now = start
        self.happened = 0
        self._plan: list[tuple[float, int, Planned]] = []
        self._count = 0

    def at(self, when: float, life: Life, act: Act, *arguments: Any) -> Planned:
        """Plan something; what is in the past happens next."""
        planned = Planned(max(when, self.now), life, act, arguments)
        if life.alive:
            self._count += 1
            heapq.heappush(self._plan, (planned.when, self._count, planned))
        else:
            planned.cancel()
        return planned

    def run_until(self, until: float) -> None:
        """Let everything happen up to a time, that time included."""
        plan = self._plan
        while plan and plan[0][0] <= until:
            when, _, planned = heapq.heappop(plan)
            life = planned.life
            if not life.alive or not planned.active():
                continue
            self.now = when
            if life.stopped:
                life.held.append(planned)
                continue
            self.happened += 1
            planned.happen()
        self.now = max(self.now, until)

    def stop(self, life: Life) -> None:
        """Hold a process as SIGSTOP does."""
        life.stopped = True

    def go_on(self, life: Life) -> None:
        """Let a process go on: what fell due meanwhile happens now, in its order."""
        life.stopped = False
        held, life.held = life.held, []
        for planned in held:
            self._count += 1
            planned.when = self.now
            heapq.heappush(self._plan, (self.now, self._count, planned))

    @staticmethod
    def end(life: Life) -> None:
        """Kill a process: nothing that was planned for it happens any more."""
        life.alive = False
        life.stopped = False
        life.held.clear()
