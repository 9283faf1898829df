"""How an order begins: it is kept, where its channel is configured so it waits for the user's second confirmation, and its fee is checked.

In the seed the portal asks the user twice before it sends the order (4.1 step 1). For channels that cannot, VSOP asks: the code goes
out through the SMS hall, the answer comes back with it. These steps are ours and not the seed's.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderConfirmed, OrderEnded
from gateway.domain.order import Order, OrderState
from gateway.domain.party import OCS, SMSHALL
from gateway.errors import DECLINED, NO_BALANCE, NOT_CONFIRMED
from gateway.flows.sections import OURS, Section
from gateway.steps import AskConfirmation, FeeCheck, Reply, Step, ask, expect, keep, tell

CONFIRMATION = "confirmation"
"""The step that waits for the user's answer."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is left of an order after its confirmation; `code` is 0 where it goes on."""

    order: Order
    code: int = 0
    declined: tuple[tuple[str, int], ...] = ()
    """Offers that the user did not confirm."""


def accepted(order: Order, n: Section) -> Generator[Step, Reply, Accepted]:
    """Keep the order, ask the user where that is due, and give what is to be carried out."""
    if order.confirmation is None:
        yield from keep(n["accept"], "accept", OrderAccepted(order))
        return Accepted(order)
    yield from keep(n["accept"], "accept", OrderAccepted(order, OrderState.UNCONFIRMED))
    said = yield from tell(f"{OURS}{n['accept']}", "ask-user", SMSHALL, AskConfirmation(order))
    if not said.cancelled:
        said = yield from expect(f"{OURS}{n['accept']}", CONFIRMATION, SMSHALL, within=order.confirmation.within)
    if said.timed_out or said.code:
        code = NOT_CONFIRMED.code if said.timed_out else said.code
        failed = OrderEnded(order.id, OrderState.FAILED, code, said.at)
        yield from keep("", "decline", failed, ItemsFreed(order.id))
        return Accepted(order, code)
    yield from keep("", "confirm", OrderConfirmed(order.id))
    left = confirmed(order, said)
    return Accepted(left, declined=tuple((o, DECLINED.code) for o in order.offer_ids if o not in left.offer_ids))


def confirmed(order: Order, said: Reply) -> Order:
    """Give what a user's yes leaves of an order: the offers that it names, all where it names none."""
    wanted = {item.product_id for item in said.items}
    return replace(order, items=tuple(item for item in order.items if item.offer_id in wanted)) if wanted else order


def unpaid(order: Order, n: Section) -> Generator[Step, Reply, int]:
    """Ask OCS about a prepaid user's balance; gives 0 where there is one, or the code with which the order has failed."""
    fee = yield from ask(n["fee"], "fee-check", OCS, FeeCheck(order))
    if fee.done and fee.balance is not None and fee.balance > 0:
        return 0
    code = fee.code or NO_BALANCE.code
    yield from keep(n["complete"], "refuse", OrderEnded(order.id, OrderState.FAILED, code, fee.at), ItemsFreed(order.id))
    return code
