"""Orders: what a channel asked for, as VSOP accepted it, and the facts that an order leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.party import Address
from gateway.domain.subscriber import PayType, Relation


class Action(StrEnum):
    """What an order asks for."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


class OrderState(StrEnum):
    """State of an order: the field's codes (domain of work orders): executing, completed 竣工, refused or failed."""

    EXECUTING = "10A"
    COMPLETED = "10F"
    FAILED = "10E"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One product of an order, under the offer that brings it; times in Asia/Shanghai, None means now and never."""

    product_id: str
    sp: str
    offer_id: str
    offer_type: OfferType
    effective_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An accepted order; never changes. At the group tier it stands for the leg that a province passed on."""

    id: str
    trace_id: str
    """The end-to-end id: the order's id at the tier where it began."""
    section: str
    """Section of the seed that it follows, such as 4.1.3."""
    action: Action
    channel: str
    """System code of who asked: a channel, or 200 when a province passed it on."""
    channel_order_id: str
    streaming_no: str
    """StreamingNo of the request; a result that is told later refers to it."""
    number: Number
    spec: str
    pay: PayType
    province: str
    """Province of the number."""
    target: Address
    items: tuple[OrderItem, ...]
    accepted_at: datetime
    hops: int = 0

    @property
    def subscribes(self) -> bool:
        """Whether it begins relations; otherwise it ends them."""
        return self.action is Action.SUBSCRIBE

    @property
    def prepaid(self) -> bool:
        """Whether the balance decides."""
        return self.pay is PayType.PREPAID

    @property
    def offer_ids(self) -> tuple[str, ...]:
        """The offers, each once, in order."""
        return tuple(dict.fromkeys(item.offer_id for item in self.items))


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """Fact: an order began; its products are locked for this user until it ends."""

    order: Order


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


Fact = OrderAccepted | OrderEnded | ItemsFreed | RelationStarted | RelationEnded
