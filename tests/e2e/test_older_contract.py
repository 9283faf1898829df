"""Two versions of vsop served at once by a real gateway: an old client orders, a new one sees the order, the operator sees who is old."""

from __future__ import annotations

from pathlib import Path

import pytest
import zeep
from acts import X
from testlab import TestLab

NUMBERS = [f"18907916{i:03d}" for i in range(10)]
OLDER = Path(__file__).parents[1] / "contract/older"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Group and Jiangxi, which serves vsop v0 beside v1."""
    lab = TestLab(tmp_path_factory.mktemp("older"), ("group", "jiangxi"), NUMBERS, gateway__older=str(OLDER))
    try:
        lab.start()
        yield lab
    finally:
        codes = lab.stop()
    assert set(codes.values()) == {0}, codes


@pytest.fixture(scope="module")
def old(lab):
    """An old client, made from the old contract as it is served."""
    return zeep.Client(f"{lab.url('jiangxi')}/v0?wsdl", settings=zeep.Settings(strict=True)).service


def request(number, order_id):
    """What an old portal sends."""
    return {
        "StreamingNo": f"211{order_id}", "TimeStamp": "20261124120000", "SystemId": "211", "OrderId": order_id, "ProdSpecCode": "003",
        "MSISDN": number, "UserName": "Ann", "ProductOfferInfo": [{"ProductOfferID": X}],
    }  # fmt: skip


def test_old_order_becomes_a_relation(lab, old):
    """It runs through the same flow: the user holds the product, as if the present version had ordered it."""
    assert old.subscribeToVSOP(**request(NUMBERS[0], "OLD0001")).ResultCode == "0"
    lab.settled("jiangxi", "OLD0001")
    assert list(lab.relations("jiangxi", NUMBERS[0]).values()) == ["active"]


def test_old_query_tells_the_state_of_a_present_order(lab, old):
    """Both versions see the same orders; the old answer has the old field."""
    wanted = lab.request(NUMBERS[1], X)
    assert lab.client("jiangxi").service.subscribeToVSOP(**wanted).ResultCode == "0"
    lab.settled("jiangxi", wanted["OrderId"])
    answer = old.orderStateQry(StreamingNo="211OLDQUERY", TimeStamp="20261124120000", SystemId="211", OrderId=wanted["OrderId"])
    assert (answer.ResultCode, answer.State) == ("0", "10F")


def test_repeat_in_the_present_version_is_known(lab, old):
    """The same request under the same number gets the first answer: what is remembered is the present message."""
    old.subscribeToVSOP(**request(NUMBERS[2], "OLD0003"))
    present = lab.client("jiangxi").service.subscribeToVSOP(
        StreamingNo="211OLD0003", TimeStamp="20261124120000", SystemId="211", ActionType="0", OrderId="OLD0003", ProdSpecCode="003",
        ProductNo=NUMBERS[2], ProductOfferInfo=[{"ProductOfferType": "0", "ProductOfferID": X}],
    )  # fmt: skip
    assert (present.StreamingNo, present.ResultCode) == ("211OLD0003", "0")
    assert len(lab.admin("jiangxi").get(f"numbers/{NUMBERS[2]}")["orders"]) == 1


def test_operator_sees_who_calls_the_old_version(lab, old):
    """By SystemId and address, with the number of calls and the last one."""
    old.orderStateQry(StreamingNo="211OLDUSAGE", TimeStamp="20261124120000", SystemId="211", OrderId="OLD0001")
    (caller,) = lab.admin("jiangxi").get("older")
    assert (caller["contract"], caller["version"], caller["system"], caller["peer"], caller["operation"]) == (
        "vsop", "v0", "211", "127.0.0.1", "orderStateQry",
    )  # fmt: skip
    assert caller["calls"] >= 1
    assert "contract.old" in (lab.directory / "jiangxi.log").read_text()
