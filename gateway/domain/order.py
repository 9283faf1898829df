"""Orders: what was asked for, as VSOP accepted it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.party import GROUP_SYSTEM, PROVINCE_SYSTEM, PROVISIONING_SYSTEM, Address, Party
from gateway.domain.subscriber import PayType


class Action(StrEnum):
    """What an order asks for."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SUSPEND = "suspend"
    RESUME = "resume"

    @property
    def opposite(self) -> Action:
        """What takes it back."""
        return _OPPOSITE[self]


_OPPOSITE = {
    Action.SUBSCRIBE: Action.UNSUBSCRIBE,
    Action.UNSUBSCRIBE: Action.SUBSCRIBE,
    Action.SUSPEND: Action.RESUME,
    Action.RESUME: Action.SUSPEND,
}


class OrderState(StrEnum):
    """State of an order: the field's codes: waiting for the user's confirmation, executing, completed 竣工, refused or failed."""

    UNCONFIRMED = "00B"
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
    target: Address | None = None
    """Who carries it out, where that is not the order's target: a mixed order goes to several platforms."""
    action: Action | None = None
    """What is asked for it, where that is not the order's action: a replaced product is ended by the order of its successor."""
    national: bool = False
    """Whether its relation is one of the whole country: the group VSOP keeps it as well."""
    held: bool = False
    """Whether the user holds it already, and it joins a bundle: whoever takes the order back leaves it as it was."""


@dataclass(frozen=True, slots=True)
class Part:
    """The products of an order that one platform is asked to carry out in one way."""

    target: Address
    action: Action
    items: tuple[OrderItem, ...]

    @property
    def product_ids(self) -> tuple[str, ...]:
        """Its products, in order."""
        return tuple(item.product_id for item in self.items)

    @property
    def by_ismp(self) -> bool:
        """Whether ISMP carries it out: the relation is then ISMP's to report."""
        return self.target.party is Party.ISMP

    @property
    def name(self) -> str:
        """Tell parts of one order apart, in names of steps."""
        return f"{self.action}-{self.target}"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The second confirmation (二次确认) that an order waits for: the code that was sent, and how long it holds."""

    code: str
    within: timedelta


@dataclass(frozen=True, slots=True)
class Repair:
    """Why an order of a reconciliation (对账) is there, and who is told its action, so that all hold the same again."""

    plan: str
    line: int
    by: str
    why: str
    asks: bool = False
    """The platform is asked to carry it out."""
    keeps: bool = False
    """VSOP's own relation becomes what the action makes of it."""
    reports: bool = False
    """The group VSOP hears of the relation."""
    archives: bool = False
    """Billing gets a record."""


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
    """System code of who asked: a channel, 206 for a work order, or 200 when a province passed it on."""
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
    partial: bool = False
    """Done in part is good enough; otherwise all of it or nothing."""
    confirmation: Confirmation | None = None
    repair: Repair | None = None

    @property
    def subscribes(self) -> bool:
        """Whether it begins relations."""
        return self.action is Action.SUBSCRIBE

    @property
    def prepaid(self) -> bool:
        """Whether the balance decides."""
        return self.pay is PayType.PREPAID

    @property
    def offer_ids(self) -> tuple[str, ...]:
        """The offers, each once, in order."""
        return tuple(dict.fromkeys(item.offer_id for item in self.items))

    @property
    def parts(self) -> tuple[Part, ...]:
        """What each platform is asked for, in the order of the items; what is ended comes last."""
        found: dict[tuple[Address, Action], list[OrderItem]] = {}
        for item in self.items:
            found.setdefault((item.target or self.target, item.action or self.action), []).append(item)
        parts = [Part(target, action, tuple(items)) for (target, action), items in found.items()]
        return tuple(sorted(parts, key=lambda part: part.action is Action.UNSUBSCRIBE))

    @property
    def locks(self) -> tuple[tuple[str, str], ...]:
        """What no other order may hold at the same time: each product for this number."""
        return tuple((self.number.digits, product) for product in dict.fromkeys(i.product_id for i in self.items))

    @property
    def entry(self) -> str:
        """The operation by which it came; empty for a leg that another tier passed on."""
        if self.channel in (PROVINCE_SYSTEM, GROUP_SYSTEM):
            return ""
        return "workListFKToVSOP" if self.channel == PROVISIONING_SYSTEM else "subscribeToVSOP"
