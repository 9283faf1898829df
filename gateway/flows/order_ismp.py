"""Order of a pure VAS product that ISMP manages, from a channel (seed 4.1.2 provincial, 4.1.4 national).

(1) The user orders at the portal, the portal asks for a second confirmation.
(2) The user confirms; the portal sends the order to the provincial VSOP [2a], which passes it through to ISMP [2b]. ISMP checks the
    balance of a prepaid user with OCS itself [2c] and activates [2d].
(3) ISMP returns the result [3a] and reports the relation [3b]: only that report begins or ends it. VSOP completes the order [3c],
    reports a national relation to the group VSOP [4.1.4: 3d] and archives it to billing [4.1.2: 3d; 4.1.4: 3e].

The seed's text of 4.1.4 breaks off in step 3; it is completed as 4.1.2 has it, with the report to the group. The seed demands no
notice for ISMP products; the ordering channel is told all the same [+3e, +3f], marked as ours.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime

from gateway.domain.facts import ItemsFreed, OrderEnded
from gateway.domain.order import Order, OrderState
from gateway.domain.party import BILLING, GROUP_VSOP
from gateway.errors import NO_REPORT
from gateway.flows.accepting import Accepted, accepted
from gateway.flows.carrying import REPORT_WITHIN, report_step
from gateway.flows.outcome import notified, result_code, undone
from gateway.flows.sections import SECTIONS
from gateway.steps import Activate, Archive, Flow, ItemReply, Reply, ReportRelations, Step, ask, expect, keep, tell


def order_ismp(whole: Order) -> Flow:
    """Run the provincial VSOP's steps; the report itself is kept by the service that receives it."""
    n = SECTIONS[whole.section]
    begun = yield from accepted(whole, n)
    order = begun.order
    if begun.code:
        return (yield from notified(whole, n, begun.code, begun.declined))

    products = tuple(item.product_id for item in order.items)
    result = yield from ask(n["activate"], "activate", order.target, Activate(order, products), returns=n["activated"])
    if not result.done:
        yield from _taken_back(order, result)
        return (yield from _fail(whole, begun, result_code(result), result.at))

    for count, product in enumerate(products):
        report = yield from expect(n["report"], report_step(product), order.target, within=REPORT_WITHIN)
        if not report.done:
            reported = tuple(ItemReply(each, 0) for each in products[:count])
            yield from _taken_back(order, replace(report, items=reported))
            return (yield from _fail(whole, begun, report.code or NO_REPORT.code, report.at))

    kept = yield from keep(n["complete"], "complete", OrderEnded(order.id, OrderState.COMPLETED, 0, result.at))
    if n["to_group"]:
        yield from tell(n["to_group"], "report-group", GROUP_VSOP, ReportRelations(order, kept.at))
    yield from tell(n["archive"], "archive", BILLING, Archive(order, kept.at))
    yield from keep("", "free", ItemsFreed(order.id))  # group and billing hear of one order before the next one may begin
    return (yield from notified(whole, n, 0, begun.declined))


def _taken_back(order: Order, result: Reply) -> Generator[Step, Reply, None]:
    """Take back what ISMP began of an order that fails; what was to be ended is not begun again (docs/decisions/0013)."""
    if order.subscribes or result.cancelled:
        yield from undone(order, SECTIONS[order.section]["activate"], result)


def _fail(whole: Order, begun: Accepted, code: int, at: datetime) -> Flow:
    n = SECTIONS[whole.section]
    yield from keep(n["complete"], "fail", OrderEnded(whole.id, OrderState.FAILED, code, at), ItemsFreed(whole.id))
    return (yield from notified(whole, n, code, begun.declined))
