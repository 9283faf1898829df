"""Seed 4.1.1 and 4.1.3, the provincial side: the steps in the seed's order, and what each refusal does."""

from __future__ import annotations

import pytest
from playbook import X, order, play, reply

from gateway.domain.order import Action
from gateway.domain.party import GROUP_VSOP
from gateway.domain.subscriber import PayType
from gateway.errors import NO_BALANCE, PLATFORM_REFUSED
from gateway.flows.order_x import order_x

DONE = reply(items=[("P1", 0)])


def test_prepaid_provincial_subscription():
    """4.1.1 takes its steps in the seed's order and ends with success."""
    outcome = play(
        order_x(order()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask fee-check ocs FeeCheck", reply(balance=1)),
        ("2c ask activate xplatform:303 Activate", DONE),
        ("2e keep complete: RelationStarted, OrderEnded", reply()),
        ("2f tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == 0


def test_national_subscription_goes_to_the_group():
    """4.1.3 asks the group VSOP, and completes, archives and tells as step 3 says."""
    outcome = play(
        order_x(order("4.1.3", GROUP_VSOP)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask fee-check ocs FeeCheck", reply(balance=5000)),
        ("2c ask activate vsop:35 Activate", DONE),
        ("3c keep complete: RelationStarted, OrderEnded", reply()),
        ("3d tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        ("3e tell tell-channel channel:211 TellResult", reply()),
        ("3f tell tell-user smshall TellResult", reply()),
    )
    assert outcome == 0


def test_postpaid_user_has_no_fee_check():
    """OCS is asked about prepaid users alone."""
    flow = order_x(order(pay=PayType.POSTPAID))
    next(flow)
    assert flow.send(reply()).name == "activate"


def test_balance_of_zero_refuses():
    """A balance that is not above zero ends the order before any platform hears of it, and the channel and the user are told."""
    outcome = play(
        order_x(order()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask fee-check ocs FeeCheck", reply(balance=0)),
        ("2e keep refuse: OrderEnded, ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == NO_BALANCE.code


def test_platform_refusal_leaves_no_relation_and_no_archive():
    """A refused activation ends the order as failed; billing hears nothing."""
    outcome = play(
        order_x(order(pay=PayType.POSTPAID)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        ("2e keep fail: OrderEnded, ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_half_done_activation_is_taken_back():
    """Where a platform did one product and refused another, the done one is undone before the order fails."""
    flow = order_x(order(pay=PayType.POSTPAID, products=("P1", "P2")))
    half = reply(items=[("P1", 0), ("P2", PLATFORM_REFUSED.code)])
    outcome = play(
        flow,
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate xplatform:303 Activate", half),
        ("+2c ask undo xplatform:303 Activate", DONE),
        ("2e keep fail: OrderEnded, ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_unsubscription_ends_the_relation_after_the_platform():
    """An unsubscription has no fee check, and the relation ends only with the platform's confirmation."""
    outcome = play(
        order_x(order(action=Action.UNSUBSCRIBE, target=X)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate xplatform:303 Activate", DONE),
        ("2e keep complete: RelationEnded, OrderEnded", reply()),
        ("2f tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == 0


@pytest.mark.parametrize(
    "told",
    [
        reply(items=[("P1", 0), ("P2", PLATFORM_REFUSED.code)]),
        reply(items=[("P2", PLATFORM_REFUSED.code), ("P1", 0)]),
        reply(PLATFORM_REFUSED.code, items=[("P1", 0)]),
    ],
    ids=["each", "in another order", "the refused one unnamed"],
)
def test_what_a_platform_ended_stays_ended(told):
    """One of two products will not go: the other one's end is kept and archived, nothing is begun again, the order has failed."""
    outcome = play(
        order_x(order(action=Action.UNSUBSCRIBE, products=("P1", "P2"))),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate xplatform:303 Activate", told),
        ("2e keep fail: RelationEnded, OrderEnded", reply()),
        ("2f tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        ("2g tell tell-channel channel:211 TellResult", reply()),
        ("2h tell tell-user smshall TellResult", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code
