"""What a person does at PPM: decides an application that waits for an audit, and has one cell of the ledger delivered again."""

from __future__ import annotations

from dataclasses import replace

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueChange, ChangeKind, Delivery, DeliveryState, ObjectKind
from gateway.domain.facts import CellWritten, OrderAccepted
from gateway.domain.party import CRM_SYSTEMS, PPM_SYSTEMS
from gateway.engine.ports import AuditKept, OrderRow, SignalArrived
from gateway.errors import NOT_APPROVED
from gateway.flows.publication import AUDIT, DELIVERY, cell_of
from gateway.flows.sections import SECTIONS
from gateway.services.desk import Desk, order_id
from gateway.steps import Reply

AUDITED_SECTIONS = tuple(s.id for s in SECTIONS.values() if s["audit"])

MOST_WAITING = 1000
"""Applications of a section that are looked through for those that wait for a person, the oldest first."""


class CannotDo(Exception):
    """What a person asked for cannot be done; `unknown`: there is no such thing."""

    def __init__(self, text: str, *, unknown: bool = False) -> None:
        super().__init__(text)
        self.unknown = unknown


async def waiting(desk: Desk, section: str) -> list[OrderRow]:
    """Give the applications of a section that wait for a person."""
    rows = await desk.store.held_orders(section, MOST_WAITING)
    return [row for row in rows if await _waits(desk, row)]


async def decide(desk: Desk, name: str, *, approve: bool, why: str, who: str = "") -> None:
    """Approve or reject an application, by our id or by its sender's; raises CannotDo. The first decision stands, in the audit log."""
    row = await _application(desk, name)
    if row is None:
        raise CannotDo(f"no application {name[:60]} at this PPM", unknown=True)
    run_id = row.order.id
    if not await _waits(desk, row) or await desk.store.signal(run_id, AUDIT) is not None:
        raise CannotDo(f"application {name[:60]} does not wait for an audit")
    reply = Reply(desk.clock.now(), 0 if approve else NOT_APPROVED.code, why)
    desk.events("signal.arrived", run=run_id, step=AUDIT)
    kept = AuditKept(reply.at, who, "ppm.audit", run_id, why, "approved" if approve else "rejected")
    await desk.engine.signal(SignalArrived(run_id, AUDIT, reply), kept)


async def _application(desk: Desk, name: str) -> OrderRow | None:
    rows = [await desk.store.order(name)]
    for system in sorted(CRM_SYSTEMS | PPM_SYSTEMS):
        rows += await desk.store.orders_by_channel(system, name)
    return next((row for row in rows if row is not None and isinstance(row.order, CatalogueChange)), None)


async def _waits(desk: Desk, row: OrderRow) -> bool:
    change = row.order
    if not isinstance(change, CatalogueChange) or not change.held:
        return False
    run = await desk.store.run(change.id)
    return run is not None and any(step.name == AUDIT and step.reply is None for step in run.steps)


async def resend(desk: Desk, kind: ObjectKind, object_id: str, target: str, who: str = "", why: str = "") -> Delivery:
    """Deliver the newest version of an object to a target again, in a run of its own; it is in the audit log. Raises CannotDo."""
    master = await desk.store.master(kind, object_id)
    cells = [cell for cell in await desk.store.cells(kind, object_id) if cell.target == target]
    if master is None or not cells:
        raise CannotDo(f"{kind} {object_id[:60]} was never told to {target[:60]}", unknown=True)
    if master.status in (Status.APPLIED, Status.TEST):
        raise CannotDo(f"{kind} {object_id[:60]} is not published")
    last = cells[-1]
    if last.version == master.version and last.state is DeliveryState.PENDING:
        raise CannotDo(f"{kind} {object_id[:60]} is on its way to {target}: it is sent until {target} answers")
    row = await desk.store.order(last.run_id)
    if row is None or not isinstance(row.order, Delivery):
        raise CannotDo(f"the delivery {last.run_id} is not here any more")
    former, now, serial = row.order, desk.clock.now(), await desk.engine.next_serial()
    change = former.change if last.version == master.version else ChangeKind.MODIFIED
    again = replace(former, id=order_id(desk.here, now, serial), object=master, change=change, accepted_at=now)
    pending = CellWritten(cell_of(again, DeliveryState.PENDING, now))
    kept = AuditKept(now, who, "ppm.resend", f"{kind}:{object_id}", why, f"version {master.version} to {target}")
    await desk.engine.start(DELIVERY, serial, again, OrderAccepted(again), pending, kept)
    return again
