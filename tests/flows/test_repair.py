"""The repair of one line of a reconciliation: who is told, and what is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import order, play, reply

from gateway.domain.order import Action, Repair
from gateway.errors import PLATFORM_REFUSED
from gateway.flows.repair import repair


def due(action=Action.SUBSCRIBE, **told):
    return replace(order("5.1", action=action), repair=Repair("plan", 1, "operator", "reason", **told))


ACCEPT = ("1 keep accept: OrderAccepted", reply())
FREE = (" keep free: ItemsFreed", reply())


def test_platform_is_asked_and_nothing_else_changes():
    """Where the platform alone holds something else, VSOP's relation stays as it is."""
    script = [ACCEPT, ("2a ask activate xplatform:303 Activate", reply(items=[("P1", 0)])), ("3 keep complete: OrderEnded", reply()), FREE]
    assert play(repair(due(asks=True)), *script) == 0


def test_refusal_of_the_platform_fails_the_repair():
    """What the platform refuses is not kept, reported or archived."""
    refused = reply(items=[("P1", PLATFORM_REFUSED.code)])
    script = [ACCEPT, ("2a ask activate xplatform:303 Activate", refused), ("3 keep fail: OrderEnded, ItemsFreed", reply())]
    assert play(repair(due(asks=True, keeps=True, reports=True, archives=True)), *script) == PLATFORM_REFUSED.code


@pytest.mark.parametrize(
    ("action", "fact"),
    [
        (Action.SUBSCRIBE, "RelationStarted"),
        (Action.UNSUBSCRIBE, "RelationEnded"),
        (Action.SUSPEND, "RelationChanged"),
        (Action.RESUME, "RelationChanged"),
    ],
)
def test_relation_becomes_what_the_action_says(action, fact):
    """Where VSOP holds something else, its relation is kept anew, and nobody is asked."""
    assert play(repair(due(action, keeps=True)), ACCEPT, (f"3 keep complete: {fact}, OrderEnded", reply()), FREE) == 0


def test_group_hears_before_billing():
    """Both are told after the relation is kept, and the lock is freed when both have heard."""
    script = [
        ACCEPT, ("3 keep complete: OrderEnded", reply()), ("4a tell report-group vsop:35 ReportRelations", reply()),
        ("4b tell archive billing Archive", reply()), FREE,
    ]  # fmt: skip
    assert play(repair(due(reports=True, archives=True)), *script) == 0
