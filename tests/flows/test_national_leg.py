"""Seed 4.1.3, the group's side."""

from __future__ import annotations

from playbook import order, play, reply

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
