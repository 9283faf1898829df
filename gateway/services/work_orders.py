"""Work orders of provisioning (R5.1): bundles that CRM sold or cancelled (seed 3.2.1 to 3.2.4). Changes of users are in users.py.

A work order is known by its OrderId as well as by its StreamingNo: provisioning may send it again under another number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.contract.codec import Message
from gateway.domain.authorisation import Case, authorise
from gateway.domain.catalogue import Offer, OfferType
from gateway.domain.facts import SubscriberKept
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem
from gateway.domain.party import PROVISIONING_SYSTEM
from gateway.domain.routing import Misrouted, Route, home, route_work_order
from gateway.domain.subscriber import Relation, RelationState, Subscriber
from gateway.engine.ports import DuplicateRequest, InboxRow, ItemLocked, RelationsUnchanged, UserUnchanged, Write
from gateway.errors import (
    BAD_TIME,
    IN_PROGRESS,
    NO_ROUTE,
    NOT_IN_OFFER,
    NUMBER_REUSED,
    PRODUCT_NOT_OPEN,
    PRODUCT_TWICE,
    TOO_MANY_PRODUCTS,
    UNKNOWN_OFFER,
    UNKNOWN_PRODUCT,
    UNKNOWN_USER,
)
from gateway.flows.registry import SECTION_FLOW
from gateway.services.desk import Desk, Refusal, order_id
from gateway.services.forwarding import stranger
from gateway.services.orders import MOST_PRODUCTS, aimed, ended
from gateway.services.users import change_user, present_user, with_capabilities
from gateway.vocabulary import ITEM_ACTIONS, PRODUCTS_AND_CAPABILITIES, USER_ACTS, read_time


async def work_list(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Take a work order; the receipt follows."""
    if request.SystemId != PROVISIONING_SYSTEM:
        return stranger(desk, request.SystemId)
    known_as = replace(
        inbox, streaming_no=f"order/{request.OrderId}", digest=request.fingerprint("StreamingNo", "TimeStamp")
    )
    before = await _known(desk, request, inbox, known_as)
    if before is not None:
        return before.refusal
    number = Number.parse(request.ProductNo)
    province = home(desk.here, desk.plan, number)
    if isinstance(province, Misrouted):
        return Refusal(province.result, province.detail)
    take = change_user if request.ActionType in USER_ACTS else _bundle
    try:
        return await take(desk, request, number, inbox, known_as)
    except ItemLocked:
        return Refusal(IN_PROGRESS, str(number))
    except DuplicateRequest:
        before = await _known(desk, request, inbox, known_as)
        if before is None:  # it is the StreamingNo that is taken: whoever answers requests knows what to do
            raise
        return before.refusal


@dataclass(frozen=True, slots=True)
class _Known:
    """A work order that came before under its OrderId."""

    refusal: Refusal | None


async def _known(desk: Desk, request: Message, inbox: InboxRow, known_as: InboxRow) -> _Known | None:
    """Find the work order by its OrderId; the number under which the same one comes again is kept with it."""
    earlier = await desk.store.inbox(known_as.system, known_as.streaming_no)
    if earlier is None:
        return None
    if earlier.digest != known_as.digest:
        return _Known(Refusal(NUMBER_REUSED, request.OrderId))
    await desk.store.commit([inbox])
    return _Known(None)


async def _bundle(desk: Desk, request: Message, number: Number, *rows: InboxRow) -> Refusal | None:
    """Take the VAS products of a bundle (seed 3.2.x, the work order)."""
    user = await present_user(desk, number)
    if user is None:
        return Refusal(UNKNOWN_USER, str(number))
    offer = desk.catalogue.offers.get(request.ProductOfferID or "")
    if request.ProductOfferID and offer is None:
        return Refusal(UNKNOWN_OFFER, request.ProductOfferID)
    items = _items(desk, request, offer)
    if isinstance(items, Refusal):
        return items
    held = await desk.store.relations(number)
    items = _to_do(desk, user, held, items, rows[0])
    if len(items) > MOST_PRODUCTS:  # with what the new products replace it may be more than the work order names
        return Refusal(TOO_MANY_PRODUCTS, str(MOST_PRODUCTS))
    begins = any(item.action is None for item in items) or not _cancels(request)
    products = [desk.catalogue.products[item.product_id] for item in items]
    route = route_work_order(desk.here, desk.here.province, products, begins=begins)
    if isinstance(route, Misrouted):
        return Refusal(route.result, route.detail)
    unknown = next((target for target in route.targets if not desk.knows(target)), None)
    if unknown is not None:
        return Refusal(NO_ROUTE, str(unknown))
    others: list[Write] = [UserUnchanged(number, user), RelationsUnchanged(number, tuple(held))]
    if request.ActionType == PRODUCTS_AND_CAPABILITIES:
        others.append(SubscriberKept(with_capabilities(user, request)))
    serial = await desk.engine.next_serial()
    order = _order(desk, request, user, aimed(desk, items, route), route, rows[0], serial, begins=begins)
    await desk.engine.start(SECTION_FLOW[route.section], serial, order, *rows, *others)
    return None


def _cancels(request: Message) -> bool:
    return bool(request.VProductInfo) and all(
        ITEM_ACTIONS[i.ActionType] is Action.UNSUBSCRIBE for i in request.VProductInfo
    )


def _order(
    desk: Desk, request: Message, user: Subscriber, items: tuple[OrderItem, ...], route: Route, inbox: InboxRow, serial: int,
    *, begins: bool,
) -> Order:  # fmt: skip
    own_id = order_id(desk.here, inbox.at, serial)
    offer = desk.catalogue.offers.get(request.ProductOfferID or "")
    return Order(
        id=own_id, trace_id=own_id, section=route.section, action=Action.SUBSCRIBE if begins else Action.UNSUBSCRIBE,
        channel=request.SystemId, channel_order_id=request.OrderId, streaming_no=request.StreamingNo, number=user.number,
        spec=request.ProdSpecCode, pay=user.pay, province=route.province, target=route.target, items=items, accepted_at=inbox.at,
        partial=offer is not None and offer.partial,
    )  # fmt: skip


def _items(desk: Desk, request: Message, bundle: Offer | None) -> list[OrderItem] | Refusal:
    """Resolve the products; what is to be begun must be open, what is to be ended may be in any state."""
    items: list[OrderItem] = []
    for info in request.VProductInfo:
        product = desk.catalogue.products.get(info.VProductID)
        if product is None:
            return Refusal(UNKNOWN_PRODUCT, info.VProductID)
        begins = ITEM_ACTIONS[info.ActionType] is Action.SUBSCRIBE
        if bundle is not None and product.id not in bundle.products:
            return Refusal(NOT_IN_OFFER, product.id)
        if begins and not product.status.can_subscribe:
            return Refusal(PRODUCT_NOT_OPEN, product.id)
        if any(item.product_id == product.id for item in items):
            return Refusal(PRODUCT_TWICE, product.id)
        offer = bundle or desk.catalogue.offers.get(product.id)
        try:
            effective, expires = read_time(info.EffDate), read_time(info.ExpDate)
        except ValueError:
            return Refusal(BAD_TIME, product.id)
        items.append(
            OrderItem(
                product.id, product.sp, product.id if offer is None else offer.id, OfferType.PURE if offer is None else offer.type,
                effective, expires, action=None if begins else Action.UNSUBSCRIBE,
            )
        )  # fmt: skip
    return items


def _to_do(
    desk: Desk, user: Subscriber, held: Sequence[Relation], items: list[OrderItem], inbox: InboxRow
) -> list[OrderItem]:
    """Leave out what is ended already: that is success; add what the new products replace."""
    holds = {relation.product_id for relation in held if relation.state is not RelationState.ENDED}
    left = [
        replace(item, held=item.action is None and item.product_id in holds)
        for item in items
        if item.action is None or item.product_id in holds
    ]
    begun = [item for item in left if item.action is None]
    if not begun:
        return left
    decision = authorise(Action.SUBSCRIBE, Case(desk.catalogue, user, held, begun, inbox.at), desk.policy)
    leaving = {item.product_id for item in left}
    return left + [ended(relation, desk) for relation in decision.replaced if relation.product_id not in leaving]
