"""What a number holds and held (一点查询), asked at either tier; a number of another province is asked for there.

The request travels unchanged, so each gateway on its way judges the caller by its own list of channels. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from gateway.catalogue_wire import short_name
from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.domain.case import held_at
from gateway.domain.catalogue import Product
from gateway.domain.numbers import Number
from gateway.domain.order import Order
from gateway.domain.party import CRM_SYSTEMS, GROUP_SYSTEM, PROVINCE_SYSTEM
from gateway.domain.routing import Misrouted, towards
from gateway.domain.subscriber import Relation
from gateway.engine.ports import OrderRow, StoreFailed
from gateway.errors import BAD_TIME, BUSY, OK, UNKNOWN_USER
from gateway.services.desk import Desk, Refusal, plain
from gateway.services.forwarding import hops_of, pass_on, refuse, stranger
from gateway.vocabulary import ACTION_CODE, CHINA, OFFER_TYPE_CODE, RELATION_STATUS_CODE, write_expiry, write_time

MOST_ROWS = 500
"""maxOccurs of ResultInfo in the contract."""

Read = Callable[[Number], Awaitable[list[Message]]]


async def subscriptions(desk: Desk, codec: Codec, request: Message, routing: Message | None) -> Message:
    """List what a number holds (R1.2)."""

    async def held(number: Number) -> list[Message]:
        now = desk.clock.now()
        relations = held_at(await desk.store.relations(number), now).values()
        known = ((relation, desk.catalogue.products.get(relation.product_id)) for relation in relations)
        # No product ever leaves the catalogue; without one there would be no platform to name.
        return [_instance(desk, codec, relation, product) for relation, product in known if product is not None]

    return await _asked(desk, codec, "subInstQryFromVSOP", request, routing, held)


def _instance(desk: Desk, codec: Codec, relation: Relation, product: Product) -> Message:
    offer = desk.catalogue.offers.get(relation.offer_id)
    partner = desk.catalogue.partners.get(product.sp)
    return codec["SubsInstance"](
        VProductID=product.id,
        VProductName=short_name(product.name_zh) or product.id,
        SPID=product.sp,
        SPName=None if partner is None else short_name(partner.name_zh),
        ProductOfferType=OFFER_TYPE_CODE[relation.offer_type],
        ProductOfferID=relation.offer_id,
        ProductOfferName=None if offer is None else short_name(offer.name_zh),
        PlatForm=product.platform,
        Status=RELATION_STATUS_CODE[relation.state],
        SubscribeTime=write_time(relation.subscribed_at),
        EffDate=write_time(relation.effective_at),
        ExpDate=write_expiry(relation.expires_at),
        ChannelPlayerID=relation.channel,
    )


async def history(desk: Desk, codec: Codec, request: Message, routing: Message | None) -> Message:
    """List the orders of a number that were accepted from the first to the last day, both whole (R20.1)."""
    operation = "subInstHisQryFromVSOP"
    try:
        since, until = _day(request.BeginTime), _day(request.EndTime) + timedelta(days=1)
    except ValueError:
        return refuse(desk, codec, operation, request, Refusal(BAD_TIME))
    if since >= until:
        return refuse(desk, codec, operation, request, Refusal(BAD_TIME, "BeginTime > EndTime"))

    async def ordered(number: Number) -> list[Message]:
        rows = await desk.store.orders_between(number, since, until, MOST_ROWS)
        return [entry for row in rows for entry in _entries(codec, row)]

    return await _asked(desk, codec, operation, request, routing, ordered)


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=CHINA)


def _entries(codec: Codec, row: OrderRow) -> list[Message]:
    """Write a row for each product of an order; a change of the user himself is no order."""
    order = row.order
    if not isinstance(order, Order):
        return []
    return [
        codec["SubsHistory"](
            ActionType=ACTION_CODE[item.action or order.action],
            VProductID=item.product_id,
            ProductOfferType=OFFER_TYPE_CODE[item.offer_type],
            ProductOfferID=item.offer_id,
            OrderId=order.id,
            OrderState=row.state.value,
            OPResult=str(row.code),
            SubscribeTime=write_time(order.accepted_at),
            ChannelPlayerID=order.channel,
        )
        for item in order.items
    ]


async def _asked(
    desk: Desk, codec: Codec, operation: str, request: Message, routing: Message | None, read: Read
) -> Message:
    """Answer from the store where the number is at home, else have it answered there."""
    try:
        await desk.load()
    except StoreFailed as failure:
        desk.events("store.failed", error=failure)
        return refuse(desk, codec, operation, request, Refusal(BUSY))
    refusal = _stranger(desk, request.SystemId)
    if refusal is not None:
        return refuse(desk, codec, operation, request, refusal)
    number = Number.parse(request.ProductNo)
    onward = towards(desk.here, desk.plan, number, hops_of(routing))
    if isinstance(onward, Misrouted):
        return refuse(desk, codec, operation, request, Refusal(onward.result, onward.detail))
    if onward is not None:
        return await pass_on(desk, codec, operation, request, routing, onward)
    try:
        if await desk.store.subscriber(number) is None:
            return refuse(desk, codec, operation, request, Refusal(UNKNOWN_USER, str(number)))
        rows = await read(number)
    except StoreFailed as failure:
        desk.events("store.failed", error=failure)
        return refuse(desk, codec, operation, request, Refusal(BUSY))
    answer = plain(codec[f"{operation}Response"], request, OK)
    answer.ResultInfo = rows[:MOST_ROWS]
    return answer


def _stranger(desk: Desk, system: str) -> Refusal | None:
    if system in desk.channels or system in CRM_SYSTEMS or system in (GROUP_SYSTEM, PROVINCE_SYSTEM):
        return None
    return stranger(desk, system)
