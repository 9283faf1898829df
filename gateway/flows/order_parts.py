"""Order of products of several platforms from a channel: seed 4.1.1 to 4.1.4 side by side, one order, joined at completion.

(1) The user orders and confirms. (2) The provincial VSOP accepts [2a], checks the balance of a prepaid user if it begins products that
VSOP owns [2b], and asks each platform for its part [2c]. (3) The results and ISMP's reports come back [3c, 3d]; the order is completed
[3e], national relations of ISMP are reported to the group [3f], the whole is archived once [3g], channel and user are told [3h, 3i].
"""

from __future__ import annotations

from gateway.domain.facts import ItemsFreed, OrderEnded
from gateway.domain.order import Action, Order
from gateway.domain.party import BILLING, GROUP_VSOP
from gateway.flows.accepting import accepted, unpaid
from gateway.flows.carrying import carried_out
from gateway.flows.outcome import notified
from gateway.flows.sections import SECTIONS
from gateway.steps import Archive, Flow, ReportRelations, keep, tell


def order_parts(whole: Order) -> Flow:
    """Run the provincial VSOP's steps of a mixed order."""
    n = SECTIONS[whole.section]
    begun = yield from accepted(whole, n)
    order = begun.order
    if begun.code:
        return (yield from notified(whole, n, begun.code, begun.declined))
    if order.prepaid and any(part.action is Action.SUBSCRIBE and not part.by_ismp for part in order.parts):
        refusal = yield from unpaid(order, n)
        if refusal:
            return (yield from notified(whole, n, refusal, begun.declined))

    carried = yield from carried_out(order, n)
    ended = OrderEnded(order.id, carried.state, carried.code, carried.at)
    kept = yield from keep(n["complete"], "complete", *carried.facts, ended)
    national = carried.narrowed(national_ismp=True)
    if national is not None:
        yield from tell(n["to_group"], "report-group", GROUP_VSOP, ReportRelations(national, kept.at))
    done = carried.narrowed()
    if done is not None:
        yield from tell(n["archive"], "archive", BILLING, Archive(done, kept.at))
    yield from keep("", "free", ItemsFreed(order.id))
    return (yield from notified(whole, n, carried.code, (*begun.declined, *carried.others)))
