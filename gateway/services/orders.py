"""Orders of the channels: subscribeToVSOP (seed 4.1 step 2) and the query of an order's state."""

from __future__ import annotations

from datetime import datetime

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.authorisation import Case, authorise
from gateway.domain.catalogue import Offer, OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem, OrderState
from gateway.domain.party import KNOWN_SYSTEMS
from gateway.domain.routing import Misrouted, home, route_order
from gateway.domain.subscriber import Subscriber
from gateway.engine.ports import InboxRow, ItemLocked
from gateway.errors import (
    BAD_TIME,
    BUNDLE_BY_CRM,
    IN_PROGRESS,
    NO_ROUTE,
    NOT_IN_OFFER,
    OK,
    RESULTS,
    SYSTEM_NOT_ALLOWED,
    TOO_MANY_PRODUCTS,
    UNKNOWN_OFFER,
    UNKNOWN_ORDER,
    UNKNOWN_PRODUCT,
    UNKNOWN_SYSTEM,
    UNKNOWN_USER,
    Result,
)
from gateway.flows.registry import SECTION_FLOW
from gateway.services.desk import Desk, Refusal, order_id, plain
from gateway.vocabulary import ACTIONS, OFFER_TYPES, read_time

MOST_PRODUCTS = 90
"""Products in one order: messages to platforms hold 100, and two digits of a StreamingNo count the steps."""

ALL_PRODUCTS = "0"
"""VProductID that stands for all products of its offer."""

MOST_RESULTS = 20
"""maxOccurs of ResultInfo in the contract; an order can hold more mistakes."""


async def subscribe(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Judge an order over local data, and take it: accepted means committed (seed 4.1 step 2a)."""
    if request.SystemId not in desk.channels:
        platforms = {product.platform for product in desk.catalogue.products.values()}
        known = request.SystemId in KNOWN_SYSTEMS or request.SystemId in platforms
        return Refusal(SYSTEM_NOT_ALLOWED if known else UNKNOWN_SYSTEM, request.SystemId)
    number = Number.parse(request.ProductNo)
    province = home(desk.here, desk.plan, number)
    if isinstance(province, Misrouted):
        return Refusal(province.result, province.detail)
    user = await desk.store.subscriber(number)
    if user is None:
        return Refusal(UNKNOWN_USER, str(number))
    items = _items(desk, request)
    if isinstance(items, Refusal):
        return items
    action = ACTIONS[request.ActionType]
    refusal = await _authorised(desk, action, user, items, inbox.at)
    if refusal is not None:
        return refusal
    route = route_order(desk.here, province, [desk.catalogue.products[i.product_id] for i in items])
    if isinstance(route, Misrouted):
        return Refusal(route.result, route.detail)
    if not desk.knows(route.target):
        return Refusal(NO_ROUTE, str(route.target))
    serial = desk.engine.next_serial()
    own_id = order_id(desk.here, inbox.at, serial)
    order = Order(
        id=own_id, trace_id=own_id, section=route.section, action=action, channel=request.SystemId,
        channel_order_id=request.OrderId, streaming_no=request.StreamingNo, number=number, spec=request.ProdSpecCode,
        pay=user.pay, province=province, target=route.target, items=tuple(items), accepted_at=inbox.at,
    )  # fmt: skip
    try:
        await desk.engine.start(SECTION_FLOW[route.section], serial, order, inbox)
    except ItemLocked:
        return Refusal(IN_PROGRESS, str(number))
    return None


async def _authorised(
    desk: Desk, action: Action, user: Subscriber, items: list[OrderItem], at: datetime
) -> Refusal | None:
    held = await desk.store.relations(user.number)
    reasons = authorise(action, Case(desk.catalogue, user, held, items, at))
    if not reasons:
        return None
    first = reasons[0]
    return Refusal(first.result, first.detail, tuple((r.offer_id, r.rule, r.result) for r in reasons[:MOST_RESULTS]))


def _items(desk: Desk, request: Message) -> list[OrderItem] | Refusal:
    """Resolve offers and products; every unknown one is named."""
    items: list[OrderItem] = []
    wrong: list[tuple[str, Result, str]] = []
    for info in request.ProductOfferInfo:
        offer = desk.catalogue.offers.get(info.ProductOfferID)
        if offer is None or offer.type is not OFFER_TYPES[info.ProductOfferType]:
            wrong.append((info.ProductOfferID, UNKNOWN_OFFER, info.ProductOfferID))
        elif offer.type is OfferType.TRADITIONAL_BUNDLE:
            wrong.append((offer.id, BUNDLE_BY_CRM, offer.id))
        else:
            _add_products(desk, offer, info, items, wrong)
    if not wrong:
        return items if len(items) <= MOST_PRODUCTS else Refusal(TOO_MANY_PRODUCTS, str(MOST_PRODUCTS))
    first = wrong[0]
    return Refusal(
        first[1], first[2], tuple((offer_id, result.code, result) for offer_id, result, _ in wrong[:MOST_RESULTS])
    )


def _add_products(
    desk: Desk, offer: Offer, info: Message, items: list[OrderItem], wrong: list[tuple[str, Result, str]]
) -> None:
    """Add the products that the request chooses from an offer, or all of them; dates of a product go before the offer's."""
    parts = {part.VProductID: part for part in info.VSubProdInfo}
    others = parts.pop(ALL_PRODUCTS, info)
    for product_id in parts or offer.products:
        product = desk.catalogue.products.get(product_id)
        if product is None:
            wrong.append((offer.id, UNKNOWN_PRODUCT, product_id))
            continue
        if product_id not in offer.products:
            wrong.append((offer.id, NOT_IN_OFFER, product_id))
            continue
        part = parts.get(product_id, others)
        try:
            effective, expires = read_time(part.EffDate or info.EffDate), read_time(part.ExpDate or info.ExpDate)
        except ValueError:
            wrong.append((offer.id, BAD_TIME, product_id))
            continue
        items.append(OrderItem(product_id, product.sp, offer.id, offer.type, effective, expires))


async def order_state(desk: Desk, codec: Codec, request: Message) -> Message:
    """Tell a channel how an order of its own stands; never waits for anybody."""
    answer_type = codec["orderStateQryResponse"]
    rows = await desk.store.orders_by_channel(request.SystemId, request.OrderId)
    if not rows:
        return plain(answer_type, request, UNKNOWN_ORDER, request.OrderId)
    row = rows[0]
    answer = plain(answer_type, request, OK)
    answer.OrderState = row.state.value
    if row.state is not OrderState.EXECUTING:
        result = RESULTS[row.code]
        answer.ResultInfo = [
            codec["OfferResult"](ProductOfferID=offer, OPResult=str(result.code), OPDesc=result.describe())
            for offer in row.order.offer_ids
        ]
    return answer
