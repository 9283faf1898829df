"""Orders of seed 4.1 between real processes: placed with Zeep in strict mode, judged by the ledgers of all parties."""

from __future__ import annotations

import pytest

from gateway.cli.stub_client import witness
from gateway.ladders.cases import missing

pytestmark = pytest.mark.e2e

X, X_PREMIUM, ISMP, NATIONAL_X, NATIONAL_ISMP, GUANGXI_X = (
    "115000000000000000101", "115000000000000000102", "115000000000000000201", "135000000000000000301", "135000000000000000401",
    "121000000000000000101",
)  # fmt: skip
SECTIONS = {"4.1.1": X, "4.1.2": ISMP, "4.1.3": NATIONAL_X, "4.1.4": NATIONAL_ISMP}


def place(lab, name, number, *offers, **more):
    """The portal's user orders and confirms; the order is sent with Zeep. Gives (order id, answer)."""
    confirmed = lab.stubs(name).act(
        "portal", "confirm-only", {"number": number, "offer": offers[0], "action": more.get("action", "0")}
    )
    ids = {"StreamingNo": confirmed["streaming_no"], "OrderId": confirmed["order_id"]}
    answer = lab.client(name).service.subscribeToVSOP(**{**lab.request(number, *offers, **more), **ids})
    return confirmed["order_id"], answer


def completed(lab, name, number, *offers, **more):
    """Place an order and wait for it; gives its legs."""
    order_id, answer = place(lab, name, number, *offers, **more)
    assert answer.ResultCode == "0", answer
    return lab.settled(name, order_id)


@pytest.mark.parametrize("section", SECTIONS)
def test_subscription_shows_each_seed_step_once_and_in_order(spoken, fresh_number, section):
    """The ladder over both tiers and the stubs has every step of its section, once, in order, all done."""
    number = fresh_number()
    legs = completed(spoken, "jiangxi", number, SECTIONS[section])
    assert (legs[0]["section"], missing(legs, witness(spoken.stubs("jiangxi"), number))) == (section, [])


@pytest.mark.parametrize("section", SECTIONS)
def test_billing_has_one_archive_record(spoken, fresh_number, section):
    """A completed order is archived exactly once."""
    legs = completed(spoken, "jiangxi", fresh_number(), SECTIONS[section])
    assert len(spoken.stubs("jiangxi").ledger("archive", order=legs[0]["trace_id"])) == 1


@pytest.mark.parametrize(
    ("section", "tiers"),
    [("4.1.1", ["jiangxi"]), ("4.1.2", ["jiangxi"]), ("4.1.3", ["jiangxi", "group"]), ("4.1.4", ["jiangxi", "group"])],
)
def test_relation_stands_where_it_belongs(spoken, fresh_number, section, tiers):
    """Provincial relations stand in the province, national ones at both tiers."""
    number = fresh_number()
    completed(spoken, "jiangxi", number, SECTIONS[section])
    holders = [name for name in ("jiangxi", "group") if spoken.relations(name, number).get(SECTIONS[section]) == "active"]
    assert holders == tiers


@pytest.mark.parametrize("section", SECTIONS)
def test_unsubscription_ends_it_everywhere(spoken, fresh_number, section):
    """ActionType 1 ends the relation at every tier and is archived as an order of its own."""
    number = fresh_number()
    completed(spoken, "jiangxi", number, SECTIONS[section])
    legs = completed(spoken, "jiangxi", number, SECTIONS[section], action="1")
    states = {spoken.relations(name, number).get(SECTIONS[section]) for name in ("jiangxi", "group")}
    assert (legs[0]["state"], states - {None}, len(spoken.stubs("jiangxi").ledger("archive", number=number))) == (
        "10F",
        {"ended"},
        2,
    )


def test_user_gets_one_sms_for_an_x_product(spoken, fresh_number):
    """Orders of X products tell the user through the SMS hall."""
    number = fresh_number()
    completed(spoken, "jiangxi", number, X)
    assert len(spoken.stubs("jiangxi").ledger("sms", number=number)) == 1


def test_guangxi_runs_the_same_code(lab):
    """The other province serves its own numbers, products and partners."""
    legs = completed(lab, "guangxi", "18907710002", GUANGXI_X)
    assert (legs[0]["place"], legs[0]["state"]) == ("vsop:21", "10F")


def test_bundle_of_one_platform(spoken, fresh_number):
    """A VAS bundle activates all its products with one request and is archived once."""
    number = fresh_number()
    completed(spoken, "jiangxi", number, "315000000000000000501", offer_type="1")
    assert sorted(spoken.relations("jiangxi", number).values()) == ["active", "active"]


MAGIC = {
    "18907919001": ("10E", 8001, "refused by the platform"),
    "18907919002": ("10F", 0, "result by callback"),
    "18907919003": ("10F", 0, "answered after three seconds"),
    "18907919004": ("10F", 0, "busy once"),
    "18907919005": ("10E", 8001, "failure by callback"),
    "18907919006": ("10E", 6001, "no balance"),
    "18907919007": ("10F", 0, "OCS busy once"),
    "18907919009": ("10F", 0, "first answer lost"),
}


@pytest.mark.parametrize("number", MAGIC)
def test_partner_behaviour(spoken, number):
    """What partners do decides how an order ends: refusals fail it, delays and lost answers do not."""
    legs = completed(spoken, "jiangxi", number, X)
    assert (legs[0]["state"], legs[0]["code"]) == MAGIC[number][:2]


@pytest.mark.parametrize("number", ["18907919001", "18907919005", "18907919006"])
def test_failed_order_leaves_nothing_behind(spoken, fresh_number, number):
    """No relation, no archive; the channel is told all the same."""
    legs = completed(spoken, "jiangxi", number, X)
    stubs = spoken.stubs("jiangxi")
    told = stubs.ledger("channel-result", order=legs[0]["channel_order_id"])
    left = (spoken.relations("jiangxi", number), stubs.ledger("archive", order=legs[0]["order_id"]), len(told))
    assert left == ({}, [], 1)


def test_lost_answer_does_nothing_twice(spoken):
    """A platform that acted but whose answer was lost is asked again under the same number: one activation."""
    legs = completed(spoken, "jiangxi", "18907919009", NATIONAL_X)
    rows = spoken.stubs("group").ledger("activation", number="18907919009")
    assert ([leg["state"] for leg in legs], len(rows)) == (["10F", "10F"], 1)


@pytest.mark.parametrize("number", ["18907919002", "18907919005"])
def test_national_result_by_callback(lab, number):
    """The national platform's late result travels X, group, province."""
    legs = completed(lab, "jiangxi", number, NATIONAL_X)
    assert {leg["state"] for leg in legs} == {"10F" if number.endswith("2") else "10E"}


def test_ismp_reports_before_its_result(spoken):
    """Report and result of ISMP may come in either order."""
    legs = completed(spoken, "jiangxi", "18907919008", ISMP)
    assert legs[0]["state"] == "10F"


def test_same_request_again_gets_the_same_answer(spoken, fresh_number):
    """The same StreamingNo with the same content: the same answer, one order."""
    request = spoken.request(fresh_number(), X)
    service = spoken.client("jiangxi").service
    answers = [service.subscribeToVSOP(**request) for _ in range(3)]
    spoken.settled("jiangxi", request["OrderId"])
    orders = spoken.admin("jiangxi").get(f"numbers/{request['ProductNo']}")["orders"]
    assert (answers[0] == answers[1] == answers[2], len(orders)) == (True, 1)


def test_number_with_other_content_is_refused(spoken, fresh_number):
    """The same StreamingNo with another body is refused; the first order stands."""
    service = spoken.client("jiangxi").service
    request = spoken.request(fresh_number(), X)
    service.subscribeToVSOP(**request)
    answer = service.subscribeToVSOP(**{**request, "OrderId": "another"})
    assert (answer.ResultCode, spoken.settled("jiangxi", request["OrderId"])[0]["state"]) == ("2003", "10F")


REFUSALS = {
    "unknown system": ({"SystemId": "999"}, X, "2001"),
    "unknown user": ({"ProductNo": "18907918888"}, X, "3001"),
    "stopped user": ({"ProductNo": "18907910007"}, X, "3002"),
    "unknown offer": ({}, "199000000000000000001", "4501"),
    "suspended product": ({}, "115000000000000000104", "4002"),
    "partner not in service": ({}, "115000000000000000105", "4004"),
    "traditional bundle": ({"offer_type": "2"}, "315000000000000000901", "4504"),
    "unknown number segment": ({"ProductNo": "13900000000"}, X, "7001"),
    "number of another province": ({"ProductNo": "18907710001"}, X, "7002"),
    "product of another province": ({}, GUANGXI_X, "7003"),
    "not subscribed": ({"action": "1"}, X, "5002"),
    "day that does not exist": (
        {"ProductOfferInfo": [{"ProductOfferType": "0", "ProductOfferID": X, "EffDate": "20270230000000"}]},
        X,
        "1011",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_name_their_reason(spoken, fresh_number, case):
    """Each refusal has its own code, and nothing is stored for it."""
    changes, offer, code = REFUSALS[case]
    offer_type, action = changes.get("offer_type", "0"), changes.get("action", "0")
    fields = {k: v for k, v in changes.items() if k not in ("offer_type", "action")}
    request = spoken.request(fresh_number(), offer, offer_type=offer_type, action=action, **fields)
    answer = spoken.client("jiangxi").service.subscribeToVSOP(**request)
    assert (answer.ResultCode, spoken.admin("jiangxi").get(f"orders/{request['OrderId']}")) == (code, None)


def test_already_subscribed_names_the_rule(spoken, fresh_number):
    """A refusal by a rule carries the rule's number as OPResult (11: duplicate)."""
    number = fresh_number()
    completed(spoken, "jiangxi", number, X)
    answer = spoken.client("jiangxi").service.subscribeToVSOP(**spoken.request(number, X))
    assert (answer.ResultCode, [info.OPResult for info in answer.ResultInfo]) == ("5001", ["11"])


def test_excluded_product(spoken, fresh_number):
    """Rule 6: products that exclude each other are not held together."""
    number = fresh_number()
    completed(spoken, "jiangxi", number, X)
    answer = spoken.client("jiangxi").service.subscribeToVSOP(**spoken.request(number, X_PREMIUM))
    assert [info.OPResult for info in answer.ResultInfo] == ["6"]


def test_group_takes_no_channel_orders(spoken, fresh_number):
    """A channel's order at the group tier is told which province it belongs to."""
    answer = spoken.client("group").service.subscribeToVSOP(**spoken.request(fresh_number(), NATIONAL_X))
    assert (answer.ResultCode, "Jiangxi" in answer.ResultDesc) == ("7002", True)


def test_state_of_an_order(lab, fresh_number):
    """The channel can ask for its order by its own OrderId."""
    request = lab.request(fresh_number(), X)
    service = lab.client("jiangxi").service
    service.subscribeToVSOP(**request)
    lab.settled("jiangxi", request["OrderId"])
    answer = service.orderStateQry(
        StreamingNo="211Q00001", TimeStamp=request["TimeStamp"], SystemId="211", OrderId=request["OrderId"]
    )
    assert (answer.OrderState, [info.OPResult for info in answer.ResultInfo]) == ("10F", ["0"])


def test_forged_result_is_refused(lab):
    """A result for a request that was never sent wakes nothing."""
    answer = lab.client("jiangxi").service.serverActionResult(
        StreamingNo="303F00001", TimeStamp="20261123120000", SystemId="303", RefStreamingNo="20020261123000000000000000",
        OrderId="20015000", ResultCode="0", ResultDesc="",
    )  # fmt: skip
    assert answer.ResultCode == "8003"
