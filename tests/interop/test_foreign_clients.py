"""Six clients call real gateways, in both SOAP versions where they can, by the served ?wsdl alone."""

from __future__ import annotations

import pytest
from foreign import ENVELOPES, present
from lxml import etree

from gateway.errors import CONTRACT_BROKEN, OK, UNKNOWN_OFFER

pytestmark = pytest.mark.interop
TONE, TONE_BOX, NO_OFFER = "115000000000000000101", "115000000000000000103", "199000000000000000001"


def offer_result(offer, result):
    return {"ProductOfferID": offer, "OPResult": str(result), "OPDesc": OK.describe()}


def test_order_is_accepted(placed):
    """The answer is an object with the contract's fields; Chinese text arrives intact."""
    assert present(placed.first.answer) == {
        "StreamingNo": placed.request["StreamingNo"],
        "ResultCode": "0",
        "ResultDesc": "成功 / success",
    }


def test_accepted_order_is_completed(placed):
    """What the client was told is accepted runs to its end."""
    assert [(leg["channel_order_id"], leg["state"]) for leg in placed.legs] == [(placed.request["OrderId"], "10F")]


def test_same_request_again_gets_the_same_answer(lab, placed):
    """A repetition of the client's own request: the same answer, one order."""
    orders = lab.admin("jiangxi").get(f"numbers/{placed.request['ProductNo']}")["orders"]
    assert (placed.again.answer, len(orders)) == (placed.first.answer, 1)


def test_two_offers_arrive_as_two(lab, placed):
    """A repeated element is sent as often as the program gave it."""
    assert lab.relations("jiangxi", placed.request["ProductNo"]) == {TONE: "active", TONE_BOX: "active"}


def test_state_of_the_order(placed):
    """orderStateQry: state and the results of both offers, in the order's own sequence."""
    answer = placed.state.answer
    assert (answer["OrderState"], present(answer["ResultInfo"])) == ("10F", [offer_result(TONE, 0), offer_result(TONE_BOX, 0)])


def test_version_is_the_one_asked_for(client, placed):
    """The client speaks the SOAP version of the document that it read, and is answered in it."""
    spoken = [
        etree.QName(etree.fromstring(text.encode())).namespace for text in (placed.first.sent, placed.first.received)
    ]
    assert spoken == [ENVELOPES[client.soap]] * 2


def test_refusal_is_an_answer(lab, client, fresh_number):
    """A business refusal is no fault: code, Chinese text, and one result, which is still a list."""
    answer = client.call(lab.url("jiangxi"), "subscribeToVSOP", lab.request(fresh_number(), NO_OFFER)).answer
    told = (answer["ResultCode"], answer["ResultDesc"], [info["OPDesc"] for info in answer["ResultInfo"]])
    assert told == ("4501", UNKNOWN_OFFER.describe(NO_OFFER), ["销售品不存在 / unknown offer"])


def test_bad_request_gets_a_contract_fault(lab, client):
    """No client checks patterns; the gateway's fault carries code 1006 and each field that breaks the contract."""
    outcome = client.call(lab.url("jiangxi"), "subscribeToVSOP", lab.request("999", TONE, SystemId="0"))
    assert outcome.broken == ("1006", ["SystemId", "ProductNo"])


def test_fault_speaks_chinese(lab, client):
    """The detail's Chinese text arrives intact."""
    outcome = client.call(lab.url("jiangxi"), "subscribeToVSOP", lab.request("号码", TONE))
    detail = outcome.fault["detail"]["ContractFault"]
    told = (detail["MessageZh"].split(" (")[0], outcome.violations[0]["ExpectedZh"].split(" ")[0])
    assert told == (f"[1006] {CONTRACT_BROKEN.zh}: ProductNo", "应符合格式")


def test_query_is_checked_too(lab, client):
    """orderStateQry gets the same typed fault."""
    fields = {"StreamingNo": "211Q00001", "TimeStamp": "yesterday", "SystemId": "211", "OrderId": "W1"}
    assert client.call(lab.url("jiangxi"), "orderStateQry", fields).broken == ("1006", ["TimeStamp"])
