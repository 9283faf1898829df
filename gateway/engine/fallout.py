"""What a person does about a parked run: lets it go on, decides its step by hand, or cancels what it is about.

Each act is one commit, together with who did it and why, and a compare-and-set: of two who press at once, one does it. What an act
leads to is found out by running the flow through its journal, in memory; nothing is written for that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue_change import Delivery, DeliveryState
from gateway.domain.facts import CellWritten, ItemsFreed, Kept, Matter, OrderEnded
from gateway.domain.order import Order, OrderState
from gateway.engine.ports import (
    AuditKept,
    Fenced,
    Holding,
    RunEnded,
    RunResumed,
    RunRow,
    RunState,
    RunWaiting,
    StepDone,
    Write,
)
from gateway.engine.run import Numbering, Run
from gateway.engine.wiring import Wiring
from gateway.errors import CANCELLED_BY_HAND, OK, PARTNER_AWAY, PLATFORM_REFUSED, RESULTS
from gateway.flows.cancelling import why_not
from gateway.flows.publication import cell_of
from gateway.steps import Activate, Ask, Expect, FeeCheck, ItemReply, Reply, Tell

BY_HAND = "by hand"
"""With this the text of a reply begins that a person gave."""

GOES_ON = "goes on"
"""What the audit log says came of a retry."""

TRIES_NOW = "tries at once"
"""And where it was to try again later."""

TOGETHER = 100
"""Runs that a bulk retry lets go on in one commit."""

ENOUGH = 1
"""Fen that OCS is taken to have told where a person says that the fee check passed: any balance above zero passes."""


class Act(StrEnum):
    """What can be done about a parked run."""

    RETRY = "retry"
    SKIP = "skip"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts, and why."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be done now: what it leads to, or why it cannot be done."""

    act: str
    possible: bool
    text: str


class CannotAct(Exception):
    """What a person asked for cannot be done, in words for him; `unknown`: there is no such run."""

    def __init__(self, text: str, *, unknown: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.unknown = unknown


class Fallout:
    """The acts, over one process's engine."""

    def __init__(self, wiring: Wiring, numbering: Numbering, take_up: Callable[[list[str]], None]) -> None:
        """`take_up` drives runs that may go on, as there is room for them."""
        self._w = wiring
        self._numbering = replace(numbering, serial=lambda: 0)  # for looking ahead: nothing of it is written
        self._take_up = take_up

    async def retry(self, run_id: str, hand: Hand) -> None:
        """Let a run go on with its step: its attempts begin anew. One that waits to try again tries at once. Raises CannotAct."""
        row = await self._read(run_id)
        if row.state is RunState.WAITING and row.attempts:
            await self._hasten(row, hand)
            return
        _must_be_parked(row)
        await self._resume(row, self._audit(row, Act.RETRY, hand, GOES_ON))

    async def retry_all(self, run_ids: Sequence[str], hand: Hand) -> int:
        """Let many runs go on; gives how many. Those on which somebody else has acted are passed over."""
        retried = 0
        for begin in range(0, len(run_ids), TOGETHER):
            rows = [row for run_id in run_ids[begin : begin + TOGETHER] if (row := await self._found(run_id)) is not None]
            writes = [w for row in rows for w in (self._resumed(row), self._audit(row, Act.RETRY, hand, GOES_ON))]
            try:
                await self._w.store.commit(writes)
            except Fenced:  # one of them is somebody else's: the others go one by one
                retried += sum([await self._tried(row.run_id, hand) for row in rows])
                continue
            self._w.events("runs.resumed", runs=len(rows))
            self._take_up([row.run_id for row in rows])
            retried += len(rows)
        return retried

    async def skip(self, run_id: str, code: int, hand: Hand) -> None:
        """Decide the step under way by hand: done with code 0, else refused with a code of the result table. Raises CannotAct."""
        known = RESULTS.get(code)
        if known is None or known.retryable:
            raise CannotAct(f"{code} is no code that ends a step: see docs/errors.md")
        row = await self._parked(run_id)
        step = await self._undecided(row)
        reply = self._by_hand(step, code, hand)
        self._ahead(row, reply)
        said = f"{step.name} done" if code == OK.code else f"{step.name} refused, {code}"
        await self._resume(row, self._done(row, step, reply), self._audit(row, Act.SKIP, hand, said))

    async def cancel(self, run_id: str, hand: Hand, *, force: bool = False) -> None:
        """Cancel what a run is about; what its platform may have done is taken back by the flow. Raises CannotAct.

        `force` is for an order whose flow cannot go on: it ends as it is, and reconciliation must see what its platform holds.
        """
        row = await self._parked(run_id)
        if force:
            await self._force(row, hand)
            return
        step = await self._undecided(row)
        reason = why_not(row.order, step)
        if reason:
            raise CannotAct(reason)
        reply = self._cancelled(hand)
        self._ahead(row, reply)
        await self._resume(row, self._done(row, step, reply), self._audit(row, Act.CANCEL, hand, f"{step.name} cancelled"))

    async def settled(self, row: RunRow, step: str) -> RunRow | None:
        """Let a run go on whose result came after it was parked; gives it as it then stands. A flow that failed stays parked.

        `step` is whose result it is; if it is empty, that is looked for.
        """
        open_step = _open_step(row)
        if row.state is not RunState.STUCK or row.code != PARTNER_AWAY.code or step not in ("", open_step):
            return row
        if not step and await self._w.store.signal(row.run_id, open_step) is None:
            return row
        await self._w.store.commit([self._resumed(row)])
        self._w.events("run.resumed", run=row.run_id, act="signal")
        return await self._w.store.run(row.run_id)

    async def choices(self, row: RunRow) -> tuple[Choice, ...]:
        """Say what each act would lead to."""
        goes_on = Choice(Act.RETRY, True, "goes on where its journal ends, with the program as it is now")
        try:
            self._replayed(row)
        except CannotAct as broken:
            return goes_on, Choice(Act.SKIP, False, broken.text), Choice(Act.CANCEL, False, broken.text), self._forced(row)
        try:
            step = await self._undecided(row)
        except CannotAct as decided:
            return goes_on, Choice(Act.SKIP, False, decided.text), Choice(Act.CANCEL, False, decided.text)
        hand, reason = Hand("", ""), why_not(row.order, step)
        return (
            Choice(Act.RETRY, True, f"{_said(step)}, again under the same number"),
            self._looked(row, "skip as done", self._by_hand(step, OK.code, hand)),
            self._looked(row, "skip as refused", self._by_hand(step, PLATFORM_REFUSED.code, hand)),
            Choice(Act.CANCEL, False, reason) if reason else self._looked(row, Act.CANCEL, self._cancelled(hand)),
        )

    # ---- what stands behind the acts -----------------------------------------------------------------------------------

    async def _read(self, run_id: str) -> RunRow:
        row = await self._w.store.run(run_id)
        if row is None:
            raise CannotAct(f"no order {run_id[:60]} at this gateway", unknown=True)
        return row

    async def _parked(self, run_id: str) -> RunRow:
        row = await self._read(run_id)
        _must_be_parked(row)
        return row

    async def _hasten(self, row: RunRow, hand: Hand) -> None:
        """Wake a run before its time. Whoever drives a run takes it first: of two who wake it at once, one does."""
        due = RunWaiting(row.run_id, self._w.clock.now(), row.attempts, row.note)
        try:
            await self._w.store.commit([Holding(row.run_id, row.fence), due, self._audit(row, Act.RETRY, hand, TRIES_NOW)])
        except Fenced:
            raise CannotAct(f"order {row.run_id[:60]}: it is being tried at this moment") from None
        self._w.events("run.resumed", run=row.run_id, act=f"fallout.{Act.RETRY}")
        self._take_up([row.run_id])

    async def _found(self, run_id: str) -> RunRow | None:
        """Give a parked run; None, and the operator is told, where it is parked no more."""
        try:
            return await self._parked(run_id)
        except CannotAct as reason:
            self._w.events("fallout.passed", run=run_id, reason=reason.text)
            return None

    async def _tried(self, run_id: str, hand: Hand) -> bool:
        try:
            await self.retry(run_id, hand)
        except CannotAct as reason:
            self._w.events("fallout.passed", run=run_id, reason=reason.text)
            return False
        return True

    async def _resume(self, row: RunRow, *others: Write) -> None:
        """Write that a run goes on, and what belongs to it, then take it up."""
        await self._commit(row, *others)
        self._take_up([row.run_id])

    async def _commit(self, row: RunRow, *others: Write) -> None:
        """Write all of an act; that the run is parked no more comes first, and of two acts at once only one writes that."""
        try:
            await self._w.store.commit([self._resumed(row), *others])
        except Fenced:
            raise CannotAct(f"order {row.run_id[:60]}: somebody else has acted meanwhile") from None
        self._w.events("run.resumed", run=row.run_id, act=next((o.act for o in others if isinstance(o, AuditKept)), ""))

    def _resumed(self, row: RunRow) -> RunResumed:
        return RunResumed(row.run_id, row.fence, self._w.owner.name, self._w.clock.now())

    async def _undecided(self, row: RunRow) -> Ask | Tell | Expect:
        """Give the step under way, as the flow says it; raises CannotAct where it has a result already or the flow fails."""
        step = self._replayed(row).step
        if step is None:
            raise CannotAct("no step is under way: retry lets the order end")
        if not isinstance(step, Tell) and await self._w.store.signal(row.run_id, step.name) is not None:
            raise CannotAct("the result of this step has come: retry takes it")
        return step

    def _replayed(self, row: RunRow) -> Run:
        """Give the run as its journal leaves it, in memory; raises CannotAct where its flow fails."""
        run = self._ran(row)
        if isinstance(run, str):
            raise CannotAct(f"its flow cannot go on ({run}): retry after a mended release")
        return run

    def _ahead(self, row: RunRow, reply: Reply) -> str:
        """Say what the flow does next when the step under way gets this reply; raises CannotAct where it fails on it."""
        run = self._ran(row, reply)
        if isinstance(run, str):
            raise CannotAct(f"its flow fails on that ({run}): retry after a mended release")
        return f"ends, code {run.outcome}" if run.step is None else _said(run.step)

    def _ran(self, row: RunRow, reply: Reply | None = None) -> Run | str:
        """Run the flow through its journal, and one reply further; gives the kind of error where it fails."""
        try:
            run = Run(row.order, self._w.flows[row.flow](row.order), row.serial, self._numbering, row.fence)
            run.replay(row, self._w.clock.now())
            if reply is not None:
                run.resume(reply)
        except Exception as error:  # noqa: BLE001  a flow that fails is why a run is parked: the person is told, nothing is written
            return type(error).__name__
        return run

    def _looked(self, row: RunRow, act: str, reply: Reply) -> Choice:
        try:
            return Choice(act, True, self._ahead(row, reply))
        except CannotAct as reason:
            return Choice(act, False, reason.text)

    def _by_hand(self, step: Ask | Tell | Expect, code: int, hand: Hand) -> Reply:
        """Give the reply that a person says: to an activation, for each of its products."""
        reply = Reply(self._w.clock.now(), code, _words(hand))
        if code != OK.code or not isinstance(step, Ask):
            return reply
        if isinstance(step.request, Activate):
            return replace(reply, items=tuple(ItemReply(product, OK.code) for product in step.request.product_ids))
        return replace(reply, balance=ENOUGH) if isinstance(step.request, FeeCheck) else reply

    def _cancelled(self, hand: Hand) -> Reply:
        return Reply(self._w.clock.now(), CANCELLED_BY_HAND.code, _words(hand), cancelled=True)

    def _done(self, row: RunRow, step: Ask | Tell | Expect, reply: Reply) -> StepDone:
        party = str(step.sender if isinstance(step, Expect) else step.to)
        return StepDone(row.run_id, step.name, step.number, party, reply, row.attempts)

    def _audit(self, row: RunRow, act: Act, hand: Hand, outcome: str) -> AuditKept:
        return AuditKept(self._w.clock.now(), hand.who, f"fallout.{act}", row.run_id, hand.why, outcome)

    # ---- by force ------------------------------------------------------------------------------------------------------

    def _forced(self, row: RunRow) -> Choice:
        possible = isinstance(row.order, Order | Delivery)
        text = "ends it as it is, tells nobody; reconciliation must see what its platform holds"
        return Choice("cancel by force", possible, text if possible else "only orders and deliveries can be ended by force")

    async def _force(self, row: RunRow, hand: Hand) -> None:
        """End an order, or a delivery, whose flow cannot go on: its locks are freed, and nobody is told."""
        choice = self._forced(row)
        if not choice.possible:
            raise CannotAct(choice.text)
        try:
            self._replayed(row)
        except CannotAct:
            await self._end(row, hand)
            return
        raise CannotAct("its flow can go on: cancel without force, or skip the step")

    async def _end(self, row: RunRow, hand: Hand) -> None:
        now, order = self._w.clock.now(), await self._w.store.order(row.run_id)
        facts = _left_undone(row.order, now) if order is not None and order.ended_at is None else []
        ended = RunEnded(row.run_id, RunState.ENDED, CANCELLED_BY_HAND.code, "ended by force", now)
        audit = self._audit(row, Act.CANCEL, hand, "ended by force; to be reconciled")
        await self._commit(row, *facts, ItemsFreed(row.run_id), ended, audit)
        self._w.events("run.forced", run=row.run_id, who=hand.who)


def _must_be_parked(row: RunRow) -> None:
    if row.state is not RunState.STUCK:
        raise CannotAct(f"order {row.run_id[:60]} is not parked: it is {row.state}")


def _left_undone(matter: Matter, at: datetime) -> list[Kept]:
    """Give what is to be kept of a matter that ends in the midst of its flow."""
    ended = OrderEnded(matter.id, OrderState.FAILED, CANCELLED_BY_HAND.code, at)
    if not isinstance(matter, Delivery):
        return [ended]
    return [CellWritten(cell_of(matter, DeliveryState.REFUSED, at, CANCELLED_BY_HAND.code)), ended]


def _open_step(row: RunRow) -> str:
    return next((step.name for step in row.steps if step.reply is None), "")


def _words(hand: Hand) -> str:
    return f"{BY_HAND} ({hand.who}){f': {hand.why}' if hand.why else ''}"


def _said(step: Ask | Tell | Expect) -> str:
    """Say a step in words for a person."""
    if isinstance(step, Expect):
        return f"waits for {step.name} from {step.sender}"
    return f"{'asks' if isinstance(step, Ask) else 'tells'} {step.to}: {step.name}"
