"""The answer of a user to a second confirmation (二次确认), which the SMS hall passes on."""

from __future__ import annotations

from datetime import datetime

from gateway.contract.codec import Message
from gateway.domain.numbers import Number
from gateway.domain.order import Order, OrderState
from gateway.domain.party import SMSHALL
from gateway.engine.ports import InboxRow, SignalArrived
from gateway.errors import DECLINED, NOT_IN_OFFER, NOTHING_TO_CONFIRM
from gateway.flows.accepting import CONFIRMATION
from gateway.services.desk import Desk, Refusal
from gateway.services.forwarding import stranger
from gateway.steps import ItemReply, Reply
from gateway.vocabulary import system_of

YES = "1"

MOST_ORDERS = 50
"""How many of a number's newest orders are looked through: an order that waits is not older than a day or so."""


async def take_reply(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Wake the order that waits for this code; a late answer is refused."""
    if request.SystemId != system_of(SMSHALL):
        return stranger(desk, request.SystemId)
    number = Number.parse(request.ProductNo)
    order = await _waiting(desk, number, request.RQCode)
    if order is None or not await _in_time(desk, order, inbox.at):
        return Refusal(NOTHING_TO_CONFIRM, str(number))
    named = set(request.ProductOfferID)
    strange = next((offer for offer in request.ProductOfferID if offer not in _asked_for(order)), None)
    if strange is not None:
        return Refusal(NOT_IN_OFFER, strange)
    if request.RQResult == YES:
        reply = Reply(inbox.at, items=tuple(ItemReply(offer, 0) for offer in _confirmed(desk, order, named)))
    else:
        reply = Reply(inbox.at, DECLINED.code)
    desk.events("signal.arrived", run=order.id, step=CONFIRMATION)
    await desk.engine.signal(SignalArrived(order.id, CONFIRMATION, reply), inbox)
    return None


async def _waiting(desk: Desk, number: Number, code: str) -> Order | None:
    """Find the number's order that waits under this code and has no answer yet."""
    for row in await desk.store.orders_by_number(number, MOST_ORDERS):
        order = row.order
        if row.state is not OrderState.UNCONFIRMED or not isinstance(order, Order):
            continue
        if order.confirmation is not None and order.confirmation.code == code:
            return order if await desk.store.signal(order.id, CONFIRMATION) is None else None
    return None


async def _in_time(desk: Desk, order: Order, now: datetime) -> bool:
    """Whether the order still waits: its time runs from when the SMS hall has the message, as the engine counts it."""
    run = await desk.store.run(order.id)
    asked = None if run is None else next((s.started_at for s in run.steps if s.name == CONFIRMATION), None)
    return order.confirmation is not None and (asked is None or now < asked + order.confirmation.within)


def _asked_for(order: Order) -> set[str]:
    """Give the offers that the user ordered; what they replace has offers, too."""
    return {item.offer_id for item in order.items if item.action is None}


def _confirmed(desk: Desk, order: Order, named: set[str]) -> list[str]:
    """Give the offers to carry out, in the order's order: those named, and those whose products they replace; none means all."""
    if not named:
        return []
    begun = [item.product_id for item in order.items if item.action is None and item.offer_id in named]
    replaced = {old for product in begun for old in desk.catalogue.products[product].replaces}
    ended = {item.offer_id for item in order.items if item.action is not None and item.product_id in replaced}
    return [offer for offer in order.offer_ids if offer in named | ended]
