"""A channel's order of products of several platforms: parts of seed 4.1.1 to 4.1.4, one order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playbook import ISMP, NOON, order, play, reply

from gateway.domain.order import Action, OrderItem
from gateway.domain.subscriber import PayType
from gateway.errors import NO_BALANCE, PLATFORM_REFUSED
from gateway.flows.carrying import Carried
from gateway.flows.order_parts import order_parts
from gateway.steps import ItemReply

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


@pytest.mark.parametrize(
    ("codes", "told"), [((0, 0), 0), ((0, 8001), 8001), ((5013, 8001), 8001), ((8001, 5013), 8001), ((5013, 5013), 5013)]
)
def test_result_of_an_offer_of_several_products(codes, told):
    """It is refused if one product is; what was taken back because of that counts least."""
    whole = mixed()
    one_offer = replace(whole, items=tuple(replace(item, offer_id="O1") for item in whole.items))
    carried = Carried(one_offer, tuple(map(ItemReply, ("P1", "P2"), codes)), NOON)
    assert carried.by_offer == (("O1", told),)
