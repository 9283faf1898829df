"""Runs flows durably: the previous reply and the next intent are one commit, nothing leaves before it, nothing waits in memory.

Three kinds of outcome: a business answer goes to the flow; "accepted, the result follows" and every failure without a business
answer make the run wait, for its signal or for its next attempt under the same StreamingNo; a fault about our own message is
final for that step and told to the flow as a refusal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from gateway.domain.facts import Matter
from gateway.engine.fallout import Fallout
from gateway.engine.lease import Lease
from gateway.engine.ports import (
    Fenced,
    Holding,
    RunEnded,
    RunStarted,
    RunState,
    RunTaken,
    RunWaiting,
    SignalArrived,
    StoreFailed,
    Write,
)
from gateway.engine.run import Numbering, Run
from gateway.engine.serials import Serials
from gateway.engine.wiring import Wiring
from gateway.errors import INTERNAL, PARTNER_AWAY, PARTNER_FAULT, NotTried, Permanent, Temporary
from gateway.steps import Ask, Expect, Reply, Tell

STORE_PAUSE = 5.0
"""Seconds before a run is taken up again after the store failed: long enough for a full disk not to fill the log."""

WAKE_AT_ONCE = 100
"""Due runs taken up in one go."""

MOST_FORKS = 200
"""Runs that one step may begin: as many serials are at hand before it."""


class Engine:
    """All runs of one gateway process."""

    def __init__(self, wiring: Wiring) -> None:
        self._w = wiring
        self._active: dict[str, Run | None] = {}
        """Runs in memory; None while one is being read."""
        self._missed: dict[str, dict[str, None]] = {}
        """Steps whose signal arrived while their run was being read, perhaps because of another signal: it is woken once more."""
        self._serials = Serials(wiring.store, wiring.clock)
        self._lease = Lease(wiring, take_over=self._take_over, lost=self._lease_lost)
        self._cancel_timer: Callable[[], None] | None = None
        self._timer_at: datetime | None = None
        self._backlog: deque[str] = deque()
        """Runs to take up when there is room for them."""
        self._stopping = False
        self._numbering = Numbering(
            wiring.caller.operation, wiring.streaming_no, self._serials.take, wiring.owner.name
        )
        self.fallout = Fallout(wiring, self._numbering, self._take_up)
        """What a person does about runs that are parked."""

    @property
    def busy(self) -> bool:
        """Whether new orders should be refused for now."""
        return self._stopping or len(self._active) >= self._w.max_active

    @property
    def quiet(self) -> bool:
        """Whether orders leave room for work that can wait."""
        return not self._stopping and len(self._active) * 4 < self._w.max_active

    @property
    def _room(self) -> int:
        """Runs in memory up to which others follow by themselves: a fan-out never fills the room that new orders need."""
        return max(1, self._w.max_active // 2)

    @property
    def active(self) -> int:
        """Runs in memory."""
        return len(self._active)

    async def next_serial(self) -> int:
        """Give a number for a new run; unique in this store. Raises StoreFailed."""
        await self._serials.ensure(1)
        return self._serials.take()

    async def recover(self) -> int:
        """Take up what a former process of this name left, and what others did whose lease is over; gives how many runs.

        Call once, before anything is accepted.
        """
        store, owner = self._w.store, self._w.owner.name
        await self._lease.take()
        self._backlog = deque([*await store.interrupted_runs(owner), *await store.abandoned_runs(owner)])
        count = len(self._backlog)
        for _ in range(min(self._w.recover_at_once, count)):
            self._recover_next()
        await self._arm_timer()
        return count

    async def start(self, flow: str, serial: int, order: Matter, *others: Write) -> None:
        """Begin a run: request, order, run and first intent are one commit. Raises DuplicateRequest or ItemLocked."""
        await self._serials.ensure(MOST_FORKS)
        now = self._w.clock.now()
        run = Run(order, self._w.flows[flow](order), serial, self._numbering)
        run.begin(now)
        self._w.boundary("before-accept", "accept")
        started = RunStarted(order.id, flow, serial, order, now, self._w.owner.name)
        await self._w.store.commit([*others, started, *self._rows(run)])
        self._w.boundary("after-accept", "accept")
        self._active[order.id] = run  # first of all: what it began may come to its end, and tell it so, at once
        self._take_up(run.take_begun())
        self._w.spawn(self._drive(order.id, run))
        self._w.events(
            "order.accepted", run=order.id, section=order.section, streaming_no=order.streaming_no, number=order.number
        )

    async def signal(self, arrived: SignalArrived, *others: Write) -> None:
        """Store a callback, with whatever else belongs to it, then wake its run if that waits for it."""
        await self._w.store.commit([arrived, *others])
        self._tell(arrived)

    def _tell(self, arrived: SignalArrived) -> None:
        """Let a run know of a signal that is stored."""
        run = self._active.get(arrived.run_id)
        if run is not None:
            run.signals.add(arrived.step)
        else:
            self._w.spawn(self._wake(arrived.run_id, because=arrived.step))

    def stop(self) -> None:
        """Take nothing new; what is under way is finished by whoever starts next."""
        self._stopping = True
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None

    async def leave(self) -> None:
        """Give up the lease, after `stop`, when nothing is under way any more: others need not wait for its end."""
        await self._lease.leave()

    async def _take_over(self, left: Sequence[str]) -> None:
        """Take up runs whose owner is gone, and those of theirs that are due."""
        if self._stopping:
            return
        known = {*self._active, *self._backlog}
        fresh = [run_id for run_id in left if run_id not in known]
        if fresh:
            self._w.events("runs.taken", runs=len(fresh))
            self._take_up(fresh)
        await self._wake_due()

    def _lease_lost(self) -> None:
        self.stop()
        self._w.owner.lost()

    # ---- driving ---------------------------------------------------------------------------------------------------

    async def _wake(self, run_id: str, because: str = "") -> None:
        """Take a run up where its journal ends; with `because`, only if it waits for that step."""
        if self._stopping:
            return
        if run_id in self._active:
            if because:
                self._missed.setdefault(run_id, {})[because] = None
            return
        self._active[run_id] = None
        await self._drive(run_id, because=because)

    async def _drive(self, run_id: str, run: Run | None = None, because: str = "") -> None:
        """Perform steps until the run ends or waits. A flow that fails is set aside: it must not take others with it."""
        holding: list[Write] = []
        try:
            if run is None:
                run = await self._load(run_id, because, holding)
            while run is not None and run.step is not None:
                reply = await self._perform(run, run.step)
                if reply is None:
                    return
                self._w.boundary("before-result", run.step.name)
                self._report(run, reply)
                await self._serials.ensure(MOST_FORKS)
                run.resume(reply)
                await self._commit(run)
            if run is not None:
                self._w.events("run.ended", run=run_id, code=run.outcome)
        except Fenced:  # another process has it: whatever was done here is done there again, under the same numbers
            self._w.events("run.fenced", run=run_id)
        except StoreFailed as failure:  # the journal is whole: what was not written is done again
            self._delay(run_id, failure)
        except Exception as error:  # noqa: BLE001  the flow driver is one of the two places where everything is caught
            await self._set_aside(run_id, error, holding if run is None else [Holding(run_id, run.fence)])
        finally:
            self._active.pop(run_id, None)
            if run is not None and run.step is not None and run.step.name in run.signals:
                self._w.spawn(self._wake(run_id, because=run.step.name))
            for step in self._missed.pop(run_id, ()):
                self._w.spawn(self._wake(run_id, because=step))
            self._recover_next()

    async def _load(self, run_id: str, because: str, holding: list[Write]) -> Run | None:
        """Read a run, replay its journal and take it; None if there is nothing to do. What takes it is added to `holding`."""
        row = await self._w.store.run(run_id)
        if row is not None and because:
            row = await self.fallout.settled(row, because)
        if row is None or row.state not in (RunState.RUNNING, RunState.WAITING):
            return None
        if because and not any(step.name == because and step.reply is None for step in row.steps):
            return None
        if because and row.state is RunState.RUNNING and row.owner != self._w.owner.name:
            return None  # who drives it finds the signal before it lets the run wait
        await self._serials.ensure(MOST_FORKS)
        held: Write = RunTaken(run_id, row.fence, self._w.owner.name)
        fence = row.fence + 1
        if row.state is RunState.RUNNING and row.steps and self._w.owner.lease is not None:
            # Who drove it may write until it is taken: what counts is the journal as it is after that.
            await self._w.store.commit([held])
            held, row = Holding(run_id, fence), await self._w.store.run(run_id)
            assert row is not None  # runs that have not ended stay
        holding.append(held)
        run = Run(row.order, self._w.flows[row.flow](row.order), row.serial, self._numbering, fence)
        run.replay(row, self._w.clock.now())
        self._active[run_id] = run
        await self._commit(run, held)
        return run

    async def _commit(self, run: Run, held: Write | None = None) -> None:
        """Write what was collected; the end of the run, when it has come, is part of it, and so is that we took it."""
        step = run.step
        writes = self._rows(run)
        if writes or held is not None:
            await self._w.store.commit([held or Holding(run.run_id, run.fence), *writes])
            self._take_up(run.take_begun())
            for signal in run.take_joined():
                self._tell(signal)
        self._w.boundary("after-result", step.name if step is not None else "end")

    def _rows(self, run: Run) -> list[Write]:
        writes = run.take_writes()
        if run.step is None:
            writes.append(RunEnded(run.run_id, RunState.ENDED, run.outcome, "", self._w.clock.now()))
        return writes

    async def _perform(self, run: Run, step: Ask | Tell | Expect) -> Reply | None:
        """Do one step; None means that the run waits and has left memory."""
        run.signals.discard(step.name)
        if isinstance(step, Tell) or (isinstance(step, Ask) and run.fresh):  # what was never asked has no answer to look for
            return await self._send(run, step)
        arrived = await self._w.store.signal(run.run_id, step.name)
        if arrived is not None:
            return arrived.stamped(self._w.clock.now())
        if isinstance(step, Expect):
            return await self._await_report(run, step)
        return await self._send(run, step)

    async def _send(self, run: Run, step: Ask | Tell) -> Reply | None:
        now = self._w.clock.now()
        self._w.boundary("before-effect", step.name)
        try:
            sent = await self._w.caller.send(step, run.streaming_no, now)
        except Temporary as failure:
            return await self._retry(run, step, failure)
        except Permanent as failure:
            self._w.events("step.refused", run=run.run_id, step=step.name, reason=failure.reason)
            return Reply(self._w.clock.now(), PARTNER_FAULT.code, failure.reason)
        self._w.boundary("after-effect", step.name)
        arrived = await self._arrived(run, step)
        if arrived is not None:
            return arrived
        if sent.reply is not None:
            return sent.reply.stamped(self._w.clock.now())
        until = self._w.clock.now() + self._w.result_within
        return await self._wait(run, step, until, f"{step.to}: accepted, result follows")

    async def _retry(self, run: Run, step: Ask | Tell, failure: Temporary) -> Reply | None:
        run.attempts += not isinstance(failure, NotTried)
        arrived = await self._arrived(run, step)
        if arrived is not None:
            return arrived
        now = self._w.clock.now()
        # What all orders of a partner are told is the same: they must not come back in the same instant.
        delay = failure.retry_after * (1 + self._w.random() / 2)
        if isinstance(failure, NotTried):
            self._w.events("step.postponed", run=run.run_id, step=step.name, reason=failure.reason)
            return await self._wait(run, step, now + max(delay, self._w.backoff.base), failure.reason)
        self._w.events("step.failed", run=run.run_id, step=step.name, attempt=run.attempts, reason=failure.reason)
        if self._w.patience.over(run.attempts, run.since, now):
            await self._park(run, f"{failure.party}: {failure.reason}")
            return None
        delay = max(delay, self._w.backoff.delay(run.attempts, self._w.random))
        return await self._wait(run, step, now + delay, failure.reason)

    async def _park(self, run: Run, reason: str) -> None:
        """Leave a run to a person: it keeps its journal and its locks."""
        ended = RunEnded(run.run_id, RunState.STUCK, PARTNER_AWAY.code, reason, self._w.clock.now())
        await self._w.store.commit([Holding(run.run_id, run.fence), ended])
        self._w.events("run.parked", run=run.run_id, attempts=run.attempts, reason=reason)

    async def _arrived(self, run: Run, step: Ask | Tell) -> Reply | None:
        """Give the result that came by callback while the call was under way: it goes before what the call itself brought."""
        if step.name not in run.signals:
            return None
        arrived = await self._w.store.signal(run.run_id, step.name)
        return None if arrived is None else arrived.stamped(self._w.clock.now())

    async def _await_report(self, run: Run, step: Expect) -> Reply | None:
        now = self._w.clock.now()
        until = (run.since or now) + step.within
        if now >= until:
            return Reply(now, timed_out=True)
        return await self._wait(run, step, until, f"{step.sender}: report expected")

    async def _wait(self, run: Run, step: Ask | Tell | Expect, until: datetime, note: str) -> Reply | None:
        """Leave memory; a signal that came meanwhile, here or to another process, takes the run up again at once (see `_drive`)."""
        await self._w.store.commit(
            [Holding(run.run_id, run.fence), RunWaiting(run.run_id, until, run.attempts, note)]
        )
        if not isinstance(step, Tell) and await self._w.store.signal(run.run_id, step.name) is not None:
            run.signals.add(step.name)
        await self._arm_timer(until)
        return None

    async def _set_aside(self, run_id: str, error: Exception, holding: list[Write]) -> None:
        """Stop a run that a person must look at; its journal and its locks stay as they are."""
        note = f"internal error: {type(error).__name__}"
        ended = RunEnded(run_id, RunState.STUCK, INTERNAL.code, note, self._w.clock.now())
        try:
            await self._w.store.commit([*holding, ended])
        except Fenced:
            self._w.events("run.fenced", run=run_id)
        except StoreFailed as failure:
            self._delay(run_id, failure)
        self._w.events("run.stuck", run=run_id, error=error)

    def _delay(self, run_id: str, failure: StoreFailed) -> None:
        """Take a run up again when the store may work again."""
        self._w.clock.call_later(STORE_PAUSE, lambda: self._w.spawn(self._wake(run_id)))
        self._w.events("run.delayed", run=run_id, error=failure)

    def _report(self, run: Run, reply: Reply) -> None:
        step = run.step
        assert step is not None
        party = str(step.sender if isinstance(step, Expect) else step.to)
        self._w.events(
            "step.done", run=run.run_id, step=step.name, number=step.number, party=party,
            streaming_no=run.streaming_no, code=reply.code, attempts=run.attempts + 1,
        )  # fmt: skip

    # ---- waking ----------------------------------------------------------------------------------------------------

    def _recover_next(self) -> None:
        """Keep a bounded number of runs of the backlog going, so that new orders keep their pace."""
        if self._backlog and not self._stopping and len(self._active) < self._room:
            self._w.spawn(self._wake(self._backlog.popleft()))

    def _take_up(self, begun: list[str]) -> None:
        """Drive runs that another one began, as far as there is room; the others follow as runs leave memory."""
        for run_id in begun:
            if len(self._active) < self._room:
                self._w.spawn(self._wake(run_id))
            else:
                self._backlog.append(run_id)

    async def _arm_timer(self, at: datetime | None = None) -> None:
        """One timer for the earliest wake time of all waiting runs."""
        at = at if at is not None else await self._w.store.next_wake(self._w.owner.name)
        if at is None or self._stopping or (self._timer_at is not None and self._timer_at <= at):
            return
        if self._cancel_timer is not None:
            self._cancel_timer()
        self._timer_at = at
        # A run that is being taken up keeps its old wake time until its next commit: look again in a moment, not at once.
        seconds = max(0.05, (at - self._w.clock.now()).total_seconds())
        self._cancel_timer = self._w.clock.call_later(seconds, self._on_timer)

    def _on_timer(self) -> None:
        self._timer_at = self._cancel_timer = None
        self._w.spawn(self._wake_due())

    async def _wake_due(self) -> None:
        """Take up what is due; runs that are being worked on still stand in the store as due, and are passed over."""
        try:
            limit = WAKE_AT_ONCE + len(self._active)
            due = await self._w.store.due_runs(self._w.clock.now(), limit, self._w.owner.name)
            # Where a slow partner has many waiting for it, their attempts must not fill the room that new orders need either; one in
            # each round goes on however full it is.
            room = max(1, min(WAKE_AT_ONCE, self._w.max_active * 3 // 4 - len(self._active)))
            for run_id in [r for r in due if r not in self._active][:room]:
                self._w.spawn(self._wake(run_id))
            await self._arm_timer()
        except StoreFailed:
            await self._arm_timer(self._w.clock.now() + timedelta(seconds=STORE_PAUSE))
