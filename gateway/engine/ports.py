"""What the engine needs from outside: a store, a caller, a clock; and the rows that pass between them (those written: rows.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from gateway.domain.catalogue import Catalogue
from gateway.domain.catalogue_change import CatalogueObject, Cell, ObjectKind
from gateway.domain.facts import Matter
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.subscriber import PayType, Relation, Subscriber
from gateway.engine.failures import DuplicateRequest, Fenced, ItemLocked, Outdated, StoreFailed
from gateway.engine.rows import (
    Ages,
    ArchiveForgotten,
    AuditKept,
    CatalogueLoaded,
    Holding,
    InboxRow,
    LeaseKept,
    LeaseLeft,
    LeaseTaken,
    MasterUnchanged,
    NothingOpen,
    ObjectSynced,
    OpenRuns,
    OrdersUnchanged,
    PartnerChanged,
    RelationsUnchanged,
    RequestsForgotten,
    RunArchived,
    RunEnded,
    RunResumed,
    RunStarted,
    RunState,
    RunTaken,
    RunWaiting,
    SignalArrived,
    StepDone,
    StepIntended,
    SubscribersLoaded,
    TokensForgotten,
    TokensKept,
    TokenUsed,
    UserUnchanged,
    Write,
)
from gateway.steps import Ask, Reply, Tell

__all__ = [
    "Ages",
    "ArchiveForgotten",
    "AuditKept",
    "Boundary",
    "Caller",
    "CatalogueLoaded",
    "Clock",
    "DuplicateRequest",
    "Fenced",
    "HeldRelation",
    "Holding",
    "InboxRow",
    "ItemLocked",
    "LeaseKept",
    "LeaseLeft",
    "LeaseTaken",
    "MasterUnchanged",
    "NothingOpen",
    "ObjectSynced",
    "OpenRuns",
    "OrderRow",
    "OrdersUnchanged",
    "Outdated",
    "Parked",
    "PartnerChanged",
    "RelationsUnchanged",
    "RequestsForgotten",
    "RunArchived",
    "RunEnded",
    "RunResumed",
    "RunRow",
    "RunStarted",
    "RunState",
    "RunTaken",
    "RunWaiting",
    "Sent",
    "SignalArrived",
    "Spawn",
    "StepDone",
    "StepIntended",
    "StepRow",
    "Store",
    "StoreFailed",
    "SubscribersLoaded",
    "TokenUsed",
    "TokensForgotten",
    "TokensKept",
    "UserUnchanged",
    "Write",
]


# ---- rows that are read ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a run as the journal has it; `reply` is None while it is under way."""

    name: str
    number: str
    returns: str
    party: str
    operation: str
    streaming_no: str
    started_at: datetime
    attempts: int
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run with its journal, in the order of the steps."""

    run_id: str
    flow: str
    serial: int
    order: Matter
    state: RunState
    code: int
    attempts: int
    wake_at: datetime | None
    note: str
    steps: tuple[StepRow, ...]
    owner: str = ""
    fence: int = 0
    """Counts how often it was taken up: only who knows the present number may write to its journal."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A run that a person must look at, and since when."""

    run_id: str
    order: Matter
    note: str
    code: int
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order, or another matter, with its present state."""

    order: Matter
    state: OrderState
    code: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldRelation:
    """A relation with what is known of its user; `pay` is None where there is none."""

    relation: Relation
    spec: str
    pay: PayType | None


class Store(Protocol):
    """Where everything durable lives. A commit is all or nothing, and is on disk when its awaitable fires."""

    def commit(self, writes: Sequence[Write]) -> Awaitable[None]:
        """Write all rows in one transaction; raises DuplicateRequest, ItemLocked, Outdated or Fenced and then has written nothing."""
        ...

    def commit_late(self, writes: Callable[[], Sequence[Write]]) -> Awaitable[None]:
        """As `commit`, but the rows are asked for at the end of the present turn, and written before all commits of it."""
        ...

    def inbox(self, system: str, streaming_no: str) -> Awaitable[InboxRow | None]:
        """Give a request that was taken."""
        ...

    def run(self, run_id: str) -> Awaitable[RunRow | None]:
        """Give a run with its journal, from the archive too."""
        ...

    def order(self, order_id: str) -> Awaitable[OrderRow | None]:
        """Give an order by our id; this and the other reads of orders find archived ones too, after those that are not."""
        ...

    def orders_by_channel(self, channel: str, channel_order_id: str) -> Awaitable[Sequence[OrderRow]]:
        """Give the orders that a channel knows under its own number, the newest first."""
        ...

    def orders_by_trace(self, trace_id: str) -> Awaitable[Sequence[OrderRow]]:
        """Give the orders at this tier that belong to an end-to-end order."""
        ...

    def orders_by_number(self, number: Number, limit: int) -> Awaitable[Sequence[OrderRow]]:
        """Give the newest orders of a subscriber."""
        ...

    def orders_between(
        self, number: Number, since: datetime, until: datetime, limit: int
    ) -> Awaitable[Sequence[OrderRow]]:
        """Give the orders of a subscriber that were accepted within [since, until), the newest first."""
        ...

    def held_orders(self, section: str, limit: int) -> Awaitable[Sequence[OrderRow]]:
        """Give the orders of a section that have not ended, the oldest first."""
        ...

    def open_order_for(self, number: Number, product_id: str) -> Awaitable[str | None]:
        """Give the id of the open order that holds this user and product."""
        ...

    def open_order_of(self, number: Number) -> Awaitable[str | None]:
        """Give the id of an open order that holds anything of this user."""
        ...

    def step_by_streaming_no(self, streaming_no: str) -> Awaitable[tuple[str, str] | None]:
        """Give (run id, step name) of the message of ours that carried this StreamingNo; not of an archived run."""
        ...

    def signal(self, run_id: str, step: str) -> Awaitable[Reply | None]:
        """Give the signal that arrived for a step."""
        ...

    def interrupted_runs(self, owner: str) -> Awaitable[Sequence[str]]:
        """Give the runs of an owner to take up after a restart: those of `running_runs`, and waiting ones whose signal has arrived."""
        ...

    def running_runs(self, owner: str) -> Awaitable[Sequence[str]]:
        """Give the runs of an owner that somebody is to drive: running ones, and parked ones whose partner's result has come after all."""
        ...

    def abandoned_runs(self, owner: str) -> Awaitable[Sequence[str]]:
        """Give the runs to take up, as `interrupted_runs`, of all owners but this one whose lease is over."""
        ...

    def due_runs(self, now: datetime, limit: int, owner: str) -> Awaitable[Sequence[str]]:
        """Give waiting runs whose time has come, of this owner and of those whose lease is over, the oldest first."""
        ...

    def next_wake(self, owner: str) -> Awaitable[datetime | None]:
        """Give the earliest time at which a waiting run of this owner wants to wake."""
        ...

    def reserve_serials(self, count: int) -> Awaitable[int]:
        """Give the first of `count` serials for new runs that no other process is ever given; higher than all that are used."""
        ...

    def parked_runs(self, limit: int) -> Awaitable[Sequence[Parked]]:
        """Give the runs that are stuck, the oldest first."""
        ...

    def audit(self, subject: str, limit: int) -> Awaitable[Sequence[AuditKept]]:
        """Give what was done by hand to a subject, or to anything if it is empty, the newest first."""
        ...

    def open_runs(self) -> Awaitable[int]:
        """Count the runs that have not ended; cheap, however many have."""
        ...

    def open_by_state(self) -> Awaitable[Sequence[OpenRuns]]:
        """Count the runs that have not ended by state, of those that there are; costs nothing for those that have."""
        ...

    def counts(self) -> Awaitable[dict[str, int]]:
        """Count runs by state, without archived ones."""
        ...

    def archivable(self, before: datetime, limit: int) -> Awaitable[Sequence[str]]:
        """Give the runs that ended before this time and may be archived, the longest ended first."""
        ...

    def ages(self) -> Awaitable[Ages]:
        """Tell how old the oldest of what housekeeping forgets is."""
        ...

    def subscriber(self, number: Number) -> Awaitable[Subscriber | None]:
        """Give a subscriber."""
        ...

    def relations(self, number: Number) -> Awaitable[Sequence[Relation]]:
        """Give all relations of a number, ended ones too."""
        ...

    def relations_after(self, number: str, product_id: str, limit: int) -> Awaitable[Sequence[HeldRelation]]:
        """Give the relations that follow one, by digits of the number and then by product; ended ones too."""
        ...

    def subscribers_after(self, number: str, limit: int) -> Awaitable[Sequence[Subscriber]]:
        """Give the subscribers that follow one, by the digits of the number."""
        ...

    def orders_ended(self, since: datetime, until: datetime, after: str, limit: int) -> Awaitable[Sequence[OrderRow]]:
        """Give the orders that ended within [since, until), by the time of their end and then by id.

        `after` is the id of the last one of the page before, or empty.
        """
        ...

    def catalogue(self) -> Awaitable[Catalogue]:
        """Give the whole catalogue."""
        ...

    def master(self, kind: ObjectKind, object_id: str) -> Awaitable[CatalogueObject | None]:
        """Give PPM's own state of an object."""
        ...

    def cells(self, kind: ObjectKind, object_id: str) -> Awaitable[Sequence[Cell]]:
        """Give the delivery ledger of an object: by version, then by target."""
        ...

    def masters_after(self, kind: str, object_id: str, limit: int) -> Awaitable[Sequence[CatalogueObject]]:
        """Give PPM's own states that follow one, by kind and then by id; two empty texts begin."""
        ...

    def objects_open(self, limit: int) -> Awaitable[Sequence[tuple[ObjectKind, str]]]:
        """Give the objects of which a target has not taken the newest version it was told: pending or refused, the longest first."""
        ...

    def cell_counts(self) -> Awaitable[dict[str, int]]:
        """Count the cells of the delivery ledger by state."""
        ...

    def used_tokens(self, now: datetime) -> Awaitable[Sequence[TokenUsed]]:
        """Give the marks of used credentials that have not ended yet."""
        ...

    def partner_changes(self) -> Awaitable[Sequence[PartnerChanged]]:
        """Give what was changed about callers, by name and then by what it is."""
        ...


@dataclass(frozen=True, slots=True)
class Sent:
    """What a call brought: a final reply, or None where the partner accepted and the result follows."""

    reply: Reply | None


class Caller(Protocol):
    """Sends a request to a party; raises Temporary or Permanent where no business answer comes."""

    def operation(self, step: Ask | Tell) -> str:
        """Name the wire operation that carries a step."""
        ...

    async def send(self, step: Ask | Tell, streaming_no: str, at: datetime) -> Sent:
        """Send it, under this StreamingNo; `at` becomes the reply's time and the message's TimeStamp."""
        ...


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """Give the time, with zone."""
        ...

    def call_later(self, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
        """Act later; gives what cancels it."""
        ...


Spawn = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a coroutine by itself."""

Boundary = Callable[[str, str], None]
"""Told (moment, step name) at each edge of a step; tests end the process there."""
