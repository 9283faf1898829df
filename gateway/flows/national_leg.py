"""The group VSOP's part of an order of a national X product (seed 4.1.3 steps 2 and 3).

(2) A province passes the activation on; the group VSOP takes the order over [2d] and asks the national X platform to activate [2e].
(3) The platform returns the result [3a]; the group VSOP returns it to the province [3b].

The group keeps the national view of the relation; completion, archive and notices are the province's.
"""

from __future__ import annotations

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded
from gateway.domain.order import Order, OrderState
from gateway.domain.party import Address, Party
from gateway.flows.outcome import ended_in_part, relation_facts, result_code, undone
from gateway.flows.sections import SECTIONS
from gateway.steps import Activate, Flow, ReturnActivation, ask, keep, tell


def national_leg(order: Order) -> Flow:
    """Run the group VSOP's steps for the leg that `order.province` passed on."""
    n = SECTIONS[order.section]
    yield from keep(n["group_accept"], "accept", OrderAccepted(order))

    products = tuple(item.product_id for item in order.items)
    result = yield from ask(
        n["group_activate"], "activate", order.target, Activate(order, products), returns=n["group_activated"]
    )
    if result.done:
        done = OrderEnded(order.id, OrderState.COMPLETED, 0, result.at)
        yield from keep("", "complete", *relation_facts(order, result), done, ItemsFreed(order.id))
    else:
        ended = ended_in_part(order, result)
        if not ended:
            result = yield from undone(order, n["group_activate"], result)
        failed = OrderEnded(order.id, OrderState.FAILED, result_code(result), result.at)
        yield from keep("", "fail", *relation_facts(order, result, ended), failed, ItemsFreed(order.id))

    yield from tell(n["returned"], "return", Address(Party.VSOP, order.province), ReturnActivation(order, result))
    return result_code(result)
