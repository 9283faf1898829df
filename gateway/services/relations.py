"""Relations that others report: by ISMP (R8.4, seed 4.1.2 step 3), and by provinces to the group (seed 4.1.4 step 3)."""

from __future__ import annotations

from gateway.contract.codec import Message
from gateway.domain.catalogue import OfferType
from gateway.domain.facts import Kept, RelationChanged, RelationEnded, RelationStarted
from gateway.domain.numbers import Number
from gateway.domain.order import Action, Order
from gateway.domain.party import ISMP_SYSTEMS, PROVINCE_SYSTEM
from gateway.domain.subscriber import Relation, RelationState, Subscriber, UserState
from gateway.engine.ports import InboxRow, SignalArrived
from gateway.errors import BAD_TIME, SYSTEM_NOT_ALLOWED, UNKNOWN_PRODUCT, UNKNOWN_USER
from gateway.flows.carrying import report_step
from gateway.services.desk import Desk, Refusal
from gateway.services.forwarding import is_platform, stranger
from gateway.steps import Reply
from gateway.vocabulary import OFFER_TYPES, STATUS_CANCELLED, STATUS_SUSPENDED, read_time

SUBSCRIBE, SUSPEND, RESUME, UNSUBSCRIBE = "0", "1", "2", "3"

_AWAITED = {
    Action.SUBSCRIBE: SUBSCRIBE,
    Action.SUSPEND: SUSPEND,
    Action.RESUME: RESUME,
    Action.UNSUBSCRIBE: UNSUBSCRIBE,
}
"""What an order waits for ISMP to report."""


async def from_ismp(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Keep what ISMP reports, and wake the order that waits for it; one that nobody ordered here is kept as well."""
    if request.SystemId not in ISMP_SYSTEMS:
        return stranger(desk, request.SystemId)
    number = Number.parse(request.UserID)
    product = desk.catalogue.products.get(request.ProductID)
    if product is None:
        return Refusal(UNKNOWN_PRODUCT, request.ProductID)
    if request.SystemId not in (product.owner, product.platform) or not product.by_ismp:
        return Refusal(SYSTEM_NOT_ALLOWED, f"{product.id} ({request.SystemId})")
    user = await desk.store.subscriber(number)
    if user is None:
        return Refusal(UNKNOWN_USER, str(number))
    order = await _waiting_order(desk, number, request)
    try:
        change = _change(request, user, order, inbox)
    except ValueError:
        return Refusal(BAD_TIME)
    desk.events("relation.changed", number=number, product=request.ProductID, change=request.OPType)
    if order is None:
        await desk.store.commit([inbox, change])
    else:
        desk.events("signal.arrived", run=order.id, step=report_step(request.ProductID))
        await desk.engine.signal(
            SignalArrived(order.id, report_step(request.ProductID), Reply(inbox.at)), inbox, change
        )
    return None


async def _waiting_order(desk: Desk, number: Number, request: Message) -> Order | None:
    open_id = await desk.store.open_order_for(number, request.ProductID)
    row = None if open_id is None else await desk.store.order(open_id)
    order = None if row is None else row.order
    if not isinstance(order, Order):
        return None
    item = next(i for i in order.items if i.product_id == request.ProductID)
    return order if request.OPType == _AWAITED[item.action or order.action] else None


def _change(request: Message, user: Subscriber, order: Order | None, inbox: InboxRow) -> Kept:
    number = user.number
    if request.OPType == UNSUBSCRIBE:
        return RelationEnded(number, request.ProductID, inbox.at)
    if request.OPType == RESUME:
        return RelationChanged(number, request.ProductID, RelationState.ACTIVE)
    if request.OPType == SUSPEND and user.state is not UserState.ACTIVE:  # it stops with its user, as ISMP was told
        return RelationChanged(number, request.ProductID, RelationState.STOPPED, was=RelationState.ACTIVE)
    if request.OPType == SUSPEND:
        return RelationChanged(number, request.ProductID, RelationState.SUSPENDED)
    item = next((i for i in order.items if i.product_id == request.ProductID), None) if order is not None else None
    return RelationStarted(
        Relation(
            number,
            request.ProductID,
            # Every ISMP product has a base offer of the same code (domain of the field): it stands where none is named.
            item.offer_id if item is not None else request.PProductOfferID or request.ProductID,
            item.offer_type if item is not None else OfferType.PURE,
            order.channel if order is not None else request.ChannelPlayerID or request.SystemId,
            RelationState.ACTIVE,
            subscribed_at=order.accepted_at if order is not None else inbox.at,
            effective_at=read_time(request.EffDate) or inbox.at,
            expires_at=read_time(request.ExpDate),
        )
    )


async def reported(desk: Desk, request: Message, inbox: InboxRow) -> Refusal | None:
    """Keep the relations that a province or a platform reports (seed 4.1.4 step 3d)."""
    if request.SystemId != PROVINCE_SYSTEM and not is_platform(desk, request.SystemId):
        return stranger(desk, request.SystemId)
    unknown = next((i.VProductID for i in request.SubsInstInfo if i.VProductID not in desk.catalogue.products), None)
    if unknown is not None:
        return Refusal(UNKNOWN_PRODUCT, unknown)
    number = Number.parse(request.ProductNo)
    try:
        facts = [_reported(request, info, number, inbox) for info in request.SubsInstInfo]
    except ValueError:
        return Refusal(BAD_TIME)
    await desk.store.commit([inbox, *facts])
    return None


def _reported(request: Message, info: Message, number: Number, inbox: InboxRow) -> Kept:
    if info.Status == STATUS_CANCELLED:
        return RelationEnded(number, info.VProductID, read_time(info.ExpDate) or inbox.at)
    if info.Status == STATUS_SUSPENDED:
        return RelationChanged(number, info.VProductID, RelationState.SUSPENDED)
    return RelationStarted(
        Relation(
            number, info.VProductID, info.ProductOfferID, OFFER_TYPES[info.ProductOfferType], request.ChannelPlayerID,
            RelationState.ACTIVE,
            subscribed_at=read_time(info.SubscribeTime) or inbox.at,
            effective_at=read_time(info.EffDate) or inbox.at,
            expires_at=read_time(info.ExpDate),
        )
    )  # fmt: skip
