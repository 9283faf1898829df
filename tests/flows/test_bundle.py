"""Seed 3.2.1 to 3.2.4: VSOP's part of a bundle that CRM sold or cancelled."""

from __future__ import annotations

from dataclasses import replace

from playbook import ISMP, X, order, play, reply

from gateway.domain.order import Action, OrderItem
from gateway.domain.party import GROUP_VSOP, PROVISIONING
from gateway.errors import NO_REPORT, PLATFORM_REFUSED
from gateway.flows.bundle import bundle

GROUP = str(GROUP_VSOP)


def sold(section="3.2.1", target=X, *, products=("P1",), action=Action.SUBSCRIBE, **more):
    """Make a work order."""
    return replace(
        order(section, target, action=action, products=products), channel="206", channel_order_id="C1", **more
    )


def mixed(section="3.2.1", **more):
    """Make a work order of one X product and one of ISMP."""
    return sold(section, items=(item("P1"), item("P2", ISMP)), **more)


def item(product, target=None, action=None):
    """Make an item of the bundle."""
    return OrderItem(product, "SP1", "B1", order().items[0].offer_type, target=target, action=action)


def test_provincial_bundle():
    """3.2.1: the platform activates, VSOP completes and sends the receipt; the archive is CRM's."""
    outcome = play(
        bundle(sold()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("5a keep complete: RelationStarted, OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_national_bundle_goes_through_the_group():
    """3.2.2: the same flow, asked of the group VSOP, under that section's numbers."""
    outcome = play(
        bundle(sold("3.2.2", GROUP_VSOP)),
        ("3b keep accept: OrderAccepted", reply()),
        (f"4a ask activate-subscribe-{GROUP} {GROUP} Activate", reply(items=[("P1", 0)])),
        ("5c keep complete: RelationStarted, OrderEnded", reply()),
        ("5d tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_refusal_is_told_in_the_receipt():
    """A refused activation leaves no relation; the receipt carries the code."""
    outcome = play(
        bundle(sold()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_cancellation():
    """3.2.3: the relation ends after its platform confirmed."""
    outcome = play(
        bundle(sold("3.2.3", action=Action.UNSUBSCRIBE)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate-unsubscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("3a keep complete: RelationEnded, OrderEnded", reply()),
        ("3b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_refused_cancellation_keeps_the_relation():
    """3.2.3: where the platform refuses, the relation stays."""
    outcome = play(
        bundle(sold("3.2.3", action=Action.UNSUBSCRIBE)),
        ("2a keep accept: OrderAccepted", reply()),
        ("2b ask activate-unsubscribe-xplatform:303 xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        ("3a keep complete: OrderEnded", reply()),
        ("3b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_work_order_without_products_is_answered_at_once():
    """No VAS product to do: completion and receipt follow the acceptance."""
    outcome = play(
        bundle(sold(target=PROVISIONING, products=())),
        ("3b keep accept: OrderAccepted", reply()),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_parts_are_joined():
    """Products of two platforms: each is asked for its own, ISMP's report is awaited, one completion."""
    outcome = play(
        bundle(mixed()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("+4b expect report-P2 from ismp:204", reply()),
        ("5a keep complete: RelationStarted, OrderEnded", reply()),  # ISMP's own relation is kept by its report
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_all_or_nothing():
    """The second platform refuses: what the first one began is taken back, nothing is held."""
    outcome = play(
        bundle(mixed()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(PLATFORM_REFUSED.code)),
        ("+4a ask undo-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_what_was_held_before_is_not_taken_back():
    """A product that the user holds alone was to join the bundle: it stays as it was when another platform refuses."""
    held = replace(item("P1"), held=True)
    outcome = play(
        bundle(sold(items=(held, item("P2", ISMP)))),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(PLATFORM_REFUSED.code)),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_first_refusal_asks_nobody_else():
    """The first platform refuses: the others are not asked."""
    outcome = play(
        bundle(mixed()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_offer_that_may_be_done_in_part():
    """The second platform refuses, the offer allows parts: what was done stays, the order is completed."""
    outcome = play(
        bundle(mixed(partial=True)),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(PLATFORM_REFUSED.code)),
        ("5a keep complete: RelationStarted, OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_missing_report_of_ismp_takes_the_rest_back():
    """ISMP said done and never reported: the order fails and is undone."""
    outcome = play(
        bundle(mixed()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("+4b expect report-P2 from ismp:204", reply(timed_out=True)),
        ("+4a ask undo-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == NO_REPORT.code


def test_undo_that_is_refused_leaves_what_was_done():
    """What cannot be taken back stays held, and the order failed all the same."""
    outcome = play(
        bundle(mixed()),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("P1", 0)])),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(PLATFORM_REFUSED.code)),
        ("+4a ask undo-subscribe-xplatform:303 xplatform:303 Activate", reply(PLATFORM_REFUSED.code)),
        ("5a keep complete: RelationStarted, OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == PLATFORM_REFUSED.code


def test_replaced_product_is_ended_last():
    """A product that the new one replaces is ended by the same order, after the new one was begun."""
    both = (item("OLD", action=Action.UNSUBSCRIBE), item("NEW"))
    outcome = play(
        bundle(sold(items=both)),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-xplatform:303 xplatform:303 Activate", reply(items=[("NEW", 0)])),
        ("4a ask activate-unsubscribe-xplatform:303 xplatform:303 Activate", reply(items=[("OLD", 0)])),
        ("5a keep complete: RelationEnded, RelationStarted, OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0


def test_national_product_of_ismp_is_reported_to_the_group():
    """The group hears of the national relations that ISMP made."""
    national = replace(item("P2", ISMP), national=True)
    outcome = play(
        bundle(sold(items=(national,))),
        ("3b keep accept: OrderAccepted", reply()),
        ("4a ask activate-subscribe-ismp:204 ismp:204 Activate", reply(items=[("P2", 0)])),
        ("+4b expect report-P2 from ismp:204", reply()),
        ("5a keep complete: OrderEnded", reply()),
        ("5b tell receipt provisioning ReturnWork", reply()),
        ("+5b tell report-group vsop:35 ReportRelations", reply()),
        (" keep free: ItemsFreed", reply()),
    )
    assert outcome == 0
