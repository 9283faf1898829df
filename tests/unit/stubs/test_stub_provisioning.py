"""Provisioning takes orders apart between CRM and VSOP."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract import Codec
from gateway.errors import Temporary

SILENT = Temporary("vsop", "workListFKToVSOP: timeout")


def submit(scene: Any, **changes: Any) -> str:
    code: str = scene.ask("submitCustomerOrder", **changes).ResultCode
    scene.later(0.1)
    return code


def sent(scene: Any) -> list[tuple[str, str]]:
    return [(call.contract, call.operation) for call in scene.script.calls]


def receipts(scene: Any) -> list[tuple[str, str]]:
    return [(call.message.OrigOrderId, call.message.OrderResultCode) for call in scene.called("orderReceipt")]


@pytest.mark.parametrize("action", ["14", "20"])
def test_a_bundle_with_vas_becomes_a_work_order(scene: Any, action: str) -> None:
    """workListFKToVSOP for the same order, under provisioning's own number; CRM waits (seed 3.2.1 step 3)."""
    request = scene.request("submitCustomerOrder", ActionType=action)
    answer = scene.send("submitCustomerOrder", request).answer
    at_once = len(scene.script.calls)
    scene.later(0.1)
    (call,) = scene.script.calls
    told = call.message
    assert (answer.ResultCode, at_once, call.contract, call.operation) == ("0", 0, "vsop", "workListFKToVSOP")
    assert (told.SystemId, told.StreamingNo[:3], told.OrderId, told.ActionType) == ("206", "206", "O-1", action)
    assert ([item.VProductID for item in told.VProductInfo], told.ProductOfferID, told.UserState) == (
        ["P1"], "B1", "00A",
    )  # fmt: skip


@pytest.mark.parametrize("action", ["14", "20"])
def test_a_bundle_without_vas_is_done_at_once(scene: Any, action: str) -> None:
    """VSOP is not asked; CRM has its receipt."""
    submit(scene, ActionType=action, VProductInfo=[])
    assert (sent(scene), receipts(scene)) == ([("crm", "orderReceipt")], [("O-1", "0")])


@pytest.mark.parametrize("action", ["10", "11", "12", "13", "15", "16"])
def test_a_user_change_is_done_and_passed_on(scene: Any, action: str) -> None:
    """The receipt to CRM first, then the work order to VSOP (second 3.1 steps 2a and 2b)."""
    submit(scene, ActionType=action, VProductInfo=[])
    assert (sent(scene), receipts(scene)) == ([("crm", "orderReceipt"), ("vsop", "workListFKToVSOP")], [("O-1", "0")])


def test_a_crm_that_is_down_does_not_keep_a_user_change_from_vsop(scene: Any) -> None:
    """The receipt is tried again meanwhile."""
    scene.script.absent.add("crm")
    submit(scene, ActionType="15", VProductInfo=[])
    assert sent(scene) == [("vsop", "workListFKToVSOP")]


@pytest.mark.parametrize("code", ["0", "8001"])
def test_the_receipt_goes_on_to_crm(scene: Any, codecs: dict[str, Codec], routing: Any, code: str) -> None:
    """With VSOP's result and products (seed 3.2.1 step 5)."""
    submit(scene)
    result = codecs["provisioning"]["ProductResult"](ProductID="P1", OPResult=code)
    request = scene.request("workListVSOPToFK", OrderResultCode=code, OrderResultDesc="so", VProductInfo=[result])
    answer = scene.send("workListVSOPToFK", request, routing).answer
    scene.later(0.1)
    call = scene.script.calls[-1]
    told = call.message
    assert (answer.ResultCode, call.contract, call.operation, call.routing) == ("0", "crm", "orderReceipt", routing)
    assert (told.SystemId, told.OrigOrderId, told.OrderResultCode, told.OrderResultDesc) == ("206", "O-1", code, "so")
    assert [(item.ProductID, item.OPResult) for item in told.VProductInfo] == [("P1", code)]


def test_every_work_receipt_is_kept(scene: Any) -> None:
    """CRM is told once."""
    submit(scene)
    for _ in range(2):
        scene.ask("workListVSOPToFK")
        scene.later(0.1)
    rows = scene.rows("work-receipt", "number", "order", "known", "result_code")
    assert (rows, receipts(scene)) == ([("18907910001", "O-1", True, "0")] * 2, [("O-1", "0")])


def test_the_receipt_of_a_user_change_ends_here(scene: Any) -> None:
    """CRM has had its own."""
    submit(scene, ActionType="11", VProductInfo=[])
    scene.ask("workListVSOPToFK", OrderResultCode="3001")
    scene.later(0.1)
    assert receipts(scene) == [("O-1", "0")]


def test_the_receipt_of_an_unknown_order(scene: Any) -> None:
    """Is kept and confirmed."""
    answer = scene.ask("workListVSOPToFK")
    scene.later(0.1)
    assert (answer.ResultCode, scene.rows("work-receipt", "known", "number"), scene.script.calls) == (
        "0", [(False, "")], [],
    )  # fmt: skip


def test_a_refused_work_order_is_the_end(scene: Any) -> None:
    """CRM gets VSOP's code."""
    scene.script.replies["workListFKToVSOP"] = [{"ResultCode": "3001", "ResultDesc": "用户不存在"}]
    submit(scene)
    assert (receipts(scene), scene.called("orderReceipt")[0].message.OrderResultDesc) == (
        [("O-1", "3001")],
        "用户不存在",
    )


def test_a_busy_or_silent_vsop_is_asked_again(scene: Any) -> None:
    """Under one number; CRM hears nothing yet."""
    scene.script.replies["workListFKToVSOP"] = [{"ResultCode": "9001"}, SILENT]
    submit(scene)
    scene.later(1)
    numbers = [call.message.StreamingNo for call in scene.called("workListFKToVSOP")]
    assert (len(numbers), len(set(numbers)), receipts(scene)) == (3, 1, [])


def test_a_silent_crm_is_told_again(scene: Any) -> None:
    """Under one number, until it has the receipt."""
    scene.script.replies["orderReceipt"] = [Temporary("crm", "timeout"), {"ResultCode": "9001"}]
    submit(scene, VProductInfo=[])
    scene.later(1)
    numbers = [call.message.StreamingNo for call in scene.called("orderReceipt")]
    assert (len(numbers), len(set(numbers))) == (3, 1)


def test_the_same_order_under_another_streaming_number(scene: Any) -> None:
    """Is confirmed, and not begun twice."""
    codes = [submit(scene) for _ in range(2)]
    assert (codes, len(scene.script.calls)) == (["0", "0"], 1)


def test_another_order_under_the_same_order_number(scene: Any) -> None:
    """Is refused; the first stands."""
    codes = [submit(scene), submit(scene, ProductNo="18907910002")]
    assert (codes, len(scene.script.calls)) == (["0", "2003"], 1)
