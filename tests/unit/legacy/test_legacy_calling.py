"""Partners who are called in old words: what goes out, and how each kind of answer is judged; the pool is a script, no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pytest
from lxml import etree
from twisted.internet.defer import Deferred, succeed

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.errors import PartnerError, Permanent, Temporary
from gateway.legacy.calling import DialectPeer
from gateway.legacy.profile import ISMP_CRM, ISMP_SP, LEGACY, dialects
from gateway.resources import contracts_dir
from gateway.soap.faults import SOAP11
from gateway.soap.http_client import HttpPool, HttpReply

WSDL = contracts_dir()
DIALECTS = dialects(WSDL)
CODECS = {name: Codec(load_contract(WSDL / f"{name}.wsdl")) for name in ("smshall", "ismp", "xplatform", "portal")}
NUMBER = "20020261123093001150000101"
HEAD = {"StreamingNo": NUMBER, "TimeStamp": "20261123093001", "SystemId": "200"}
SMS = CODECS["smshall"]["subResultToUser"](**HEAD, ProdSpecCode="003", ProductNo="18907910001", SubResult="已成功 <&>")
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'


def unsubscribe(*products: str) -> Message:
    codec = CODECS["ismp"]
    return codec["unSubActionFromVSOP"](
        **HEAD, OrderId="W1", UserID="18907910001", UserIDType="0", ProductInfo=[codec["ProductAction"](ProductID=p) for p in products],
        SrcDeviceType="211",
    )  # fmt: skip


def user(action: str) -> Message:
    return CODECS["ismp"]["UserInfoSyncRequest"](
        **HEAD, OrderId="W1", ActionType=action, ProdSpecCode="003", ProductNo="18907910001", UserState="1", UserPayType="1",
        OldProductNo="18907910002" if action == "12" else None,
    )  # fmt: skip


class ScriptedPool:
    """Gives one reply after the other; keeps what was posted."""

    def __init__(self, *replies: HttpReply) -> None:
        self.posted: list[tuple[str, etree._Element, dict[str, str]]] = []
        self._replies = list(replies)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float) -> Deferred[HttpReply]:
        self.posted.append((url, etree.fromstring(body)[-1][0], dict(headers)))
        return succeed(self._replies.pop(0))

    def renew(self, url: str) -> None:
        """Nothing is kept open."""


def reply(body: str, status: int = 200) -> HttpReply:
    text = f'<s:Envelope xmlns:s="{SOAP11}"><s:Body>{body}</s:Body></s:Envelope>'
    return HttpReply(status, {"content-type": "text/xml; charset=utf-8"}, text.encode())


def call(dialect: str, contract: str, operation: str, request: Message, *replies: HttpReply) -> tuple[Message | Exception, ScriptedPool]:
    """Call, and give the answer, or the error that was raised."""
    pool = ScriptedPool(*replies)
    peer = DialectPeer(contract, "http://old.example/Vsop/services", CODECS[contract], cast(HttpPool, pool), 5.0, dialect=DIALECTS[dialect])
    caught: list[Message | Exception] = []

    async def run() -> None:
        try:
            caught.append(await peer.call(operation, request))
        except PartnerError as error:
            caught.append(error)

    Deferred.fromCoroutine(run())
    return caught[0], pool


def string(code: str = "0", desc: str = "", number: str = NUMBER) -> str:
    return (
        f"<Response><SendSubRTToUserResp><StreamingNo>{number}</StreamingNo><ResultCode>{code}</ResultCode>"
        f"<ResultDesc>{desc}</ResultDesc></SendSubRTToUserResp></Response>"
    )


def held(document: str) -> HttpReply:
    return reply(f"<r><response><![CDATA[{document}]]></response></r>")


def send_sms(answer: HttpReply) -> tuple[Message | Exception, ScriptedPool]:
    return call(LEGACY, "smshall", "subResultToUser", SMS, answer)


def fields_of(answer: str) -> str:
    return (
        f"<{answer}Return xmlns='http://crm.ismp.chinatelecom.com'><resultCode>{{}}</resultCode><streamingNo>{{}}</streamingNo>"
        f"</{answer}Return>"
    )


WITHDRAWN = fields_of("withdrawSubscription").format(0, NUMBER)


# ---- what goes out ---------------------------------------------------------------------------------------------------


def test_string_goes_to_its_service_under_its_bare_action():
    """The service's name is put after the address; SOAPAction is the old operation's name, misspelt as it is."""
    _, pool = send_sms(held(string()))
    url, _, headers = pool.posted[0]
    assert (url, headers["SOAPAction"]) == ("http://old.example/Vsop/services/SendSubRTSV", '"subResulToUser"')


def test_document_holds_the_value_whatever_it_is():
    """Text that looks like markup survives both wrappings."""
    _, pool = send_sms(held(string()))
    document = etree.fromstring(pool.posted[0][1][0].text.encode())
    assert document.findtext("SessionBody/SendSubRTToUserReq/SubResult") == "已成功 <&>"


def test_one_message_for_each_product():
    """An old message holds one product: several are asked one by one, under numbers that are the same on each attempt."""
    answers = [reply(fields_of("withdrawSubscription").format(code, f"{NUMBER}0{n}")) for n, code in ((1, 0), (2, 130))]
    answer, pool = call(ISMP_CRM, "ismp", "unSubActionFromVSOP", unsubscribe("A1", "B2"), *answers)
    assert isinstance(answer, Message)
    assert (answer.StreamingNo, answer.ResultCode, [(i.ProductID, i.OPResult) for i in answer.ResultInfo], len(pool.posted)) == (
        NUMBER, "0", [("A1", "0"), ("B2", "5002")], 2,
    )  # fmt: skip


def test_single_product_keeps_the_number():
    """Nothing is added to the number where there is one message."""
    answer, pool = call(ISMP_CRM, "ismp", "unSubActionFromVSOP", unsubscribe("A1"), reply(WITHDRAWN))
    numbers = [node.text for node in pool.posted[0][1] if etree.QName(node).localname == "streamingNo"]
    assert (isinstance(answer, Message), numbers) == (True, [NUMBER])


def test_ismp_is_called_with_an_empty_action():
    """All operations of the ISMP engines have an empty SOAPAction."""
    _, pool = call(ISMP_CRM, "ismp", "unSubActionFromVSOP", unsubscribe("A1"), reply(WITHDRAWN))
    assert (pool.posted[0][0], pool.posted[0][2]["SOAPAction"]) == ("http://old.example/Vsop/services/IsmpCrmEngine", '""')


@pytest.mark.parametrize(
    ("action", "operation"),
    [("10", "createISMPUser"), ("11", "notifyUserState"), ("15", "notifyUserState"), ("16", "notifyUserFeeType")],
)
def test_what_is_told_of_a_user_depends_on_what_happened(action, operation):
    """One typed operation is several old ones."""
    _, pool = call(ISMP_CRM, "ismp", "userInfoSync", user(action), reply(fields_of(operation).format(0, NUMBER)))
    assert etree.QName(pool.posted[0][1]).localname == f"{operation}Req"


def test_what_a_dialect_cannot_say_is_not_sent():
    """A change of number has no message of its own there: that is told, for a person."""
    answer, pool = call(ISMP_CRM, "ismp", "userInfoSync", user("12"))
    assert (type(answer), "no words" in str(answer), pool.posted) == (Permanent, True, [])


def test_platform_of_a_partner_is_told_the_relation():
    """serverAction goes out as orderRelationUpdateNotify; 3 is an unsubscription in both."""
    codec = CODECS["xplatform"]
    product = codec["ServerActionProduct"](ActionType="3", VProductID="P1", ProductOfferType="0", ProductOfferID="O1")
    request = codec["ServerActionRequest"](
        **HEAD, OrderId="W1", ProdSpecCode="003", ProductNo="18907910001", UserPayType="1", VProductInfo=[product]
    )
    told = "<orderRelationUpdateNotifyReturn><resultCode>0</resultCode><streamingNo>{}</streamingNo></orderRelationUpdateNotifyReturn>"
    answer, pool = call(ISMP_SP, "xplatform", "serverAction", request, reply(told.format(NUMBER)))
    sent = {etree.QName(node).localname: node.text for node in pool.posted[0][1]}
    assert isinstance(answer, Message)
    assert (sent, [(i.ProductID, i.OPResult) for i in answer.ResultInfo]) == (
        {"OPType": "3", "packageID": "O1", "productID": "P1", "streamingNo": NUMBER, "userID": "18907910001", "userIDType": "0"},
        [("P1", "0")],
    )  # fmt: skip


# ---- answers ---------------------------------------------------------------------------------------------------------

ANSWERS = {
    "CDATA": f"<r><response><![CDATA[{string()}]]></response></r>",
    "escaped": f"<r><response>{string().replace('<', '&lt;')}</response></r>",
    "bare": f"<r>{string().replace('<', '&lt;')}</r>",
    "rpc": f'<n:xResponse xmlns:n="urn:x" {XSI}><ret xsi:type="xsd:string">{string().replace("<", "&lt;")}</ret></n:xResponse>',
    "SessionBody": f"<r><![CDATA[<Response><SessionBody>{string()[10:-11]}</SessionBody></Response>]]></r>",
    "declaration": f'<r><![CDATA[<?xml version="1.0" encoding="GB2312"?>{string()}]]></r>',
}


@pytest.mark.parametrize("form", ANSWERS)
def test_every_form_of_a_string_is_read(form):
    """Whatever the element around it is called."""
    answer, _ = send_sms(reply(ANSWERS[form]))
    assert isinstance(answer, Message)
    assert answer.ResultCode == "0"


CODES = {
    "our own number": (("1", "[5001] 已订购"), "5001"),
    "failure": (("1", "no"), "8001"),
    "failure of a sync service": (("-1", "no"), "8001"),
    "not understood": (("-98", ""), "8002"),
    "their exception, which may pass": (("-99", ""), "9901"),
    "a number that is none of ours": (("1", "[4999] no"), "8001"),
}


@pytest.mark.parametrize("case", CODES)
def test_old_codes_are_read_into_ours(case):
    """The text may hold our number; else the few old codes are what they are."""
    told, code = CODES[case]
    answer, _ = send_sms(held(string(*told)))
    assert isinstance(answer, Message)
    assert answer.ResultCode == code


UNUSABLE = {
    "no document": "<r><response/></r>",
    "not XML": "<r><response>ok</response></r>",
    "a DTD": "<r><![CDATA[<!DOCTYPE a><Response/>]]></r>",
    "breaks the schema": f"<r><![CDATA[{string(code='yes')}]]></r>",
    "answer of another operation": f"<r><![CDATA[{string().replace('SendSubRTToUserResp', 'FeeCheckResp')}]]></r>",
    "of another request": f"<r><![CDATA[{string(number='200OTHER')}]]></r>",
    "no number": f"<r><![CDATA[{string(number='')}]]></r>",
    "two strings": "<r><a>x</a><b>y</b></r>",
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_unusable_answer_leaves_the_outcome_open(case):
    """What cannot be read says nothing: the request is sent again, under the same number."""
    answer, _ = send_sms(reply(UNUSABLE[case]))
    assert type(answer) is Temporary


@pytest.mark.parametrize(("code", "kind"), [("s:Client", Permanent), ("s:Server.userException", Temporary)])
def test_fault_is_judged_as_any(code, kind):
    """A Client fault is about our message and final."""
    answer, _ = send_sms(reply(f"<s:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring></s:Fault>", 500))
    assert type(answer) is kind


def test_rpc_answer_of_an_engine_is_read():
    """Deployed servers answer by rpc with xsi:type, though their WSDL says bare."""
    told = (
        f'<n:withdrawSubscriptionResponse xmlns:n="http://crm.ismp.chinatelecom.com" {XSI}><withdrawSubscriptionReturn>'
        f'<expireTime xsi:type="xsd:string">20261231000000</expireTime><resultCode xsi:type="xsd:int">0</resultCode>'
        f'<streamingNo xsi:type="xsd:string">{NUMBER}</streamingNo></withdrawSubscriptionReturn></n:withdrawSubscriptionResponse>'
    )
    answer, _ = call(ISMP_CRM, "ismp", "unSubActionFromVSOP", unsubscribe("A1"), reply(told))
    assert isinstance(answer, Message)
    assert [(i.ProductID, i.OPResult) for i in answer.ResultInfo] == [("A1", "0")]


def test_answer_beside_the_call_is_read():
    """Axis 1.x servers answer beans by multiRef."""
    told = (
        '<n:withdrawSubscriptionResponse xmlns:n="http://crm.ismp.chinatelecom.com"><withdrawSubscriptionReturn href="#id0"/>'
        f'</n:withdrawSubscriptionResponse><multiRef id="id0" {XSI}><resultCode xsi:type="xsd:int">130</resultCode>'
        f'<streamingNo xsi:type="xsd:string">{NUMBER}</streamingNo></multiRef>'
    )
    answer, _ = call(ISMP_CRM, "ismp", "unSubActionFromVSOP", unsubscribe("A1"), reply(told))
    assert isinstance(answer, Message)
    assert [(i.ProductID, i.OPResult) for i in answer.ResultInfo] == [("A1", "5002")]


def test_passing_trouble_with_one_product_is_trouble_with_all():
    """The whole request is sent again, under the same numbers: what was done is done once."""
    answers = [reply(fields_of("withdrawSubscription").format(code, f"{NUMBER}0{n}")) for n, code in ((1, 0), (2, -99))]
    answer, _ = call(ISMP_CRM, "ismp", "unSubActionFromVSOP", unsubscribe("A1", "B2"), *answers)
    assert isinstance(answer, Message)
    assert (answer.StreamingNo, answer.ResultCode, answer.ResultInfo) == (NUMBER, "9901", [])
