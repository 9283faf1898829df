"""Old clients against real processes: the engines of ISMP by Zeep from the served WSDL, and what stays shut where it is not switched on."""

from __future__ import annotations

import urllib.error

import pytest
import zeep
from acts import ISMP, X, until
from testlab import get

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def engine(old_lab):
    """IsmpSpEngine of Jiangxi."""
    url = f"http://127.0.0.1:{old_lab.ports['jiangxi']}/VsopWeb/services/IsmpSpEngine?wsdl"
    return zeep.Client(url, settings=zeep.Settings(strict=True)).service


def notify(engine, number, serial, **changes):
    """ISMP tells a relation that was made at ISMP itself."""
    fields = {"OPType": 0, "productID": ISMP, "streamingNo": f"204E2E{number}{serial}", "userID": number, "userIDType": 0}
    return engine.orderRelationUpdateNotify(**{**fields, **changes})


def test_notified_relation_stands_and_ends(old_lab, engine, fresh_number):
    """orderRelationUpdateNotify keeps what subsInstSynFromISMP keeps: 0 begins a relation, 3 ends it."""
    number = fresh_number()
    states = []
    for serial, act in ((1, 0), (2, 1), (3, 2), (4, 3)):
        told = notify(engine, number, serial, OPType=act)
        states.append((told.resultCode, old_lab.relations("jiangxi", number)[ISMP]))
    assert states == [(0, "active"), (0, "suspended"), (0, "active"), (0, "ended")]


def test_notice_completes_the_order_that_waits_for_it(old_lab, engine, fresh_number):
    """The step that waits for ISMP's report is woken by it: the reports of the stub go this way, and were seen by nobody else."""
    number = fresh_number()
    request = old_lab.request(number, ISMP)
    old_lab.client("jiangxi").service.subscribeToVSOP(**request)
    legs = old_lab.settled("jiangxi", request["OrderId"])
    reports = old_lab.stubs("jiangxi").journal(role="ismp", operation="subsInstSynFromISMP")
    mine = [entry for entry in reports if entry["fields"].get("UserID") == number]
    assert (legs[0]["state"], [entry["answer"]["ResultCode"] for entry in mine]) == ("10F", ["0"])


REFUSED = {"unknown product": ({"productID": "199000000000000000001"}, 116), "another platform's product": ({"productID": X}, 999)}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_notice(old_lab, engine, fresh_number, case):
    """ISMP's own codes; nothing is kept."""
    changes, code = REFUSED[case]
    number = fresh_number()
    assert (notify(engine, number, 1, **changes).resultCode, old_lab.relations("jiangxi", number)) == (code, {})


def test_bad_number_is_a_fault(engine, fresh_number):
    """What breaks the schema is told by field."""
    with pytest.raises(zeep.exceptions.Fault, match=r"\[1006\].*userID"):
        notify(engine, fresh_number(), 1, userID="12345")


def test_duplicate_notice(old_lab, engine, fresh_number):
    """The same number with the same content gets the same answer; with other content it changes nothing."""
    number = fresh_number()
    codes = [notify(engine, number, 1, OPType=act).resultCode for act in (0, 0, 3)]
    assert (codes, old_lab.relations("jiangxi", number)[ISMP]) == ([0, 0, 999], "active")


def test_old_refusal_has_the_fields_code(old_lab, fresh_number):
    """Below our number in the text stands what an old client compares."""
    answer = old_lab.client("jiangxi").service.subscribeToVSOP(**old_lab.request(fresh_number(), "199000000000000000001"))
    assert (answer.OldCode, answer.ResultCode, [i.ProductOfferID for i in answer.ResultInfo]) == ("1", "4501", ["199000000000000000001"])


def test_old_number_that_is_none(old_lab):
    """A bad subscriber number is refused by the documents' schema, with the request's own number."""
    request = old_lab.request("12345", X)
    answer = old_lab.client("jiangxi").service.subscribeToVSOP(**request)
    assert (answer.OldCode, answer.ResultCode, answer.StreamingNo) == ("-98", "1006", request["StreamingNo"])


def test_every_file_is_served(old_lab):
    """The WSDL names its own address, and what it imports is there."""
    base = f"http://127.0.0.1:{old_lab.ports['jiangxi']}/VsopWeb/services"
    files = [get(f"{base}/{name}")[0] for name in ("xsd/strings.xsd", "xsd/ismp-sp-req.xsd", "SubscribeReqSV.wsdl")]
    assert (files, f'location="{base}/SubscribeReqSV"' in get(f"{base}/SubscribeReqSV?wsdl")[2].decode()) == ([200, 200, 200], True)


def test_nothing_is_served_unless_switched_on(lab):
    """`legacy.serve` is off by default."""
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(f"http://127.0.0.1:{lab.ports['jiangxi']}/VsopWeb/services/SubscribeReqSV?wsdl")


def test_order_of_several_products_is_archived_relation_by_relation(old_lab, fresh_number):
    """The old archive message holds one relation: a bundle of two is two messages of one order."""
    number = fresh_number()
    request = old_lab.request(number, "315000000000000000501", offer_type="1")
    old_lab.client("jiangxi").service.subscribeToVSOP(**request)
    legs = old_lab.settled("jiangxi", request["OrderId"])

    def sent() -> int:
        entries = old_lab.stubs("jiangxi").journal(role="billing", operation="subsInstSynToHB")
        return sum(entry["fields"]["ProductNo"] == number for entry in entries)

    assert (legs[0]["state"], until(sent, 2)) == ("10F", 2)
