"""The store in memory: the same semantics as SQLite's, proved by one suite. It lives as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from gateway.domain.order import (
    ItemsFreed,
    Order,
    OrderAccepted,
    OrderEnded,
    OrderState,
    RelationEnded,
    RelationStarted,
)
from gateway.domain.subscriber import Relation, RelationState
from gateway.engine.ports import (
    CatalogueLoaded,
    DuplicateRequest,
    InboxRow,
    ItemLocked,
    OrderRow,
    RelationChanged,
    RunEnded,
    RunRow,
    RunStarted,
    RunState,
    RunWaiting,
    SignalArrived,
    StepDone,
    StepIntended,
    StepRow,
    SubscribersLoaded,
    Write,
)
from gateway.store.errors import StoreFailed
from gateway.store.memory_reads import MemoryReads
from gateway.store.times import shanghai

K = TypeVar("K")
V = TypeVar("V")

_ABSENT: Any = object()


class MemoryStore(MemoryReads):
    """The engine's store in dicts; its awaitables are ready at once. A commit is written when it is awaited."""

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[tuple[dict[Any, Any], Any, Any]] = []
        """Table, key and former value of each change of the commit under way."""
        self._kinds: dict[type[Write], Callable[[Any], None]] = {
            InboxRow: self._request_taken,
            RunStarted: self._run_started,
            StepIntended: self._step_intended,
            StepDone: self._step_done,
            RunWaiting: self._run_waiting,
            RunEnded: self._run_ended,
            SignalArrived: self._signal_arrived,
            OrderAccepted: self._order_accepted,
            OrderEnded: self._order_ended,
            ItemsFreed: self._items_freed,
            RelationStarted: self._relation_started,
            RelationEnded: self._relation_ended,
            RelationChanged: self._relation_changed,
            CatalogueLoaded: self._catalogue_loaded,
            SubscribersLoaded: self._subscribers_loaded,
        }

    async def commit(self, writes: Sequence[Write]) -> None:
        """Write all rows or none; raises as the port says, and StoreFailed for a row that does not fit."""
        try:
            for row in writes:
                self._kinds[type(row)](row)
        except (DuplicateRequest, ItemLocked, StoreFailed):
            self._roll_back()
            raise
        except (KeyError, TypeError) as error:
            self._roll_back()
            raise StoreFailed(f"a row was not written: {type(error).__name__}") from error
        self._undo.clear()

    def _put(self, table: dict[K, V], key: K, value: V) -> None:
        self._undo.append((table, key, table.get(key, _ABSENT)))
        table[key] = value

    def _add(self, table: dict[K, V], key: K, value: V) -> None:
        if key in table:
            raise StoreFailed("a row was not written: its key is taken")
        self._put(table, key, value)

    def _drop(self, table: dict[K, V], key: K) -> None:
        if key in table:
            self._undo.append((table, key, table.pop(key)))

    def _roll_back(self) -> None:
        while self._undo:
            table, key, former = self._undo.pop()
            if former is _ABSENT:
                del table[key]
            else:
                table[key] = former

    # ---- requests, runs, steps ---------------------------------------------------------------------------------------

    def _request_taken(self, row: InboxRow) -> None:
        if (row.system, row.streaming_no) in self._inbox:
            raise DuplicateRequest
        self._put(self._inbox, (row.system, row.streaming_no), replace(row, at=shanghai(row.at)))

    def _run_started(self, row: RunStarted) -> None:
        self._bring(row.order)
        order = self._documents[row.run_id]
        self._add(self._serials, row.serial, row.run_id)
        run = RunRow(row.run_id, row.flow, row.serial, order, RunState.RUNNING, 0, 0, None, "", ())
        self._add(self._runs, row.run_id, run)
        self._put(self._open, row.run_id, None)

    def _step_intended(self, row: StepIntended) -> None:
        at = shanghai(row.at)
        step = StepRow(row.name, row.number, row.returns, row.party, row.operation, row.streaming_no, at, 0, None)
        self._append_step(row.run_id, step)
        if row.streaming_no:
            self._put(self._sent, row.streaming_no, (row.run_id, row.name))

    def _step_done(self, row: StepDone) -> None:
        steps = self._steps.get(row.run_id, ())
        at = next((n for n, step in enumerate(steps) if step.name == row.name), None)
        if at is None:
            started_at = shanghai(row.reply.at)
            step = StepRow(row.name, row.number, "", row.party, "", "", started_at, row.attempts, row.reply)
            self._append_step(row.run_id, step)
        elif steps[at].reply is None:
            step = replace(steps[at], attempts=row.attempts, reply=row.reply)
            self._put(self._steps, row.run_id, (*steps[:at], step, *steps[at + 1 :]))
        else:
            raise StoreFailed("a step has its reply already")
        if row.wakes:
            run = self._runs[row.run_id]
            self._change_run(replace(run, state=RunState.RUNNING, wake_at=None, attempts=0, note=""))

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

    def _change_run(self, run: RunRow) -> None:
        self._put(self._runs, run.run_id, run)
        if run.state is RunState.ENDED:
            self._drop(self._open, run.run_id)
        else:
            self._put(self._open, run.run_id, None)

    def _signal_arrived(self, row: SignalArrived) -> None:
        if (row.run_id, row.step) not in self._signals:
            self._put(self._signals, (row.run_id, row.step), row.reply)

    # ---- orders and relations ----------------------------------------------------------------------------------------

    def _bring(self, order: Order) -> None:
        shanghai(order.accepted_at)  # a time without zone is refused
        if order.id not in self._documents:
            self._put(self._documents, order.id, order)

    def _order_accepted(self, fact: OrderAccepted) -> None:
        self._bring(fact.order)
        order = self._documents[fact.order.id]
        self._add(self._orders, order.id, OrderRow(order, OrderState.EXECUTING, 0, None))
        self._index(self._by_number, order.number, order.id)
        self._index(self._by_channel, (order.channel, order.channel_order_id), order.id)
        self._index(self._by_trace, order.trace_id, order.id)
        for product_id in {item.product_id for item in fact.order.items}:
            if (order.number, product_id) in self._locks:
                raise ItemLocked
            self._put(self._locks, (order.number, product_id), order.id)

    def _index(self, table: dict[K, tuple[str, ...]], key: K, order_id: str) -> None:
        self._put(table, key, (*table.get(key, ()), order_id))

    def _order_ended(self, fact: OrderEnded) -> None:
        row = self._orders[fact.order_id]
        self._put(
            self._orders, fact.order_id, replace(row, state=fact.state, code=fact.code, ended_at=shanghai(fact.at))
        )

    def _items_freed(self, fact: ItemsFreed) -> None:
        row = self._orders.get(fact.order_id)
        if row is None:
            return
        for item in row.order.items:
            key = row.order.number, item.product_id
            if self._locks.get(key) == fact.order_id:
                self._drop(self._locks, key)

    def _relation_started(self, fact: RelationStarted) -> None:
        relation = replace(
            fact.relation,
            subscribed_at=shanghai(fact.relation.subscribed_at),
            effective_at=shanghai(fact.relation.effective_at),
            expires_at=None if fact.relation.expires_at is None else shanghai(fact.relation.expires_at),
        )
        self._hold(relation)

    def _relation_ended(self, fact: RelationEnded) -> None:
        relation = self._relations.get(fact.number, {}).get(fact.product_id)
        if relation is not None:
            self._hold(replace(relation, state=RelationState.ENDED, expires_at=shanghai(fact.at)))

    def _relation_changed(self, row: RelationChanged) -> None:
        relation = self._relations.get(row.number, {}).get(row.product_id)
        if relation is not None and relation.state is not RelationState.ENDED:
            self._hold(replace(relation, state=row.state))

    def _hold(self, relation: Relation) -> None:
        held = self._relations.get(relation.number, {})
        self._put(self._relations, relation.number, {**held, relation.product_id: relation})

    # ---- what is loaded ----------------------------------------------------------------------------------------------

    def _catalogue_loaded(self, row: CatalogueLoaded) -> None:
        for product in row.products:
            self._put(self._products, product.id, product)
        for offer in row.offers:
            self._put(self._offers, offer.id, offer)
        for partner in row.partners:
            self._put(self._partners, partner.id, partner)

    def _subscribers_loaded(self, row: SubscribersLoaded) -> None:
        for user in row.subscribers:
            self._put(self._subscribers, user.number, user)
