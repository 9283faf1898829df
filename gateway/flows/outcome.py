"""What follows from a platform's result: the code, the relations to keep, the way back from a half-done order, and who is told."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

from gateway.domain.facts import Fact, RelationChanged, RelationEnded, RelationStarted
from gateway.domain.order import Action, Order, OrderItem
from gateway.domain.party import PROVISIONING_SYSTEM, SMSHALL, Address, Party
from gateway.domain.subscriber import Relation, RelationState
from gateway.errors import PLATFORM_REFUSED
from gateway.flows.sections import Section
from gateway.steps import Activate, Flow, ItemReply, Reply, Step, TellResult, ask, tell


def result_code(result: Reply) -> int:
    """Give 0, or the code of the first thing that was refused."""
    if result.done:
        return 0
    return result.code or next((item.code for item in result.items if item.code), PLATFORM_REFUSED.code)


def relation_facts(order: Order, result: Reply, items: Iterable[OrderItem] | None = None) -> list[Fact]:
    """List what a done order does to relations; the platform's dates go before the order's. `items` limits it to some of them."""
    told = {item.product_id: item for item in result.items}
    return [_fact(order, item, told.get(item.product_id), result) for item in (order.items if items is None else items)]


def _fact(order: Order, item: OrderItem, told: ItemReply | None, result: Reply) -> Fact:
    action = item.action or order.action
    if action is Action.UNSUBSCRIBE:
        return RelationEnded(order.number, item.product_id, result.at)
    if action in (Action.SUSPEND, Action.RESUME):
        state = RelationState.SUSPENDED if action is Action.SUSPEND else RelationState.ACTIVE
        return RelationChanged(order.number, item.product_id, state)
    return RelationStarted(
        Relation(
            order.number, item.product_id, item.offer_id, item.offer_type, sold_through(order), RelationState.ACTIVE,
            subscribed_at=order.accepted_at,
            effective_at=(told and told.effective_at) or item.effective_at or result.at,
            expires_at=(told and told.expires_at) or item.expires_at,
        )
    )  # fmt: skip


CRM_COUNTER = "201"
"""What provisioning asks for was sold at CRM's counter."""


def sold_through(order: Order) -> str:
    """Give the channel through which the user ordered."""
    return CRM_COUNTER if order.channel == PROVISIONING_SYSTEM else order.channel


def ended_in_part(order: Order, result: Reply) -> list[OrderItem]:
    """List what a platform ended before it refused the rest: that stays ended, and is never begun again (docs/decisions/0013)."""
    if order.action is not Action.UNSUBSCRIBE:
        return []
    done = {item.product_id for item in result.items if item.code == 0}
    return [item for item in order.items if item.product_id in done]


def undone(order: Order, number: str, result: Reply) -> Generator[Step, Reply, Reply]:
    """Take back the products that a platform did carry out before it refused others: an order is done whole or not at all.

    What the user held before stays: to take it back would end more than the order began. Where a person cancelled the order, nobody
    knows what the platform did: all of it is taken back. What was to be ended is never begun again (docs/decisions/0013).

    Gives the result as it then stands: what was taken back counts as refused. Where taking back is refused too, the result stays as
    the platform gave it, and the journal shows the refusal.
    """
    held = {item.product_id for item in order.items if item.held}
    done = [item.product_id for item in result.items if item.code == 0]
    if result.cancelled and order.action is not Action.UNSUBSCRIBE:
        done = [item.product_id for item in order.items]
    half = tuple(product for product in done if product not in held)
    if not half:
        return result
    back = yield from ask(f"+{number}", "undo", order.target, Activate(order, half, undo=True))
    if not back.done:
        return result
    items = tuple(
        replace(item, code=PLATFORM_REFUSED.code, text="taken back") if item.product_id in half else item
        for item in result.items
    )
    return replace(result, items=items)


def notified(order: Order, n: Section, code: int, others: tuple[tuple[str, int], ...]) -> Flow:
    """Tell the ordering channel and, where the section has it, the user, of success and of failure alike.

    `others` are the offers that another code goes for: declined, or done otherwise than the order.
    """
    result = TellResult(order, code, others)
    yield from tell(n["tell_channel"], "tell-channel", Address(Party.CHANNEL, order.channel), result)
    if n["tell_user"]:
        yield from tell(n["tell_user"], "tell-user", SMSHALL, result)
    return code
