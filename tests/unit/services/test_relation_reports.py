"""Relations that others report: ISMP about single ones, provinces and platforms about those of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from office import CODEC, ISMP, NATIONAL_ISMP, NATIONAL_X, STRANGER, USER
from playbook import NOON
from rig import run

from gateway.domain.catalogue import OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import OrderState
from gateway.domain.subscriber import Relation, RelationState, UserState
from gateway.engine.ports import SubscribersLoaded
from gateway.vocabulary import CHINA

SUBSCRIBE, SUSPEND, RESUME, UNSUBSCRIBE = "0", "1", "2", "3"
BAD_DAY = "20270230000000"


def at(text):
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=CHINA)


# ---- ISMP, nobody waits ----------------------------------------------------------------------------------------------


def test_relation_that_nobody_ordered_is_kept(office):
    """ISMP may have sold it by itself: the relation stands under the base offer and ISMP's own code, from now on."""
    office.call("subsInstSynFromISMP", office.report())
    assert office.relation(ISMP) == Relation(
        Number(USER), ISMP, ISMP, OfferType.PURE, "204", RelationState.ACTIVE, NOON, NOON
    )


def test_report_may_name_offer_and_channel(office):
    """Where the report says under which offer and by which channel, that is kept."""
    office.call("subsInstSynFromISMP", office.report(PProductOfferID="OFFER1", ChannelPlayerID="213"))
    assert (office.relation(ISMP).offer_id, office.relation(ISMP).channel) == ("OFFER1", "213")


def test_report_may_name_dates(office):
    """Beginning and end are ISMP's; "never" is no end."""
    office.call("subsInstSynFromISMP", office.report(EffDate="20261201000000", ExpDate="20271201000000"))
    kept = office.relation(ISMP)
    assert (kept.subscribed_at, kept.effective_at, kept.expires_at) == (NOON, at("20261201"), at("20271201"))


CHANGES = {
    "suspended": ([SUBSCRIBE, SUSPEND], RelationState.SUSPENDED),
    "resumed": ([SUBSCRIBE, SUSPEND, RESUME], RelationState.ACTIVE),
    "ended": ([SUBSCRIBE, UNSUBSCRIBE], RelationState.ENDED),
    "begun again": ([SUBSCRIBE, UNSUBSCRIBE, SUBSCRIBE], RelationState.ACTIVE),
    "an end is not resumed": ([SUBSCRIBE, UNSUBSCRIBE, RESUME], RelationState.ENDED),
}


@pytest.mark.parametrize("case", CHANGES)
def test_changes(office, case):
    """Each of the four changes does what it says."""
    changes, expected = CHANGES[case]
    for op in changes:
        office.call("subsInstSynFromISMP", office.report(op=op))
    assert office.relation(ISMP).state is expected


@pytest.mark.parametrize(
    ("before", "after"),
    [(RelationState.ACTIVE, RelationState.STOPPED), (RelationState.SUSPENDED, RelationState.SUSPENDED)],
)
def test_suspension_of_a_stopped_user(office, before, after):
    """What ISMP suspends because its user stopped has stopped with him; what was suspended before stays so."""
    office.hold(ISMP, state=before)
    run(office.store.commit([SubscribersLoaded((replace(office.user(), state=UserState.ARREARS),))]))
    office.call("subsInstSynFromISMP", office.report(op=SUSPEND))
    assert office.relation(ISMP).state is after


@pytest.mark.parametrize("op", [SUSPEND, RESUME, UNSUBSCRIBE])
def test_change_of_what_is_not_held(office, op):
    """A change of a relation that we never heard of is received and makes none."""
    answer = office.call("subsInstSynFromISMP", office.report(op=op))
    assert (answer.ResultCode, office.relation(ISMP)) == ("0", None)


def test_report_is_told_to_the_operator(office):
    """A relation that ISMP changed is an event."""
    office.call("subsInstSynFromISMP", office.report())
    assert office.events == ["relation.changed"]


def test_report_twice_is_one_change(office):
    """The same report again gets the same answer, also after the relation has moved on."""
    first = office.report()
    office.call("subsInstSynFromISMP", first)
    office.call("subsInstSynFromISMP", office.report(op=UNSUBSCRIBE))
    answer = office.call("subsInstSynFromISMP", first)
    assert (answer.ResultCode, office.relation(ISMP).state) == ("0", RelationState.ENDED)


REFUSED_BY_ISMP = {
    "channel": ({"system": "211"}, "2002"),
    "X platform": ({"system": "303"}, "2002"),
    "unknown product": ({"product": "nothing"}, "4001"),
    "unknown user": ({"number": STRANGER}, "3001"),
    "first day does not exist": ({"EffDate": BAD_DAY}, "1011"),
    "last day does not exist": ({"ExpDate": BAD_DAY}, "1011"),
}


@pytest.mark.parametrize("case", REFUSED_BY_ISMP)
def test_refused_report_of_ismp(office, case):
    """Each reason has its code, and nothing is kept."""
    changes, code = REFUSED_BY_ISMP[case]
    request = office.report(**changes)
    answer = office.call("subsInstSynFromISMP", request)
    assert (answer.ResultCode, office.kept(request), run(office.store.relations(Number(USER)))) == (code, False, [])


# ---- ISMP, an order waits --------------------------------------------------------------------------------------------


def state(office, row):
    return run(office.store.order(row.order.id)).state


def test_report_completes_the_order(office):
    """ISMP has acted and reports: the order that waits for it goes on."""
    row = office.place(ISMP)
    before = state(office, row)
    office.call("subsInstSynFromISMP", office.report())
    assert (before, state(office, row)) == (OrderState.EXECUTING, OrderState.COMPLETED)


def test_relation_of_an_order_is_the_orders(office):
    """Offer, channel and time of subscription come from the order; the dates from ISMP."""
    row = office.place(ISMP, system="212")
    office.rig.clock.advance(60)
    office.call(
        "subsInstSynFromISMP", office.report(PProductOfferID="OFFER1", ChannelPlayerID="213", ExpDate="20271201000000")
    )
    kept = office.relation(ISMP)
    assert (kept.offer_id, kept.channel, kept.subscribed_at, kept.effective_at, kept.expires_at) == (
        ISMP, "212", row.order.accepted_at, NOON + timedelta(seconds=60), at("20271201"),
    )  # fmt: skip


def test_report_completes_an_unsubscription(office):
    """The relation ends with the report, and the order with it."""
    office.call("subsInstSynFromISMP", office.report())
    row = office.place(ISMP, action="1")
    held = office.relation(ISMP).state
    office.call("subsInstSynFromISMP", office.report(op=UNSUBSCRIBE))
    assert (held, office.relation(ISMP).state, state(office, row)) == (
        RelationState.ACTIVE,
        RelationState.ENDED,
        OrderState.COMPLETED,
    )


@pytest.mark.parametrize("op", [SUSPEND, RESUME, UNSUBSCRIBE])
def test_other_change_does_not_wake_a_subscription(office, op):
    """Only the report of what was ordered is what the order waits for."""
    row = office.place(ISMP)
    office.call("subsInstSynFromISMP", office.report(op=op))
    assert state(office, row) is OrderState.EXECUTING


@pytest.mark.parametrize("op", [SUBSCRIBE, SUSPEND, RESUME])
def test_other_change_does_not_wake_an_unsubscription(office, op):
    """An order that ends a relation waits for its end."""
    office.call("subsInstSynFromISMP", office.report())
    row = office.place(ISMP, action="1")
    office.call("subsInstSynFromISMP", office.report(op=op))
    assert state(office, row) is OrderState.EXECUTING


def test_report_of_another_product_does_not_wake_it(office):
    """The report of a product completes the orders of that product alone."""
    row = office.place(ISMP)
    office.call("subsInstSynFromISMP", office.report(NATIONAL_ISMP))
    assert state(office, row) is OrderState.EXECUTING


def test_early_report_counts(office):
    """A report that comes before ISMP's result is kept for the order: it completes when the result comes."""
    office.rig.partners.answer("activate", None, None)  # the report makes the engine ask again, under the same number
    row = office.place(ISMP)
    office.call("subsInstSynFromISMP", office.report())
    before = state(office, row)
    office.call(
        "serverActionResult", office.result(office.sent_as(row, "activate"), row.order.id, (ISMP, "0"), system="204")
    )
    assert (before, state(office, row)) == (OrderState.EXECUTING, OrderState.COMPLETED)


def test_national_relation_is_reported_to_the_group(office):
    """After a national ISMP product the group is told, before the archive."""
    office.place(NATIONAL_ISMP)
    office.call("subsInstSynFromISMP", office.report(NATIONAL_ISMP))
    assert office.rig.partners.names() == ["activate", "report-group", "archive", "tell-channel"]


# ---- provinces and platforms -----------------------------------------------------------------------------------------


def inst(product=NATIONAL_ISMP, status="0", **more):
    """One relation of a report."""
    fields = {
        "VProductID": product, "SPID": "35000002", "ProductOfferType": "0", "ProductOfferID": product, "Status": status,
        "SubscribeTime": "20261120000000", "EffDate": "20261121000000", "ExpDate": "20300101000000",
    }  # fmt: skip
    return CODEC["SubsInst"](**{**fields, **more})


@pytest.mark.parametrize("system", ["200", "303", "204"])
def test_who_may_report(group, system):
    """Provinces may, and the platforms of the catalogue."""
    answer = group.call("subsInstSynToVSOP", group.relations_report(inst(), system=system))
    assert (answer.ResultCode, group.relation(NATIONAL_ISMP).state) == ("0", RelationState.ACTIVE)


def test_reported_relation_is_kept_as_told(group):
    """All that a province says of a relation is kept; "never" is no end."""
    group.call("subsInstSynToVSOP", group.relations_report(inst(ProductOfferType="1", ProductOfferID="BUNDLE")))
    assert group.relation(NATIONAL_ISMP) == Relation(
        Number(USER), NATIONAL_ISMP, "BUNDLE", OfferType.VAS_BUNDLE, "211", RelationState.ACTIVE, at("20261120"), at("20261121"),
    )  # fmt: skip


def test_several_relations_of_one_order(group):
    """One message tells all relations that an order made or ended."""
    group.call("subsInstSynToVSOP", group.relations_report(inst(NATIONAL_X)))
    group.call("subsInstSynToVSOP", group.relations_report(inst(), inst(NATIONAL_X, "6")))
    assert (group.relation(NATIONAL_ISMP).state, group.relation(NATIONAL_X).state) == (
        RelationState.ACTIVE,
        RelationState.ENDED,
    )


@pytest.mark.parametrize(("day", "ended"), [("20261130000000", at("20261130")), ("20300101000000", NOON)])
def test_cancelled_relation_ends(group, day, ended):
    """Status 6 ends a relation on the day that is told, or now."""
    group.call("subsInstSynToVSOP", group.relations_report(inst()))
    group.call("subsInstSynToVSOP", group.relations_report(inst(status="6", ExpDate=day)))
    assert (group.relation(NATIONAL_ISMP).state, group.relation(NATIONAL_ISMP).expires_at) == (
        RelationState.ENDED,
        ended,
    )


def test_suspended_relation_is_suspended(group):
    """Status 2 suspends what the group holds; it is not ended, and stands as before but for that."""
    group.call("subsInstSynToVSOP", group.relations_report(inst()))
    before = group.relation(NATIONAL_ISMP)
    group.call("subsInstSynToVSOP", group.relations_report(inst(status="2", SubscribeTime="20261123000000")))
    assert group.relation(NATIONAL_ISMP) == replace(before, state=RelationState.SUSPENDED)


def test_suspended_relation_that_is_resumed(group):
    """Status 0 makes it active again."""
    for status in ("0", "2", "0"):
        group.call("subsInstSynToVSOP", group.relations_report(inst(status=status)))
    assert group.relation(NATIONAL_ISMP).state is RelationState.ACTIVE


def test_suspension_of_what_the_group_does_not_hold(group):
    """It makes no relation: the report of its beginning is on its way, or was never sent."""
    answer = group.call("subsInstSynToVSOP", group.relations_report(inst(status="2")))
    assert (answer.ResultCode, group.relation(NATIONAL_ISMP)) == ("0", None)


REFUSED_REPORTS = {
    "channel": ({"system": "211"}, [inst()], "2002"),
    "platform of no product": ({"system": "399"}, [inst()], "2001"),
    "unknown product": ({}, [inst("nothing")], "4001"),
    "one of two is unknown": ({}, [inst(), inst("nothing")], "4001"),
    "day that does not exist": ({}, [inst(EffDate=BAD_DAY)], "1011"),
    "one of two days does not exist": ({}, [inst(), inst(NATIONAL_X, SubscribeTime=BAD_DAY)], "1011"),
    "last day of an ended one does not exist": ({}, [inst(status="6", ExpDate=BAD_DAY)], "1011"),
}


@pytest.mark.parametrize("case", REFUSED_REPORTS)
def test_refused_report(group, case):
    """Each reason has its code; a report is kept whole or not at all."""
    changes, infos, code = REFUSED_REPORTS[case]
    request = group.relations_report(*infos, **changes)
    answer = group.call("subsInstSynToVSOP", request)
    assert (answer.ResultCode, group.kept(request), run(group.store.relations(Number(USER)))) == (code, False, [])


def test_group_needs_no_subscriber(group):
    """Subscribers are the provinces': the group keeps relations of numbers that it has never seen."""
    answer = group.call("subsInstSynToVSOP", group.relations_report(inst(), number=STRANGER))
    assert (answer.ResultCode, group.relation(NATIONAL_ISMP, STRANGER).state) == ("0", RelationState.ACTIVE)
