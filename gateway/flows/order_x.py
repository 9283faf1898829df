"""Order of a pure VAS product of an X platform from a channel (seed 4.1.1 provincial, 4.1.3 national).

(1) The user orders at the portal, the portal asks for a second confirmation.
(2) The user confirms; the portal sends the order to the provincial VSOP, which accepts it [2a], checks the balance of a prepaid
    user with OCS [2b] and asks the X platform [4.1.1: 2c], or the group VSOP [4.1.3: 2c], to activate; the group passes it on to the
    national X platform [4.1.3: 2d, 2e].
(3) The platform's result comes back [4.1.1: 2d; 4.1.3: 3a to the group, 3b to the province]. The provincial VSOP completes the order
    [2e, 3c], archives the relation to billing [2f, 3d] and tells the portal [2g, 3e] and, through the SMS hall, the user [2h, 3f].

An unsubscription, suspension or resumption has no steps of its own in the seed: it takes the numbers of the subscription that it
mirrors, without fee check, and a relation changes only after its platform confirmed.
"""

from __future__ import annotations

from gateway.domain.facts import ItemsFreed, OrderEnded
from gateway.domain.order import Order, OrderState
from gateway.domain.party import BILLING
from gateway.flows.accepting import Accepted, accepted, unpaid
from gateway.flows.carrying import Carried, answered
from gateway.flows.outcome import ended_in_part, notified, relation_facts, result_code, undone
from gateway.flows.sections import SECTIONS
from gateway.steps import Activate, Archive, Flow, ask, keep, tell


def order_x(whole: Order) -> Flow:
    """Run the provincial VSOP's steps; `whole.target` is the platform or the group."""
    n = SECTIONS[whole.section]
    begun = yield from accepted(whole, n)
    order = begun.order
    if begun.code:
        return (yield from notified(whole, n, begun.code, begun.declined))

    if order.subscribes and order.prepaid:
        refusal = yield from unpaid(order, n)
        if refusal:
            return (yield from notified(whole, n, refusal, begun.declined))

    products = tuple(item.product_id for item in order.items)
    result = yield from ask(n["activate"], "activate", order.target, Activate(order, products), returns=n["activated"])
    if not result.done:
        code = result_code(result)
        if ended_in_part(order, result):
            return (yield from _end_in_part(whole, begun, Carried(order, tuple(answered(products, result)), result.at)))
        yield from undone(order, n["activate"], result)
        yield from keep(n["complete"], "fail", OrderEnded(order.id, OrderState.FAILED, code, result.at), ItemsFreed(order.id))
        return (yield from notified(whole, n, code, begun.declined))

    done = OrderEnded(order.id, OrderState.COMPLETED, 0, result.at)
    yield from keep(n["complete"], "complete", *relation_facts(order, result), done)
    yield from tell(n["archive"], "archive", BILLING, Archive(order, result.at))
    yield from keep("", "free", ItemsFreed(order.id))  # billing hears of one order before the next one may begin
    return (yield from notified(whole, n, 0, begun.declined))


def _end_in_part(whole: Order, begun: Accepted, carried: Carried) -> Flow:
    """Keep and archive what the platform ended, tell the rest as refused; the order has failed."""
    n, order, done = SECTIONS[whole.section], carried.order, carried.narrowed()
    assert done is not None
    failed = OrderEnded(order.id, OrderState.FAILED, carried.code, carried.at)
    yield from keep(n["complete"], "fail", *carried.facts, failed)
    yield from tell(n["archive"], "archive", BILLING, Archive(done, carried.at))
    yield from keep("", "free", ItemsFreed(order.id))
    return (yield from notified(whole, n, carried.code, (*begun.declined, *carried.others)))
