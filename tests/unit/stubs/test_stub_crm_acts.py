"""CRM's clerks file the catalogue, accept bundles, and change users."""

from __future__ import annotations

from typing import Any

import pytest
from written_objects import OFFER, PRODUCT

from gateway.contract import Codec
from gateway.errors import Temporary

BUNDLE = {"number": "18907910001", "offer": "B1", "products": ["P1"]}
STATE = {"object_type": "product", "object_id": "P1", "status": "suspended"}
FILED = [
    ("apply-product", PRODUCT, "submitProductApplication", "apply"),
    ("apply-offer", OFFER, "submitOfferApplication", "apply"),
    ("change-state", STATE, "submitStateChange", "change-state"),
]


def sent(scene: Any) -> list[tuple[str, str]]:
    return [(call.contract, call.operation) for call in scene.script.calls]


@pytest.mark.parametrize(("act", "body", "operation", "noted"), FILED)
def test_an_application_is_filed(scene: Any, act: str, body: dict[str, Any], operation: str, noted: str) -> None:
    """With PPM, under numbers that the act tells and the journal knows (seed 2.1 steps 1 and 5)."""
    given = scene.act("crm", act, **body).answer
    (call,) = scene.script.calls
    (entry,) = scene.stage.journal.find(operation=noted, streaming_no=given["streaming_no"])
    assert (call.contract, call.operation, call.message.SystemId) == ("ppm", operation, "201")
    told = (call.message.ApplicationId, call.message.StreamingNo, "0")
    assert (given["application_id"], given["streaming_no"], given["result_code"]) == told
    assert (entry.direction, entry.fields["ApplicationId"]) == ("user", given["application_id"])


@pytest.mark.parametrize(("act", "body", "operation", "noted"), FILED)
def test_an_application_that_others_file(
    scene: Any, act: str, body: dict[str, Any], operation: str, noted: str
) -> None:
    """Under a number of the clerk's own, if there is one."""
    given = scene.act("crm", act, **body, application_id="A-1", send=False).answer
    found = scene.stage.journal.find(operation=noted, streaming_no=given["streaming_no"])
    assert (given["application_id"], len(found), scene.script.calls) == ("A-1", 1, [])


def test_what_is_filed(scene: Any) -> None:
    """Objects are applied for; a change of state names object and state."""
    for act, body, _, _ in FILED:
        scene.act("crm", act, **body)
    first, second, third = [call.message for call in scene.script.calls]
    statuses = (first.ProductInfo.Status, second.ProductOfferInfo.Status, second.ProductOfferInfo.ProductOfferType)
    assert (statuses, third.ObjectType, third.ObjectID, third.Status) == (("1", "1", "1"), "0", "P1", "2")


def test_a_refused_application_is_told(scene: Any) -> None:
    """With PPM's words."""
    scene.script.replies["submitStateChange"] = [{"ResultCode": "4001", "ResultDesc": "产品不存在"}]
    given = scene.act("crm", "change-state", **STATE).answer
    assert (given["result_code"], given["result_desc"]) == ("4001", "产品不存在")


def test_a_bundle_is_authorised_and_handed_over(scene: Any) -> None:
    """subscribeAuth to VSOP, then submitCustomerOrder to provisioning (seed 3.2.1 steps 1 to 3)."""
    given = scene.act("crm", "accept", **BUNDLE).answer
    auth, order = [call.message for call in scene.script.calls]
    assert sent(scene) == [("vsop", "subscribeAuth"), ("provisioning", "submitCustomerOrder")]
    assert given == {
        "order_id": order.OrderId, "auth_streaming_no": auth.StreamingNo, "order_streaming_no": order.StreamingNo,
        "auth_result": "0", "auth_code": "0", "reasons": [], "result_code": "0", "result_desc": "ok",
    }  # fmt: skip


def test_what_is_authorised(scene: Any) -> None:
    """Bundle, number, products and capabilities."""
    scene.act("crm", "accept", **BUNDLE, capabilities=["1"])
    asked = scene.script.calls[0].message
    (user,) = asked.ProductInfo
    products = [(item.ActionType, item.VProductID) for item in user.VProductInfo]
    capabilities = [(item.ActionType, item.AProductID) for item in user.AProductInfo]
    told = (asked.SystemId, asked.ProductOfferID, user.ProdSpecCode, user.ProductNo, products, capabilities)
    assert told == ("201", "B1", "003", "18907910001", [("0", "P1")], [("0", "1")])


@pytest.mark.parametrize(("more", "action"), [({}, "14"), ({"capabilities": ["1"]}, "20")])
def test_what_is_handed_over(scene: Any, more: dict[str, Any], action: str) -> None:
    """14, or 20 if capabilities come with the products; the user is active and pays as before."""
    scene.act("crm", "accept", **BUNDLE, **more)
    work = scene.script.calls[1].message
    items = [(item.ActionType, item.VProductID) for item in work.VProductInfo]
    told = (work.ActionType, work.ProductNo, work.ProductOfferID, items, work.UserState, work.UserPayType)
    assert told == (action, "18907910001", "B1", [("0", "P1")], "00A", "1")


def test_an_unsubscription_is_not_authorised(scene: Any) -> None:
    """Seed 3.2.3 begins with the order."""
    given = scene.act("crm", "accept", **BUNDLE, action="1").answer
    (item,) = scene.script.calls[0].message.VProductInfo
    told = (sent(scene), item.ActionType, given["auth_streaming_no"], given["result_code"])
    assert told == ([("provisioning", "submitCustomerOrder")], "1", None, "0")


def test_a_bundle_without_vas_product_is_not_authorised(scene: Any) -> None:
    """VSOP has no part in it."""
    scene.act("crm", "accept", number="18907910001", offer="B1")
    assert (sent(scene), scene.script.calls[0].message.VProductInfo) == ([("provisioning", "submitCustomerOrder")], [])


@pytest.mark.parametrize(
    ("result", "confirm", "calls", "desc"),
    [
        ("0", False, 2, "ok"),
        ("1", True, 2, "ok"),
        ("1", False, 1, "not confirmed: nothing was sent"),
        ("2", True, 1, "refused: nothing was sent"),
    ],
)
def test_the_decision_decides(scene: Any, result: str, confirm: bool, calls: int, desc: str) -> None:
    """Pass goes on, pass when confirmed goes on if the user confirms, refused never; the journal says which."""
    scene.script.replies["subscribeAuth"] = [{"AuthResult": result}]
    given = scene.act("crm", "accept", **BUNDLE, confirm=confirm).answer
    (entry,) = scene.stage.journal.find(operation="decided", order=given["order_id"])
    told = (
        given["auth_result"],
        given["result_desc"],
        len(scene.script.calls),
        entry.answer,
        entry.fields["AuthResult"],
    )
    assert told == (result, desc, calls, {"confirmed": calls == 2}, result)


def test_reasons_are_told(scene: Any, codecs: dict[str, Codec]) -> None:
    """For each product, as VSOP says them."""
    vsop = codecs["vsop"]
    product = vsop["AuthProductResult"](VProductID="P1", OPResult="6", OPDesc="互斥")
    user = vsop["AuthUserResult"](ProdSpecCode="003", ProductNo="18907910001", VProductInfo=[product])
    scene.script.replies["subscribeAuth"] = [{"ResultCode": "5003", "AuthResult": "2", "ProductInfo": [user]}]
    given = scene.act("crm", "accept", **BUNDLE).answer
    reasons = [{"number": "18907910001", "product": "P1", "code": "6", "text": "互斥"}]
    assert (given["auth_code"], given["reasons"], given["result_code"]) == ("5003", reasons, None)


def test_silence_is_told(scene: Any) -> None:
    """The act fails with its numbers; provisioning is not asked."""
    scene.script.replies["subscribeAuth"] = [Temporary("vsop", "timeout")] * 9
    outcome = scene.act("crm", "accept", **BUNDLE)
    scene.later(5)
    error = outcome.error
    assert (error.status, error.reason, len(scene.script.calls), list(error.more)) == (
        502, "subscribeAuth: no answer came; see the journal", 5, ["order_id", "auth_streaming_no", "order_streaming_no"],
    )  # fmt: skip


def test_a_bundle_that_others_send(scene: Any) -> None:
    """Numbers for both messages are given; `accept` is found by either and by the order."""
    given = scene.act("crm", "accept", **BUNDLE, send=False).answer
    journal = scene.stage.journal
    numbers = (given["auth_streaming_no"], given["order_streaming_no"])
    found = [journal.find(streaming_no=number) for number in numbers] + [journal.find(order=given["order_id"])]
    assert [[entry.operation for entry in entries] for entries in found] == [["accept"]] * 3
    assert scene.script.calls == []


@pytest.mark.parametrize(
    ("result", "more", "confirmed"), [("0", {}, True), ("1", {"confirm": False}, False), ("2", {}, False)]
)
def test_a_decision_that_others_heard(scene: Any, result: str, more: dict[str, Any], confirmed: bool) -> None:
    """Is noted with what the user says to it."""
    order = scene.act("crm", "accept", **BUNDLE, send=False).answer["order_id"]
    given = scene.act("crm", "decided", order_id=order, auth_result=result, **more).answer
    (entry,) = scene.stage.journal.find(operation="decided", order=order)
    assert given == {"order_id": order, "auth_result": result, "confirmed": confirmed}
    assert (entry.direction, entry.answer) == ("user", {"confirmed": confirmed})


def test_a_decision_on_an_unknown_order(scene: Any) -> None:
    """404."""
    error = scene.act("crm", "decided", order_id="O-9", auth_result="0").error
    assert (error.status, error.reason) == (404, "CRM has accepted no such order")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"kind": "10", "number": "18907910099"}, ("10", "18907910099", None, "00A", "0")),
        ({"kind": "10", "number": "18907910099", "pay": "prepaid"}, ("10", "18907910099", None, "00A", "1")),
        ({"kind": "11", "state": "stopped"}, ("11", "18907910001", None, "00B", "1")),
        ({"kind": "11", "state": "00C"}, ("11", "18907910001", None, "00C", "1")),
        (
            {"kind": "12", "number": "18907910099", "old_number": "18907910001"},
            ("12", "18907910099", "18907910001", "00A", "1"),
        ),
        ({"kind": "15"}, ("15", "18907910001", None, "00X", "1")),
        ({"kind": "16", "pay": "postpaid"}, ("16", "18907910001", None, "00A", "0")),
    ],
)
def test_a_user_is_changed(scene: Any, body: dict[str, Any], told: tuple[str | None, ...]) -> None:
    """submitCustomerOrder to provisioning (second 3.1 step 1); what is not said stays as it is."""
    given = scene.act("crm", "user", **{"number": "18907910001", **body}).answer
    (call,) = scene.script.calls
    work = call.message
    assert (work.ActionType, work.ProductNo, work.OldProductNo, work.UserState, work.UserPayType) == told
    assert given == {
        "order_id": work.OrderId, "order_streaming_no": work.StreamingNo, "result_code": "0", "result_desc": "ok",
    }  # fmt: skip


def test_capabilities_come_and_go(scene: Any) -> None:
    """A minus takes one away."""
    scene.act("crm", "user", kind="13", number="18907910001", capabilities=["1", "-5"])
    work = scene.script.calls[0].message
    assert [(item.ActionType, item.AProductID) for item in work.AProductInfo] == [("0", "1"), ("1", "5")]


def test_a_change_that_others_send(scene: Any) -> None:
    """The journal knows when the clerk had it."""
    given = scene.act("crm", "user", kind="15", number="18907910001", send=False).answer
    (entry,) = scene.stage.journal.find(operation="user", order=given["order_id"])
    told = (entry.direction, entry.fields["ActionType"], entry.fields["StreamingNo"], scene.script.calls)
    assert told == ("user", "15", given["order_streaming_no"], [])


@pytest.mark.parametrize(
    ("act", "body", "reason"),
    [
        ("accept", {"offer": "B1"}, "number is missing"),
        ("accept", {**BUNDLE, "action": "3"}, "action: expected subscribe, unsubscribe"),
        ("accept", {**BUNDLE, "products": "P1"}, "products: expected a list of texts"),
        ("user", {"kind": "14", "number": "1"}, "kind: expected 10, 11, 12, 13, 15, 16"),
        ("user", {"kind": "11", "number": "1"}, "state is missing"),
        ("user", {"kind": "12", "number": "1"}, "old_number is missing"),
        ("user", {"kind": "13", "number": "1"}, "capabilities is missing"),
        ("user", {"kind": "16", "number": "1"}, "pay is missing"),
        ("user", {"kind": "15", "number": "1", "old_number": "2"}, "old_number: only kind 12 has one"),
        ("user", {"kind": "15", "number": "1", "state": "dead"}, "state: expected active, stopped, arrears, torn-down"),
        ("change-state", {**STATE, "object_type": "bundle"}, "object_type: expected product, offer"),
        ("decided", {"order_id": "O-1", "auth_result": "3"}, "auth_result: expected pass, confirm, refused"),
    ],
)
def test_a_wrong_act_of_a_clerk_is_told_why(scene: Any, act: str, body: dict[str, Any], reason: str) -> None:
    """And nothing happens."""
    error = scene.act("crm", act, **body).error
    assert (error.status, error.reason, scene.stage.journal.find()) == (400, reason, [])
