"""A channel's order of products of several platforms: parts of seed 4.1.1 to 4.1.4, one order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playbook import ISMP, order, play, reply

from gateway.domain.order import Action, Confirmation, OrderItem
from gateway.domain.subscriber import PayType
from gateway.errors import DECLINED, NO_BALANCE, PLATFORM_REFUSED, TAKEN_BACK
from gateway.flows.order_parts import order_parts

NOTICES = (
    ("3h tell tell-channel channel:211 TellResult", reply()),
    ("3i tell tell-user smshall TellResult", reply()),
)


def mixed(*, pay=PayType.POSTPAID, action=Action.SUBSCRIBE, national=False):
    """Make an order of one X product and one of ISMP."""
    kind = order().items[0].offer_type
    items = (OrderItem("P1", "SP1", "O1", kind), OrderItem("P2", "SP1", "O2", kind, target=ISMP, national=national))
    return replace(order("4.1", pay=pay, action=action), items=items)


def test_both_platforms_are_asked_and_one_archive_follows():
    """Each platform carries out its part; ISMP's report is awaited; one completion, one archive."""
    outcome = play(
        order_parts(mixed()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("2c ask activate-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("3d expect report-P2 from ismp:204", reply()),
        ("3e keep complete: RelationStarted, OrderEnded", reply()),
        ("3g tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        *NOTICES,
    )
    assert outcome == 0


def test_national_relation_of_ismp_is_reported():
    """The group hears of it before the archive."""
    outcome = play(
        order_parts(mixed(national=True)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("2c ask activate-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("3d expect report-P2 from ismp:204", reply()),
        ("3e keep complete: RelationStarted, OrderEnded", reply()),
        ("3f tell report-group vsop:35 ReportRelations", reply()),
        ("3g tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        *NOTICES,
    )
    assert outcome == 0


def test_balance_of_a_prepaid_user_decides():
    """Without balance no platform is asked."""
    outcome = play(
        order_parts(mixed(pay=PayType.PREPAID)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask fee-check ocs FeeCheck", reply(balance=0)),
        ("3e keep refuse: OrderEnded, ItemsFreed", reply()),
        *NOTICES,
    )
    assert outcome == NO_BALANCE.code


def test_refusal_of_one_takes_the_other_back():
    """All or nothing: no relation, no archive, both told."""
    outcome = play(
        order_parts(mixed()),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("2c ask activate-subscribe-ismp:204 ismp:204 Activate", reply(PLATFORM_REFUSED.code)),
        ("+2c ask undo-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("3e keep complete: OrderEnded", reply()),
        (" keep free: ItemsFreed", reply()),
        *NOTICES,
    )
    assert outcome == PLATFORM_REFUSED.code


def test_unsubscribe_all_ends_what_it_can():
    """One platform refuses to end: what the other ended is archived, nothing is begun again."""
    outcome = play(
        order_parts(mixed(action=Action.UNSUBSCRIBE)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2c ask activate-unsubscribe-xplatform:303 xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        ("2c ask activate-unsubscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("3d expect report-P2 from ismp:204", reply()),
        ("3e keep complete: OrderEnded", reply()),
        ("3g tell archive billing Archive", reply()),
        (" keep free: ItemsFreed", reply()),
        *NOTICES,
    )
    assert outcome == PLATFORM_REFUSED.code


def told(flow, **replies):
    """Give what the channel hears of each offer; steps that have no reply of their own, by their first word, succeed."""
    step = next(flow)
    while step.name != "tell-channel":
        step = flow.send(replies.get(step.name.rpartition("-")[2].replace(":", "_"), reply(balance=100)))
    result = step.request
    return {offer: dict(result.refused).get(offer, result.code) for offer in result.order.offer_ids}


X_DONE, X_REFUSED = reply(items=[("P1", 0)]), reply(PLATFORM_REFUSED.code)
ISMP_DONE, ISMP_REFUSED = reply(items=[("P2", 0)]), reply(PLATFORM_REFUSED.code)


@pytest.mark.parametrize(
    ("x", "ismp", "expected"),
    [(X_DONE, ISMP_REFUSED, (0, 8001)), (X_REFUSED, ISMP_DONE, (8001, 0)), (X_DONE, ISMP_DONE, (0, 0))],
    ids=["second refuses", "first refuses", "both do it"],
)
def test_what_was_ended_is_told_as_done(x, ismp, expected):
    """Of an order that ends several things each offer is told as its platform said."""
    flow = order_parts(mixed(action=Action.UNSUBSCRIBE))
    assert told(flow, xplatform_303=x, ismp_204=ismp) == dict(zip(("O1", "O2"), expected, strict=True))


def test_what_came_in_another_place_is_told_as_done():
    """The successor is there, the product that it replaces would not go: neither is told as the other one."""
    whole = mixed()
    items = (whole.items[0], replace(whole.items[1], action=Action.UNSUBSCRIBE))
    flow = order_parts(replace(whole, items=items))
    assert told(flow, xplatform_303=X_DONE, ismp_204=ISMP_REFUSED) == {"O1": 0, "O2": 8001}


def test_reason_is_told_before_its_consequence():
    """Of an offer of which one product was refused and the other one taken back, the refusal is told."""
    whole = mixed()
    flow = order_parts(replace(whole, items=tuple(replace(item, offer_id="B1") for item in (*whole.items, OTHER))))
    assert told(flow, xplatform_303=X_DONE, ismp_204=ISMP_REFUSED) == {"B1": 8001}


OTHER = OrderItem("P3", "SP1", "O3", order().items[0].offer_type)


def test_what_was_taken_back_is_told_as_such():
    """Another offer's refusal is named as what it is."""
    flow = order_parts(mixed())
    assert told(flow, xplatform_303=X_DONE, ismp_204=ISMP_REFUSED) == {"O1": TAKEN_BACK.code, "O2": 8001}


def test_declined_offer_of_an_order_without_balance():
    """What the user declined was declined, whatever becomes of the rest."""
    whole = replace(mixed(pay=PayType.PREPAID), confirmation=Confirmation("1234", timedelta(hours=1)))
    flow = order_parts(whole)
    assert told(flow, confirmation=reply(items=[("O1", 0)]), check=reply(balance=0)) == {
        "O1": NO_BALANCE.code,
        "O2": DECLINED.code,
    }
