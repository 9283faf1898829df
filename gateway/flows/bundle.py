"""Order and cancellation of a bundle at CRM's counter (seed 3.2.1 provincial, 3.2.2 national; 3.2.3 and 3.2.4 for cancelling).

3.2.1 and 3.2.2:
(1) CRM takes the order and asks the provincial VSOP to authorise it. (2) VSOP decides: pass, pass when the user confirms, refused.
(3) CRM sends the customer order to provisioning [3a], which sends VSOP a work order if VAS products are inside [3b].
(4) VSOP asks ISMP or the X platform to activate [4a, 4b]; 3.2.2: the group VSOP [4a], which takes over [4b] and asks the national X
    platform [4c]. (5) 3.2.2: the result goes to the group [5a] and to the province [5b]. VSOP completes the order [5a; 5c], sends the
    receipt to provisioning [5b; 5d], which sends CRM its receipt [5c; 5e]. (6) CRM completes and archives the order to billing.

3.2.3 and 3.2.4: no authorisation. (1) CRM to provisioning. (2) Provisioning to VSOP [2a], VSOP to the platform [2b, 2c] or through the
group [2b to 2e]. (3) Result from the group [3a]; VSOP completes [3a; 3b] and sends the receipt [3b; 3c]. (4) Receipt to CRM [4a],
archive [4b].

Steps 1, 2, 3a and what follows the receipt are of others: this flow begins with the work order.
"""

from __future__ import annotations

from gateway.domain.facts import ItemsFreed, OrderAccepted, OrderEnded
from gateway.domain.order import Order
from gateway.domain.party import GROUP_VSOP, PROVISIONING
from gateway.flows.carrying import carried_out
from gateway.flows.sections import SECTIONS
from gateway.steps import Flow, ReportRelations, ReturnWork, keep, tell


def bundle(order: Order) -> Flow:
    """Run VSOP's steps of a work order with VAS products; the archive is CRM's."""
    n = SECTIONS[order.section]
    yield from keep(n["accept"], "accept", OrderAccepted(order))

    carried = yield from carried_out(order, n)
    ended = OrderEnded(order.id, carried.state, carried.code, carried.at)
    kept = yield from keep(n["complete"], "complete", *carried.facts, ended)

    yield from tell(n["receipt"], "receipt", PROVISIONING, ReturnWork(order, carried.code, carried.items))
    national = carried.narrowed(national_ismp=True)
    if national is not None:
        yield from tell(n["to_group"], "report-group", GROUP_VSOP, ReportRelations(national, kept.at))
    yield from keep("", "free", ItemsFreed(order.id))
    return carried.code
