"""Repair of one line of a reconciliation (对账); section 5.1 is ours, the seed has none.

(1) VSOP takes the repair over: who ordered it and why stands in the order. (2) Where the platform holds something else, it is asked
to do as the relation says [2a], and answers [2b]. (3) Where VSOP holds something else, its relation becomes what it should be. (4)
Where the group VSOP [4a] or billing [4b] holds something else, it is told.

It is an ordinary order: locked against others of the same user and product, journalled, repeated after a crash under its own numbers.
"""

from __future__ import annotations

from gateway.domain.facts import Fact, ItemsFreed, OrderAccepted, OrderEnded
from gateway.domain.order import Order, OrderState
from gateway.domain.party import BILLING, GROUP_VSOP
from gateway.flows.outcome import relation_facts, result_code
from gateway.flows.sections import SECTIONS
from gateway.steps import Activate, Archive, Flow, ReportRelations, ask, keep, tell


def repair(order: Order) -> Flow:
    """Tell those who hold something else what the order's action says; `order.repair` names them."""
    n, due = SECTIONS[order.section], order.repair
    assert due is not None
    result = yield from keep(n["accept"], "accept", OrderAccepted(order))
    if due.asks:
        products = tuple(item.product_id for item in order.items)
        result = yield from ask(n["activate"], "activate", order.target, Activate(order, products), returns=n["activated"])
        if not result.done:
            code = result_code(result)
            failed = OrderEnded(order.id, OrderState.FAILED, code, result.at)
            yield from keep(n["complete"], "fail", failed, ItemsFreed(order.id))
            return code

    facts: list[Fact] = relation_facts(order, result) if due.keeps else []
    yield from keep(n["complete"], "complete", *facts, OrderEnded(order.id, OrderState.COMPLETED, 0, result.at))
    if due.reports:
        yield from tell(n["to_group"], "report-group", GROUP_VSOP, ReportRelations(order, result.at))
    if due.archives:
        yield from tell(n["archive"], "archive", BILLING, Archive(order, result.at))
    yield from keep("", "free", ItemsFreed(order.id))  # all have heard of it before the next order may begin
    return 0
