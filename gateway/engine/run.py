"""One run in memory: a flow's generator, fed with the replies that the journal holds, then with new ones.

Replay is by step name. A flow that asks for something else than its journal is stopped, never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.domain.order import Order
from gateway.engine.ports import RunRow, RunState, StepDone, StepIntended, StepRow, Write
from gateway.steps import Ask, Expect, Flow, Keep, Reply, Tell


class FlowDiverged(Exception):
    """The flow and its journal do not agree: the flow was changed without a new version."""


class Run:
    """Drives one generator; collects the rows to write before the next thing may leave."""

    def __init__(self, run_id: str, flow: Flow, order: Order, serial: int) -> None:
        self.run_id = run_id
        self.order = order
        self.serial = serial
        self.attempts = 0
        self.signals: set[str] = set()
        """Steps whose signal arrived while this run was in memory."""
        self.step: Ask | Tell | Expect | None = None
        """What the flow waits for; None when it has ended."""
        self.streaming_no = ""
        self.outcome = 0
        self.writes: list[Write] = []
        self._flow = flow
        self._journal: dict[str, StepRow] = {}
        self._names: set[str] = set()
        self._woken = False

    def begin(self, now: datetime, operation: Callable[[Ask | Tell], str], number: Callable[[int], str]) -> None:
        """Run from the start to the first step that leaves; `number` makes a StreamingNo from a step's index."""
        self._advance(None, now, operation, number)

    def replay(
        self, row: RunRow, now: datetime, operation: Callable[[Ask | Tell], str], number: Callable[[int], str]
    ) -> None:
        """Run through what the journal holds, to the step that is under way."""
        self._journal = {step.name: step for step in row.steps}
        self._woken = row.state is RunState.WAITING
        self._advance(None, now, operation, number)
        self.attempts = row.attempts

    def resume(self, reply: Reply, operation: Callable[[Ask | Tell], str], number: Callable[[int], str]) -> None:
        """Journal the reply of the present step and go on to the next one that leaves."""
        step = self.step
        assert step is not None
        party = str(step.sender if isinstance(step, Expect) else step.to)
        self.writes.append(StepDone(self.run_id, step.name, step.number, party, reply, self.attempts + 1, self._woken))
        self.attempts = 0
        self._woken = False
        self._advance(reply, reply.at, operation, number)

    def take_writes(self) -> list[Write]:
        """Hand over the rows collected so far."""
        writes, self.writes = self.writes, []
        return writes

    def _advance(
        self, reply: Reply | None, now: datetime, operation: Callable[[Ask | Tell], str], number: Callable[[int], str]
    ) -> None:
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
            row = self._journal.get(step.name)
            if row is not None and row.reply is not None:
                reply = row.reply
            elif isinstance(step, Keep):
                self._all_replayed()
                reply = self._keep(step, now)
            else:
                self._all_replayed(but=step.name)
                self.step = step
                self.streaming_no = row.streaming_no if row is not None else self._intend(step, now, operation, number)
                return

    def _all_replayed(self, but: str = "") -> None:
        """Every journalled step must have been said before anything new is."""
        missed = [name for name in self._journal if name not in self._names and name != but]
        if missed:
            raise FlowDiverged(f"the journal holds {missed[0]}, which the flow did not say in its turn")

    def _keep(self, step: Keep, now: datetime) -> Reply:
        reply = Reply(at=now)
        self.writes += [StepDone(self.run_id, step.name, step.number, "", reply, 1), *step.facts]
        return reply

    def _intend(
        self,
        step: Ask | Tell | Expect,
        now: datetime,
        operation: Callable[[Ask | Tell], str],
        number: Callable[[int], str],
    ) -> str:
        streaming_no = "" if isinstance(step, Expect) else number(len(self._names))
        self.writes.append(
            StepIntended(
                self.run_id, step.name, step.number,
                returns=step.returns if isinstance(step, Ask) else "",
                party=str(step.sender if isinstance(step, Expect) else step.to),
                operation="" if isinstance(step, Expect) else operation(step),
                streaming_no=streaming_no,
                at=now,
            )
        )  # fmt: skip
        return streaming_no
