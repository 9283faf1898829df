"""What PPM does with a product or an offer (seed 2.1, first 2.2, first 3.1, second 2.2, 2.3), and the delivery to one target.

2.1 and 3.1: (1) CRM files an application. (2) PPM audits and configures [2a], and tells VSOP [2b] and the object's own X platforms [2c]
the object in test state. (3) PPM tells the same to try it [3a, 3b]. (4) PPM publishes to VSOP, X, OCS and CRM [4a to 4d]. (5) CRM files
a change of state [5a], PPM audits it [5b]. (6) PPM tells the new state to all four [6a to 6d].
2.2 and 2.3: (1) ISMP configures [1a] and tells PPM [1b]. (2) PPM tells VSOP, CRM and billing [2a to 2c].
2.2b: (1) CRM files a bundle [1a], PPM audits and configures it [1b], and publishes to CRM, VSOP and billing [1c to 1e]. (2) CRM files a
change of state [2a], PPM audits it [2b], and tells VSOP, CRM and billing [2c to 2e].

The testers are asked one after the other: what one of them refuses stays in test, and nobody else hears of it. Publication is one
commit: PPM's own state, a pending cell of the ledger and a delivery for each target. Deliveries then run by themselves: a target that
refuses or is away holds up no other.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta

from gateway.domain.catalogue import Status
from gateway.domain.catalogue_change import CatalogueChange, Cell, ChangeKind, Delivery, DeliveryState
from gateway.domain.facts import CellWritten, Fact, FlowBegun, ItemsFreed, MasterKept, OrderAccepted, OrderEnded
from gateway.domain.order import OrderState
from gateway.domain.party import PPM, Address
from gateway.errors import NOT_APPROVED, OUTDATED
from gateway.flows.sections import SECTIONS, Section
from gateway.steps import Flow, NotifyTest, Reply, Step, SyncObject, ask, expect, keep

AUDIT_WITHIN = timedelta(days=3650)
"""A person may take as long as it takes; the engine wants an end."""

AUDIT = "audit"
"""The step that waits for a person's decision."""

DELIVERY = "delivery/1"

OWN = "ppm"
"""Stands as the channel of deliveries: they are PPM's own, and nobody else knows their numbers."""


def publication(change: CatalogueChange) -> Flow:
    """Run PPM's steps, from the application to the deliveries."""
    n = SECTIONS[change.section]
    act = "change-" if change.is_state_change else ""
    is_new = change.change is ChangeKind.ADDED
    applied = (MasterKept(change.object.at(Status.APPLIED, 0)),) if is_new else ()
    heard = yield from keep(n[f"{act}accept"], "accept", OrderAccepted(change), *applied)

    if n[f"{act}audit"]:
        heard = yield from _audited(change, n[f"{act}audit"])
        if heard.code:
            withdrawn = (MasterKept(change.object.at(Status.CANCELLED, 0)),) if is_new else ()
            return (yield from _ended(change, "reject", heard, *withdrawn))

    if change.testers:
        heard = yield from _tested(change, n)
        if heard.code:
            return (yield from _ended(change, "stay-in-test", heard))

    sent = [_delivery(change, count, target, heard.at) for count, target in enumerate(change.targets, 1)]
    cells = [CellWritten(cell_of(delivery, DeliveryState.PENDING, heard.at)) for delivery in sent]
    begun = [FlowBegun(DELIVERY, delivery) for delivery in sent]
    ended = OrderEnded(change.id, OrderState.COMPLETED, 0, heard.at)
    yield from keep("", "fan-out", MasterKept(change.object), *cells, *begun, ended, ItemsFreed(change.id))
    return 0


def _audited(change: CatalogueChange, number: str) -> Generator[Step, Reply, Reply]:
    """Give the audit's outcome: a person's decision, or that of the rules, which were applied when the change was accepted."""
    if not change.held:
        done = yield from keep(number, AUDIT)
        return Reply(done.at, change.objection, change.objects_to)
    decision = yield from expect(number, AUDIT, PPM, within=AUDIT_WITHIN)
    return Reply(decision.at, NOT_APPROVED.code) if decision.timed_out else decision


def _tested(change: CatalogueChange, n: Section) -> Generator[Step, Reply, Reply]:
    """Tell the testers the object in test state, then to try it; gives the first refusal, or the last answer."""
    tested = change.tested
    heard = yield from keep("", "configure", MasterKept(tested))
    for tester in change.testers:
        request = SyncObject(change, tested, change.change)
        heard = yield from ask(n[f"test-{tester.party}"], f"test-{tester}", tester, request)
        if heard.code:
            return heard
    for tester in change.testers:
        heard = yield from ask(n[f"notify-{tester.party}"], f"notify-{tester}", tester, NotifyTest(change, tested))
        if heard.code:
            return heard
    return heard


def _ended(change: CatalogueChange, name: str, heard: Reply, *facts: Fact) -> Generator[Step, Reply, int]:
    """Write how a change ended that was not published."""
    ended = OrderEnded(change.id, OrderState.FAILED, heard.code, heard.at)
    yield from keep("", name, *facts, ended, ItemsFreed(change.id))
    return heard.code


def delivery(sent: Delivery) -> Flow:
    """Tell one target one version; its cell of the ledger says what came of it."""
    heard = yield from ask(sent.number_of_step, "sync", sent.target, SyncObject(sent, sent.object, sent.change))
    if heard.code == OUTDATED.code:  # the target holds a newer one: it has what it needs
        state, ended = DeliveryState.SUPERSEDED, OrderState.COMPLETED
    elif heard.code:
        state, ended = DeliveryState.REFUSED, OrderState.FAILED
    else:
        state, ended = DeliveryState.DELIVERED, OrderState.COMPLETED
    cell = CellWritten(cell_of(sent, state, heard.at, heard.code))
    yield from keep("", "note", cell, OrderEnded(sent.id, ended, heard.code, heard.at))
    return heard.code


def _delivery(change: CatalogueChange, count: int, target: Address, at: datetime) -> Delivery:
    act = "change" if change.is_state_change else "publish"
    # A tester has the object already: for it the publication is a modification.
    kind = ChangeKind.MODIFIED if target in change.testers else change.change
    return Delivery(
        id=f"{change.id}.{count}", trace_id=change.trace_id, section=change.section,
        number_of_step=SECTIONS[change.section][f"{act}-{target.party}"], change=kind, channel=OWN, channel_order_id=change.id,
        object=change.object, target=target, accepted_at=at, hops=change.hops,
    )  # fmt: skip


def cell_of(sent: Delivery, state: DeliveryState, at: datetime, code: int = 0) -> Cell:
    """Give the cell of the ledger that a delivery fills."""
    told = sent.object
    return Cell(told.kind, told.id, str(sent.target), told.version, told.status, state, code, at, sent.id)
