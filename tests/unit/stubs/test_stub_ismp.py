"""ISMP checks the fee itself, activates, answers, and then reports to VSOP."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract import Codec
from gateway.contract.codec import Message
from gateway.errors import Temporary

SILENT = Temporary("ocs", "feeCheck: timeout")


def parties(number: str) -> dict[str, str]:
    return {"OA": number, "DA": number, "FA": number}


def test_a_prepaid_payer_is_checked(scene: Any, routing: Message) -> None:
    """feeCheck for FA, under ISMP's system code, with the Routing header of the request."""
    request = scene.request("subActionFromVSOP", DA="18907910005", FA="18907910001")
    scene.send("subActionFromVSOP", request, routing)
    call = scene.script.calls[0]
    told = (call.contract, call.operation, call.message.ProductNo, call.message.SystemId, call.message.ProdSpecCode)
    assert (told, call.routing) == (("ocs", "feeCheck", "18907910001", "204", "003"), routing)


@pytest.mark.parametrize("number", ["18907910005", "18900000000"])
def test_other_payers_are_not_checked(scene: Any, number: str) -> None:
    """Neither postpaid nor unknown ones."""
    answer = scene.ask("subActionFromVSOP", **parties(number))
    assert (answer.ResultCode, scene.called("feeCheck")) == ("0", [])


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"Balance": 1}, "0"),
        ({"Balance": 0}, "6001"),
        ({"Balance": -5}, "6001"),
        ({"Balance": None}, "6001"),
        ({"ResultCode": "3001", "Balance": None}, "3001"),
    ],
)
def test_balance_decides(scene: Any, reply: dict[str, Any], code: str) -> None:
    """Above zero passes; a refusal activates nothing and reports nothing."""
    scene.script.replies["feeCheck"] = [reply]
    answer = scene.ask("subActionFromVSOP")
    scene.later(1)
    done = len(scene.rows("activation", "product")), len(scene.called("subsInstSynFromISMP"))
    assert (answer.ResultCode, done) == (code, (1, 1) if code == "0" else (0, 0))


def test_a_busy_ocs_is_asked_again(scene: Any) -> None:
    """Under the same number; the order goes on."""
    scene.script.replies["feeCheck"] = [{"ResultCode": "9001", "Balance": None}, SILENT]
    outcome = scene.send("subActionFromVSOP", scene.request("subActionFromVSOP"))
    scene.later(1)
    numbers = [call.message.StreamingNo for call in scene.called("feeCheck")]
    assert (outcome.answer.ResultCode, len(numbers), len(set(numbers))) == ("0", 3, 1)


def test_a_silent_ocs_makes_ismp_busy(scene: Any) -> None:
    """9001 is no decision: the same request asks OCS anew."""
    scene.script.replies["feeCheck"] = [SILENT] * 5
    request = scene.request("subActionFromVSOP")
    first = scene.send("subActionFromVSOP", request)
    scene.later(5)
    second = scene.send("subActionFromVSOP", request)
    assert (first.answer.ResultCode, second.answer.ResultCode) == ("9001", "0")


def test_a_set_without_ocs_makes_ismp_busy(scene: Any) -> None:
    """A prepaid user is never activated unchecked."""
    scene.script.absent.add("ocs")
    outcome = scene.send("subActionFromVSOP", scene.request("subActionFromVSOP"))
    scene.later(5)
    assert (outcome.answer.ResultCode, scene.world.services.active) == ("9001", {})


def test_final_answer(scene: Any, codecs: dict[str, Codec]) -> None:
    """A result for each product; DA has the service."""
    make = codecs["ismp"]["ProductAction"]
    answer = scene.ask("subActionFromVSOP", DA="18907910002", ProductInfo=[make(ProductID="P1"), make(ProductID="P2")])
    assert [(item.ProductID, item.OPResult) for item in answer.ResultInfo] == [("P1", "0"), ("P2", "0")]
    assert list(scene.world.services.active) == [("ismp", "18907910002", "P1"), ("ismp", "18907910002", "P2")]


def test_the_report_follows_the_answer(scene: Any, routing: Message) -> None:
    """subsInstSynFromISMP, OPType 0, for the using party, with the Routing header."""
    request = scene.request("subActionFromVSOP", SrcDeviceType="211")
    scene.send("subActionFromVSOP", request, routing)
    at_once = len(scene.called("subsInstSynFromISMP"))
    scene.later(0.02)
    (call,) = scene.called("subsInstSynFromISMP")
    told = call.message
    assert (at_once, call.at > 0, call.routing) == (0, True, routing)
    fields = (told.UserID, told.UserIDType, told.ProductID, told.PProductOfferID, told.OPType, told.ChannelPlayerID)
    assert (fields, told.SystemId) == (("18907910001", "0", "P1", "F1", "0", "211"), "204")


def test_each_product_is_reported_in_order(scene: Any, codecs: dict[str, Codec]) -> None:
    """Under a number of its own; a report that is not taken at first holds back the next."""
    make = codecs["ismp"]["ProductAction"]
    scene.script.replies["subsInstSynFromISMP"] = [SILENT]
    scene.ask("subActionFromVSOP", ProductInfo=[make(ProductID="P1"), make(ProductID="P2")])
    scene.later(1)
    reports = [(call.message.ProductID, call.message.StreamingNo) for call in scene.called("subsInstSynFromISMP")]
    assert [product for product, _ in reports] == ["P1", "P1", "P2"]
    assert len({number for _, number in reports}) == 2
    assert scene.rows("relation-report", "product", "order", "action") == [("P1", "O-1", "0"), ("P2", "O-1", "0")]


def test_a_report_that_is_never_taken_does_not_block_the_next(scene: Any, codecs: dict[str, Codec]) -> None:
    """After twenty attempts the next product has its turn."""
    make = codecs["ismp"]["ProductAction"]
    scene.script.replies["subsInstSynFromISMP"] = [SILENT] * 20
    scene.ask("subActionFromVSOP", ProductInfo=[make(ProductID="P1"), make(ProductID="P2")])
    scene.later(60)
    assert scene.rows("relation-report", "product") == ["P2"]


def test_unsubscribe(scene: Any) -> None:
    """No fee check; OPType 3."""
    scene.ask("subActionFromVSOP", **parties("18907910005"))
    answer = scene.ask("unSubActionFromVSOP", UserID="18907910005")
    scene.later(0.1)
    told = [call.message.OPType for call in scene.called("subsInstSynFromISMP")]
    assert (answer.ResultCode, scene.world.services.active, told, scene.called("feeCheck")) == ("0", {}, ["0", "3"], [])


def test_ending_what_is_not_active_succeeds(scene: Any) -> None:
    """The user has what was asked for."""
    answer = scene.ask("unSubActionFromVSOP")
    assert [(item.ProductID, item.OPResult) for item in answer.ResultInfo] == [("P1", "0")]


@pytest.mark.parametrize(
    ("number", "codes"),
    [("18907919001", ["8001", "8001"]), ("18907919004", ["9001", "0"])],
)
def test_magic_answers(scene: Any, number: str, codes: list[str]) -> None:
    """9001 refuses, 9004 is busy once."""
    request = scene.request("subActionFromVSOP", **parties(number))
    assert [scene.send("subActionFromVSOP", request).answer.ResultCode for _ in range(2)] == codes


def test_9003_reports_after_the_late_answer(scene: Any) -> None:
    """Three seconds, then the report."""
    outcome = scene.send("subActionFromVSOP", scene.request("subActionFromVSOP", **parties("18907919003")))
    scene.later(2.95)
    before = (outcome.pending, len(scene.called("subsInstSynFromISMP")))
    scene.later(0.1)
    assert (before, outcome.pending, len(scene.called("subsInstSynFromISMP"))) == ((True, 0), False, 1)


def test_9008_reports_before_the_answer(scene: Any) -> None:
    """Once; what VSOP has taken is not sent again."""
    scene.ask("subActionFromVSOP", **parties("18907919008"))
    before = len(scene.called("subsInstSynFromISMP"))
    scene.later(1)
    assert (before, len(scene.called("subsInstSynFromISMP"))) == (1, 1)


def test_9008_does_not_wait_for_a_gateway_that_wants_the_answer_first(scene: Any) -> None:
    """One attempt before the answer; the rest after it, under the same number."""
    scene.script.replies["subsInstSynFromISMP"] = [{"ResultCode": "9001"}]
    answer = scene.ask("subActionFromVSOP", **parties("18907919008"))
    scene.later(1)
    numbers = [call.message.StreamingNo for call in scene.called("subsInstSynFromISMP")]
    assert (answer.ResultCode, len(numbers), len(set(numbers))) == ("0", 2, 1)


def test_9009_acts_once_and_loses_its_first_answer(scene: Any) -> None:
    """The relation is reported all the same."""
    request = scene.request("subActionFromVSOP", **parties("18907919009"))
    lost, told = scene.send("subActionFromVSOP", request), scene.send("subActionFromVSOP", request)
    scene.later(0.1)
    assert lost.error.answer == told.answer
    assert (len(scene.rows("activation", "product")), len(scene.called("subsInstSynFromISMP"))) == (1, 1)
