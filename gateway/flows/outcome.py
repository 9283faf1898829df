"""What follows from a platform's result: the code to tell, the relations to keep, and the way back from a half-done order."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from gateway.domain.order import Fact, Order, RelationEnded, RelationStarted
from gateway.domain.subscriber import Relation, RelationState
from gateway.errors import PLATFORM_REFUSED
from gateway.steps import Activate, Reply, Step, ask


def result_code(result: Reply) -> int:
    """Give 0, or the code of the first thing that was refused."""
    if result.done:
        return 0
    return result.code or next((item.code for item in result.items if item.code), PLATFORM_REFUSED.code)


def relation_facts(order: Order, result: Reply) -> list[Fact]:
    """List the relations that a done order begins or ends; the platform's dates go before the order's."""
    if not order.subscribes:
        return [RelationEnded(order.number, item.product_id, result.at) for item in order.items]
    dates = {item.product_id: item for item in result.items}
    facts: list[Fact] = []
    for item in order.items:
        told = dates.get(item.product_id)
        effective = (told and told.effective_at) or item.effective_at or result.at
        expires = (told and told.expires_at) or item.expires_at
        facts.append(
            RelationStarted(
                Relation(
                    order.number, item.product_id, item.offer_id, item.offer_type, order.channel, RelationState.ACTIVE,
                    subscribed_at=order.accepted_at, effective_at=effective, expires_at=expires,
                )
            )
        )  # fmt: skip
    return facts


def undone(order: Order, number: str, result: Reply) -> Generator[Step, Reply, Reply]:
    """Take back the products that a platform did carry out before it refused others: an order is done whole or not at all.

    Gives the result as it then stands: what was taken back counts as refused. Where taking back is refused too, the result stays as
    the platform gave it, and the journal shows the refusal.
    """
    half = tuple(item.product_id for item in result.items if item.code == 0)
    if not half:
        return result
    back = yield from ask(f"+{number}", "undo", order.target, Activate(order, half, undo=True))
    if not back.done:
        return result
    items = tuple(item if item.code else replace(item, code=PLATFORM_REFUSED.code, text="taken back") for item in result.items)
    return replace(result, items=items)
