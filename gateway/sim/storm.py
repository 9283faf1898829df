"""What goes wrong in a run, and when: chosen from the seed before it begins, or by chance at each piece on its way, until the calm.

Each seed has its own mixture: some kinds of fault are left out, the others are rare or frequent. Must not know what an order is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from gateway.sim.weather import HOP, Fate, Machine

MESSAGE_FAULTS = {
    "lost-request": 0.02, "lost-answer": 0.02, "reset-request": 0.02, "reset-answer": 0.02, "doubled-request": 0.04, "slow": 0.04,
    "split": 0.03, "refused-connection": 0.03, "unanswered-connection": 0.01,
}  # fmt: skip
"""How often each kind happens where it is neither rare nor frequent."""

MODES = {
    "xplatform": ("refuse", "slow", "busy-once", "lost", "callback", "callback-failed", "away"),
    "ismp": ("refuse", "slow", "busy-once", "lost", "report-first", "away"),
    "ocs": ("slow", "busy-once", "lost", "away", "no-balance"),
    "billing": ("slow", "busy-once", "lost", "away"),
    "portal": ("slow", "busy-once", "lost", "away"),
    "smshall": ("slow", "lost", "away"),
    "provisioning": ("slow", "busy-once", "lost", "away"),
    "crm": ("slow", "busy-once", "lost", "away"),
}
"""How partners misbehave for a while; their own words."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One planned fault: what, to whom, from when, how long; `detail` is the other machine of a cut or the mode of a partner."""

    kind: str
    whom: str
    at: float
    lasts: float
    detail: str = ""


class Storm:
    """The faults of one seed; times are seconds after the start."""

    def __init__(self, chance: Random, length: float) -> None:
        self._chance = chance
        self.length = length
        self.calm = False
        self.counts: Counter[str] = Counter()
        harsh = chance.choice((0.0, 0.3, 1.0, 1.0, 2.0))
        self._rates = {
            kind: rate * harsh if chance.random() < 0.7 else 0.0 for kind, rate in MESSAGE_FAULTS.items()
        }  # fmt: skip
        self._kill_rate = chance.choice((0.0, 0.0, 0.01, 0.04))
        self._pause_rate = chance.choice((0.0, 0.0, 0.01, 0.03))
        self._pace = chance.choice((0.001, 0.004, 0.02))
        self._any = any(self._rates.values())

    # ---- at each piece ------------------------------------------------------------------------------------------------

    def connecting(self, client: Machine, server: Machine) -> bool | None:
        """Say whether a connection comes about."""
        if client is server or self.calm:
            return True
        if self._happens("refused-connection"):
            return False
        return None if self._happens("unanswered-connection") else True

    def fate(self, sender: Machine, receiver: Machine, request: bool) -> Fate:
        """Give what becomes of a piece."""
        if sender is receiver:
            return Fate()
        chance = self._chance
        delay = HOP + chance.expovariate(1.0) * self._pace
        if self.calm or not self._any:
            return Fate(delay)
        what = "request" if request else "answer"
        if self._happens(f"lost-{what}"):
            return Fate(delay, lost=True)
        if self._happens(f"reset-{what}"):
            return Fate(delay, reset=chance.choice((0.0, 0.5, 0.9)))
        again = chance.expovariate(0.2) if request and self._happens("doubled-request") else None
        if self._happens("slow"):
            delay += chance.choice((0.5, 2.0, 8.0, 30.0)) * chance.random()
        return Fate(delay, again=again, split=self._happens("split"))

    def kills(self) -> bool:
        """Say whether the process that asks is killed at this edge of a step."""
        if self.calm or not self._kill_rate or self._chance.random() >= self._kill_rate:
            return False
        self.counts["kill-at-edge"] += 1
        return True

    def pauses(self) -> float:
        """Give for how long the process that asks is stopped at this edge of a step; mostly not at all."""
        if self.calm or not self._pause_rate or self._chance.random() >= self._pause_rate:
            return 0.0
        self.counts["pause-at-edge"] += 1
        return self._lasting()

    def _happens(self, kind: str) -> bool:
        rate = self._rates[kind]
        if not rate or self._chance.random() >= rate:
            return False
        self.counts[kind] += 1
        return True

    # ---- planned ------------------------------------------------------------------------------------------------------

    def troubles(self, gateways: Sequence[str], machines: Sequence[str], roles: Sequence[tuple[str, str]]) -> Iterator[Trouble]:
        """Plan what happens to processes (`gateways`), between machines, and to partners ((set, role) pairs)."""
        chance = self._chance
        for kind, most in (("kill", 5), ("drain", 1), ("pause", 2)):
            for _ in range(chance.randint(0, most)):
                yield Trouble(kind, chance.choice(gateways), self._when(), self._lasting())
        for _ in range(chance.randint(0, 4)):
            one, other = chance.sample(machines, 2)
            yield Trouble("cut", one, self._when(), self._lasting(), other)
        for _ in range(chance.randint(0, 4)):
            place, role = chance.choice(roles)
            yield Trouble("partner", f"{place}/{role}", self._when(), self._lasting(), chance.choice(MODES[role]))

    def _when(self) -> float:
        return self._chance.random() * self.length

    def _lasting(self) -> float:
        return self._chance.choice((0.2, 2.0, 10.0, 60.0, 200.0)) * (0.5 + self._chance.random())
