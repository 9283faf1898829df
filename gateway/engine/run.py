"""One run in memory: a flow's generator, fed with the replies that the journal holds, then with new ones.

Replay is by step name. A flow that asks for something else than its journal is stopped, never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.facts import Fact, FlowBegun, Joined, Matter, OrderAccepted
from gateway.engine.ports import RunRow, RunStarted, RunState, SignalArrived, StepDone, StepIntended, StepRow, Write
from gateway.steps import Ask, Expect, Flow, Keep, Reply, Tell


class FlowDiverged(Exception):
    """The flow and its journal do not agree: the flow was changed without a new version."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """Where a run gets names for what leaves it."""

    operation: Callable[[Ask | Tell], str]
    """The wire operation that carries a step."""
    streaming_no: Callable[[Matter, int, int], str]
    """(matter, run serial, step index) to a StreamingNo of ours."""
    serial: Callable[[], int]
    """A serial for a run that begins within this one."""
    owner: str
    """The process that drives runs that begin here."""


class Run:
    """Drives one generator; collects the rows to write before the next thing may leave."""

    def __init__(self, matter: Matter, flow: Flow, serial: int, numbering: Numbering, fence: int = 0) -> None:
        self.run_id = matter.id
        self.matter = matter
        self.serial = serial
        self.fence = fence
        self.attempts = 0
        self.since: datetime | None = None
        """When the step under way was first about to leave."""
        self.signals: set[str] = set()
        """Steps whose signal arrived while this run was in memory."""
        self.step: Ask | Tell | Expect | None = None
        """What the flow waits for; None when it has ended."""
        self.fresh = False
        """Whether that step was intended only now, under a StreamingNo that nobody has seen."""
        self.streaming_no = ""
        self.outcome = 0
        self._writes: list[Write] = []
        self._begun: list[str] = []
        self._joined: list[SignalArrived] = []
        self._flow = flow
        self._numbering = numbering
        self._journal: dict[str, StepRow] = {}
        self._names: set[str] = set()
        self._written = 0
        """Steps in the journal, with those that are about to be."""
        self._awaited = 0
        """Steps that wait for a message: they send none, so they use up none of the numbers."""

    def begin(self, now: datetime) -> None:
        """Run from the start to the first step that leaves."""
        self._advance(None, now)

    def replay(self, row: RunRow, now: datetime) -> None:
        """Run through what the journal holds, to the step that is under way."""
        self._journal = {step.name: step for step in row.steps}
        self._written = len(row.steps)
        self._advance(None, now)
        self.attempts = row.attempts if row.state is RunState.WAITING else 0

    def resume(self, reply: Reply) -> None:
        """Journal the reply of the present step and go on to the next one that leaves."""
        step = self.step
        assert step is not None
        party = str(step.sender if isinstance(step, Expect) else step.to)
        self._writes.append(StepDone(self.run_id, step.name, step.number, party, reply, self.attempts + 1, True))
        self.attempts = 0
        self._advance(reply, reply.at)

    def take_writes(self) -> list[Write]:
        """Hand over the rows collected so far."""
        writes, self._writes = self._writes, []
        return writes

    def take_begun(self) -> list[str]:
        """Hand over the runs that begin with these rows: they may be driven once the rows are written."""
        begun, self._begun = self._begun, []
        return begun

    def take_joined(self) -> list[SignalArrived]:
        """Hand over the signals for runs that wait for this one: written with the rows."""
        joined, self._joined = self._joined, []
        return joined

    def _advance(self, reply: Reply | None, now: datetime) -> None:
        while True:
            try:
                step = next(self._flow) if reply is None else self._flow.send(reply)
            except StopIteration as end:
                self.step, self.outcome = None, end.value
                self._all_replayed()
                return
            if step.name in self._names:
                raise FlowDiverged(f"step {step.name} was said twice")
            self._names.add(step.name)
            self._awaited += isinstance(step, Expect)
            row = self._journal.get(step.name)
            if row is not None and row.reply is not None:
                reply = row.reply
            elif isinstance(step, Keep):
                self._all_replayed()
                reply = self._keep(step, now)
            else:
                self._all_replayed(but=step.name)
                self.step, self.fresh = step, row is None
                self.since = row.started_at if row is not None else now
                self.streaming_no = row.streaming_no if row is not None else self._intend(step, now)
                return

    def _all_replayed(self, but: str = "") -> None:
        """Every journalled step must have been said before anything new is."""
        missed = [name for name in self._journal if name not in self._names and name != but]
        if missed:
            raise FlowDiverged(f"the journal holds {missed[0]}, which the flow did not say in its turn")

    def _keep(self, step: Keep, now: datetime) -> Reply:
        reply = Reply(at=now)
        self._writes.append(StepDone(self.run_id, step.name, step.number, "", reply, 1, seq=self._written))
        self._written += 1
        for fact in step.facts:
            self._writes += self._rows(fact, now)
        return reply

    def _rows(self, fact: Fact, now: datetime) -> list[Write]:
        if isinstance(fact, FlowBegun):
            self._begun.append(fact.matter.id)
            started = RunStarted(fact.matter.id, fact.flow, self._numbering.serial(), fact.matter, now, self._numbering.owner, brings=False)
            return [started, OrderAccepted(fact.matter)]  # whoever looks for it finds it from this commit on
        if isinstance(fact, Joined):
            signal = SignalArrived(fact.run_id, fact.step, Reply(now))
            self._joined.append(signal)
            return [signal]
        return [fact]

    def _intend(self, step: Ask | Tell | Expect, now: datetime) -> str:
        index = len(self._names) - self._awaited
        streaming_no = "" if isinstance(step, Expect) else self._numbering.streaming_no(self.matter, self.serial, index)
        self._writes.append(
            StepIntended(
                self.run_id, step.name, step.number,
                returns=step.returns if isinstance(step, Ask) else "",
                party=str(step.sender if isinstance(step, Expect) else step.to),
                operation="" if isinstance(step, Expect) else self._numbering.operation(step),
                streaming_no=streaming_no,
                at=now,
                seq=self._written,
            )
        )  # fmt: skip
        self._written += 1
        return streaming_no
