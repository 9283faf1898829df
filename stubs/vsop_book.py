"""What a VSOP above or beside the gateway keeps of orders, and its few rules; relations are the world's, as of every platform."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from gateway.errors import (
    ALREADY_SUBSCRIBED,
    EXCLUSIVE,
    LACKS_CAPABILITY,
    NOT_SUBSCRIBED,
    PARTNER_NOT_OPEN,
    PRODUCT_NOT_OPEN,
    REQUIRED_MISSING,
    UNKNOWN_PRODUCT,
    WILL_REPLACE,
    WRONG_NETWORK,
    Result,
)
from stubs.kit.catalogue import CatalogueTarget
from stubs.kit.goods import EXCLUDES, NORMAL, PRODUCT, REPLACES, REQUIRES, Held
from stubs.kit.services import ServiceAct
from stubs.kit.world import Subscriber, plain_number

# OrderState
WAITING, ACCEPTED, RUNNING, COMPLETED, FAILED = "00B", "10I", "10A", "10F", "10E"
# SubscribeAction
ORDER_ACTS = {"0": ServiceAct.START, "1": ServiceAct.END, "2": ServiceAct.END, "3": ServiceAct.SUSPEND, "4": ServiceAct.RESUME}


@dataclass(slots=True)
class VsopItem:
    """One product of an order: what is asked for it in the code of SubscribeAction, and the code of what came of it."""

    action: str
    product: str
    offer: str
    offer_type: str = "0"
    result: int = 0


@dataclass(slots=True)
class VsopOrder:
    """One order of a channel, or one work order: `content` tells the same order from another one of its number."""

    content: str
    number: str
    spec: str
    action: str
    at: str
    items: list[VsopItem]
    state: str = ACCEPTED
    confirmation: str = ""
    """RQCode under which the user was asked; empty if nobody asked."""


@dataclass(slots=True)
class VsopOrders:
    """Orders by (SystemId, OrderId)."""

    by_id: dict[tuple[str, str], VsopOrder] = field(default_factory=dict)


class VsopBook(CatalogueTarget):
    """The part of the role that judges."""

    def holds_relation(self, number: str, product: str) -> bool:
        """Say whether a user has a product here."""
        return (self.name, plain_number(number), product) in self.world.services.active

    def judge(
        self, act: ServiceAct, user: Subscriber | None, number: str, product: str, *, together: Collection[str] = ()
    ) -> Result | None:
        """Give why an act cannot be: None if it can. `together` are the products that the same order begins.

        WILL_REPLACE is no refusal: the product takes the place of one that the user has. An unknown user is being installed.
        """
        if act is not ServiceAct.START:
            return None if self.holds_relation(number, product) else NOT_SUBSCRIBED
        held = self.holds(PRODUCT, product)
        if held is None:
            return UNKNOWN_PRODUCT
        if held.status != NORMAL:
            return PRODUCT_NOT_OPEN
        partner = self.world.goods.partners.get(str(held.content.get("SPID")))
        if partner is not None and partner.status != NORMAL:
            return PARTNER_NOT_OPEN
        return self._judge_user(held, user) or self._judge_relations(held, number, product, together)

    def _judge_user(self, held: Held, user: Subscriber | None) -> Result | None:
        if user is None:
            return None
        specs, needed = held.content.get("ProdSpecCode", ()), held.content.get("ServiceCapabilityID", ())
        if specs and user.spec not in specs:
            return WRONG_NETWORK
        return None if set(needed) <= set(user.capabilities) else LACKS_CAPABILITY

    def _judge_relations(self, held: Held, number: str, product: str, together: Collection[str]) -> Result | None:
        def has(other: str) -> bool:
            return other in together or self.holds_relation(number, other)

        if self.holds_relation(number, product):
            return ALREADY_SUBSCRIBED
        if any(has(other) for other in held.related(EXCLUDES)):
            return EXCLUSIVE
        if not all(has(other) for other in held.related(REQUIRES)):
            return REQUIRED_MISSING
        return WILL_REPLACE if any(self.holds_relation(number, other) for other in held.related(REPLACES)) else None
