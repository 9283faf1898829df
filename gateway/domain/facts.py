"""What a run is about, and the facts that a flow writes; a fact is durable before anything later is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, Cell, Delivery
from gateway.domain.numbers import Number
from gateway.domain.order import Order, OrderState
from gateway.domain.subscriber import Relation, RelationState, Subscriber
from gateway.domain.user_change import UserChange

Matter = Order | UserChange | CatalogueChange | Delivery
"""What a run is about. All have id, trace_id, section, channel, channel_order_id, streaming_no, number, locks, entry, accepted_at."""


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """Fact: an order, or another matter, began; what it locks is locked until it is freed."""

    order: Matter
    state: OrderState = OrderState.EXECUTING


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    """Fact: the user confirmed; the order is carried out from now on."""

    order_id: str


@dataclass(frozen=True, slots=True)
class OrderEnded:
    """Fact: an order reached its terminal state; `code` is a row of the result table."""

    order_id: str
    state: OrderState
    code: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ItemsFreed:
    """Fact: all effects of an order have reached the others, so a new order for the same user and product may begin."""

    order_id: str


@dataclass(frozen=True, slots=True)
class RelationStarted:
    """Fact: a relation is active from now on (replaces an ended one of the same user and product)."""

    relation: Relation


@dataclass(frozen=True, slots=True)
class RelationEnded:
    """Fact: the platform confirmed the end of a relation."""

    number: Number
    product_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RelationChanged:
    """Fact: a relation is suspended or resumed; one that has ended stays so."""

    number: Number
    product_id: str
    state: RelationState
    was: RelationState | None = None
    """Where given, the state in which it has to be; in any other one it stays as it is."""


@dataclass(frozen=True, slots=True)
class RelationsMoved:
    """Fact: a user has another number; everything that was held under the old one is held under the new one."""

    old: Number
    new: Number


@dataclass(frozen=True, slots=True)
class SubscriberKept:
    """Fact: a user is as given from now on."""

    subscriber: Subscriber


@dataclass(frozen=True, slots=True)
class MasterKept:
    """Fact: PPM's own state of an object; `at` its status and version."""

    object: CatalogueObject


@dataclass(frozen=True, slots=True)
class CellWritten:
    """Fact: a cell of the delivery ledger is as given; a cell that has its end keeps it until it is sent again."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class FlowBegun:
    """Fact: another flow begins, and what it is about is accepted, with this commit; it runs by itself."""

    flow: str
    matter: Matter


@dataclass(frozen=True, slots=True)
class Joined:
    """Fact: a flow that another one began has come to its end; the other one waits for that in a step of its own."""

    run_id: str
    step: str


Kept = (
    OrderAccepted | OrderConfirmed | OrderEnded | ItemsFreed | RelationStarted | RelationEnded | RelationChanged | RelationsMoved
    | SubscriberKept | MasterKept | CellWritten
)  # fmt: skip
"""Facts that are rows of the store as they stand."""

Fact = Kept | FlowBegun | Joined
