"""A publication killed at every edge of every step: what was accepted is published, and nobody hears one thing under two numbers."""

from __future__ import annotations

import pytest
from playbook import NOON, X
from rig import Killed, Rig, run

from gateway.domain.catalogue import Product, Scope, Status
from gateway.domain.catalogue_change import CatalogueChange, CatalogueObject, ChangeKind, DeliveryState, ObjectKind
from gateway.domain.order import OrderState
from gateway.domain.party import CRM, OCS, Address, Party

VSOP = Address(Party.VSOP, "15")
CHANGE = CatalogueChange(
    id="C1", trace_id="C1", section="2.1", change=ChangeKind.ADDED, is_state_change=False, channel="201", channel_order_id="A1",
    streaming_no="S1", entry="submitProductApplication",
    object=CatalogueObject(product=Product("P1", "甲", "P1", "SP1", "200", "303", Scope.PROVINCIAL, "15", Status.NORMAL, version=2)),
    held=False, testers=(VSOP, X), targets=(VSOP, X, OCS, CRM), accepted_at=NOON,
)  # fmt: skip
TESTS = ["test-vsop:15", "test-xplatform:303", "notify-vsop:15", "notify-xplatform:303"]
MOMENTS = [("before-accept", "accept"), ("after-accept", "accept")] + [
    (moment, step)
    for step in (*TESTS, "sync")
    for moment in ("before-effect", "after-effect", "before-result", "after-result")
    if (moment, step) != ("after-result", TESTS[0])  # that moment bears the name of the step that follows a result
]


@pytest.mark.parametrize(("moment", "step"), MOMENTS)
def test_killed_publication(moment, step):
    """After the restart every message has gone out under one number, and every cell of the ledger has its end."""
    killed = []

    def boundary(at, name):
        if (at, name) == (moment, step) and not killed:
            killed.append(name)
            raise Killed

    rig = Rig(boundary=boundary)
    try:
        rig.place(CHANGE)
    except Killed:
        rig.restart(boundary=lambda at, name: None)
        if run(rig.store.run(CHANGE.id)) is None:  # nothing was acknowledged: CRM sends it again
            rig.place(CHANGE)
    numbers = [number for name, number in rig.partners.sent if name == "sync"]
    cells = run(rig.store.cells(ObjectKind.PRODUCT, "P1"))
    assert ({c.state for c in cells}, len(cells), len(set(numbers))) == ({DeliveryState.DELIVERED}, 4, 4)
    assert list(dict.fromkeys(name for name, _ in rig.partners.sent)) == [*TESTS, "sync"]
    assert (run(rig.store.order(CHANGE.id)).state, killed) == (OrderState.COMPLETED, [step])
