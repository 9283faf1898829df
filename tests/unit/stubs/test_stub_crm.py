"""CRM completes orders once, and has bundles archived; its receipts are all kept."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.contract import Codec
from gateway.errors import Temporary

BUNDLE = {"number": "18907910001", "offer": "B1", "products": ["P1", "P2"], "send": False}


def accepted(scene: Any, **body: Any) -> str:
    order: str = scene.act("crm", "accept", **{**BUNDLE, **body}).answer["order_id"]
    return order


def changed(scene: Any, kind: str, **body: Any) -> None:
    """Let the clerk change a user, and the change be carried out."""
    order = scene.act("crm", "user", kind=kind, **{"number": "18907910001", **body}, send=False).answer["order_id"]
    scene.ask("orderReceipt", OrigOrderId=order, VProductInfo=[])
    scene.later(0.1)


def test_a_bundle_is_archived(scene: Any, routing: Any) -> None:
    """archiveOrder to billing after the receipt, with order, offer and products (seed 3.2.1 step 6)."""
    order = accepted(scene)
    answer = scene.send("orderReceipt", scene.request("orderReceipt", OrigOrderId=order), routing).answer
    scene.later(0.1)
    (call,) = scene.script.calls
    sent = call.message
    assert (answer.ResultCode, call.contract, call.operation, call.routing) == ("0", "billing", "archiveOrder", routing)
    fields = (sent.SystemId, sent.OrderId, sent.ActionType, sent.ProdSpecCode, sent.ProductNo, sent.ProductOfferID)
    assert fields == ("201", order, "14", "003", "18907910001", "B1")
    assert [(item.ActionType, item.VProductID) for item in sent.VProductInfo] == [("0", "P1"), ("0", "P2")]


def test_the_receipt_is_kept(scene: Any) -> None:
    """With number, order, result and products."""
    order = accepted(scene)
    scene.ask("orderReceipt", OrigOrderId=order)
    results = [{"ProductID": "P1", "OPResult": "0"}]
    rows = scene.rows("receipt", "number", "order", "known", "result_code", "results")
    assert rows == [("18907910001", order, True, "0", results)]


def test_archived_once(scene: Any) -> None:
    """However often the receipt comes, and billing is asked until it has the order."""
    order = accepted(scene)
    scene.script.replies["archiveOrder"] = [Temporary("billing", "timeout"), {"ResultCode": "9001"}]
    for _ in range(2):
        scene.ask("orderReceipt", OrigOrderId=order)
        scene.later(1)
    numbers = [call.message.StreamingNo for call in scene.script.calls]
    assert (len(numbers), len(set(numbers)), len(scene.rows("receipt", "order"))) == (3, 1, 2)


def test_what_failed_is_not_archived(scene: Any, codecs: dict[str, Codec]) -> None:
    """Of an order done in part, only that part."""
    order = accepted(scene)
    make = codecs["crm"]["ProductResult"]
    results = [make(ProductID="P1", OPResult="8001"), make(ProductID="P2", OPResult="0")]
    scene.ask("orderReceipt", OrigOrderId=order, VProductInfo=results)
    scene.later(0.1)
    assert [item.VProductID for item in scene.script.calls[0].message.VProductInfo] == ["P2"]


def test_an_order_that_failed_is_not_archived(scene: Any) -> None:
    """It may succeed later."""
    order = accepted(scene)
    counts = []
    for code in ("8001", "0"):
        scene.ask("orderReceipt", OrigOrderId=order, OrderResultCode=code)
        scene.later(0.1)
        counts.append(len(scene.script.calls))
    assert counts == [0, 1]


def test_a_receipt_of_an_order_that_crm_has_not_accepted(scene: Any) -> None:
    """Is kept and confirmed; nothing follows."""
    answer = scene.ask("orderReceipt", OrigOrderId="O-9")
    scene.later(0.1)
    assert (answer.ResultCode, scene.rows("receipt", "known", "number"), scene.script.calls) == ("0", [(False, "")], [])


@pytest.mark.parametrize("more", [{"kind": "10"}, {"kind": "11", "state": "stopped"}, {"kind": "15"}])
def test_user_changes_are_not_archived(scene: Any, more: dict[str, str]) -> None:
    """They are only completed."""
    changed(scene, **more)
    assert (scene.script.calls, len(scene.rows("receipt", "order"))) == ([], 1)


def test_users_of_the_set_follow_crm(scene: Any) -> None:
    """A new number, another way to pay, a new user, and a user who is gone."""
    changed(scene, "12", number="18907910008", old_number="18907910001")
    changed(scene, "16", number="18907910008", pay="postpaid")
    changed(scene, "10", number="07916660009", pay="prepaid")
    changed(scene, "15", number="18907910002")
    numbers = ("18907910001", "18907910008", "07916660009", "18907910002")
    found = [scene.world.subscriber(number) for number in numbers]
    assert [one and (one.spec, one.prepaid, one.balance) for one in found] == [
        None, ("003", False, 5000), ("001", True, 5000), None,
    ]  # fmt: skip


def test_a_change_that_failed_changes_no_user(scene: Any) -> None:
    """The user stays."""
    order = scene.act("crm", "user", kind="15", number="18907910001", send=False).answer["order_id"]
    scene.ask("orderReceipt", OrigOrderId=order, OrderResultCode="3001")
    assert scene.world.subscriber("18907910001") is not None
