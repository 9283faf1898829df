"""A whole run: it ends, the watch sees what rows cannot show afterwards, and what never rests is broken off."""

from __future__ import annotations

import pytest
from playbook import NOON

from gateway.cli.lab import default_lab
from gateway.cli.sim import read_setting
from gateway.domain.facts import OrderEnded, RelationEnded
from gateway.domain.order import OrderState
from gateway.sim import world
from gateway.sim.workshop import Workshop
from gateway.sim.world import World
from stubs.kit.services import ServiceAct


@pytest.fixture(scope="module")
def make():
    setting, workshop = read_setting(default_lab()), Workshop()
    return lambda seed, **options: World(seed, setting, workshop, **options)


@pytest.mark.parametrize("processes", [1, 2])
def test_run_ends(make, processes):
    """With one or two processes of each gateway the storm ends, orders end, and nothing is broken."""
    outcome = make(3, processes=processes).run()
    assert (outcome.violations, outcome.orders > 0, outcome.virtual > 0) == ([], True, True)


def test_order_that_ends_twice_otherwise_is_seen(make):
    """A terminal state is never left: each commit is watched for it."""
    played = make(0)
    for state in (OrderState.COMPLETED, OrderState.COMPLETED, OrderState.FAILED):
        played._committed("jiangxi-1", [OrderEnded("order", state, 0, NOON)])
    assert [violation.invariant for violation in played.errors] == ["INV-2"]


def test_relation_that_ends_first_is_seen(make):
    """A relation that ends while its platform still serves it is seen at that moment, however right it looks later."""
    played = make(0)
    user = played._setting.users_of("jiangxi")[0]
    served = {"role": "xplatform", "number": user.number.digits, "product": "P", "order": "o", "streaming_no": "s"}
    played.partners["jiangxi"].stage.world.serve(ServiceAct.START, **served)
    played._committed("jiangxi-1", [RelationEnded(user.number, "P", NOON)])
    assert [violation.invariant for violation in played.errors] == ["INV-9"]


def test_run_without_rest_is_broken_off(make, monkeypatch):
    """What goes on without end is told, and does not take the test run with it."""
    monkeypatch.setattr(world, "MOST_EVENTS", 200)
    outcome = make(3).run()
    assert "the run does not come to rest" in {violation.text for violation in outcome.violations}
