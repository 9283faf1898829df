"""Begins the repairs of a reconciliation: each is an ordinary order, begun once however often its plan is applied."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gateway.domain import order as orders
from gateway.domain.catalogue import OfferType, Product
from gateway.domain.numbers import Number
from gateway.domain.order import Order, OrderItem
from gateway.domain.party import BILLING, GROUP_VSOP
from gateway.domain.routing import Misrouted, carrier, in_reach
from gateway.domain.subscriber import PayType, Relation, Subscriber
from gateway.engine.ports import AuditKept, DuplicateRequest, InboxRow, ItemLocked, RelationsUnchanged, UserUnchanged
from gateway.errors import (
    IN_PROGRESS,
    MISROUTED,
    NO_ROUTE,
    NUMBER_REUSED,
    UNKNOWN_PRODUCT,
    UNKNOWN_USER,
    WRONG_RELATION_STATE,
    Result,
)
from gateway.flows.registry import REPAIR
from gateway.recon.holdings import OurRelation, Right, Standing
from gateway.recon.planning import Repair
from gateway.services.desk import Desk, Refusal, order_id
from gateway.services.histories import MOST_ORDERS, pasts

SECTION = "5.1"
_SYSTEM = "recon"
"""Under this name the inbox knows the lines of plans: no system of the field is called so."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Who has which plan applied, and why."""

    plan: str
    right: Right
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of a line: the order that repairs, or why there is none. `repeated`: it was begun before."""

    line: int
    order_id: str
    code: int = 0
    text: str = ""
    repeated: bool = False


async def begin(desk: Desk, ordered: Ordered, due: Repair) -> Begun:
    """Begin the order of one line; raises StoreFailed. A line that was begun before is not begun again."""
    name, digest = f"{ordered.plan}-{due.line}", hashlib.sha256(msgspec.json.encode(due)).hexdigest()
    try:
        known = await desk.store.inbox(_SYSTEM, name)
        if known is None:
            user = await desk.store.subscriber(due.number)
            held = tuple(await desk.store.relations(due.number))
            serial = await desk.engine.next_serial()
            made = await _order(desk, ordered, due, name, serial, user, held)
            if isinstance(made, Refusal):
                return _refused(desk, ordered, due, made.result, made.detail)
            row = InboxRow(_SYSTEM, name, REPAIR, digest, made.id, made.accepted_at)
            audit = AuditKept(made.accepted_at, ordered.by, f"recon {ordered.right}", made.id, ordered.why, name)
            judged = UserUnchanged(due.number, user), RelationsUnchanged(due.number, held)
            await desk.engine.start(REPAIR, serial, made, row, *judged, audit)
            return _started(desk, ordered, due, made)
    except ItemLocked:
        return _refused(desk, ordered, due, IN_PROGRESS, str(due.number))
    except DuplicateRequest:  # the same plan is applied twice at once: the other one was first
        known = await desk.store.inbox(_SYSTEM, name)
    assert known is not None
    if known.digest != digest:
        return _refused(desk, ordered, due, NUMBER_REUSED, name)
    return Begun(due.line, known.answer, repeated=True)


def _started(desk: Desk, ordered: Ordered, due: Repair, order: Order) -> Begun:
    desk.events(
        "repair.begun", run=order.id, plan=ordered.plan, line=due.line, right=ordered.right, number=due.number, product=due.product_id,
        action=due.action, by=ordered.by, why=ordered.why,
    )  # fmt: skip
    return Begun(due.line, order.id)


def _refused(desk: Desk, ordered: Ordered, due: Repair, result: Result, detail: str) -> Begun:
    desk.events(
        "repair.refused", plan=ordered.plan, line=due.line, number=due.number, product=due.product_id, code=result.code, by=ordered.by
    )
    return Begun(due.line, "", result.code, result.describe(detail))


async def _order(
    desk: Desk, ordered: Ordered, due: Repair, name: str, serial: int, user: Subscriber | None, held: Sequence[Relation]
) -> Order | Refusal:
    """Make the order of a line that may be begun; what has changed since it was planned may not."""
    province = in_reach(desk.here, desk.plan, due.number)
    if isinstance(province, Misrouted):
        return Refusal(province.result, province.detail)
    product = desk.catalogue.products.get(due.product_id)
    if product is None:
        return Refusal(UNKNOWN_PRODUCT, due.product_id)
    target = carrier(desk.here, product)
    if target is None:
        return Refusal(MISROUTED, product.id)
    told = [target] * due.asks + [GROUP_VSOP] * due.reports + [BILLING] * due.archives
    unknown = next((address for address in told if not desk.knows(address)), None)
    if unknown is not None:
        return Refusal(NO_ROUTE, str(unknown))
    changed = await _changed(desk, ordered, due, held)
    if changed is not None:
        return changed
    known = user or await _as_last_ordered(desk, due.number)
    if known is None and due.asks:
        return Refusal(UNKNOWN_USER, str(due.number))
    at = desk.clock.now()
    own_id = order_id(desk.here, at, serial)
    return Order(
        id=own_id, trace_id=own_id, section=SECTION, action=due.action, channel=desk.here.system, channel_order_id=name,
        streaming_no=name, number=due.number, spec=_spec(due) if known is None else known.spec,
        pay=PayType.POSTPAID if known is None else known.pay, province=province, target=target,
        items=(_item(desk, due, product),), accepted_at=at,
        repair=orders.Repair(
            ordered.plan, due.line, ordered.by, ordered.why, asks=due.asks, keeps=due.keeps, reports=due.reports, archives=due.archives
        ),
    )  # fmt: skip


async def _changed(desk: Desk, ordered: Ordered, due: Repair, held: Sequence[Relation]) -> Refusal | None:
    """Refuse a line whose product an order touched meanwhile, or that VSOP holds otherwise than when it was planned."""
    since = desk.clock.now() - desk.settle
    for past in await pasts(desk, due.number, due.product_id):
        if past.touches(since) and not await _of_plan(desk, past.order_id, ordered.plan):
            return Refusal(IN_PROGRESS, past.order_id)
    if _standing(desk, ordered.right, held, due.product_id) is not (due.seen or Standing.ENDED):
        return Refusal(WRONG_RELATION_STATE, due.product_id)
    return None


async def _of_plan(desk: Desk, of: str, plan: str) -> bool:
    """Whether an order is another line of the same plan: one that has ended and, by itself, does not make this one wrong."""
    row = await desk.store.order(of)
    return (
        row is not None
        and row.ended_at is not None
        and isinstance(row.order, Order)
        and row.order.repair is not None
        and row.order.repair.plan == plan
    )


def _standing(desk: Desk, right: Right, held: Sequence[Relation], product_id: str) -> Standing:
    relation = next((relation for relation in held if relation.product_id == product_id), None)
    if relation is None:
        return Standing.ENDED
    ours = OurRelation(relation, "", None, "", "", national=False, province="")
    return ours.holding(right, desk.clock.now()).standing


async def _as_last_ordered(desk: Desk, number: Number) -> Subscriber | None:
    """Give a user as his newest order has him: the group keeps relations, and no users."""
    rows = await desk.store.orders_by_number(number, MOST_ORDERS)
    order = next((row.order for row in rows if isinstance(row.order, Order)), None)
    return None if order is None else Subscriber(number, order.spec, order.pay)


def _spec(due: Repair) -> str:
    """Give the access product of a user who is unknown by now, as the other side has it, or as his number looks."""
    return due.spec or (MOBILE if due.number.mobile else FIXED)


MOBILE, FIXED = "003", "001"
"""ProdSpecCode of mobile phones and fixed lines."""


def _item(desk: Desk, due: Repair, product: Product) -> OrderItem:
    """Make the item; an offer that the other side does not name is the smallest that has the product, else its base offer."""
    offer_id, offers = due.offer_id, desk.catalogue.offers
    if not offer_id:
        having = [offer for offer in offers.values() if product.id in offer.products]
        offer_id = min(((len(offer.products), offer.id) for offer in having), default=(0, product.id))[1]
    kind = due.offer_type or (offers[offer_id].type if offer_id in offers else OfferType.PURE)
    return OrderItem(product.id, product.sp, offer_id, kind, due.effective_at, due.expires_at, national=product.national)
