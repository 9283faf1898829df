"""The portal orders for its user, and takes the result."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import Temporary
from stubs.kit.errors import ActError

ACTIONS = "action: expected 0 (subscribe), 1 (unsubscribe), 2 (unsubscribe all), 3 (suspend), 4 (resume)"
ORDER = {"number": "18907910001", "offer": "F1"}


def test_result(scene: Any) -> None:
    """What VSOP reports is kept by order and offer."""
    answer = scene.ask("subResultFromVSOP")
    results = [("O-1", [{"ProductOfferID": "F1", "OPResult": "0"}])]
    assert (answer.ResultCode, scene.rows("channel-result", "order", "results")) == ("0", results)


def test_a_confirmed_order_is_sent(scene: Any) -> None:
    """subscribeToVSOP with the numbers that the act returns."""
    given = scene.act("portal", "order", **ORDER).answer
    (call,) = scene.script.calls
    sent = call.message
    assert given == {
        "order_id": sent.OrderId, "streaming_no": sent.StreamingNo, "result_code": "0", "result_desc": "ok",
    }  # fmt: skip
    offers = [(offer.ProductOfferType, offer.ProductOfferID) for offer in sent.ProductOfferInfo]
    fields = (call.operation, sent.SystemId, sent.ActionType, sent.ProdSpecCode, sent.ProductNo, offers)
    assert fields == ("subscribeToVSOP", "211", "0", "003", "18907910001", [("0", "F1")])


def test_action_and_offer_type_are_the_users(scene: Any) -> None:
    """A fixed line's bundle is ended under its own access product."""
    scene.act("portal", "order", number="07916660001", offer="F1", action="1", offer_type="1")
    sent = scene.script.calls[0].message
    told = (sent.ActionType, sent.ProductOfferInfo[0].ProductOfferType, sent.ProdSpecCode)
    assert told == ("1", "1", "001")


def test_everything_is_ended_without_an_offer(scene: Any) -> None:
    """ActionType 2 names none."""
    scene.act("portal", "order", number="18907910001", action="2")
    sent = scene.script.calls[0].message
    assert (sent.ActionType, sent.ProductOfferInfo) == ("2", [])


@pytest.mark.parametrize("action", ["3", "4"])
def test_suspend_and_resume_are_the_users_too(scene: Any, action: str) -> None:
    """For one offer."""
    scene.act("portal", "order", **ORDER, action=action)
    sent = scene.script.calls[0].message
    assert (sent.ActionType, [offer.ProductOfferID for offer in sent.ProductOfferInfo]) == (action, ["F1"])


@pytest.mark.parametrize("confirm", [True, False])
def test_the_user_is_asked_a_second_time(scene: Any, confirm: bool) -> None:
    """The journal has question and answer; a no sends nothing."""
    given = scene.act("portal", "order", **ORDER, confirm=confirm).answer
    entry = scene.stage.journal.find()[0]
    told = (entry.operation, entry.direction, entry.fields["OrderId"], entry.answer, len(scene.script.calls))
    assert told == ("confirm", "user", given["order_id"], {"confirmed": confirm}, int(confirm))


def test_confirm_only_leaves_the_sending_to_others(scene: Any) -> None:
    """The numbers are given, nothing is sent."""
    given = scene.act("portal", "confirm-only", **ORDER).answer
    entry = scene.stage.journal.find()[0]
    told = {"order_id": entry.fields["OrderId"], "streaming_no": entry.fields["StreamingNo"]}
    assert (given, scene.script.calls) == (told, [])


def test_a_refusal_is_shown_to_the_user(scene: Any) -> None:
    """It is not tried again."""
    scene.script.replies["subscribeToVSOP"] = [{"ResultCode": "5001", "ResultDesc": "已订购"}]
    given = scene.act("portal", "order", **ORDER).answer
    assert (given["result_code"], given["result_desc"], len(scene.script.calls)) == ("5001", "已订购", 1)


def test_silence_is_tried_again_and_then_told(scene: Any) -> None:
    """Five attempts under one number; the act fails with the numbers, so that the order can be found."""
    scene.script.replies["subscribeToVSOP"] = [Temporary("vsop", "subscribeToVSOP: timeout")] * 9
    outcome = scene.act("portal", "order", **ORDER)
    scene.later(5)
    numbers = {call.message.StreamingNo for call in scene.script.calls}
    error = outcome.error
    assert isinstance(error, ActError)
    assert (error.status, {error.more["streaming_no"]}, len(scene.script.calls)) == (502, numbers, 5)


def test_orders_have_numbers_of_their_own(scene: Any) -> None:
    """Also within one second; the contract's forms hold."""
    given = [scene.act("portal", "order", **ORDER).answer for _ in range(3)]
    assert len({g["order_id"] for g in given} | {g["streaming_no"] for g in given}) == 6


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"offer": "F1"}, "number is missing"),
        ({**ORDER, "colour": "red"}, "unknown field colour; there are number, offer, action, offer_type, confirm"),
        ({**ORDER, "confirm": "yes"}, "confirm: expected true or false"),
        ({**ORDER, "offer": 1}, "offer: expected text"),
        ({**ORDER, "action": "5"}, ACTIONS),
        ({"number": "18907910001", "action": "3"}, "offer is missing"),
        ({**ORDER, "action": "2"}, "offer: action 2 ends everything and names none"),
    ],
)
def test_a_wrong_act_is_told_why(scene: Any, body: dict[str, Any], reason: str) -> None:
    """And nothing happens."""
    error = scene.act("portal", "order", **body).error
    assert isinstance(error, ActError)
    assert (error.status, error.reason, scene.stage.journal.find()) == (400, reason, [])
