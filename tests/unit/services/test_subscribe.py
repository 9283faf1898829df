"""subscribeToVSOP: what is taken and how it is kept, which products an order means, and each reason to refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from office import (
    BUNDLE,
    CLOSED_TONES,
    CODEC,
    FIXED,
    GUANGXI_X,
    GUANGXIS,
    ISMP,
    JIANGXI,
    NATIONAL_ISMP,
    NATIONAL_X,
    NOBODYS,
    STOPPED,
    STRANGER,
    SUSPENDED,
    TRADITIONAL,
    USER,
    X_BOX,
    X_PREMIUM,
    Office,
    X,
    results,
)
from playbook import NOON
from rig import run

from gateway.domain.catalogue import Offer, OfferType
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderState
from gateway.domain.party import GROUP_VSOP, Address, Party
from gateway.domain.subscriber import PayType
from gateway.engine.ports import CatalogueLoaded
from gateway.steps import Reply
from gateway.vocabulary import CHINA


def offer(id, *parts, kind="0", **dates):
    """An OfferInfo; parts are product ids or SubProdInfo messages."""
    infos = [CODEC["SubProdInfo"](VProductID=p) if isinstance(p, str) else p for p in parts]
    return CODEC["OfferInfo"](ProductOfferType=kind, ProductOfferID=id, VSubProdInfo=infos, **dates)


def part(id, **dates):
    return CODEC["SubProdInfo"](VProductID=id, **dates)


# ---- what is taken ---------------------------------------------------------------------------------------------------

SECTIONS = {
    X: ("4.1.1", Address(Party.XPLATFORM, "303")),
    ISMP: ("4.1.2", Address(Party.ISMP, "204")),
    NATIONAL_X: ("4.1.3", GROUP_VSOP),
    NATIONAL_ISMP: ("4.1.4", Address(Party.ISMP, "204")),
}


@pytest.mark.parametrize("product", SECTIONS)
def test_product_decides_the_section(office, product):
    """The order follows the section of its product, towards that section's party."""
    order = office.place(product).order
    assert (order.section, order.target) == SECTIONS[product]


def test_order_is_kept_as_asked(office):
    """Who asked, under which numbers, for whom, and when it was taken."""
    request = office.order(X)
    office.call("subscribeToVSOP", request)
    order = office.row(request).order
    assert (order.channel, order.channel_order_id, order.streaming_no, order.number, order.spec, order.province, order.accepted_at) == (
        "211", request.OrderId, request.StreamingNo, Number(USER), "003", "15", NOON,
    )  # fmt: skip


def test_order_gets_an_id_of_ours(office):
    """System code, province, second and serial; where it begins, the order's id is the end-to-end id."""
    order = office.place(X).order
    assert (order.id, order.trace_id) == ("20015" + "20261123120000" + "000000001", order.id)


def test_pay_type_is_the_subscribers(office):
    """How a user pays is what CRM says, not what a channel writes."""
    assert office.place(X, number=FIXED).order.pay is PayType.POSTPAID


def test_number_with_86_is_the_same_user(office):
    """A caller may write the country code."""
    assert office.place(X, number=f"86{USER}").order.number == Number(USER)


@pytest.mark.parametrize("held", [True, False])
def test_unsubscription(office, held):
    """ActionType 1 ends what is held and is refused for what is not."""
    if held:
        office.place(X)
    answer = office.call("subscribeToVSOP", office.order(X, action="1"))
    assert answer.ResultCode == ("0" if held else "5002")


def test_unsubscription_is_kept_as_one(office):
    """The order that ends a relation says so."""
    office.place(X)
    assert office.place(X, action="1").order.action is Action.UNSUBSCRIBE


# ---- which products --------------------------------------------------------------------------------------------------

SELECTIONS = {
    "nothing chosen": (offer(BUNDLE, kind="1"), [X, X_BOX]),
    "0 stands for all": (offer(BUNDLE, "0", kind="1"), [X, X_BOX]),
    "one of two": (offer(BUNDLE, X, kind="1"), [X]),
    "both by name, in the caller's order": (offer(BUNDLE, X_BOX, X, kind="1"), [X_BOX, X]),
    "a name twice is one product": (offer(BUNDLE, X, X, kind="1"), [X]),
}


@pytest.mark.parametrize("case", SELECTIONS)
def test_products_of_an_offer(office, case):
    """VSubProdInfo chooses from the offer's products; without it, or with 0, all are meant."""
    info, expected = SELECTIONS[case]
    assert [i.product_id for i in office.place(info).order.items] == expected


def test_item_carries_its_offer(office):
    """Each product is ordered under the offer that brings it, with the partner that provides it."""
    items = office.place(offer(BUNDLE, kind="1")).order.items
    assert {(i.offer_id, i.offer_type, i.sp) for i in items} == {(BUNDLE, OfferType.VAS_BUNDLE, "15000001")}


SOON, LATE = "20261201000000", "20271231235959"
DAY = {SOON: datetime(2026, 12, 1, tzinfo=CHINA), LATE: datetime(2027, 12, 31, 23, 59, 59, tzinfo=CHINA), None: None}
DATES = {
    "none": (offer(X), None, None),
    "of the offer": (offer(X, EffDate=SOON, ExpDate=LATE), SOON, LATE),
    "of the product": (offer(X, part(X, EffDate=SOON, ExpDate=LATE)), SOON, LATE),
    "the product's go first": (offer(X, part(X, EffDate=LATE), EffDate=SOON), LATE, None),
    "the offer's fill the gap": (offer(X, part(X, ExpDate=LATE), EffDate=SOON), SOON, LATE),
    "of all products": (offer(X, part("0", EffDate=SOON), EffDate=LATE, ExpDate=LATE), SOON, LATE),
    "never": (offer(X, ExpDate="20300101000000"), None, None),
}


@pytest.mark.parametrize("case", DATES)
def test_dates(office, case):
    """Dates of a product go before the offer's; none means now and never."""
    info, effective, expires = DATES[case]
    (item,) = office.place(info).order.items
    assert (item.effective_at, item.expires_at) == (DAY[effective], DAY[expires])


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSALS = {
    "system that is no channel": ({"system": "303"}, [X], "2002"),
    "unknown system": ({"system": "999"}, [X], "2001"),
    "channel that may not order": ({"system": "213"}, [X], "2002"),
    "unknown segment": ({"number": NOBODYS}, [X], "7001"),
    "number of another province": ({"number": GUANGXIS}, [X], "7002"),
    "unknown user": ({"number": STRANGER}, [X], "3001"),
    "user who is not active": ({"number": STOPPED}, [X], "3002"),
    "unknown offer": ({}, ["nothing"], "4501"),
    "offer of another type": ({"kind": "1"}, [X], "4501"),
    "traditional bundle": ({"kind": "2"}, [TRADITIONAL], "4504"),
    "offer of a product that is not there": ({}, [offer("OGONE", kind="1")], "4001"),
    "unknown product chosen": ({}, [offer(X, "nothing")], "4001"),
    "product of another offer chosen": ({}, [offer(X, ISMP)], "4503"),
    "offer's day that does not exist": ({}, [offer(X, EffDate="20270230000000")], "1011"),
    "product's day that does not exist": ({}, [offer(X, part(X, ExpDate="20270230000000"))], "1011"),
    "product that is not open": ({}, [SUSPENDED], "4002"),
    "product of a content partner who is not open": ({}, [CLOSED_TONES], "4004"),
    "product by two offers": ({}, [X, offer(BUNDLE, kind="1")], "4003"),
    "exclusive products": ({}, [X, X_PREMIUM], "5003"),
    "product that another one needs": ({}, [X_BOX], "5007"),
    "product of another province": ({}, [GUANGXI_X], "7003"),
    "platform that is not configured": ({}, ["O304"], "7003"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(office, case):
    """Each reason has its code, and leaves neither request nor order behind."""
    changes, offers, code = REFUSALS[case]
    request = office.order(*offers, **changes)
    answer = office.call("subscribeToVSOP", request)
    assert (answer.ResultCode, office.kept(request), office.row(request)) == (code, False, None)


def test_refusal_is_told_to_the_operator(office):
    """A refused order is an event."""
    office.call("subscribeToVSOP", office.order("nothing"))
    assert office.events == ["order.refused"]


def test_open_order_locks_its_product(office):
    """While an order is under way, another one for the same user and product is refused as such."""
    office.rig.partners.answer("activate", None)
    office.place(X)
    request = office.order(X)
    assert (office.call("subscribeToVSOP", request).ResultCode, office.kept(request)) == ("5005", False)


def test_national_order_without_the_group():
    """A province that has no group configured says so before it takes an order for it."""
    office = Office(JIANGXI, partners={Address(Party.XPLATFORM, "303")})
    answer = office.call("subscribeToVSOP", office.order(NATIONAL_X))
    assert (answer.ResultCode, answer.ResultDesc.endswith("vsop:35")) == ("7003", True)


def test_every_wrong_offer_is_named(office):
    """One answer tells all that is wrong with an order's offers; OPResult is the code."""
    answer = office.call(
        "subscribeToVSOP", office.order("nothing", offer(X, ISMP, "gone"), offer(TRADITIONAL, kind="2"))
    )
    assert (answer.ResultCode, results(answer)) == (
        "4501",
        [("nothing", "4501"), (X, "4503"), (X, "4001"), (TRADITIONAL, "4504")],
    )


def test_every_rule_is_named(office):
    """A refusal by rules tells each of them; OPResult is the rule's number."""
    answer = office.call("subscribeToVSOP", office.order(X, X_PREMIUM, number=STOPPED))
    assert (answer.ResultCode, results(answer)) == ("3002", [(X, "3"), (X, "6"), (X_PREMIUM, "3"), (X_PREMIUM, "6")])


def test_long_list_of_wrong_products_fits_the_answer(office):
    """However much is wrong, the answer holds no more results than its contract admits."""
    many = [offer(X, *(f"{o}-{p}" for p in range(20))) for o in range(20)]
    answer = office.call("subscribeToVSOP", office.order(*many))
    assert (answer.ResultCode, len(answer.ResultInfo)) == ("4001", 20)


def test_long_list_of_rules_fits_the_answer(office):
    """The same for rules: every one of twenty offers breaks two."""
    answer = office.call("subscribeToVSOP", office.order(*[X] * 20, number=STOPPED))
    assert (answer.ResultCode, len(answer.ResultInfo)) == ("3002", 20)


@pytest.mark.parametrize(("count", "code"), [(90, "0"), (91, "4507")])
def test_most_products_of_an_order(office, count, code):
    """An order holds no more products than the messages that follow from it can."""
    (like,) = (p for p in office.desk.catalogue.products.values() if p.id == X)
    products = [replace(like, id=f"P{n}") for n in range(count)]
    offers = [Offer(f"O{n}", "", "", tuple(p.id for p in products[n::5])) for n in range(5)]
    run(office.store.commit([CatalogueLoaded(tuple(products), tuple(offers))]))
    run(office.desk.load())
    assert office.call("subscribeToVSOP", office.order(*(o.id for o in offers))).ResultCode == code


def test_number_is_masked_in_a_refusal(office):
    """The text of a refusal does not repeat the user's number."""
    answer = office.call("subscribeToVSOP", office.order(X, number=STRANGER))
    assert (STRANGER in answer.ResultDesc, "189****8888" in answer.ResultDesc) == (False, True)


# ---- how an order stands ---------------------------------------------------------------------------------------------


def test_state_while_executing(office):
    """An order under way has a state and no result."""
    office.rig.partners.answer("activate", None)
    row = office.place(X)
    answer = office.call("orderStateQry", office.query(row.order.channel_order_id))
    assert (answer.ResultCode, answer.OrderState, answer.ResultInfo) == ("0", "10A", [])


def test_state_of_a_failed_order(office):
    """A failed order tells its code for each offer."""
    office.rig.partners.answer("fee-check", Reply(NOON, balance=0))
    row = office.place(X)
    answer = office.call("orderStateQry", office.query(row.order.channel_order_id))
    assert (answer.ResultCode, answer.OrderState, results(answer)) == ("0", "10E", [(X, "6001")])


@pytest.mark.parametrize(("system", "order_id"), [("211", "unknown"), ("212", None), ("999", None)])
def test_order_of_somebody_else_is_unknown(office, system, order_id):
    """A channel sees its own orders only."""
    row = office.place(X)
    answer = office.call("orderStateQry", office.query(order_id or row.order.channel_order_id, system))
    assert (answer.ResultCode, answer.OrderState) == ("5006", None)


def test_query_is_answered_while_busy(office):
    """Looking is always possible, and leaves nothing behind."""
    row = office.place(X)
    office.rig.engine.stop()
    query = office.query(row.order.channel_order_id)
    assert (office.call("orderStateQry", query).OrderState, office.kept(query)) == (OrderState.COMPLETED.value, False)
