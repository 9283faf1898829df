"""workListFKToVSOP about bundles: which section a work order follows, what of it is to be done, and each reason to refuse it."""

from __future__ import annotations

from datetime import datetime

import pytest
from office import (
    CLOSED_TONES,
    CODEC,
    GUANGXI_X,
    GUANGXIS,
    ISMP,
    NATIONAL_ISMP,
    NATIONAL_X,
    NOBODYS,
    STAMP_LATER,
    STOPPED,
    STRANGER,
    SUSPENDED,
    TRADITIONAL,
    USER,
    X_BOX,
    X_PREMIUM,
    Office,
    X,
)
from playbook import NOON
from rig import Pending, run

from gateway.domain.catalogue import OfferType, Status
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderItem, OrderState
from gateway.domain.party import GROUP_VSOP, PROVISIONING, Address, Party
from gateway.domain.subscriber import PayType, RelationState
from gateway.vocabulary import CHINA

X303, ISMP204 = Address(Party.XPLATFORM, "303"), Address(Party.ISMP, "204")
MIXED, NATIONAL_BUNDLE = "315000000000000000902", "335000000000000000901"
BAD_DAY = "20270230000000"


def product(id, action="0", **dates):
    """A product of a work order, with dates."""
    return CODEC["WorkOrderProduct"](ActionType=action, VProductID=id, **dates)


def ends(office, row):
    """State and code of what a work order became."""
    stored = run(office.store.order(row.order.id))
    return stored.state, stored.code


def orders(office, number=USER):
    return run(office.store.orders_by_number(Number(number), 9))


def send(office, request):
    """The result code of a work order."""
    return office.call("workListFKToVSOP", request).ResultCode


# ---- which section ---------------------------------------------------------------------------------------------------

SECTIONS = {
    "order, X": (["14", X], "3.2.1", X303),
    "order, ISMP": (["14", ISMP], "3.2.1", ISMP204),
    "order, national product of ISMP": (["14", NATIONAL_ISMP], "3.2.1", ISMP204),
    "order, national X": (["14", NATIONAL_X], "3.2.2", GROUP_VSOP),
    "order, X and national X": (["14", X, NATIONAL_X], "3.2.2", X303),
    "cancellation, X": (["14", f"-{X}"], "3.2.3", X303),
    "cancellation, national X": (["14", f"-{NATIONAL_X}"], "3.2.4", GROUP_VSOP),
    "cancellation, X and national X": (["14", f"-{X}", f"-{NATIONAL_X}"], "3.2.4", X303),
    "one comes, one goes": (["14", ISMP, f"-{X}"], "3.2.1", ISMP204),
    "one comes, a national one goes": (["14", ISMP, f"-{NATIONAL_X}"], "3.2.2", ISMP204),
    "with capabilities": (["20", X], "3.2.1", X303),
}


@pytest.mark.parametrize("case", SECTIONS)
def test_products_and_action_decide_the_section(office, case):
    """What is begun goes before what is ended; a national X product brings the group in."""
    work, section, target = SECTIONS[case]
    office.hold(*(p[1:] for p in work if p.startswith("-")))
    order = office.do_work(*work).order
    assert (order.section, order.target) == (section, target)


def test_work_order_is_kept_as_asked(office):
    """Who asked, under which numbers, for whom, and when it was taken."""
    request = office.work("14", X, ProductOfferID=TRADITIONAL)
    send(office, request)
    order = office.row(request).order
    assert (
        order.channel, order.channel_order_id, order.streaming_no, order.number, order.spec, order.pay, order.province, order.action,
        order.accepted_at, order.id,
    ) == (
        "206", request.OrderId, request.StreamingNo, Number(USER), "003", PayType.PREPAID, "15", Action.SUBSCRIBE, NOON,
        "20015" + "20261123120000" + "000000001",
    )  # fmt: skip


def test_products_stand_under_their_bundle(office):
    """The relation that a work order makes is the bundle's."""
    order = office.do_work("14", X, ISMP, NATIONAL_X, ProductOfferID=MIXED).order
    assert [(i.product_id, i.offer_id, i.offer_type, i.target, i.national) for i in order.items] == [
        (X, MIXED, OfferType.TRADITIONAL_BUNDLE, None, False), (ISMP, MIXED, OfferType.TRADITIONAL_BUNDLE, ISMP204, False),
        (NATIONAL_X, MIXED, OfferType.TRADITIONAL_BUNDLE, GROUP_VSOP, True),
    ]  # fmt: skip


def test_product_without_a_bundle(office):
    """It is sold as the offer of its own code, or as itself where there is none."""
    order = office.do_work("14", X, "NX303").order
    assert [(i.offer_id, i.offer_type) for i in order.items] == [(X, OfferType.PURE), ("NX303", OfferType.PURE)]


def test_dates(office):
    """Dates are the product's own; the field's "never" is no end."""
    order = office.do_work("14", product(X, EffDate="20261201000000", ExpDate="20300101000000")).order
    assert order.items == (
        OrderItem(X, "15000001", X, OfferType.PURE, effective_at=datetime(2026, 12, 1, tzinfo=CHINA)),
    )


def test_done_in_part_is_the_bundles_matter(office):
    """A bundle that allows it may be carried out in part."""
    office.change_offer(MIXED, partial=True)
    assert (
        office.do_work("14", X, ISMP, ProductOfferID=MIXED).order.partial,
        office.do_work("14", NATIONAL_X, ProductOfferID=NATIONAL_BUNDLE).order.partial,
    ) == (True, False)


# ---- what is done ----------------------------------------------------------------------------------------------------


def test_work_order_is_carried_out(office):
    """The platform activates, the relation is held under the bundle as sold at CRM's counter, provisioning gets its receipt."""
    row = office.do_work("14", X, ProductOfferID=TRADITIONAL)
    kept = office.relation(X)
    assert (ends(office, row), office.rig.partners.names(), kept.offer_id, kept.offer_type, kept.channel) == (
        (OrderState.COMPLETED, 0), ["activate-subscribe-xplatform:303", "receipt"], TRADITIONAL, OfferType.TRADITIONAL_BUNDLE, "201",
    )  # fmt: skip


def test_cancellation_is_carried_out(office):
    """What CRM sold, CRM may end."""
    office.hold(X, offer=TRADITIONAL, kind=OfferType.TRADITIONAL_BUNDLE)
    row = office.do_work("14", f"-{X}", ProductOfferID=TRADITIONAL)
    assert (ends(office, row), office.relation(X).state) == ((OrderState.COMPLETED, 0), RelationState.ENDED)


def test_receipt_waits_for_ismps_report(office):
    """An ISMP product is done when ISMP has reported it, and provisioning hears of it then."""
    row = office.do_work("14", ISMP)
    before = office.rig.partners.names()
    office.call("subsInstSynFromISMP", office.report())
    assert (before, office.rig.partners.names()[1:], ends(office, row)) == (
        ["activate-subscribe-ismp:204"], ["receipt"], (OrderState.COMPLETED, 0),
    )  # fmt: skip


def test_one_comes_and_one_goes(office):
    """A change of bundle begins the new products before it ends the old ones."""
    office.hold(X)
    office.do_work("14", NATIONAL_X, f"-{X}")
    assert office.rig.partners.names() == [
        "activate-subscribe-vsop:35",
        "activate-unsubscribe-xplatform:303",
        "receipt",
    ]


def test_product_that_replaces_another_one(office):
    """What a new product takes the place of is ended with it, as in a channel's order."""
    office.change(X_PREMIUM, replaces=(X,))
    office.hold(X)
    order = office.do_work("14", X_PREMIUM).order
    assert [(i.product_id, i.action) for i in order.items] == [(X_PREMIUM, None), (X, Action.UNSUBSCRIBE)]


def test_replaced_product_that_is_named_as_well(office):
    """It is ended once."""
    office.change(X_PREMIUM, replaces=(X,))
    office.hold(X)
    order = office.do_work("14", f"-{X}", X_PREMIUM).order
    assert [(i.product_id, i.action) for i in order.items] == [(X, Action.UNSUBSCRIBE), (X_PREMIUM, None)]


def test_what_has_ended_is_left_out(office):
    """A product that the user does not hold any more is ended already: only the other one is asked for."""
    office.hold(X)
    office.hold(X_BOX, state=RelationState.ENDED)
    order = office.do_work("14", f"-{X}", f"-{X_BOX}").order
    assert [i.product_id for i in order.items] == [X]


def test_suspended_product_is_ended(office):
    """What is suspended is held."""
    office.hold(X, state=RelationState.SUSPENDED)
    office.do_work("14", f"-{X}")
    assert office.relation(X).state is RelationState.ENDED


@pytest.mark.parametrize("partial", [False, True])
def test_everything_has_ended(office, partial):
    """There is nothing to do, which is success: no platform is asked, and provisioning gets its receipt."""
    office.change_offer(TRADITIONAL, partial=partial)
    row = office.do_work("14", f"-{X}", ProductOfferID=TRADITIONAL)
    assert (row.order.section, row.order.target, row.order.items, ends(office, row), office.rig.partners.names()) == (
        "3.2.3", PROVISIONING, (), (OrderState.COMPLETED, 0), ["receipt"],
    )  # fmt: skip


def test_bundle_without_vas_products(office):
    """Provisioning need not ask us; if it does, there is nothing to do and the receipt says so."""
    row = office.do_work("14", ProductOfferID=TRADITIONAL)
    assert (row.order.section, ends(office, row), office.rig.partners.names()) == (
        "3.2.1", (OrderState.COMPLETED, 0), ["receipt"],
    )  # fmt: skip


def test_platform_that_refuses(office):
    """All of it or nothing: what was begun is taken back, and the receipt is sent all the same."""
    office.rig.partners.answer("activate-subscribe-vsop:35", office.refused(NATIONAL_X, code=6001))
    row = office.do_work("14", X, NATIONAL_X)
    assert (ends(office, row), office.rig.partners.names()[2:], office.relation(X)) == (
        (OrderState.FAILED, 6001), ["undo-subscribe-xplatform:303", "receipt"], None,
    )  # fmt: skip


OPEN_ENDED = {"suspended product": SUSPENDED, "product of a closed partner": CLOSED_TONES, "cancelled product": X}


@pytest.mark.parametrize("case", OPEN_ENDED)
def test_state_of_what_is_ended(office, case):
    """What is to be ended may be in any state."""
    office.change(X, status=Status.CANCELLED)
    office.hold(OPEN_ENDED[case])
    assert send(office, office.work("14", f"-{OPEN_ENDED[case]}")) == "0"


def test_rules_of_channels_are_not_asked(office):
    """CRM has had its bundle authorised before: what a work order says is done, also for a stopped user."""
    assert send(office, office.work("14", X_BOX, number=STOPPED)) == "0"


# ---- capabilities ----------------------------------------------------------------------------------------------------


def test_capabilities_come_with_the_products(office):
    """20 changes the user's capabilities in the commit that takes the work order."""
    office.do_work("20", X, capabilities=["1", "5"])
    office.do_work("20", NATIONAL_X, capabilities=["-1", "5", "7", "-9"])
    assert office.user().capabilities == ("5", "7")


def test_products_alone_leave_capabilities_alone(office):
    """14 is about products, whatever else it names."""
    office.do_work("14", X, capabilities=["1"])
    assert office.user().capabilities == ()


def test_capabilities_alone(office):
    """20 may name no product."""
    office.do_work("20", capabilities=["1"])
    assert office.user().capabilities == ("1",)


def test_refused_work_order_changes_no_capabilities(office):
    """All or nothing, here as well."""
    send(office, office.work("20", "nothing", capabilities=["1"]))
    assert office.user().capabilities == ()


# ---- the same work order again ---------------------------------------------------------------------------------------


def test_same_request_is_one_order(office):
    """The same number again: the same answer, one order."""
    request = office.work("14", X)
    assert ([send(office, request), send(office, request)], len(orders(office))) == (["0", "0"], 1)


def again(office, request, **changes):
    """The same work order under a new StreamingNo and time."""
    fields = {name: getattr(request, name) for name in request.field_names}
    return type(request)(**{**fields, "StreamingNo": "206999", "TimeStamp": STAMP_LATER, **changes})


def test_same_work_order_under_another_number(office):
    """Provisioning lost its own number: the OrderId tells that it is the same work, which is not done twice."""
    request = office.work("14", X)
    send(office, request)
    repeated = again(office, request)
    codes = [send(office, repeated), send(office, repeated)]
    assert (codes, len(orders(office)), office.rig.partners.names().count("receipt")) == (["0", "0"], 1, 1)


@pytest.mark.parametrize("changes", [{"ProductNo": STOPPED}, {"ActionType": "20"}, {"VProductInfo": [product(ISMP)]}])
def test_other_work_under_the_same_order_id(office, changes):
    """The first one stands."""
    request = office.work("14", X)
    send(office, request)
    other = again(office, request, **changes)
    assert (send(office, other), office.kept(other), len(orders(office))) == ("2003", False, 1)


def test_order_id_of_a_refused_work_order(office):
    """Nothing was stored for it: the same OrderId is free for the work order that is right."""
    request = office.work("14", "nothing")
    refused = send(office, request)
    assert (refused, send(office, again(office, request, VProductInfo=[product(X)]))) == ("4001", "0")


def test_order_id_of_a_channel_is_another_one(office):
    """OrderIds are their sender's own: a channel's order under the same one is another order."""
    request = office.work("14", X)
    send(office, request)
    assert office.call("subscribeToVSOP", office.order(ISMP, OrderId=request.OrderId)).ResultCode == "0"


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSALS = {
    "channel": ({"system": "211"}, [X], "2002"),
    "platform": ({"system": "303"}, [X], "2002"),
    "unknown system": ({"system": "999"}, [X], "2001"),
    "unknown segment": ({"number": NOBODYS}, [X], "7001"),
    "number of another province": ({"number": GUANGXIS}, [X], "7002"),
    "unknown user": ({"number": STRANGER}, [X], "3001"),
    "unknown bundle": ({"ProductOfferID": "nothing"}, [X], "4501"),
    "unknown product": ({}, ["nothing"], "4001"),
    "unknown product that is to be ended": ({}, ["-nothing"], "4001"),
    "one of two is unknown": ({}, [X, "nothing"], "4001"),
    "product of another bundle": ({"ProductOfferID": TRADITIONAL}, [ISMP], "4503"),
    "product that is not open": ({}, [SUSPENDED], "4002"),
    "product that stands twice": ({}, [X, X], "4003"),
    "product that comes and goes": ({}, [X, f"-{X}"], "4003"),
    "first day that does not exist": ({}, [product(X, EffDate=BAD_DAY)], "1011"),
    "last day that does not exist": ({}, [product(X, ExpDate=BAD_DAY)], "1011"),
    "product of another province": ({}, [GUANGXI_X], "7003"),
    "platform that is not configured": ({}, [X, "X304"], "7003"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(office, case):
    """Each reason has its code, and leaves neither request nor order behind."""
    changes, products, code = REFUSALS[case]
    request = office.work("14", *products, **changes)
    assert (send(office, request), office.kept(request), office.row(request)) == (code, False, None)


def test_product_with_an_order_under_way(office):
    """While an order for the same user and product is under way, the work order has to wait."""
    office.rig.partners.answer("activate", None)
    office.place(X)
    request = office.work("14", X)
    assert (send(office, request), office.kept(request)) == ("5005", False)


def test_group_takes_no_work_orders(group):
    """Provisioning is a province's: a work order at the group is told where it belongs."""
    answer = group.call("workListFKToVSOP", group.work("14", NATIONAL_X))
    assert (answer.ResultCode, answer.ResultDesc.endswith("江西 Jiangxi")) == ("7002", True)


def test_busy_gateway():
    """A work order is new work."""
    office = Office(max_active=1)
    office.rig.partners.answer("fee-check", Pending())
    office.place(X)
    assert send(office, office.work("14", ISMP)) == "9001"


def test_number_is_masked_in_a_refusal(office):
    """The text of a refusal does not repeat the user's number."""
    answer = office.call("workListFKToVSOP", office.work("14", X, number=STRANGER))
    assert (STRANGER in answer.ResultDesc, "189****8888" in answer.ResultDesc) == (False, True)
