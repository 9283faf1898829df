"""What the engine is made of, and its patience: when to try again, when to give up, under whose name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from gateway.domain.facts import Matter
from gateway.engine.ports import Boundary, Caller, Clock, Spawn, Store
from gateway.steps import Flow


@dataclass(frozen=True, slots=True)
class Owner:
    """Under which name this process drives runs. Processes that share a store have different names."""

    name: str = "vsop"
    token: str = "one"  # noqa: S105  no secret
    """Tells this process from a former one of the same name, which is dead as soon as this one begins."""
    lease: timedelta | None = None
    """After this time without a sign of life others take its runs over; None where no other process can have the store."""
    lost: Callable[[], None] = lambda: None
    """Told when another process has taken the name: this one must end."""

    @property
    def seconds(self) -> float:
        """The lease's length."""
        return float("inf") if self.lease is None else self.lease.total_seconds()


@dataclass(frozen=True, slots=True)
class Backoff:
    """When to try again: full jitter between half and all of base * 2 ** attempts, never above the cap."""

    base: timedelta = timedelta(milliseconds=500)
    cap: timedelta = timedelta(seconds=60)

    def delay(self, attempts: int, random: Callable[[], float]) -> timedelta:
        """Give the pause before attempt `attempts` + 1."""
        full = min(self.cap, self.base * 2.0 ** min(attempts - 1, 20))
        return full * (0.5 + random() / 2)


@dataclass(frozen=True, slots=True)
class Patience:
    """When a step is parked for a person to look at: a partner that is away for hours is waited for, a poisoned message is not."""

    attempts: int = 1000
    within: timedelta = timedelta(days=1)

    def over(self, attempts: int, since: datetime | None, now: datetime) -> bool:
        """Whether a step that was first about to leave at `since` has been tried often or long enough."""
        return attempts >= self.attempts or (since is not None and now - since >= self.within)


class Events(Protocol):
    """Where the engine tells what happens; names and fields are in telemetry."""

    def __call__(self, event: str, /, **fields: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the engine is made of."""

    store: Store
    caller: Caller
    clock: Clock
    spawn: Spawn
    random: Callable[[], float]
    flows: Mapping[str, Callable[[Any], Flow]]
    """Each is given what its run is about."""
    streaming_no: Callable[[Matter, int, int], str]
    """(matter, run serial, step index) to a StreamingNo of ours."""
    events: Events
    owner: Owner = Owner()
    backoff: Backoff = Backoff()
    patience: Patience = Patience()
    result_within: timedelta = timedelta(minutes=5)
    """How long a result may follow "accepted" before the request is sent again, under the same number."""
    max_active: int = 2000
    """Runs in memory at once; above it new orders are refused as busy."""
    recover_at_once: int = 32
    boundary: Boundary = lambda moment, step: None
