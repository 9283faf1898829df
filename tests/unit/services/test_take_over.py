"""serverAction between the tiers: what the group takes over from a province, and each reason to refuse it."""

from __future__ import annotations

from datetime import datetime

import pytest
from office import CODEC, FIXED, GROUP, GUANGXIS, NATIONAL_ISMP, NATIONAL_X, NOBODYS, USER, Office, X, routing
from playbook import NOON
from rig import Pending, run

from gateway.domain.catalogue import OfferType
from gateway.domain.facts import OrderEnded
from gateway.domain.numbers import Number
from gateway.domain.order import Action, OrderItem, OrderState
from gateway.domain.party import Address, Party
from gateway.domain.subscriber import PayType
from gateway.engine.ports import RunEnded, RunState, StoreFailed
from gateway.errors import CANCELLED_BY_HAND, Temporary
from gateway.steps import ItemReply, Reply
from gateway.vocabulary import CHINA

X303, JIANGXI_VSOP = Address(Party.XPLATFORM, "303"), Address(Party.VSOP, "15")


def dated(**dates):
    """A national product with dates."""
    return CODEC["ServerActionProduct"](
        ActionType="0", VProductID=NATIONAL_X, ProductOfferType="0", ProductOfferID=NATIONAL_X, **dates
    )


def changed(product, action):
    """A product with an action of its own."""
    return CODEC["ServerActionProduct"](
        ActionType=action, VProductID=product, ProductOfferType="0", ProductOfferID=product
    )


def test_leg_is_kept_under_the_end_to_end_order(group):
    """The Routing block joins the leg to the order with which it began, and counts the hop."""
    order = group.take_over(NATIONAL_X, routing=routing("20015TRACE", 2)).order
    assert (order.trace_id, order.hops, order.section, order.target) == ("20015TRACE", 2, "4.1.3", X303)


def test_leg_without_routing_block(group):
    """A province that sends no header block is served: its own order id is the end-to-end id, one hop lies behind."""
    order = group.take_over(NATIONAL_X).order
    assert (order.trace_id, order.hops) == (order.channel_order_id, 1)


def test_leg_gets_an_id_of_the_group(group):
    """System 100, province 35: no id of a province can be the same."""
    assert group.take_over(NATIONAL_X).order.id == "10035" + "20261123120000" + "000000001"


def test_leg_is_kept_as_asked(group):
    """Who passed it on, for whom, and what."""
    request = group.activation(NATIONAL_X)
    group.call("serverAction", request)
    order = group.row(request).order
    assert (order.channel, order.channel_order_id, order.streaming_no, order.number, order.province, order.items) == (
        "200", request.OrderId, request.StreamingNo, Number(USER), "15",
        (OrderItem(NATIONAL_X, "35000001", NATIONAL_X, OfferType.PURE),),
    )  # fmt: skip


@pytest.mark.parametrize(("code", "action"), [("0", Action.SUBSCRIBE), ("3", Action.UNSUBSCRIBE)])
def test_action(group, code, action):
    """0 begins, 3 ends: the activation's dialect."""
    assert group.take_over(NATIONAL_X, action=code).order.action is action


@pytest.mark.parametrize(("code", "pay"), [("0", PayType.POSTPAID), ("1", PayType.PREPAID)])
def test_pay_type(group, code, pay):
    """The group knows no subscribers: how the user pays is what the province says."""
    assert group.take_over(NATIONAL_X, UserPayType=code).order.pay is pay


def test_dates(group):
    """Dates travel with the product."""
    (item,) = group.take_over(dated(EffDate="20261201000000", ExpDate="20300101000000")).order.items
    assert (item.effective_at, item.expires_at) == (datetime(2026, 12, 1, tzinfo=CHINA), None)


def test_accepted_means_the_result_follows(group):
    """The answer is accepted, without results: they come by serverActionResult."""
    group.rig.partners.answer("activate", Pending())
    answer = group.call("serverAction", group.activation(NATIONAL_X))
    assert (answer.ResultCode, answer.ResultInfo) == ("0", [])


def test_province_that_asks_again_gets_the_result(group):
    """Once the leg has ended, the same request is answered with the result: its return may have been refused."""
    request = group.activation(NATIONAL_X)
    group.call("serverAction", request)
    again = group.call("serverAction", request)
    assert [(info.ProductID, info.OPResult) for info in again.ResultInfo] == [(NATIONAL_X, "0")]


def test_result_is_returned_to_the_province(group):
    """After the platform has answered, the province is told; nobody else."""
    group.take_over(NATIONAL_X)
    assert group.rig.partners.names() == ["activate", "return"]


REFUSALS = {
    "channel": ({"system": "211"}, [NATIONAL_X], None, "2002"),
    "platform": ({"system": "303"}, [NATIONAL_X], None, "2002"),
    "unknown product": ({}, ["nothing"], None, "4001"),
    "product that stands twice": ({}, [NATIONAL_X, NATIONAL_X], None, "4003"),
    "begin and end in one request": ({}, [NATIONAL_X, changed("NX304", "3")], None, "4506"),
    "number of another province than the one that asks": ({}, [NATIONAL_X], routing(province="21"), "7002"),
    "one of two is unknown": ({}, [NATIONAL_X, "nothing"], None, "4001"),
    "provincial product": ({}, [X], None, "7002"),
    "unknown segment": ({"number": NOBODYS}, [NATIONAL_X], None, "7001"),
    "too many hops": ({}, [NATIONAL_X], routing(hops=4), "7004"),
    "ISMP product": ({}, [NATIONAL_ISMP], None, "7003"),
    "two platforms": ({}, [NATIONAL_X, "NX304"], None, "4505"),
    "platform that is not configured": ({}, ["NX304"], None, "7003"),
    "province that is not configured": ({"number": GUANGXIS}, [NATIONAL_X], None, "7003"),
    "day that does not exist": ({}, [dated(EffDate="20270230000000")], None, "1011"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(group, case):
    """Each reason has its code, and leaves neither request nor order behind."""
    changes, products, header, code = REFUSALS[case]
    request = group.activation(*products, **changes)
    answer = group.call("serverAction", request, header)
    assert (answer.ResultCode, group.kept(request), group.row(request)) == (code, False, None)


def test_province_takes_nothing_over(office):
    """An activation that reaches a province is told that it belongs to the group."""
    answer = office.call("serverAction", office.activation(NATIONAL_X))
    assert (answer.ResultCode, answer.ResultDesc.endswith("全国 national")) == ("7002", True)


@pytest.mark.parametrize(("partners", "missing"), [({JIANGXI_VSOP}, "xplatform:303"), ({X303}, "vsop:15")])
def test_missing_partner_is_named(partners, missing):
    """Who is not configured, the platform or the province that asks, stands in the text."""
    group = Office(GROUP, partners=partners)
    answer = group.call("serverAction", group.activation(NATIONAL_X))
    assert (answer.ResultCode, answer.ResultDesc.endswith(missing)) == ("7003", True)


def test_open_leg_locks_its_product(group):
    """While a leg is under way, another order for the same user and product waits for it."""
    group.rig.partners.answer("activate", None)
    group.take_over(NATIONAL_X)
    request = group.activation(NATIONAL_X)
    assert (group.call("serverAction", request).ResultCode, group.kept(request)) == ("5005", False)


def test_repeated_activation_is_one_leg(group):
    """A province that did not get our answer asks again under its number: one leg, the same answer."""
    request = group.activation(NATIONAL_X)
    answers = [group.call("serverAction", request) for _ in range(2)]
    assert (answers[0] == answers[1], group.rig.partners.names().count("activate")) == (True, 1)


RESULTS = {
    "done": (Reply(NOON, items=(ItemReply(NATIONAL_X, 0),)), "0"),
    "refused as a whole": (Reply(NOON, 6001), "6001"),
    "refused for the product": (Reply(NOON, items=(ItemReply(NATIONAL_X, 8001),)), "8001"),
}


@pytest.mark.parametrize("case", RESULTS)
def test_repeated_activation_gets_the_result(group, case):
    """A province that missed the result asks again under its number, and gets it with the answer."""
    reply, code = RESULTS[case]
    group.rig.partners.answer("activate", reply)
    request = group.activation(NATIONAL_X)
    group.call("serverAction", request)
    answer = group.call("serverAction", request)
    assert (answer.ResultCode, [(i.ProductID, i.OPResult) for i in answer.ResultInfo]) == ("0", [(NATIONAL_X, code)])


def test_repeated_activation_after_half_a_success(group):
    """What was done was taken back, so both products count as refused, each by its own code."""
    group.rig.partners.answer("activate", Reply(NOON, items=(ItemReply(NATIONAL_X, 0), ItemReply("NX303", 6001))))
    request = group.activation(NATIONAL_X, "NX303")
    group.call("serverAction", request)
    answer = group.call("serverAction", request)
    assert [(i.ProductID, i.OPResult) for i in answer.ResultInfo] == [(NATIONAL_X, "8001"), ("NX303", "6001")]


def test_repeated_activation_while_the_store_fails(group):
    """It was accepted and stays so: the result comes by itself."""

    async def fail(*_):
        raise StoreFailed("a read failed")

    request = group.activation(NATIONAL_X)
    group.call("serverAction", request)
    group.store.orders_by_channel = fail
    answer = group.call("serverAction", request)
    assert (answer.ResultCode, answer.ResultInfo, group.events[-1]) == ("0", [], "store.failed")


def test_repeated_activation_under_way(group):
    """As long as there is no result, asking again is answered as the first time."""
    group.rig.partners.answer("activate", None)
    request = group.activation(NATIONAL_X)
    group.call("serverAction", request)
    assert group.call("serverAction", request).ResultInfo == []


def test_busy_group_takes_nothing_over():
    """An activation that is passed on is new work."""
    group = Office(GROUP, max_active=1)
    group.rig.partners.answer("activate", Pending())
    group.take_over(NATIONAL_X)
    request = group.activation(NATIONAL_X, number=FIXED)
    assert (group.call("serverAction", request).ResultCode, group.kept(request)) == ("9001", False)


def test_repeated_end_of_which_half_was_done(group):
    """What the platform ended stays ended: a province that asks again hears that, and what was refused."""
    group.rig.partners.answer("activate", group.half(NATIONAL_X, refused="NX303"))
    request = group.activation(NATIONAL_X, "NX303", action="3")
    group.call("serverAction", request)
    answer = group.call("serverAction", request)
    assert [(i.ProductID, i.OPResult) for i in answer.ResultInfo] == [(NATIONAL_X, "0"), ("NX303", "8001")]


def taken_back(group, *products):
    """A province takes an order back whose activation has not come here yet; gives the order's number."""
    undo = group.activation(*products, action="3")
    assert group.call("serverAction", undo).ResultCode == "0"
    return undo.OrderId


def test_activation_after_its_undo_begins_nothing(group):
    """It overtook its own activation on the way: the late one is refused for good, and no platform hears of it."""
    order_id = taken_back(group, NATIONAL_X)
    late = group.activation(NATIONAL_X, OrderId=order_id)
    assert (group.call("serverAction", late).ResultCode, group.kept(late)) == ("5016", False)


def test_undo_of_one_order_leaves_the_next_one(group):
    """Another order for the same user and product is taken over."""
    taken_back(group, NATIONAL_X)
    assert group.call("serverAction", group.activation(NATIONAL_X)).ResultCode == "0"


def test_undo_of_one_product_leaves_the_others(group):
    """Of a mixed order the products that were not taken back may come."""
    order_id = taken_back(group, "NX303")
    assert group.call("serverAction", group.activation(NATIONAL_X, OrderId=order_id)).ResultCode == "0"


def test_repeated_activation_of_a_cancelled_leg(group):
    """A person cancelled the leg: a province that asks again hears so for each product."""
    group.rig.partners.answer("activate", Temporary("xplatform:303", "connection lost"))
    request = group.activation(NATIONAL_X)
    group.call("serverAction", request)
    row = run(group.store.orders_by_channel("200", request.OrderId))[0]
    ended = OrderEnded(row.order.id, OrderState.FAILED, CANCELLED_BY_HAND.code, NOON)
    run(group.store.commit([ended, RunEnded(row.order.id, RunState.ENDED, CANCELLED_BY_HAND.code, "", NOON)]))
    answer = group.call("serverAction", request)
    assert [(i.ProductID, i.OPResult) for i in answer.ResultInfo] == [(NATIONAL_X, "5015")]
