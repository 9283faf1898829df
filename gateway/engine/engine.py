"""Runs flows durably: the previous reply and the next intent are one commit, nothing leaves before it, nothing waits in memory.

Three kinds of outcome: a business answer goes to the flow; "accepted, the result follows" and every failure without a business
answer make the run wait, for its signal or for its next attempt under the same StreamingNo; a fault about our own message is
final for that step and told to the flow as a refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.domain.facts import Matter, OrderAccepted
from gateway.engine.fallout import Fallout
from gateway.engine.lease import Lease
from gateway.engine.ports import (
    Fenced,
    Holding,
    RunEnded,
    RunRow,
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
from gateway.engine.waking import Waking
from gateway.engine.wiring import Wiring
from gateway.errors import INTERNAL, PARTNER_AWAY, PARTNER_FAULT, NotTried, Permanent, Temporary
from gateway.steps import Activate, Ask, Expect, Reply, Tell

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
        self._waking = Waking(wiring, self._active, self._wake)
        self._numbering = Numbering(
            wiring.caller.operation, wiring.streaming_no, self._serials.take, wiring.owner.name
        )
        self.fallout = Fallout(wiring, self._numbering, self._waking.take_up)
        """What a person does about runs that are parked."""

    @property
    def busy(self) -> bool:
        """Whether new orders should be refused for now."""
        return self._waking.stopping or len(self._active) >= self._w.max_active

    @property
    def quiet(self) -> bool:
        """Whether orders leave room for work that can wait."""
        return not self._waking.stopping and len(self._active) * 4 < self._w.max_active

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
        count = self._waking.recover([*await store.interrupted_runs(owner), *await store.abandoned_runs(owner)])
        await self._waking.arm()
        return count

    async def start(self, flow: str, serial: int, order: Matter, *others: Write) -> None:
        """Begin a run: request, order, run and first intent are one commit. Raises DuplicateRequest or ItemLocked."""
        await self._serials.ensure(MOST_FORKS)
        now = self._w.clock.now()
        run = Run(order, self._w.flows[flow](order), serial, self._numbering)
        run.begin(now)
        self._w.boundary("before-accept", "accept")
        rows = self._rows(run)
        accepts = any(isinstance(row, OrderAccepted) and row.order.id == order.id for row in rows)
        started = RunStarted(order.id, flow, serial, order, now, self._w.owner.name, brings=not accepts)
        self._active[order.id] = run  # from before it can be found: it has somebody who drives it
        accepted = False
        try:
            await self._w.store.commit([*others, started, *rows])
            accepted = True
        finally:
            if not accepted:
                del self._active[order.id]
        self._w.boundary("after-accept", "accept")
        self._waking.take_up(run.take_begun())
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
        self._waking.stop()

    async def leave(self) -> None:
        """Give up the lease, after `stop`, when nothing is under way any more: others need not wait for its end."""
        await self._lease.leave()

    async def _take_over(self, left: Sequence[str]) -> None:
        """Take up runs whose owner is gone, those of theirs that are due, and any of our own that nobody drives."""
        if self._waking.stopping:
            return
        taken = self._waking.take_over([*left, *await self._w.store.running_runs(self._w.owner.name)])
        if taken:
            self._w.events("runs.taken", runs=taken)
        await self._waking.due()

    def _lease_lost(self) -> None:
        self.stop()
        self._w.owner.lost()

    # ---- driving ---------------------------------------------------------------------------------------------------

    async def _wake(self, run_id: str, because: str = "") -> None:
        """Take a run up where its journal ends; with `because`, only if it waits for that step."""
        if self._waking.stopping:
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
                self._w.events("run.ended", run=run_id, section=run.matter.section, code=run.outcome)
        except Fenced:  # another process has it: whatever was done here is done there again, under the same numbers
            self._w.events("run.fenced", run=run_id)
        except StoreFailed as failure:  # the journal is whole: what was not written is done again
            self._waking.delay(run_id, failure)
        except Exception as error:  # noqa: BLE001  the flow driver is one of the two places where everything is caught
            await self._set_aside(run_id, error, holding if run is None else [Holding(run_id, run.fence)])
        finally:
            self._active.pop(run_id, None)
            if run is not None and run.step is not None and run.step.name in run.signals:
                self._w.spawn(self._wake(run_id, because=run.step.name))
            for step in self._missed.pop(run_id, ()):
                self._w.spawn(self._wake(run_id, because=step))
            self._waking.left_memory()

    async def _load(self, run_id: str, because: str, holding: list[Write]) -> Run | None:
        """Read a run, replay its journal and take it; None if there is nothing to do. What takes it is added to `holding`."""
        row = await self._w.store.run(run_id)
        if row is not None and row.state is RunState.STUCK:
            row = await self.fallout.settled(row, because)
        if row is None or row.state not in (RunState.RUNNING, RunState.WAITING):
            return None
        if not because and not await self._is_due(row):
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

    async def _is_due(self, row: RunRow) -> bool:
        """Whether a run need not wait any longer. A store that failed under it brings it here before its time."""
        if row.state is RunState.RUNNING or row.wake_at is None or row.wake_at <= self._w.clock.now():
            return True
        open_steps = [step.name for step in row.steps if step.reply is None]
        return any([await self._w.store.signal(row.run_id, step) is not None for step in open_steps])

    async def _commit(self, run: Run, held: Write | None = None) -> None:
        """Write what was collected; the end of the run, when it has come, is part of it, and so is that we took it."""
        step = run.step
        writes = self._rows(run)
        if writes or held is not None:
            await self._w.store.commit([held or Holding(run.run_id, run.fence), *writes])
            self._waking.take_up(run.take_begun())
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
            arrived = await self._arrived(run, step)
            if arrived is not None:
                return arrived
            self._w.events("step.refused", run=run.run_id, step=step.name, reason=failure.reason)
            if isinstance(step.request, Activate) and not run.fresh:  # it may be done: what refuses the repetition says nothing of that
                await self._park(run, step, f"{failure.party}: {failure.reason}, after an earlier try whose outcome is unknown")
                return None
            return Reply(self._w.clock.now(), PARTNER_FAULT.code, failure.reason)
        self._w.boundary("after-effect", step.name)
        arrived = await self._arrived(run, step, sent.reply)
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
            await self._park(run, step, f"{failure.party}: {failure.reason}")
            return None
        delay = max(delay, self._w.backoff.delay(run.attempts, self._w.random))
        return await self._wait(run, step, now + delay, failure.reason)

    async def _park(self, run: Run, step: Ask | Tell, reason: str) -> None:
        """Leave a run to a person: it keeps its journal and its locks. A result that came meanwhile takes it up again."""
        ended = RunEnded(run.run_id, RunState.STUCK, PARTNER_AWAY.code, reason, self._w.clock.now())
        await self._w.store.commit([Holding(run.run_id, run.fence), ended])
        self._w.events("run.parked", run=run.run_id, section=run.matter.section, attempts=run.attempts, reason=reason)
        await self._look_once_more(run, step)

    async def _arrived(self, run: Run, step: Ask | Tell, said: Reply | None = None) -> Reply | None:
        """Give the result that came by callback while the call was under way: it goes before what the call itself `said`.

        Of one that came to another process nobody is told: it is looked for, unless the call brought success.
        """
        alone = self._w.owner.lease is None or isinstance(step, Tell) or (said is not None and said.done)
        if alone and step.name not in run.signals:
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
        await self._look_once_more(run, step)
        await self._waking.arm(until)
        return None

    async def _look_once_more(self, run: Run, step: Ask | Tell | Expect) -> None:
        """Note a signal that was stored before this run left memory: whoever stored it saw it as one that is driven."""
        if not isinstance(step, Tell) and await self._w.store.signal(run.run_id, step.name) is not None:
            run.signals.add(step.name)

    async def _set_aside(self, run_id: str, error: Exception, holding: list[Write]) -> None:
        """Stop a run that a person must look at; its journal and its locks stay as they are. One that is not held is left alone."""
        if not holding:
            self._waking.delay(run_id, error)
            return
        note = f"internal error: {type(error).__name__}"
        ended = RunEnded(run_id, RunState.STUCK, INTERNAL.code, note, self._w.clock.now())
        try:
            await self._w.store.commit([*holding, ended])
        except Fenced:
            self._w.events("run.fenced", run=run_id)
        except StoreFailed as failure:
            self._waking.delay(run_id, failure)
        self._w.events("run.stuck", run=run_id, error=error)

    def _report(self, run: Run, reply: Reply) -> None:
        step = run.step
        assert step is not None
        party = str(step.sender if isinstance(step, Expect) else step.to)
        self._w.events(
            "step.done", run=run.run_id, step=step.name, number=step.number, party=party,
            streaming_no=run.streaming_no, code=reply.code, attempts=run.attempts + 1,
        )  # fmt: skip
