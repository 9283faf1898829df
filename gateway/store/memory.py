"""The store in memory: the same semantics as SQLite's, proved by one suite. It lives as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from gateway.domain.facts import (
    CellWritten,
    ItemsFreed,
    MasterKept,
    OrderAccepted,
    OrderConfirmed,
    OrderEnded,
    RelationChanged,
    RelationEnded,
    RelationsMoved,
    RelationStarted,
    SubscriberKept,
)
from gateway.engine.ports import (
    ArchiveForgotten,
    AuditKept,
    CatalogueLoaded,
    DuplicateRequest,
    Fenced,
    Holding,
    InboxRow,
    ItemLocked,
    LeaseKept,
    LeaseLeft,
    LeaseTaken,
    MasterUnchanged,
    NothingOpen,
    ObjectSynced,
    OrdersUnchanged,
    Outdated,
    PartnerChanged,
    RelationsUnchanged,
    RequestsForgotten,
    RunArchived,
    RunEnded,
    RunResumed,
    RunRow,
    RunStarted,
    RunState,
    RunTaken,
    RunWaiting,
    SignalArrived,
    StepDone,
    StepIntended,
    StepRow,
    SubscribersLoaded,
    TokensForgotten,
    TokensKept,
    TokenUsed,
    UserUnchanged,
    Write,
)
from gateway.store.errors import StoreFailed
from gateway.store.memory_access import MemoryAccess
from gateway.store.memory_archive import MemoryArchive
from gateway.store.memory_catalogue import MemoryCatalogue
from gateway.store.memory_orders import MemoryOrders
from gateway.store.times import LEASES_KEPT, shanghai, standing


class MemoryStore(MemoryOrders, MemoryCatalogue, MemoryArchive, MemoryAccess):
    """The engine's store in dicts; its awaitables are ready at once. A commit is written when it is awaited."""

    def __init__(self, now: Callable[[], float] = standing) -> None:
        """Leases are judged by `now`, in seconds; several processes of a simulation may share a store."""
        super().__init__(now)
        self._kinds: dict[type[Write], Callable[[Any], None]] = {
            InboxRow: self._request_taken,
            RunStarted: self._run_started,
            StepIntended: self._step_intended,
            StepDone: self._step_done,
            RunWaiting: self._run_waiting,
            RunEnded: self._run_ended,
            SignalArrived: self._signal_arrived,
            LeaseTaken: self._lease_taken,
            LeaseKept: self._lease_kept,
            LeaseLeft: self._lease_left,
            RunTaken: self._run_taken,
            Holding: self._holding,
            RunResumed: self._run_resumed,
            AuditKept: self._audit_kept,
            UserUnchanged: self._user_unchanged,
            RelationsUnchanged: self._relations_unchanged,
            OrdersUnchanged: self._orders_unchanged,
            NothingOpen: self._nothing_open,
            MasterUnchanged: self._master_unchanged,
            OrderAccepted: self._order_accepted,
            OrderConfirmed: self._order_confirmed,
            OrderEnded: self._order_ended,
            ItemsFreed: self._items_freed,
            RelationStarted: self._relation_started,
            RelationEnded: self._relation_ended,
            RelationChanged: self._relation_changed,
            RelationsMoved: self._relations_moved,
            SubscriberKept: self._subscriber_kept,
            SubscribersLoaded: self._subscribers_loaded,
            CatalogueLoaded: self._catalogue_loaded,
            ObjectSynced: self._object_synced,
            MasterKept: self._master_kept,
            CellWritten: self._cell_written,
            RunArchived: self._run_archived,
            RequestsForgotten: self._requests_forgotten,
            ArchiveForgotten: self._archive_forgotten,
            TokenUsed: self._token_used,
            TokensKept: self._tokens_kept,
            TokensForgotten: self._tokens_forgotten,
            PartnerChanged: self._partner_changed,
        }

    async def commit(self, writes: Sequence[Write]) -> None:
        """Write all rows or none; raises as the port says, and StoreFailed for a row that does not fit."""
        try:
            for row in writes:
                self._kinds[type(row)](row)
        except (DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed):
            self._roll_back()
            raise
        except (KeyError, TypeError) as error:
            self._roll_back()
            raise StoreFailed(f"a row was not written: {type(error).__name__}") from error
        self._undo.clear()

    async def commit_late(self, writes: Callable[[], Sequence[Write]]) -> None:
        """Write rows that are asked for now."""
        await self.commit(writes())

    # ---- requests, runs, steps ---------------------------------------------------------------------------------------

    def _request_taken(self, row: InboxRow) -> None:
        if (row.system, row.streaming_no) in self._inbox:
            raise DuplicateRequest
        self._put(self._inbox, (row.system, row.streaming_no), replace(row, at=shanghai(row.at)))

    def _run_started(self, row: RunStarted) -> None:
        self._bring(row.order)
        order = self._documents[row.run_id]
        self._add(self._serials, row.serial, row.run_id)
        run = RunRow(row.run_id, row.flow, row.serial, order, RunState.RUNNING, 0, 0, None, "", (), row.owner)
        self._add(self._runs, row.run_id, run)
        self._put(self._open, row.run_id, shanghai(row.at))

    def _step_intended(self, row: StepIntended) -> None:
        at = shanghai(row.at)
        step = StepRow(row.name, row.number, row.returns, row.party, row.operation, row.streaming_no, at, 0, None)
        self._append_step(row.run_id, step)
        if row.streaming_no:
            self._put(self._sent, row.streaming_no, (row.run_id, row.name))

    def _step_done(self, row: StepDone) -> None:
        steps = self._steps.get(row.run_id, ())
        at = next((n for n, step in enumerate(steps) if step.name == row.name), None)
        if at is None and row.intended:
            raise StoreFailed("a step has no intent")
        if at is None:
            started_at = shanghai(row.reply.at)
            step = StepRow(row.name, row.number, "", row.party, "", "", started_at, row.attempts, row.reply)
            self._append_step(row.run_id, step)
        elif steps[at].reply is None:
            step = replace(steps[at], attempts=row.attempts, reply=row.reply)
            self._put(self._steps, row.run_id, (*steps[:at], step, *steps[at + 1 :]))
        else:
            raise StoreFailed("a step has its reply already")

    def _append_step(self, run_id: str, step: StepRow) -> None:
        steps = self._steps.get(run_id, ())
        if run_id not in self._runs or any(former.name == step.name for former in steps):
            raise StoreFailed("a step was not written: no such run, or its name is taken")
        self._put(self._steps, run_id, (*steps, step))

    def _run_waiting(self, row: RunWaiting) -> None:
        wake_at = None if row.wake_at is None else shanghai(row.wake_at)
        run = self._runs[row.run_id]
        self._change_run(replace(run, state=RunState.WAITING, wake_at=wake_at, attempts=row.attempts, note=row.note))

    def _run_ended(self, row: RunEnded) -> None:
        run = self._runs[row.run_id]
        self._change_run(replace(run, state=row.state, code=row.code, note=row.note, wake_at=None))
        self._put(self._ended_at, row.run_id, shanghai(row.at))

    def _change_run(self, run: RunRow) -> None:
        self._put(self._runs, run.run_id, run)
        if run.state is RunState.ENDED:
            self._drop(self._open, run.run_id)

    def _signal_arrived(self, row: SignalArrived) -> None:
        run = self._runs.get(row.run_id)
        if run is not None and (row.run_id, row.step) not in self._signals:
            self._put(self._signals, (row.run_id, row.step), row.reply)
            if run.state is RunState.WAITING and self._signalled(row.run_id):
                self._change_run(replace(run, wake_at=shanghai(row.reply.at)))

    # ---- who drives what ---------------------------------------------------------------------------------------------

    def _lease_taken(self, row: LeaseTaken) -> None:
        driving = {self._runs[run_id].owner for run_id in self._open}
        long_ago = self._now() - LEASES_KEPT
        for owner in [name for name, (_, until) in self._leases.items() if name and until <= long_ago]:
            if owner not in driving:
                self._drop(self._leases, owner)
        self._put(self._leases, row.owner, (row.token, self._now() + row.seconds))

    def _lease_kept(self, row: LeaseKept) -> None:
        self._check_token(row.owner, row.token)
        self._put(self._leases, row.owner, (row.token, self._now() + row.seconds))

    def _lease_left(self, row: LeaseLeft) -> None:
        self._check_token(row.owner, row.token)
        self._put(self._leases, row.owner, (row.token, self._now()))

    def _check_token(self, owner: str, token: str) -> None:
        if self._leases.get(owner, ("",))[0] != token:
            raise Fenced

    def _run_taken(self, row: RunTaken) -> None:
        run = self._held_run(row.run_id, row.fence)
        free = run.state is RunState.WAITING or (
            run.state is RunState.RUNNING and (run.owner == row.owner or self._dead(run.owner))
        )
        if not free:
            raise Fenced
        taken = replace(run, state=RunState.RUNNING, owner=row.owner, fence=run.fence + 1, wake_at=None, note="")
        self._change_run(taken)

    def _holding(self, row: Holding) -> None:
        self._held_run(row.run_id, row.fence)

    def _held_run(self, run_id: str, fence: int) -> RunRow:
        run = self._runs.get(run_id)
        if run is None or run.fence != fence:
            raise Fenced
        return run

    def _run_resumed(self, row: RunResumed) -> None:
        run = self._held_run(row.run_id, row.fence)
        if run.state is not RunState.STUCK:
            raise Fenced
        at = shanghai(row.at)
        resumed = replace(
            run, state=RunState.WAITING, owner=row.owner, fence=run.fence + 1, wake_at=at, attempts=0, code=0, note=""
        )
        self._change_run(resumed)

    def _audit_kept(self, row: AuditKept) -> None:
        self._put(self._audit, len(self._audit) + 1, replace(row, at=shanghai(row.at)))
