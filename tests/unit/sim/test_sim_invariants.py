"""Each invariant sees what breaks it, and nothing where nothing is broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import NOON, order
from whole import LATER, LEDGERS, ORDER, TOLD, deed, relation, row, run_row, tier, whole

from gateway.domain.order import Action, OrderState
from gateway.domain.subscriber import RelationState
from gateway.engine.ports import OrderRow, RunState
from gateway.sim.invariants import CHECKS, broken

FAILED = {ORDER.id: OrderRow(ORDER, OrderState.FAILED, 8001, NOON)}
OPEN = {ORDER.id: OrderRow(ORDER, OrderState.EXECUTING, 0, None)}
TWICE = {**FAILED, "other": OrderRow(replace(ORDER, id="other", trace_id="other"), OrderState.FAILED, 8001, NOON)}
SECOND = replace(order(action=Action.UNSUBSCRIBE), id="second", trace_id="second", accepted_at=LATER)
BOTH = {ORDER.id: OrderRow(ORDER, OrderState.COMPLETED, 0, NOON), "second": OrderRow(SECOND, OrderState.COMPLETED, 0, LATER)}
ENDED = relation(RelationState.ENDED, NOON)
TOLD_8001 = [{**row(results=[{"ProductOfferID": "O1", "OPResult": "8001"}]), "order": "W1"}]

BREAKS = {
    "accepted and not stored": (whole(at_home=tier(orders={}, runs={}, relations=[]), active=[]), "INV-1"),
    "a run is under way": (whole(at_home=tier(counts={"running": 0, "waiting": 1})), "INV-2"),
    "an order has not ended": (whole(at_home=tier(orders=OPEN)), "INV-2"),
    "another answer the second time": (whole(answered=[replace(TOLD, codes=(0, 5001))]), "INV-3"),
    "other content was accepted too": (whole(answered=[TOLD, replace(TOLD, content="other")]), "INV-3"),
    "two orders of one number": (whole(at_home=tier(orders=TWICE, runs={one: run_row() for one in TWICE})), "INV-3"),
    "activated twice": (whole(ledgers={"activation": [deed(), deed(LATER)]}), "INV-3"),
    "active here alone": (whole(active=[]), "INV-4"),
    "active at the platform alone": (whole(at_home=tier(relations=[ENDED])), "INV-4"),
    "suspended at the platform alone": (whole(active=[{**row(), "product": "P1", "suspended": True}]), "INV-4"),
    "not archived": (whole(ledgers={"archive": []}), "INV-5"),
    "archived twice": (whole(ledgers={"archive": LEDGERS["archive"] * 2}), "INV-5"),
    "archived and failed": (whole(at_home=tier(orders=FAILED)), "INV-5"),
    "channel not told": (whole(ledgers={"channel-result": []}), "INV-6"),
    "channel told four times": (whole(ledgers={"channel-result": LEDGERS["channel-result"] * 4}), "INV-6"),
    "user not told": (whole(ledgers={"sms": []}), "INV-6"),
    "success told, nothing done": (whole(ledgers={"activation": []}), "INV-7"),
    "failure told, activated": (whole(ledgers={"channel-result": TOLD_8001}), "INV-7"),
    "told before the end": (whole(at_home=tier(orders=OPEN)), "INV-7"),
    "activated after it was taken back": (
        whole(ledgers={"deactivation": [deed()], "activation": [deed(NOON - timedelta(seconds=1)), deed(LATER)]}), "INV-8",
    ),
    "the later order acted first": (
        whole(
            at_home=tier(orders=BOTH, runs={ORDER.id: run_row(), "second": run_row(matter=SECOND)}),
            ledgers={"deactivation": [deed(NOON, "second")], "activation": [deed(LATER)]},
        ),
        "INV-9",
    ),
    "ended here before its platform": (
        whole(at_home=tier(relations=[ENDED]), ledgers={"deactivation": [deed(LATER)]}), "INV-9",
    ),
    "an error was logged": (whole(errors=["disk on fire"]), "INV-15"),
}  # fmt: skip


def test_nothing_is_broken():
    """An order that went well breaks nothing."""
    assert broken(whole()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks(name):
    """Each way of being wrong breaks its invariant."""
    evidence, invariant = BREAKS[name]
    assert invariant in {violation.invariant for violation in broken(evidence)}


def test_each_check_is_broken_by_something():
    """There is no check above that nothing has ever failed."""
    assert {invariant for _, invariant in BREAKS.values()} == {name for name, _ in CHECKS}


def test_what_waits_for_a_person_may_be_open():
    """An order that is stuck is in the fall-out: it is neither lost nor forgotten."""
    stuck = tier(orders=OPEN, runs={ORDER.id: run_row(RunState.STUCK)}, counts={"running": 0, "waiting": 0, "stuck": 1}, relations=[])
    found = broken(whole(at_home=stuck, ledgers={"archive": [], "channel-result": [], "sms": []}))
    assert [str(violation) for violation in found] == []
