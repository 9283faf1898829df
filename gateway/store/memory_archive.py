"""The archive of ended runs in memory, and what is forgotten."""

from __future__ import annotations

from gateway.domain.order import OrderState
from gateway.engine.ports import ArchiveForgotten, RequestsForgotten, RunArchived, RunState
from gateway.store.memory_changes import MemoryChanges
from gateway.store.memory_reads import Archived
from gateway.store.times import shanghai

_OVER = (OrderState.COMPLETED, OrderState.FAILED)


class MemoryArchive(MemoryChanges):
    """Moves ended runs to the archive, and drops what is to be forgotten."""

    def _run_archived(self, row: RunArchived) -> None:
        run_id = row.run_id
        run, order = self._runs.get(run_id), self._orders.get(run_id)
        if run is None or run.state is not RunState.ENDED or (order is not None and order.state not in _OVER):
            return
        whole = self._whole(run)
        self._add(self._archive, run_id, Archived(order, whole, self._ended_at[run_id]))
        for step in whole.steps:
            if self._sent.get(step.streaming_no, ("",))[0] == run_id:
                self._drop(self._sent, step.streaming_no)
        for key in [key for key in self._signals if key[0] == run_id]:
            self._drop(self._signals, key)
        self._drop(self._steps, run_id)
        self._drop(self._runs, run_id)
        self._drop(self._serials, run.serial)
        self._drop(self._ended_at, run_id)
        self._drop(self._documents, run_id)
        if order is not None:
            self._forget_order(run_id)

    def _forget_order(self, order_id: str) -> None:
        order = self._orders[order_id].order
        self._drop(self._orders, order_id)
        if order.number is not None:
            self._remove(self._by_number, order.number, order_id)
        self._remove(self._by_channel, (order.channel, order.channel_order_id), order_id)
        self._remove(self._by_trace, order.trace_id, order_id)

    def _requests_forgotten(self, row: RequestsForgotten) -> None:
        before = shanghai(row.before)
        old = sorted((request.at, key) for key, request in self._inbox.items() if request.at < before)
        for _, key in old[: row.limit]:
            self._drop(self._inbox, key)

    def _archive_forgotten(self, row: ArchiveForgotten) -> None:
        before = shanghai(row.before)
        old = [run_id for run_id, archived in self._archive.items() if archived.ended_at < before]
        for run_id in sorted(old, key=lambda run_id: self._archive[run_id].ended_at)[: row.limit]:
            self._drop(self._archive, run_id)
