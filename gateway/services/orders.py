"""Orders of the channels: subscribeToVSOP (seed 4.1 step 2) and the query of an order's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.authorisation import Case, Reason, authorise, endable
from gateway.domain.catalogue import Offer, OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Confirmation, Order, OrderItem, OrderState
from gateway.domain.routing import Misrouted, Route, home, route_order
from gateway.domain.subscriber import Relation, Subscriber
from gateway.engine.ports import InboxRow, ItemLocked, RelationsUnchanged, RunRow, UserUnchanged
from gateway.errors import (
    BAD_TIME,
    BUNDLE_BY_CRM,
    IN_PROGRESS,
    NO_OFFER,
    NO_ROUTE,
    NOT_IN_OFFER,
    NOT_SUBSCRIBED,
    OK,
    PRODUCT_TWICE,
    RESULTS,
    TOO_MANY_PRODUCTS,
    UNKNOWN_OFFER,
    UNKNOWN_ORDER,
    UNKNOWN_PRODUCT,
    UNKNOWN_USER,
    Result,
)
from gateway.flows.registry import FLOWS, SECTION_FLOW
from gateway.services.desk import Desk, Refusal, Taken, answered, order_id, plain
from gateway.services.forwarding import stranger
from gateway.steps import Reply, Tell, TellResult
from gateway.vocabulary import ACTIONS, OFFER_TYPES, UNSUBSCRIBE_ALL, read_time

MOST_PRODUCTS = 90
"""Products in one order: messages to platforms hold 100, and two digits of a StreamingNo count the steps."""

ALL_PRODUCTS = "0"
"""VProductID that stands for all products of its offer."""

MOST_RESULTS = 20
"""maxOccurs of ResultInfo in the contract; an order can hold more mistakes."""


async def subscribe(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | Taken | None:
    """Judge an order over local data, and take it: accepted means committed (seed 4.1 step 2a)."""
    if request.SystemId not in desk.channels:
        return stranger(desk, request.SystemId)
    number = Number.parse(request.ProductNo)
    province = home(desk.here, desk.plan, number)
    if isinstance(province, Misrouted):
        return Refusal(province.result, province.detail)
    try:
        return await _judge(desk, request, inbox, number)
    except ItemLocked:
        return Refusal(IN_PROGRESS, str(number))


async def _judge(desk: Desk, request: Message, inbox: InboxRow, number: Number) -> Refusal | Taken | None:
    user = await desk.store.subscriber(number)
    if user is None:
        return Refusal(UNKNOWN_USER, str(number))
    held = await desk.store.relations(number)
    if request.ActionType == UNSUBSCRIBE_ALL:
        return await _end_all(desk, request, inbox, user, held)
    items = _items(desk, request)
    if isinstance(items, Refusal):
        return items
    decision = authorise(ACTIONS[request.ActionType], Case(desk.catalogue, user, held, items, inbox.at), desk.policy)
    if decision.blocking:
        return _refusal(decision.blocking)
    items += [ended(relation, desk) for relation in decision.replaced]
    return await _take(desk, request, inbox, user, held, items, several=bool(decision.replaced))


async def _end_all(
    desk: Desk, request: Message, inbox: InboxRow, user: Subscriber, held: Sequence[Relation]
) -> Refusal | Taken | None:
    """End everything that the user holds (ActionType 2), but for what belongs to a traditional bundle: that is CRM's."""
    ends, kept = endable(desk.catalogue, held, inbox.at)
    if not ends:
        return _refusal(kept) if kept else Refusal(NOT_SUBSCRIBED, str(user.number))
    items = [replace(ended(relation, desk), action=None) for relation in ends]
    taken = Taken(tuple((r.offer_id, r.rule, r.result) for r in kept[:MOST_RESULTS])) if kept else None
    return await _take(desk, request, inbox if taken is None else taken.row(inbox), user, held, items) or taken


def ended(relation: Relation, desk: Desk) -> OrderItem:
    """Make the item of an order that ends a relation."""
    sp = desk.catalogue.products[relation.product_id].sp
    return OrderItem(relation.product_id, sp, relation.offer_id, relation.offer_type, action=Action.UNSUBSCRIBE)


async def _take(
    desk: Desk, request: Message, inbox: InboxRow, user: Subscriber, held: Sequence[Relation], items: list[OrderItem], *,
    several: bool = False,
) -> Refusal | None:  # fmt: skip
    """Route an order that is granted, and begin it; raises ItemLocked while another one of its products is under way."""
    if len(items) > MOST_PRODUCTS:
        return Refusal(TOO_MANY_PRODUCTS, str(MOST_PRODUCTS))
    if len({item.product_id for item in items}) < len(items):  # whatever the policy: no flow could tell them apart
        return Refusal(PRODUCT_TWICE)
    offers = [desk.catalogue.offers[item.offer_id] for item in items if item.offer_id in desk.catalogue.offers]
    partial = bool(offers) and all(offer.partial for offer in offers)
    several = several or (partial and len(items) > 1)  # only that flow keeps what was done, on one platform as well
    route = route_order(
        desk.here, desk.here.province, [desk.catalogue.products[i.product_id] for i in items], several=several
    )
    if isinstance(route, Misrouted):
        return Refusal(route.result, route.detail)
    unknown = next((target for target in route.targets if not desk.knows(target)), None)
    if unknown is not None:
        return Refusal(NO_ROUTE, str(unknown))
    action = ACTIONS[request.ActionType]
    asks = action is Action.SUBSCRIBE and request.SystemId in desk.confirm_channels
    serial = await desk.engine.next_serial()
    own_id = order_id(desk.here, inbox.at, serial)
    order = Order(
        id=own_id, trace_id=own_id, section=route.section, action=action, channel=request.SystemId,
        channel_order_id=request.OrderId, streaming_no=request.StreamingNo, number=user.number, spec=request.ProdSpecCode,
        pay=user.pay, province=route.province, target=route.target, items=aimed(desk, items, route), accepted_at=inbox.at,
        partial=partial,
        confirmation=Confirmation(desk.random_code(), desk.confirm_within) if asks else None,
    )  # fmt: skip
    judged = UserUnchanged(user.number, user), RelationsUnchanged(user.number, tuple(held))
    await desk.engine.start(SECTION_FLOW[route.section], serial, order, inbox, *judged)
    return None


def aimed(desk: Desk, items: list[OrderItem], route: Route) -> tuple[OrderItem, ...]:
    """Give each item its platform."""
    return tuple(
        replace(item, target=None if target == route.target else target, national=desk.catalogue.products[item.product_id].national)
        for item, target in zip(items, route.targets, strict=True)
    )  # fmt: skip


def _refusal(reasons: Sequence[Reason]) -> Refusal:
    first = reasons[0]
    return Refusal(first.result, first.detail, tuple((r.offer_id, r.rule, r.result) for r in reasons[:MOST_RESULTS]))


def _items(desk: Desk, request: Message) -> list[OrderItem] | Refusal:
    """Resolve offers and products; every unknown one is named."""
    if not request.ProductOfferInfo:
        return Refusal(NO_OFFER)
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
        return items
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
    return await answered(desk, codec["orderStateQryResponse"], request, _order_state(desk, codec, request))


async def _order_state(desk: Desk, codec: Codec, request: Message) -> Message:
    answer_type = codec["orderStateQryResponse"]
    rows = await desk.store.orders_by_channel(request.SystemId, request.OrderId)
    order = rows[0].order if rows else None
    if not isinstance(order, Order):
        return plain(answer_type, request, UNKNOWN_ORDER, request.OrderId)
    row = rows[0]
    answer = plain(answer_type, request, OK)
    answer.OrderState = row.state.value
    if row.state in (OrderState.COMPLETED, OrderState.FAILED):
        told = _told(order, await desk.store.run(order.id)) or TellResult(order, row.code)
        codes = dict(told.refused)
        results = [(offer, RESULTS[codes.get(offer, told.code)]) for offer in order.offer_ids[:MOST_RESULTS]]
        answer.ResultInfo = [
            codec["OfferResult"](ProductOfferID=offer, OPResult=str(result.code), OPDesc=result.describe())
            for offer, result in results
        ]
    return answer


def _told(order: Order, run: RunRow | None) -> TellResult | None:
    """Give what the channel of an order that has ended is told, by replaying its journal; None if nobody is told."""
    if run is None:
        return None
    replies = {step.name: step.reply for step in run.steps if step.reply is not None}
    flow = FLOWS[run.flow](order)
    try:
        step = next(flow)
        while not (isinstance(step, Tell) and isinstance(step.request, TellResult)):
            # What is still under way after the end is told to others, and their answers change nothing.
            step = flow.send(replies.get(step.name) or Reply(order.accepted_at))
    except StopIteration:
        return None
    return step.request
