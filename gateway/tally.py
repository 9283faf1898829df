"""Counts of calls by their labels, with how long they took: plain numbers, incremented where a call ends, read when somebody asks.

Must not know who reads them, nor what a call is about.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import RESULTS

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the classes of durations, in seconds: from what a message costs here to the longest deadline of a partner."""
OTHER: Final = "other"
"""Stands for whatever has no name of ours: a stranger, a message without an operation, a code that is not in the table."""
MOST: Final = 20_000
"""Sets of labels; all of them come from contracts and configuration, so that more are an error of ours, and fall together."""
_NOBODY: Final = frozenset[str]()

Labels = tuple[str, ...]
_KINDS: Final[Mapping[int, str]] = {code: str(result.kind) for code, result in RESULTS.items()}


def kind_of(code: object) -> str:
    """Name the kind of a result code of the wire, such as `success`; `other` for what is not in the table."""
    try:
        return _KINDS.get(int(code), OTHER)  # type: ignore[call-overload]  # a codec gives text or a number
    except (TypeError, ValueError):
        return OTHER


class Spread:
    """How many durations, or sizes, fell below each bound; the last class has the rest."""

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = BOUNDS) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """All of them."""
        return sum(self.counts)

    def below(self) -> list[tuple[str, float]]:
        """Give how many were at most each bound, as Prometheus has them: the last bound is `+Inf`."""
        sums, so_far = [], 0
        for bound, count in zip((*self._bounds, None), self.counts, strict=True):
            so_far += count
            sums.append(("+Inf" if bound is None else repr(bound), float(so_far)))
        return sums


class Tally:
    """Calls of one kind by labels. `seconds` counts from anywhere, as finely as calls are to be measured."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.seconds = seconds
        self.spreads: dict[Labels, Spread] = {}

    def note(self, labels: Labels, began: float) -> None:
        """Count a call that ends now."""
        spread = self.spreads.get(labels)
        if spread is None:
            spread = self._new(labels)
        spread.add(self.seconds() - began)

    def _new(self, labels: Labels) -> Spread:
        if len(self.spreads) >= MOST:
            labels = (OTHER,) * len(labels)
        return self.spreads.setdefault(labels, Spread())


@dataclass(slots=True)
class Heard:
    """What is asked of a gateway, by caller, contract, operation and kind of result; faults by code beside it.

    `callers` gives the names that may stand as a label: everybody else is `other`.
    """

    calls: Tally
    callers: Callable[[], Collection[str]] = lambda: _NOBODY
    faults: dict[tuple[str, int], int] = field(default_factory=dict)
    """By contract and code."""

    def answered(self, caller: str, contract: str, operation: str, code: object, began: float) -> None:
        """Count a message that has its answer."""
        caller = caller if caller in self.callers() else OTHER
        self.calls.note((caller, contract, operation or OTHER, kind_of(code)), began)

    def refused(self, caller: str, contract: str, operation: str, code: int, began: float) -> None:
        """Count a message that is answered by a fault."""
        self.answered(caller, contract, operation, code, began)
        self.faults[contract, code] = self.faults.get((contract, code), 0) + 1
