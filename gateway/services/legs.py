"""Activations between the tiers and their results: serverAction and serverActionResult (seed 4.1.3 steps 2 and 3)."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.catalogue import Product
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order, OrderItem
from gateway.domain.party import PROVINCE_SYSTEM, Address, Party, province_name
from gateway.domain.routing import Misrouted, Route, route_activation
from gateway.domain.subscriber import RelationState
from gateway.engine.ports import (
    InboxRow,
    ItemLocked,
    OrderRow,
    OrdersUnchanged,
    RelationsUnchanged,
    RunRow,
    SignalArrived,
    StepRow,
    StoreFailed,
)
from gateway.errors import (
    BAD_TIME,
    IN_PROGRESS,
    MISROUTED,
    MIXED_ACTIONS,
    NO_ROUTE,
    OK,
    ORDER_UNDONE,
    PLATFORM_REFUSED,
    PRODUCT_TWICE,
    RESULTS,
    UNKNOWN_PRODUCT,
    UNKNOWN_REFERENCE,
)
from gateway.flows.accepting import CONFIRMATION, confirmed
from gateway.flows.registry import NATIONAL_LEG
from gateway.flows.sections import SECTIONS
from gateway.services.desk import Desk, Refusal, order_id
from gateway.services.forwarding import stranger
from gateway.steps import Reply
from gateway.vocabulary import OFFER_TYPES, PAY_TYPES, SERVICE_ACTIONS, read_items, read_time, system_of, write_time

AWAITED = ("activate", "undo")
"""Steps, or beginnings of their names, whose result may follow by callback; a result for any other request of ours is none."""


async def take_over(desk: Desk, request: Message, routing: Message | None, inbox: InboxRow) -> Refusal | None:
    """Take an activation that a province passes on; the result follows by serverActionResult (seed 4.1.3 step 2d)."""
    products = _products(desk, request)
    if isinstance(products, Refusal):
        return products
    former = await desk.store.orders_by_channel(request.SystemId, request.OrderId)
    if _undone(request, former):
        return Refusal(ORDER_UNDONE, request.OrderId)
    number = Number.parse(request.ProductNo)
    hops = routing.HopCount if routing is not None else 1
    route = _route(desk, number, products, routing, hops)
    if isinstance(route, Refusal):
        return route
    held = tuple(await desk.store.relations(number))
    holds = {r.product_id for r in held if r.state is not RelationState.ENDED}
    try:
        items = tuple(_item(info, product, holds) for info, product in zip(request.VProductInfo, products, strict=True))
    except ValueError:
        return Refusal(BAD_TIME)
    serial = await desk.engine.next_serial()
    order = Order(
        id=order_id(desk.here, inbox.at, serial),
        trace_id=routing.TraceId if routing is not None else request.OrderId,
        section=_section(routing, route),
        action=SERVICE_ACTIONS[request.VProductInfo[0].ActionType],
        channel=request.SystemId,
        channel_order_id=request.OrderId,
        streaming_no=request.StreamingNo,
        number=number,
        spec=request.ProdSpecCode,
        pay=PAY_TYPES[request.UserPayType],
        province=route.province,
        target=route.target,
        items=items,
        accepted_at=inbox.at,
        hops=hops,
    )
    # An undo judges by none of the two. It has the first one all the same: so the activation cannot miss it.
    judged = OrdersUnchanged(request.SystemId, request.OrderId, len(former)), RelationsUnchanged(number, held)
    try:
        await desk.engine.start(NATIONAL_LEG, serial, order, inbox, *judged)
    except ItemLocked:
        return Refusal(IN_PROGRESS, str(number))
    return None


def _undone(request: Message, former: Sequence[OrderRow]) -> bool:
    """Whether the province has taken this order back for one of these products: it stays so, however late its activation comes."""
    if SERVICE_ACTIONS[request.VProductInfo[0].ActionType] is not Action.SUBSCRIBE:
        return False
    asked = {info.VProductID for info in request.VProductInfo}
    orders = (row.order for row in former)
    ends = (order for order in orders if isinstance(order, Order) and order.action is Action.UNSUBSCRIBE)
    return any(item.product_id in asked for order in ends for item in order.items)


def _section(routing: Message | None, route: Route) -> str:
    """A bundle's activation looks like a channel's: the province says which section it follows."""
    told: str | None = routing.Section if routing is not None else None
    known = SECTIONS.get(told or "")
    return known.id if known is not None and known["group_activate"] else route.section


def _products(desk: Desk, request: Message) -> list[Product] | Refusal:
    """Resolve the products of an activation: all known, each once, one kind of action."""
    if request.SystemId != PROVINCE_SYSTEM:
        return stranger(desk, request.SystemId)
    ids = [info.VProductID for info in request.VProductInfo]
    unknown = next((i for i in ids if i not in desk.catalogue.products), None)
    if unknown is not None:
        return Refusal(UNKNOWN_PRODUCT, unknown)
    if len({info.ActionType for info in request.VProductInfo}) > 1:
        return Refusal(MIXED_ACTIONS)
    if len(set(ids)) < len(ids):
        return Refusal(PRODUCT_TWICE)
    return [desk.catalogue.products[i] for i in ids]


def _route(desk: Desk, number: Number, products: list[Product], routing: Message | None, hops: int) -> Route | Refusal:
    route = route_activation(desk.here, desk.plan, number, products, hops)
    if isinstance(route, Misrouted):
        return Refusal(route.result, route.detail)
    if routing is not None and routing.OriginProvince != route.province:
        # The result goes to the province of the number: a province that asks for another one's number would wait for ever.
        return Refusal(MISROUTED, province_name(route.province))
    caller = Address(Party.VSOP, route.province)
    if not desk.knows(route.target) or not desk.knows(caller):
        return Refusal(NO_ROUTE, str(caller if desk.knows(route.target) else route.target))
    return route


def _item(info: Message, product: Product, holds: set[str]) -> OrderItem:
    offer_type = OFFER_TYPES[info.ProductOfferType]
    effective, expires = read_time(info.EffDate), read_time(info.ExpDate)
    held = SERVICE_ACTIONS[info.ActionType] is Action.SUBSCRIBE and product.id in holds
    return OrderItem(info.VProductID, product.sp, info.ProductOfferID, offer_type, effective, expires, held=held)


async def take_result(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Store the result of an activation and wake its run; a result for nothing of ours is refused (seed 4.1.3 step 3)."""
    found = await desk.store.step_by_streaming_no(request.RefStreamingNo)
    run = None if found is None else await desk.store.run(found[0])
    order = None if run is None else run.order
    if found is None or run is None or not isinstance(order, Order) or not found[1].startswith(AWAITED):
        return Refusal(UNKNOWN_REFERENCE, request.RefStreamingNo)
    step = next(s for s in run.steps if s.name == found[1])
    if not _from_whom_we_asked(order, step, request):
        return Refusal(UNKNOWN_REFERENCE, request.RefStreamingNo)
    code = int(request.ResultCode)
    known = RESULTS.get(code)
    if known is not None and known.retryable:  # not a result: the request is sent again when the result does not follow
        await desk.store.commit([inbox])
        return None
    if step.reply is not None:
        desk.events("result.late", run=run.run_id, step=step.name, code=code)
    reply = Reply(
        inbox.at,
        code if known is not None else PLATFORM_REFUSED.code,
        request.ResultDesc if code else "",
        items=() if code else read_items(request.ResultInfo, _asked(order, run, step)),
    )
    desk.events("signal.arrived", run=run.run_id, step=found[1])
    await desk.engine.signal(SignalArrived(run.run_id, found[1], reply), inbox)
    return None


def _asked(order: Order, run: RunRow, step: StepRow) -> tuple[str, ...]:
    """List the products that a step asked for: of what the user confirmed its own part, and, to take back, what was done of it."""
    replies = {s.name: s.reply for s in run.steps if s.reply is not None}
    said, done = replies.get(CONFIRMATION), replies.get(step.name.replace("undo", "activate", 1))
    left = order if said is None else confirmed(order, said)
    parts = [part for part in left.parts if step.name in AWAITED or step.name.endswith(f"-{part.name}")]
    if done is None:
        return tuple(product for part in parts for product in part.product_ids)
    refused = {item.product_id for item in done.items if item.code}
    return tuple(i.product_id for part in parts for i in part.items if i.product_id not in refused and not i.held)


async def with_result(desk: Desk, codec: Codec, request: Message, answer: Message) -> Message:
    """Add the result to "accepted" if the leg has ended: a province that asks again has not had it."""
    if answer.ResultCode != str(OK.code):
        return answer
    try:
        rows = await desk.store.orders_by_channel(request.SystemId, request.OrderId)
        ended = next((r for r in rows if r.order.streaming_no == request.StreamingNo and r.ended_at is not None), None)
        order = None if ended is None else ended.order
        run = None if order is None else await desk.store.run(order.id)
    except StoreFailed as failure:  # it is accepted all the same, and its result comes by itself
        desk.events("store.failed", error=failure)
        return answer
    told = None if run is None else next((s.reply for s in run.steps if s.name == "activate"), None)
    if ended is None or not isinstance(order, Order):
        return answer
    # A leg that was ended by hand, without its platform's result, has its own code for each product.
    codes = {} if told is None else {item.product_id: item.code for item in told.items}
    undo = next((s.reply for s in run.steps if s.name == "undo"), None) if run is not None else None
    if undo is not None and undo.done:  # what was begun before the order was is not taken back
        codes |= {
            item.product_id: ended.code for item in order.items if not codes.get(item.product_id) and not item.held
        }
    answer.ResultInfo = [
        codec["ProductResult"](
            ProductID=item.product_id,
            OPResult=str(codes.get(item.product_id, ended.code)),
            EffDate=None if item.effective_at is None else write_time(item.effective_at),
        )
        for item in order.items
    ]
    return answer


def _from_whom_we_asked(order: Order, step: StepRow, request: Message) -> bool:
    party, _, code = step.party.partition(":")
    return (request.OrderId, request.SystemId) == (order.id, system_of(Address(Party(party), code)))
