"""What the engine needs from outside: a store, a caller, a clock; and the rows that pass between them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.domain.catalogue import Catalogue, ContentPartner, Offer, Product
from gateway.domain.catalogue_change import CatalogueObject, Cell, ObjectKind
from gateway.domain.facts import Kept, Matter
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.subscriber import Relation, Subscriber
from gateway.steps import Ask, Reply, Tell


class RunState(StrEnum):
    """State of a run."""

    RUNNING = "running"
    WAITING = "waiting"
    ENDED = "ended"
    STUCK = "stuck"
    """A flow failed or no longer fits its journal: a person must look; nothing is lost."""


# ---- rows that are written -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A request that was taken, with the answer it got; the same (system, StreamingNo) again gets the same answer."""

    system: str
    streaming_no: str
    operation: str
    digest: str
    answer: str
    """JSON of the answer's fields."""
    at: datetime


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins; its id is the id of what it is about."""

    run_id: str
    flow: str
    serial: int
    order: Matter
    at: datetime


@dataclass(frozen=True, slots=True)
class StepIntended:
    """A message is about to leave, or a wait begins: written before it does."""

    run_id: str
    name: str
    number: str
    returns: str
    party: str
    operation: str
    streaming_no: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step's reply; for steps without an intent (keep) the only row."""

    run_id: str
    name: str
    number: str
    party: str
    reply: Reply
    attempts: int
    wakes: bool = False
    """The run was waiting and goes on with this step."""


@dataclass(frozen=True, slots=True)
class RunWaiting:
    """A run leaves memory until a signal or a time."""

    run_id: str
    wake_at: datetime | None
    attempts: int
    note: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is over, or stuck."""

    run_id: str
    state: RunState
    code: int
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SignalArrived:
    """A callback or report for a step of a run; early, late and repeated ones are all the same row. The first one stands."""

    run_id: str
    step: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class CatalogueLoaded:
    """Products, offers and content partners to add or replace."""

    products: tuple[Product, ...]
    offers: tuple[Offer, ...]
    partners: tuple[ContentPartner, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectSynced:
    """PPM told an object of the catalogue; raises Outdated where a newer version is held. A cancelled product's relations end."""

    object: CatalogueObject
    at: datetime


@dataclass(frozen=True, slots=True)
class SubscribersLoaded:
    """Subscribers to add or replace."""

    subscribers: tuple[Subscriber, ...]


Write = (
    InboxRow | RunStarted | StepIntended | StepDone | RunWaiting | RunEnded | SignalArrived
    | Kept | CatalogueLoaded | ObjectSynced | SubscribersLoaded
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order, or another matter, with its present state."""

    order: Matter
    state: OrderState
    code: int
    ended_at: datetime | None


class StoreFailed(Exception):
    """The store could not do its work: nothing of the commit was written. Whoever drives a run tries again later."""


class DuplicateRequest(Exception):
    """The (system, StreamingNo) of an InboxRow is taken: read the stored answer."""


class ItemLocked(Exception):
    """Another open order holds one of the locks of an OrderAccepted, or a change of the same user or object is being judged."""


class Outdated(Exception):
    """The version of an ObjectSynced is older than the one that is held."""


class Store(Protocol):
    """Where everything durable lives. A commit is all or nothing, and is on disk when its awaitable fires."""

    def commit(self, writes: Sequence[Write]) -> Awaitable[None]:
        """Write all rows in one transaction; raises DuplicateRequest, ItemLocked or Outdated and then has written nothing."""
        ...

    def inbox(self, system: str, streaming_no: str) -> Awaitable[InboxRow | None]:
        """Give a request that was taken."""
        ...

    def run(self, run_id: str) -> Awaitable[RunRow | None]:
        """Give a run with its journal."""
        ...

    def order(self, order_id: str) -> Awaitable[OrderRow | None]:
        """Give an order by our id."""
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
        """Give (run id, step name) of the message of ours that carried this StreamingNo."""
        ...

    def signal(self, run_id: str, step: str) -> Awaitable[Reply | None]:
        """Give the signal that arrived for a step."""
        ...

    def interrupted_runs(self) -> Awaitable[Sequence[str]]:
        """Give the runs to take up after a restart: running ones, and waiting ones whose signal has arrived."""
        ...

    def due_runs(self, now: datetime, limit: int) -> Awaitable[Sequence[str]]:
        """Give waiting runs whose time has come, the oldest first."""
        ...

    def next_wake(self) -> Awaitable[datetime | None]:
        """Give the earliest time at which a waiting run wants to wake."""
        ...

    def last_serial(self) -> Awaitable[int]:
        """Give the highest serial of any run, or 0."""
        ...

    def open_runs(self) -> Awaitable[int]:
        """Count the runs that have not ended; cheap, however many have."""
        ...

    def counts(self) -> Awaitable[dict[str, int]]:
        """Count runs by state."""
        ...

    def subscriber(self, number: Number) -> Awaitable[Subscriber | None]:
        """Give a subscriber."""
        ...

    def relations(self, number: Number) -> Awaitable[Sequence[Relation]]:
        """Give all relations of a number, ended ones too."""
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

    def cell_counts(self) -> Awaitable[dict[str, int]]:
        """Count the cells of the delivery ledger by state."""
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
