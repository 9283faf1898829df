"""A world for the engine without sockets and sleeps: a clock that is moved, partners that answer by script, coroutines by hand."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

from playbook import NOON

from gateway.engine.engine import Engine
from gateway.engine.ports import InboxRow, Sent
from gateway.engine.wiring import Backoff, Wiring
from gateway.flows.registry import FLOWS, SECTION_FLOW
from gateway.steps import Activate, FeeCheck, ItemReply, Reply
from gateway.store.memory import MemoryStore


class VirtualClock:
    """Time that moves only when told."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._count = itertools.count()
        self._calls: list[tuple[datetime, int, list]] = []

    def now(self) -> datetime:
        return self._now

    def call_later(self, seconds, act):
        cell = [act]
        heapq.heappush(self._calls, (self._now + timedelta(seconds=seconds), next(self._count), cell))
        return cell.clear

    def advance(self, seconds: float) -> None:
        """Move on, doing what falls due in its order."""
        until = self._now + timedelta(seconds=seconds)
        while self._calls and self._calls[0][0] <= until:
            self._now, _, cell = heapq.heappop(self._calls)
            for act in list(cell):
                act()
        self._now = until


class Pending:
    """An answer that has not come yet."""

    def __init__(self) -> None:
        self.waiting = None
        self.settled = []

    def settle(self, outcome) -> None:
        self.settled = [outcome]
        if self.waiting is not None:
            self.waiting()

    def __await__(self):
        if not self.settled:
            yield self
        outcome = self.settled[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def spawn(work) -> None:
    """Run a coroutine until it ends, going on whenever what it waits for is settled."""

    def go_on() -> None:
        try:
            pending = work.send(None)
        except StopIteration:
            return
        pending.waiting = go_on

    go_on()


class Killed(BaseException):
    """The process ends here."""


class ScriptedPartners:
    """Answers each step as told, success by default; keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.answers = defaultdict(list)

    def operation(self, step) -> str:
        return type(step.request).__name__

    def answer(self, step_name: str, *outcomes) -> None:
        """Queue outcomes for a step: a Reply, an error, Pending, or None for "accepted, result follows"."""
        self.answers[step_name] += outcomes

    async def send(self, step, streaming_no, at) -> Sent:
        self.sent.append((step.name, streaming_no))
        outcome = self.answers[step.name].pop(0) if self.answers[step.name] else _success(step, at)
        if isinstance(outcome, Pending):
            outcome = await outcome
        if isinstance(outcome, BaseException):
            raise outcome
        return Sent(outcome)

    def names(self) -> list[str]:
        return [name for name, _ in self.sent]


def _success(step, at) -> Reply:
    if isinstance(step.request, FeeCheck):
        return Reply(at, balance=100)
    if isinstance(step.request, Activate):
        return Reply(at, items=tuple(ItemReply(p, 0) for p in step.request.product_ids))
    return Reply(at)


class Rig:
    """One engine over a store that survives it."""

    def __init__(self, **wiring) -> None:
        self.clock = VirtualClock()
        self.store = MemoryStore()
        self.partners = ScriptedPartners()
        self.events: list[tuple[str, dict]] = []
        self._wiring = wiring
        self.engine = self.build()

    def build(self, **wiring) -> Engine:
        """Make an engine, as a new process would."""
        usual = Wiring(
            store=self.store, caller=self.partners, clock=self.clock, spawn=spawn, random=lambda: 1.0, flows=FLOWS,
            streaming_no=lambda order, serial, index: f"200{serial:05d}{index:02d}",
            events=lambda event, /, **fields: self.events.append((event, fields)),
            backoff=Backoff(timedelta(seconds=1), timedelta(seconds=60)),
        )  # fmt: skip
        return Engine(replace(usual, **{**self._wiring, **wiring}))

    def restart(self, **wiring) -> None:
        """Lose the process, keep the store."""
        self.engine.stop()
        self.engine = self.build(**wiring)
        run(self.engine.recover())

    def place(self, order) -> None:
        """Accept an order, as the service does."""
        inbox = InboxRow(order.channel, order.streaming_no, "subscribeToVSOP", "digest", "{}", self.clock.now())
        run(self.engine.start(SECTION_FLOW[order.section], run(self.engine.next_serial()), order, inbox))

    def row(self, order):
        return run(self.store.run(order.id))


def run(work):
    """Give what a coroutine returns; it must not wait."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("the coroutine waits")
