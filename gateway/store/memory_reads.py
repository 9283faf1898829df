"""The tables of the store in memory, and the port's reads over them. Knows nothing of commits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, Product
from gateway.domain.catalogue_change import CatalogueObject, Cell, DeliveryState, ObjectKind
from gateway.domain.facts import Matter
from gateway.domain.numbers import Number
from gateway.domain.subscriber import Relation, Subscriber
from gateway.engine.ports import (
    Ages,
    AuditKept,
    HeldRelation,
    InboxRow,
    OpenRuns,
    OrderRow,
    Parked,
    PartnerChanged,
    RunRow,
    RunState,
    StepRow,
    TokenUsed,
)
from gateway.errors import PARTNER_AWAY
from gateway.steps import Reply


@dataclass(frozen=True, slots=True)
class Archived:
    """A run in the archive, with what it was about if that was ever accepted."""

    order: OrderRow | None
    run: RunRow
    ended_at: datetime


class MemoryReads:
    """The port's reads over dicts; ready at once."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        """Seconds, for leases."""
        self._leases: dict[str, tuple[str, float]] = {"": ("", float("-inf"))}
        """Token, and until when, by owner."""
        self._reserved = 0
        self._audit: dict[int, AuditKept] = {}
        self._tokens: dict[tuple[int, str], TokenUsed] = {}
        """By when they end, and mark."""
        self._partner_changes: dict[tuple[str, str], PartnerChanged] = {}
        self._ended_at: dict[str, datetime] = {}
        """When runs ended or got stuck."""
        self._inbox: dict[tuple[str, str], InboxRow] = {}
        self._documents: dict[str, Matter] = {}
        """Orders and other matters that a run or OrderAccepted brought; the first one stands."""
        self._arrivals: dict[str, int] = {}
        """Their order of arrival."""
        self._arrived = 0
        self._archive: dict[str, Archived] = {}
        self._orders: dict[str, OrderRow] = {}
        self._by_number: dict[Number, tuple[str, ...]] = {}
        self._by_channel: dict[tuple[str, str], tuple[str, ...]] = {}
        self._by_trace: dict[str, tuple[str, ...]] = {}
        self._held: dict[str, None] = {}
        """Orders that have not ended."""
        self._locks: dict[tuple[str, str], str] = {}
        self._locked: dict[str, tuple[tuple[str, str], ...]] = {}
        """The locks of each order that has some."""
        self._runs: dict[str, RunRow] = {}
        """Without their steps."""
        self._serials: dict[int, str] = {}
        self._open: dict[str, datetime] = {}
        """Runs that have not ended, and when they began: looking for work does not walk through all that have."""
        self._steps: dict[str, tuple[StepRow, ...]] = {}
        self._sent: dict[str, tuple[str, str]] = {}
        self._signals: dict[tuple[str, str], Reply] = {}
        self._subscribers: dict[Number, Subscriber] = {}
        self._relations: dict[Number, dict[str, Relation]] = {}
        self._products: dict[str, Product] = {}
        self._offers: dict[str, Offer] = {}
        self._partners: dict[str, ContentPartner] = {}
        self._shelf: Catalogue | None = None
        """The catalogue as it was last asked for, while nothing of it has changed."""
        self._masters: dict[tuple[ObjectKind, str], CatalogueObject] = {}
        self._cells: dict[tuple[ObjectKind, str], dict[tuple[int, str], Cell]] = {}
        """Cells of an object by version and target."""

    async def inbox(self, system: str, streaming_no: str) -> InboxRow | None:
        return self._inbox.get((system, streaming_no))

    async def run(self, run_id: str) -> RunRow | None:
        run = self._runs.get(run_id)
        if run is None:
            return self._archive[run_id].run if run_id in self._archive else None
        return self._whole(run)

    def _whole(self, run: RunRow) -> RunRow:
        return replace(run, steps=self._steps.get(run.run_id, ()))

    async def step_by_streaming_no(self, streaming_no: str) -> tuple[str, str] | None:
        return self._sent.get(streaming_no)

    async def signal(self, run_id: str, step: str) -> Reply | None:
        return self._signals.get((run_id, step))

    async def interrupted_runs(self, owner: str) -> list[str]:
        return [run.run_id for run in self._interrupted() if run.owner == owner]

    async def abandoned_runs(self, owner: str) -> list[str]:
        return [run.run_id for run in self._interrupted() if run.owner != owner and self._dead(run.owner)]

    def _interrupted(self) -> list[RunRow]:
        runs = sorted((self._runs[run_id] for run_id in self._open), key=lambda run: run.serial)
        return [run for run in runs if self._to_drive(run) or (run.state is RunState.WAITING and self._signalled(run.run_id))]

    def _to_drive(self, run: RunRow) -> bool:
        answered = run.state is RunState.STUCK and run.code == PARTNER_AWAY.code and self._signalled(run.run_id)
        return run.state is RunState.RUNNING or answered

    async def running_runs(self, owner: str) -> list[str]:
        return [run.run_id for run in self._interrupted() if run.owner == owner and self._to_drive(run)]

    def _signalled(self, run_id: str) -> bool:
        return any(step.reply is None and (run_id, step.name) in self._signals for step in self._steps.get(run_id, ()))

    def _dead(self, owner: str) -> bool:
        return owner in self._leases and self._leases[owner][1] <= self._now()

    async def due_runs(self, now: datetime, limit: int, owner: str) -> list[str]:
        due = sorted(
            (run.wake_at, run.serial, run.run_id)
            for run in self._waiting()
            if run.wake_at is not None and run.wake_at <= now and (run.owner == owner or self._dead(run.owner))
        )
        return [run_id for _, _, run_id in due[:limit]]

    async def next_wake(self, owner: str) -> datetime | None:
        mine = (run.wake_at for run in self._waiting() if run.owner == owner and run.wake_at is not None)
        return min(mine, default=None)

    def _waiting(self) -> Iterable[RunRow]:
        return (run for run in map(self._runs.__getitem__, self._open) if run.state is RunState.WAITING)

    async def reserve_serials(self, count: int) -> int:
        first = max(self._reserved, max(self._serials, default=0)) + 1
        self._reserved = first + count - 1
        return first

    async def parked_runs(self, limit: int) -> list[Parked]:
        runs = [self._runs[run_id] for run_id in self._open if self._runs[run_id].state is RunState.STUCK]
        rows = [Parked(r.run_id, r.order, r.note, r.code, self._ended_at[r.run_id]) for r in runs]
        return sorted(rows, key=lambda row: (row.at, self._runs[row.run_id].serial))[:limit]

    async def used_tokens(self, now: datetime) -> list[TokenUsed]:
        return [row for _, row in sorted(self._tokens.items()) if row.until >= now]

    async def partner_changes(self) -> list[PartnerChanged]:
        return [row for _, row in sorted(self._partner_changes.items())]

    async def audit(self, subject: str, limit: int) -> list[AuditKept]:
        rows = [row for _, row in sorted(self._audit.items()) if subject in ("", row.subject)]
        return rows[::-1][:limit]

    async def archivable(self, before: datetime, limit: int) -> list[str]:
        ended = (run for run_id, run in self._runs.items() if run_id not in self._open and self._ended_at[run_id] < before)
        free = [run.run_id for run in ended if run.run_id not in self._held]
        return sorted(free, key=lambda run_id: (self._ended_at[run_id], self._runs[run_id].serial))[:limit]

    async def ages(self) -> Ages:
        request = min((row.at for row in self._inbox.values()), default=None)
        return Ages(request, min((archived.ended_at for archived in self._archive.values()), default=None))

    async def open_runs(self) -> int:
        return len(self._open)

    async def open_by_state(self) -> list[OpenRuns]:
        begun: dict[RunState, list[datetime]] = {}
        for run_id, began in self._open.items():
            begun.setdefault(self._runs[run_id].state, []).append(began)
        return [OpenRuns(state, len(times), min(times)) for state, times in sorted(begun.items())]

    async def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(map(str, RunState), 0)
        for run_id in self._open:
            counts[self._runs[run_id].state] += 1
        counts[RunState.ENDED] = len(self._runs) - len(self._open)
        return counts

    async def order(self, order_id: str) -> OrderRow | None:
        archived = self._archive.get(order_id)
        return self._orders.get(order_id) or (None if archived is None else archived.order)

    async def orders_by_channel(self, channel: str, channel_order_id: str) -> list[OrderRow]:
        return self._under(channel, channel_order_id)

    def _under(self, channel: str, channel_order_id: str) -> list[OrderRow]:
        known = self._by_channel.get((channel, channel_order_id), ())
        return self._newest_first(
            known, lambda order: (order.channel, order.channel_order_id) == (channel, channel_order_id)
        )

    async def orders_by_trace(self, trace_id: str) -> list[OrderRow]:
        order_ids = sorted(self._by_trace.get(trace_id, ()), key=self._arrivals.__getitem__)
        archived = [row for row in self._archived() if row.order.trace_id == trace_id]
        return [*archived, *(self._orders[order_id] for order_id in order_ids)]

    async def orders_by_number(self, number: Number, limit: int) -> list[OrderRow]:
        return self._of(number)[:limit]

    async def orders_between(self, number: Number, since: datetime, until: datetime, limit: int) -> list[OrderRow]:
        return [row for row in self._of(number) if since <= row.order.accepted_at < until][:limit]

    async def held_orders(self, section: str, limit: int) -> list[OrderRow]:
        rows = [row for row in map(self._orders.__getitem__, self._held) if row.order.section == section]
        return sorted(rows, key=self._age)[:limit]

    def _of(self, number: Number) -> list[OrderRow]:
        return self._newest_first(self._by_number.get(number, ()), lambda order: order.number == number)

    def _newest_first(self, order_ids: Iterable[str], also: Callable[[Matter], bool]) -> list[OrderRow]:
        """Sort by acceptance, with archived ones; of one moment's, the one that arrived last comes first, archived ones last."""
        live = sorted((self._orders[order_id] for order_id in order_ids), key=self._age, reverse=True)
        archived = [row for row in self._archived() if also(row.order)][::-1]
        return sorted([*live, *archived], key=lambda row: row.order.accepted_at, reverse=True)

    def _archived(self) -> list[OrderRow]:
        return [archived.order for archived in self._archive.values() if archived.order is not None]

    def _age(self, row: OrderRow) -> tuple[datetime, int]:
        return row.order.accepted_at, self._arrivals[row.order.id]

    async def open_order_for(self, number: Number, product_id: str) -> str | None:
        return self._locks.get((number.digits, product_id))

    async def open_order_of(self, number: Number) -> str | None:
        return next((order_id for (holder, _), order_id in self._locks.items() if holder == number.digits), None)

    async def subscriber(self, number: Number) -> Subscriber | None:
        return self._subscribers.get(number)

    async def relations(self, number: Number) -> list[Relation]:
        return self._relations_of(number)

    def _relations_of(self, number: Number) -> list[Relation]:
        held = self._relations.get(number, {})
        return [held[product_id] for product_id in sorted(held)]

    async def relations_after(self, number: str, product_id: str, limit: int) -> list[HeldRelation]:
        keys = sorted(
            (holder.digits, product)
            for holder, held in self._relations.items()
            for product in held
            if (holder.digits, product) > (number, product_id)
        )
        return [self._held_by(self._relations[Number(holder)][product]) for holder, product in keys[:limit]]

    def _held_by(self, relation: Relation) -> HeldRelation:
        user = self._subscribers.get(relation.number)
        return HeldRelation(relation, "" if user is None else user.spec, None if user is None else user.pay)

    async def subscribers_after(self, number: str, limit: int) -> list[Subscriber]:
        holders = sorted(holder.digits for holder in self._subscribers if holder.digits > number)
        return [self._subscribers[Number(holder)] for holder in holders[:limit]]

    async def orders_ended(self, since: datetime, until: datetime, after: str, limit: int) -> list[OrderRow]:
        last = self._orders.get(after)
        least = (since, "") if last is None or last.ended_at is None else (last.ended_at, after)
        found = sorted(
            (row.ended_at, order_id)
            for order_id, row in self._orders.items()
            if row.ended_at is not None and since <= row.ended_at < until and (row.ended_at, order_id) > least
        )
        return [self._orders[order_id] for _, order_id in found[:limit]]

    async def catalogue(self) -> Catalogue:
        if self._shelf is None:
            self._shelf = Catalogue(
                MappingProxyType(dict(self._products)),
                MappingProxyType(dict(self._offers)),
                MappingProxyType(dict(self._partners)),
            )
        return self._shelf

    async def master(self, kind: ObjectKind, object_id: str) -> CatalogueObject | None:
        return self._masters.get((kind, object_id))

    async def cells(self, kind: ObjectKind, object_id: str) -> list[Cell]:
        cells = self._cells.get((kind, object_id), {})
        return [cells[key] for key in sorted(cells)]

    async def masters_after(self, kind: str, object_id: str, limit: int) -> list[CatalogueObject]:
        later = sorted(key for key in self._masters if key > (kind, object_id))
        return [self._masters[key] for key in later[:limit]]

    async def objects_open(self, limit: int) -> list[tuple[ObjectKind, str]]:
        since: dict[tuple[ObjectKind, str], datetime] = {}
        for key, cells in self._cells.items():
            newest = {target: cells[version, target] for version, target in sorted(cells)}
            times = [cell.at for cell in newest.values() if cell.state in (DeliveryState.PENDING, DeliveryState.REFUSED)]
            if times:
                since[key] = min(times)
        return sorted(since, key=lambda key: (since[key], *key))[:limit]

    async def cell_counts(self) -> dict[str, int]:
        counts = dict.fromkeys(map(str, DeliveryState), 0)
        for cells in self._cells.values():
            for cell in cells.values():
                counts[cell.state] += 1
        return counts
