"""Ends the process at a named edge: how the tests show that nothing accepted is lost. Off unless configured.

An edge is a moment of a step, or of a commit that belongs to no step. Knows nothing of what the rows mean.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from gateway.engine.ports import Boundary, Store, Write

_OF_STEPS = frozenset({"RunStarted", "StepIntended", "StepDone", "RunEnded"})
"""Rows of commits whose edges the engine tells by the name of the step."""

_KEEPS_HOUSE = frozenset(
    {
        "Holding", "LeaseTaken", "LeaseKept", "LeaseLeft", "UserUnchanged", "RelationsUnchanged", "OrdersUnchanged", "NothingOpen",
        "MasterUnchanged", "AuditKept",
    }
)  # fmt: skip
"""Rows that say under what conditions others are written, or who lives: they give no commit its name."""


def boundary(spec: str, directory: str = "") -> Boundary:
    """Make the engine's boundary from "moment:step:count": kill -9 at the count-th time that moment of that step is reached.

    With a directory, each edge that is reached becomes a line of its file `reached`, and its file `kill`, while there is one, holds
    the edge to end at, counted from when the file came. It is removed at the end that it asks for.
    """
    kill = _Kill(spec) if spec else None
    if directory:
        watched = _Watched(Path(directory), kill)
        return watched.reached
    if kill is None:
        return lambda moment, step: None
    return lambda moment, step: _end() if kill.meets(moment, step) else None


def edged(store: Store, reached: Boundary) -> Store:
    """Tell also the edges of commits that belong to no step, by the name of their first row, such as SignalArrived."""
    return cast(Store, _EdgedStore(store, reached))


class _Kill:
    """Counts down to one edge."""

    def __init__(self, spec: str) -> None:
        self.spec = spec
        edge, _, count = spec.split(maxsplit=1)[0].rpartition(":")  # what follows a blank tells two of the same apart
        self._moment, _, self._step = edge.partition(":")  # a step's name may hold an address: test-vsop:21
        self._left = int(count)

    def meets(self, moment: str, step: str) -> bool:
        """Count an edge; whether it is the one."""
        self._left -= (moment, step) == (self._moment, self._step)
        return self._left == 0


class _Watched:
    """Edges told to a file, and the kill that another file asks for."""

    def __init__(self, directory: Path, kill: _Kill | None) -> None:
        self._asked = directory / "kill"
        self._told = directory / "reached"
        self._first = kill
        self._kill = kill

    def reached(self, moment: str, step: str) -> None:
        """Tell an edge, and end there if that is asked for."""
        with self._told.open("a", encoding="utf-8") as told:
            told.write(f"{moment}:{step}\n")
        if self._asked.exists():
            spec = self._asked.read_text(encoding="utf-8")
            if self._kill is None or self._kill.spec != spec:
                self._kill = _Kill(spec)
        else:
            self._kill = self._first
        if self._kill is not None and self._kill.meets(moment, step):
            self._asked.unlink(missing_ok=True)
            _end()


class _EdgedStore:
    """A store whose commits have edges; all else goes to the store behind it."""

    def __init__(self, store: Store, reached: Boundary) -> None:
        self._store = store
        self._reached = reached

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit(self, writes: Sequence[Write]) -> None:
        """Commit, between two edges where the engine tells none."""
        name = _name(writes)
        if name:
            self._reached("before-commit", name)
        await self._store.commit(writes)
        if name:
            self._reached("after-commit", name)


def _name(writes: Sequence[Write]) -> str:
    names = [type(write).__name__ for write in writes]
    if not _OF_STEPS.isdisjoint(names):
        return ""
    return next((name for name in names if name not in _KEEPS_HOUSE), "")


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
