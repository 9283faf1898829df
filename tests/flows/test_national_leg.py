"""Seed 4.1.3, the group's side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import order, play, reply

from gateway.domain.order import Action
from gateway.errors import PLATFORM_REFUSED
from gateway.flows.national_leg import national_leg


def test_activation_is_passed_on_and_its_result_returned():
    """The group takes the order over, asks the national platform, keeps the relation and returns the result."""
    outcome = play(
        national_leg(order("4.1.3")),
        ("2d keep accept: OrderAccepted", reply()),
        ("2e ask activate xplatform:303 Activate", reply(items=[("P1", 0)])),
        (" keep complete: RelationStarted, OrderEnded, ItemsFreed", reply()),
        ("3b tell return vsop:15 ReturnActivation", reply()),
    )
    assert outcome == 0


def test_refusal_is_returned_as_well():
    """A refusal of the platform reaches the province; the group keeps no relation."""
    outcome = play(
        national_leg(order("4.1.3")),
        ("2d keep accept: OrderAccepted", reply()),
        ("2e ask activate xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        (" keep fail: OrderEnded, ItemsFreed", reply()),
        ("3b tell return vsop:15 ReturnActivation", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


@pytest.mark.parametrize("held", [False, True])
def test_what_was_held_before_stays_at_the_national_platform(held):
    """One of two products is refused: the other one is taken back, but not where the user had it before."""
    leg = order("4.1.3", products=("P1", "P2"))
    undo = [("+2e ask undo xplatform:303 Activate", reply(items=[("P1", 0)]))]
    outcome = play(
        national_leg(replace(leg, items=(replace(leg.items[0], held=held), leg.items[1]))),
        ("2d keep accept: OrderAccepted", reply()),
        ("2e ask activate xplatform:303 Activate", reply(items=[("P1", 0), ("P2", PLATFORM_REFUSED.code)])),
        *([] if held else undo),
        (" keep fail: OrderEnded, ItemsFreed", reply()),
        ("3b tell return vsop:15 ReturnActivation", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_what_the_national_platform_ended_stays_ended():
    """One of two products will not go: the other one's relation ends, and nothing is begun again."""
    outcome = play(
        national_leg(order("4.1.3", action=Action.UNSUBSCRIBE, products=("P1", "P2"))),
        ("2d keep accept: OrderAccepted", reply()),
        ("2e ask activate xplatform:303 Activate", reply(items=[("P1", 0), ("P2", PLATFORM_REFUSED.code)])),
        (" keep fail: RelationEnded, OrderEnded, ItemsFreed", reply()),
        ("3b tell return vsop:15 ReturnActivation", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code
