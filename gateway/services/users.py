"""Changes of users: work orders about them (seed, second 3.1), and what a province tells the group of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.contract.codec import Message
from gateway.domain.catalogue import Product
from gateway.domain.numbers import Number
from gateway.domain.order import Action
from gateway.domain.party import GROUP_VSOP, PROVINCE_SYSTEM, Address, Party
from gateway.domain.routing import keeps_national_view, next_party
from gateway.domain.subscriber import Relation, RelationState, Subscriber, UserState
from gateway.domain.user_change import UserAct, UserChange, UserTarget
from gateway.engine.ports import InboxRow, ItemLocked, NothingOpen, RelationsUnchanged, UserUnchanged, Write
from gateway.errors import (
    CONTRACT_BROKEN,
    IN_PROGRESS,
    MISROUTED,
    NO_PRODUCTS_HERE,
    NO_ROUTE,
    NUMBER_TAKEN,
    UNKNOWN_NUMBER,
    UNKNOWN_USER,
    USER_EXISTS,
)
from gateway.flows.registry import USER_CHANGE
from gateway.services.desk import Desk, Refusal, order_id
from gateway.services.forwarding import stranger
from gateway.vocabulary import ITEM_ACTIONS, PAY_TYPES, PLATFORM_USER_STATES, USER_ACTS, USER_STATES

SECTION = "3.1b"

ENDS_A_NUMBER = (UserAct.RENUMBERED, UserAct.TORN_DOWN)


async def change_user(desk: Desk, request: Message, number: Number, *rows: InboxRow) -> Refusal | None:
    """Take a work order about a user (seed, second 3.1, step 2); raises ItemLocked while another one is under way.

    A number neither changes nor ends while an order of it is under way: what that order brings would stand under a number that nobody
    has, and no platform would hear of its end.
    """
    act = USER_ACTS[request.ActionType]
    if act is UserAct.STATE_CHANGED and USER_STATES[request.UserState] is UserState.INVALID:
        act = UserAct.TORN_DOWN
    if request.VProductInfo:
        return Refusal(NO_PRODUCTS_HERE, request.ActionType)
    guards: list[Write] = [await _seen(desk, number)]
    if request.OldProductNo is not None:
        guards.append(await _seen(desk, Number.parse(request.OldProductNo)))
    before = await _before(desk, request, act, number)
    if isinstance(before, Refusal):
        return before
    if before is not None and act in ENDS_A_NUMBER:
        if await _orders(desk, before.number):
            return Refusal(IN_PROGRESS, str(before.number))
        guards.append(NothingOpen(before.number))
    user = _after(request, act, number, before)
    old = before.number if act is UserAct.RENUMBERED and before is not None else None
    targets: list[UserTarget] = []
    if act is not UserAct.CAPABILITIES_CHANGED:
        held = await _as_held(desk, old or number)
        guards.append(held)
        targets = _targets(desk, held.held)
    unknown = next((target.address for target in targets if not desk.knows(target.address)), None)
    if unknown is not None:
        return Refusal(NO_ROUTE, str(unknown))
    serial = await desk.engine.next_serial()
    own_id = order_id(desk.here, rows[0].at, serial)
    change = UserChange(
        id=own_id, trace_id=own_id, section=SECTION, act=act, channel=request.SystemId, channel_order_id=request.OrderId,
        streaming_no=request.StreamingNo, user=user, province=desk.here.province, targets=tuple(targets), accepted_at=rows[0].at,
        old_number=old,
    )  # fmt: skip
    await desk.engine.start(USER_CHANGE, serial, change, *rows, *guards)
    return None


async def _seen(desk: Desk, number: Number) -> UserUnchanged:
    """Give what must still hold when the change is written: what is judged of the user is read after this."""
    return UserUnchanged(number, await desk.store.subscriber(number))


async def _as_held(desk: Desk, number: Number) -> RelationsUnchanged:
    """Give what is held, which must still be so when the change is written: else somebody would not hear of it."""
    return RelationsUnchanged(number, tuple(await desk.store.relations(number)))


async def _orders(desk: Desk, number: Number) -> bool:
    return await desk.store.open_order_of(number) is not None


async def _before(desk: Desk, request: Message, act: UserAct, number: Number) -> Subscriber | Refusal | None:
    """Give the user before the change; None for a new one."""
    present = await present_user(desk, number)
    if act is UserAct.INSTALLED:
        return None if present is None else Refusal(USER_EXISTS, str(number))
    if act is not UserAct.RENUMBERED:
        return present or Refusal(UNKNOWN_USER, str(number))
    if request.OldProductNo is None:
        return Refusal(CONTRACT_BROKEN, "OldProductNo")
    old = await present_user(desk, Number.parse(request.OldProductNo))
    if old is None:
        return Refusal(UNKNOWN_USER, str(Number.parse(request.OldProductNo)))
    return old if present is None else Refusal(NUMBER_TAKEN, str(number))


async def present_user(desk: Desk, number: Number) -> Subscriber | None:
    """Give the user of a number; who was torn down is none any more."""
    found = await desk.store.subscriber(number)
    return None if found is None or found.state is UserState.INVALID else found


def _after(request: Message, act: UserAct, number: Number, before: Subscriber | None) -> Subscriber:
    """Give the user as the change leaves him: only what the act is about changes."""
    state, pay = USER_STATES[request.UserState], PAY_TYPES[request.UserPayType]
    if before is None:
        return with_capabilities(Subscriber(number, request.ProdSpecCode, pay, state), request)
    match act:
        case UserAct.STATE_CHANGED:
            return replace(before, state=state)
        case UserAct.TORN_DOWN:
            return replace(before, state=UserState.INVALID)
        case UserAct.PAYS_OTHERWISE:
            return replace(before, pay=pay)
        case UserAct.CAPABILITIES_CHANGED:
            return with_capabilities(before, request)
        case _:
            return replace(before, number=number)


def with_capabilities(user: Subscriber, request: Message) -> Subscriber:
    """Give the user with the capabilities that a work order adds, without those that it takes away."""
    told = {info.AProductID: ITEM_ACTIONS[info.ActionType] is Action.SUBSCRIBE for info in request.AProductInfo}
    kept = [capability for capability in user.capabilities if told.get(capability, True)]
    added = [capability for capability, gained in told.items() if gained and capability not in kept]
    return replace(user, capabilities=(*kept, *added))


def _targets(desk: Desk, relations: Sequence[Relation]) -> list[UserTarget]:
    """List who hears of a user: where something is held, and who wants to hear of everybody (rulings 16)."""
    held: dict[Address, list[str]] = {}
    for product in _held(desk, relations):
        if not keeps_national_view(desk.here):
            held.setdefault(next_party(product), []).append(product.id)
            if product.national:  # the group keeps this relation, whoever serves it
                held.setdefault(GROUP_VSOP, [])
        elif not product.by_ismp:  # ISMP is told by its province
            held.setdefault(Address(Party.XPLATFORM, product.platform), []).append(product.id)
    everybody = [address for address in desk.partners if address in desk.hear_of_users and address not in held]
    return [UserTarget(address, tuple(products)) for address, products in held.items()] + [
        UserTarget(a) for a in everybody
    ]


def _held(desk: Desk, relations: Sequence[Relation]) -> list[Product]:
    """List the products whose relations stand here."""
    standing = [r.product_id for r in relations if r.state is not RelationState.ENDED]
    return [desk.catalogue.products[product] for product in standing if product in desk.catalogue.products]


async def user_info(desk: Desk, request: Message, routing: Message | None, inbox: InboxRow) -> Refusal | None:
    """Take what a province tells of a user with national products, and pass it on to the national platforms."""
    if request.SystemId != PROVINCE_SYSTEM:
        return stranger(desk, request.SystemId)
    if not keeps_national_view(desk.here):
        return Refusal(MISROUTED)
    number = Number.parse(request.ProductNo)
    province = desk.plan.province(number)
    if province is None:
        return Refusal(UNKNOWN_NUMBER, str(number))
    act = USER_ACTS.get(request.ActionType)
    if act is None:
        return Refusal(CONTRACT_BROKEN, f"ActionType {request.ActionType}")
    old = Number.parse(request.OldProductNo) if act is UserAct.RENUMBERED and request.OldProductNo is not None else None
    if act is UserAct.RENUMBERED and old is None:
        return Refusal(CONTRACT_BROKEN, "OldProductNo")
    state, pay = PLATFORM_USER_STATES[request.UserState], PAY_TYPES[request.UserPayType]
    held = await _as_held(desk, old or number)
    serial = await desk.engine.next_serial()
    change = UserChange(
        id=order_id(desk.here, inbox.at, serial), trace_id=routing.TraceId if routing is not None else request.OrderId,
        section=SECTION, act=act, channel=request.SystemId, channel_order_id=request.OrderId, streaming_no=request.StreamingNo,
        user=Subscriber(number, request.ProdSpecCode, pay, state), province=province,
        targets=tuple(_targets(desk, held.held)), accepted_at=inbox.at, old_number=old,
        hops=routing.HopCount if routing is not None else 1,
        told_by_province=tuple(product.id for product in _held(desk, held.held) if product.by_ismp),
    )  # fmt: skip
    try:
        await desk.engine.start(USER_CHANGE, serial, change, inbox, held)
    except ItemLocked:
        return Refusal(IN_PROGRESS, str(number))
    return None
