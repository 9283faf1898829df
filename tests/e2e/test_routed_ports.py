"""ISMP and OCS as routed ports: any operation at any gateway finds the right system, through the group where the number is elsewhere."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest
import zeep
from acts import ISMP, X, behaving, until
from testlab import free_ports

from gateway.vocabulary import CHINA, write_time

pytestmark = pytest.mark.e2e

HOME, AWAY, AWAY_WITHOUT_MONEY = "18907910001", "18907710001", "18907710002"
_SERIALS = itertools.count(1)


def send(lab, place, contract, operation, *, system="213", hops=None, **fields):
    """Send a request to a port; gives (StreamingNo, answer)."""
    streaming_no = f"{system}PORT{next(_SERIALS):06d}"
    base = lab.player.doors[place].gateway
    if hops is not None:
        block = lab.player.client(base, contract).get_element("{urn:vas:types:v1}Routing")
        fields["_soapheaders"] = [block(TraceId="T1", OriginSystem="200", OriginProvince="21", HopCount=hops)]
    return streaming_no, lab.player.send(base, contract, operation, system, StreamingNo=streaming_no, **fields)


def fee_check(lab, place, number, **more):
    """Ask for a balance; gives (StreamingNo, answer)."""
    return send(lab, place, "ocs", "feeCheck", ProdSpecCode="003", ProductNo=number, ContentType="2", **more)


def holds(lab, place, number, product=None, **more):
    """Ask ISMP what it holds; gives (StreamingNo, answer)."""
    return send(lab, place, "ismp", "getSubscription", UserID=number, UserIDType="0", ProductID=product, **more)


def seen(lab, streaming_no):
    """(place, role) of every partner that has got this request."""
    return [
        (name, entry["role"])
        for name in lab.names
        for entry in lab.stubs(name).journal(streaming_no=streaming_no)
        if entry["direction"] == "in"
    ]


def forwarded(lab, place, streaming_no):
    """The line that a gateway has logged about a request that it passed on, as words."""
    lines = (lab.directory / f"{place}.log").read_text(encoding="utf-8").splitlines()
    return next((line.split() for line in lines if "port.forwarded" in line and streaming_no in line), [])


# ---- OCS -------------------------------------------------------------------------------------------------------------

BALANCES = {HOME: ("jiangxi", 5000), AWAY: ("guangxi", 5000), AWAY_WITHOUT_MONEY: ("guangxi", 0)}


@pytest.mark.parametrize("place", ["jiangxi", "guangxi", "group"])
@pytest.mark.parametrize("number", BALANCES)
def test_balance_comes_from_the_numbers_own_ocs(lab, place, number):
    """Whichever gateway is asked, the OCS of the number's province answers, and no other hears of it."""
    at, balance = BALANCES[number]
    streaming_no, answer = fee_check(lab, place, number)
    assert (answer.ResultCode, answer.Balance, seen(lab, streaming_no)) == ("0", balance, [(at, "ocs")])


def test_refusal_of_ocs_comes_back_as_it_is(lab):
    """What OCS says is not changed on the way."""
    assert fee_check(lab, "guangxi", "18907918888")[1].ResultCode == "3001"


def test_every_gateway_on_the_way_logs_it(lab):
    """Province, group, province: each names where it passed the request on, with one hop more."""
    streaming_no, _ = fee_check(lab, "jiangxi", AWAY)
    told = [
        {word for word in forwarded(lab, place, streaming_no) if word.startswith(("party=", "hops="))}
        for place in ("jiangxi", "group", "guangxi")
    ]
    assert told == [{"party=vsop:35", "hops=1"}, {"party=vsop:21", "hops=2"}, {"party=ocs", "hops=3"}]


def test_catalogue_passes_to_the_ocs_of_the_tier(lab):
    """What names no number is for the OCS beside the gateway."""
    product = {
        "ProductID": "115000000000000000799", "SPID": "15000001", "PNameCN": "试", "PNameEN": "trial", "ProductHost": "200",
        "PlatForm": "303", "Scope": "1", "ProvinceID": "15", "Status": "0",
    }  # fmt: skip
    streaming_no, answer = send(
        lab, "jiangxi", "ocs", "productInfoSync", system="202", OPFlag="1", Version=1, ProductInfo=product
    )
    assert (answer.ResultCode, seen(lab, streaming_no)) == ("0", [("jiangxi", "ocs")])


# ---- ISMP ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader(lab, fresh_number):
    """A user of Jiangxi who holds a product of ISMP."""
    number = fresh_number()
    lab.play(lab.player.order("4.1.2", lab.player.doors["jiangxi"], number, ISMP))
    return number


@pytest.mark.parametrize("place", ["jiangxi", "guangxi", "group"])
def test_ismp_of_the_number_answers(lab, reader, place):
    """From every gateway, the ISMP of the number's province tells what it holds."""
    streaming_no, answer = holds(lab, place, reader, ISMP)
    held = [info.ProductID for info in answer.SubInfo]
    assert (answer.ResultCode, held, seen(lab, streaming_no)) == ("0", [ISMP], [("jiangxi", "ismp")])


ISMPS = {
    "product": (HOME, ISMP, "204"),
    "mobile number alone": (HOME, None, "204"),
    "fixed line alone": ("07916660001", None, "203"),
}


@pytest.mark.parametrize("case", ISMPS)
def test_product_or_number_decides_on_the_ismp(lab, case):
    """ISMP-M for mobiles, ISMP-B for fixed lines, where no product says otherwise."""
    number, product, code = ISMPS[case]
    streaming_no, _ = holds(lab, "jiangxi", number, product)
    assert f"party=ismp:{code}" in forwarded(lab, "jiangxi", streaming_no)


def test_change_at_ismp_reaches_vsop(lab, fresh_number):
    """Suspended through the port: ISMP does it and reports, so VSOP's relation rests as well."""
    number = fresh_number()
    lab.play(lab.player.order("4.1.2", lab.player.doors["jiangxi"], number, ISMP))
    send(
        lab, "group", "ismp", "suspendSubscription", OrderId="PORT-1", UserID=number, UserIDType="0",
        ProductInfo=[{"ProductID": ISMP}],
    )  # fmt: skip
    assert until(lambda: lab.relations("jiangxi", number), {ISMP: "suspended"}) == {ISMP: "suspended"}


# ---- 4.1.2's fee check by ISMP ---------------------------------------------------------------------------------------


def test_fee_check_of_ismp_travels_through_the_gateway(lab, fresh_number):
    """ISMP asks the gateway, the gateway asks OCS: one message, under ISMP's number, traced to the order (4.1.2 step 2c)."""
    number = fresh_number()
    played = lab.play(lab.player.order("4.1.2", lab.player.doors["jiangxi"], number, ISMP))
    (entry,) = lab.stubs("jiangxi").journal(role="ocs", operation="feeCheck", trace=played.legs[0]["trace_id"])
    words = forwarded(lab, "jiangxi", entry["fields"]["StreamingNo"])
    asked = (entry["fields"]["SystemId"], entry["fields"]["ProductNo"])
    assert (asked, {"contract=ocs", "party=ocs", "code=0"} - set(words)) == (("204", number), set())


def test_balance_refused_by_ismp_fails_the_order(lab):
    """Without money ISMP refuses, and the order carries its code."""
    played = lab.play(lab.player.order("4.1.2", lab.player.doors["jiangxi"], "18907919006", ISMP))
    assert (played.legs[0]["state"], played.legs[0]["code"]) == ("10E", 6001)


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSALS = {
    "number of no known segment at ocs": (fee_check, ("13900000000",), {}, "7001"),
    "number of no known segment at ismp": (holds, ("13900000000", ISMP), {}, "7001"),
    "unknown product": (holds, (HOME, "199000000000000000001"), {}, "4001"),
    "product of an X platform": (holds, (HOME, X), {}, "4015"),
    "unknown system at ocs": (fee_check, (HOME,), {"system": "999"}, "2001"),
    "unknown system at ismp": (holds, (HOME, ISMP), {"system": "999"}, "2001"),
    "too many gateways passed, ocs": (fee_check, (HOME,), {"hops": 4}, "7004"),
    "too many gateways passed, other province": (fee_check, (AWAY,), {"hops": 4}, "7004"),
    "too many gateways passed, ismp": (holds, (HOME, ISMP), {"hops": 4}, "7004"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused_request_reaches_nobody(lab, case):
    """Each reason has its code, told in both languages; nothing is passed on."""
    ask, about, more, code = REFUSALS[case]
    streaming_no, answer = ask(lab, "jiangxi", *about, **more)
    assert (answer.ResultCode, " / " in answer.ResultDesc, seen(lab, streaming_no)) == (code, True, [])


def test_product_of_another_province_is_refused(lab):
    """At Guangxi, Jiangxi's product is no product of a Guangxi number."""
    assert holds(lab, "guangxi", AWAY, ISMP)[1].ResultCode == "7003"


def test_hops_of_a_whole_way_are_no_loop(lab):
    """Three gateways are as many as a request may pass."""
    assert fee_check(lab, "jiangxi", HOME, hops=3)[1].ResultCode == "0"


def test_broken_message_is_not_passed_on(lab):
    """The port checks the contract: a fault names the field."""
    with pytest.raises(zeep.exceptions.Fault) as caught:
        lab.player.send(
            lab.player.doors["jiangxi"].gateway, "ocs", "feeCheck", "213", StreamingNo="213PORTBROKEN", ProdSpecCode="003",
            ProductNo=HOME, ContentType="9",
        )  # fmt: skip
    text = zeep.wsdl.utils.etree_to_string(caught.value.detail).decode()
    assert ("ContentType" in text, seen(lab, "213PORTBROKEN")) == (True, [])


# ---- partners that are away ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "ask"), [("ocs", fee_check), ("ismp", holds)])
def test_partner_that_is_away_is_told_as_such(lab, role, ask):
    """The caller gets an answer that says "later", and who did not answer."""
    with behaving(lab.stubs("jiangxi"), {role: "away"}):
        _, answer = ask(lab, "guangxi", HOME)
    told = answer.ResultDesc
    assert (answer.ResultCode, told.startswith("对端暂不可用 / the partner system gave no answer: ")) == ("8005", True)
    assert told.rpartition(": ")[2].split(":")[0] == role


@pytest.fixture
def guangxi_unreachable(lab):
    """The group's way to Guangxi leads nowhere for a while."""
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}/services/vsop"
    lab.serve("group", partners__vsop__21__url=nowhere)
    yield
    lab.serve("group")


def test_province_that_is_away_is_told_as_such(lab, guangxi_unreachable):
    """Port and query alike: the province behind the group does not answer."""
    _, fee = fee_check(lab, "jiangxi", AWAY)
    now = write_time(datetime.now(CHINA))
    query = lab.client("jiangxi").service.subInstQryFromVSOP(
        StreamingNo=f"211AWAY{now}", TimeStamp=now, SystemId="211", ProdSpecCode="003", ProductNo=AWAY
    )
    assert [(a.ResultCode, a.ResultDesc.rpartition(": ")[2]) for a in (fee, query)] == [("8005", "vsop:21")] * 2
