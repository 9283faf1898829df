"""Old services before the real ones: every form that old clients send, and every refusal in words that they can read."""

from __future__ import annotations

import pytest
from lxml import etree
from office import NOBODYS, X
from oldoffice import VSOP, OldOffice, order, wrapped

from gateway.legacy.profile import PREFIX
from gateway.soap.endpoint import SoapAnswer
from gateway.soap.faults import SOAP11

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'


@pytest.fixture
def old() -> OldOffice:
    return OldOffice()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


FORMS = {
    "wrapped, CDATA": f'<SubscribeToVSOPReq xmlns="{VSOP}"><request><![CDATA[{{}}]]></request></SubscribeToVSOPReq>',
    "wrapped, escaped": f'<SubscribeToVSOPReq xmlns="{VSOP}"><request>{{escaped}}</request></SubscribeToVSOPReq>',
    "unqualified child": f'<v:SubscribeToVSOPReq xmlns:v="{VSOP}"><request>{{escaped}}</request></v:SubscribeToVSOPReq>',
    "by the operation's name": f'<subscribeToVSOP xmlns="{VSOP}"><request>{{escaped}}</request></subscribeToVSOP>',
    "bare": f'<SubscribeToVSOPReq xmlns="{VSOP}"><![CDATA[{{}}]]></SubscribeToVSOPReq>',
    "no namespace": "<subscribeToVSOP><in0>{escaped}</in0></subscribeToVSOP>",
    "rpc with xsi:type": f'<v:subscribeToVSOP xmlns:v="{VSOP}" {XSI}><in0 xsi:type="xsd:string">{{escaped}}</in0></v:subscribeToVSOP>',
    "rpc with soapenc": (
        f'<v:subscribeToVSOP xmlns:v="{VSOP}" {XSI} xmlns:e="http://schemas.xmlsoap.org/soap/encoding/">'
        '<requestXML xsi:type="e:string">{escaped}</requestXML></v:subscribeToVSOP>'
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_outer_form_is_taken(old, form):
    """CDATA or escaped, wrapped, bare or rpc: the order is the same."""
    document = wrapped(order(old.office, X))
    body = FORMS[form].replace("{escaped}", escaped(document)).replace("{}", document)
    assert old.post("SubscribeReqSV", body).fields["ResultCode"] == "0"


def test_rpc_is_answered_in_kind(old):
    """Who asks by rpc gets a wrapper and a typed string."""
    told = old.post("SubscribeReqSV", FORMS["rpc with xsi:type"].replace("{escaped}", escaped(wrapped(order(old.office, X)))))
    kind = told.body[0].get("{http://www.w3.org/2001/XMLSchema-instance}type")
    assert (etree.QName(told.body).localname, told.body[0].tag, kind) == (
        "subscribeToVSOPResponse", "subscribeToVSOPReturn", "xsd:string",
    )  # fmt: skip


DOCUMENTS = {
    "as the field writes it": "<Request><SessionBody>{}</SessionBody></Request>",
    "no SessionBody": "<Request>{}</Request>",
    "no Request": "{}",
    "a SessionHeader": "<Request><SessionHeader><Version>1.0.0</Version></SessionHeader><SessionBody>{}</SessionBody></Request>",
    "a declaration": '<?xml version="1.0" encoding="GBK"?>\n<Request>{}</Request>',
    "blanks around": "\n  <Request> {} </Request>\n",
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_is_taken(old, document):
    """What stands around the request may be left out; what a declaration says of bytes means nothing in a string."""
    assert old.ask(DOCUMENTS[document].replace("{}", order(old.office, X))).fields["ResultCode"] == "0"


@pytest.mark.parametrize("action", ["", "subscribeToVSOP", "SubscribeToVSOPReq"])
def test_soap_action_may_be_empty_or_right(old, action):
    """Old toolkits send none, or the operation's bare name."""
    body = FORMS["wrapped, CDATA"].replace("{}", wrapped(order(old.office, X)))
    assert old.post("SubscribeReqSV", body, action).status == 200


def test_declaration_in_the_wrong_place_is_explained(old):
    """After a line break and two blanks it is told where it stands, and where it may."""
    told = old.ask(f'\n  <?xml version="1.0"?>{wrapped(order(old.office, X))}')
    fields = told.fields
    assert (fields["ResultCode"], told.code, "第2行第3列" in fields["ResultDesc"], "line 2, column 3" in fields["ResultDesc"]) == (
        "-98", "1001", True, True,
    )  # fmt: skip


BROKEN = {
    "not XML": ("<Request><SubscribeToVSOPReq></Request>", "1001"),
    "empty": ("", "1001"),
    "a DTD": ('<!DOCTYPE Request [<!ENTITY a "b">]><Request/>', "1008"),
    "a processing instruction": ("<Request><?php x?></Request>", "1008"),
    "too deep": ("<a>" * 300 + "</a>" * 300, "1001"),
    "another document": ("<Anything/>", "1006"),
    "another request": ("<Request><SendSubRTToUserReq/></Request>", "1006"),
    "XML 1.1": ('<?xml version="1.1"?><Request/>', "1008"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_inner_document_passes_the_same_gate(old, case):
    """What is refused in an envelope is refused in a string: in an answer of HTTP 200, with code -98 and our number."""
    document, code = BROKEN[case]
    told = old.ask(document)
    assert (told.status, told.fields["ResultCode"], told.code) == (200, "-98", code)


def test_bad_number_names_field_and_line(old):
    """The schema of the documents judges them, and says what it wants where; the number of the request is given back."""
    told = old.ask(wrapped(order(old.office, X, ProductNo="12345")))
    text = told.fields["ResultDesc"]
    assert (told.fields["StreamingNo"][:3], told.code, "ProductNo" in text, "12345" in text) == ("211", "1006", True, False)


def test_nothing_is_stored_for_a_refusal(old):
    """After a refused one, the same number may bring a good one."""
    bad = order(old.office, X, ProductNo="12345", StreamingNo="211ABCDEF")
    good = order(old.office, X, StreamingNo="211ABCDEF")
    assert [old.ask(wrapped(document)).fields["ResultCode"] for document in (bad, good)] == ["-98", "0"]


OUTER = {
    "fields, not a string": (f'<SubscribeToVSOPReq xmlns="{VSOP}"><request><Request/></request></SubscribeToVSOPReq>', "1006"),
    "two strings": (f'<SubscribeToVSOPReq xmlns="{VSOP}"><a>x</a><b>y</b></SubscribeToVSOPReq>', "1006"),
    "an int": (f'<v:subscribeToVSOP xmlns:v="{VSOP}" {XSI}><in0 xsi:type="xsd:int">1</in0></v:subscribeToVSOP>', "1006"),
    "another operation": (f'<feeCheck xmlns="{VSOP}"><request>x</request></feeCheck>', "1005"),
    "another namespace": ('<subscribeToVSOP xmlns="urn:other"><request>x</request></subscribeToVSOP>', "1005"),
}


@pytest.mark.parametrize("case", OUTER)
def test_broken_outer_message_is_a_fault(old, case):
    """Where no string can be found there is nobody to answer in a string."""
    body, code = OUTER[case]
    told = old.post("SubscribeReqSV", body)
    assert (told.status, etree.QName(told.body).localname, told.code) == (500, "Fault", code)


def test_wrong_action_is_a_fault(old):
    """SOAPAction may only agree."""
    told = old.post("SubscribeReqSV", FORMS["wrapped, CDATA"], "feeCheck")
    assert (told.status, told.code) == (500, "1007")


REFUSED = {
    "unknown offer": ({}, ("199000000000000000001",), "1", "4501"),
    "unknown number segment": ({"ProductNo": NOBODYS}, (X,), "1", "7001"),
    "unknown system": ({"SystemId": "999"}, (X,), "1", "2001"),
    "day that does not exist": ({"EffDate": "20270230"}, (X,), "-98", "1011"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_business_refusals_have_the_fields_code_and_ours(old, case):
    """ResultCode is what old clients know; the text begins with the number of docs/errors.md."""
    changes, offers, old_code, code = REFUSED[case]
    told = old.ask(wrapped(order(old.office, *offers, **changes)))
    assert (told.status, told.fields["ResultCode"], told.code) == (200, old_code, code)


def test_same_number_again(old):
    """The same request gets the same answer; another one under its number is refused."""
    first = order(old.office, X, StreamingNo="211AGAIN1", OrderId="W1")
    other = order(old.office, X, StreamingNo="211AGAIN1", OrderId="W2")
    told = [old.ask(wrapped(document)) for document in (first, first, other)]
    assert [(t.fields["ResultCode"], t.fields["StreamingNo"]) for t in told] == [
        ("0", "211AGAIN1"), ("0", "211AGAIN1"), ("1", "211AGAIN1"),
    ]  # fmt: skip


@pytest.mark.parametrize("time", ["20270101000000", "202701010000", "20270101", "2027-01-01 00:00:00", "2027-01-01", ""])
def test_every_form_of_a_time_is_taken(old, time):
    """Fourteen digits, twelve, eight, with hyphens, or none at all."""
    assert old.ask(wrapped(order(old.office, X, EffDate=time))).fields["ResultCode"] == "0"


def test_soap_12_is_answered_in_soap_12(old):
    """The version is the caller's, as for the typed contracts."""
    body = FORMS["wrapped, CDATA"].replace("{}", wrapped(order(old.office, X)))
    space = "http://www.w3.org/2003/05/soap-envelope"
    told = old.send("SubscribeReqSV", f'<s:Envelope xmlns:s="{space}"><s:Body>{body}</s:Body></s:Envelope>'.encode())
    assert (etree.QName(told.body.getparent()).namespace, told.fields["ResultCode"]) == (space, "0")


@pytest.mark.parametrize(
    ("message", "code"),
    [(b"<no", "1001"), (b'<!DOCTYPE s:Envelope [<!ENTITY a "b">]><s/>', "1008"), (b"<a/>", "1002")],
)
def test_outer_gate_is_that_of_the_contracts(old, message, code):
    """What is no envelope is refused as at /services/."""
    told = old.send("SubscribeReqSV", message)
    assert (told.status, told.code) == (500, code)


def test_limits_of_the_outer_message_count_the_string_too(old):
    """A document of thousands of elements is refused before it is looked at."""
    told = old.ask(f"<Request>{'<a/>' * 4001}</Request>")
    assert (told.status, told.code) == (500, "1009")


WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ROUTING = (
    '<t:Routing xmlns:t="urn:vas:types:v1"><t:TraceId>T1</t:TraceId><t:OriginSystem>200</t:OriginSystem>'
    "<t:OriginProvince>15</t:OriginProvince><t:HopCount>1</t:HopCount></t:Routing>"
)


def with_header(block: str, document: str) -> bytes:
    body = FORMS["wrapped, CDATA"].replace("{}", document)
    return f'<s:Envelope xmlns:s="{SOAP11}"><s:Header>{block}</s:Header><s:Body>{body}</s:Body></s:Envelope>'.encode()


def test_routing_block_goes_along(old, monkeypatch):
    """What the typed endpoint reads of the header it reads here too."""
    seen = []
    answer = old.endpoint.answer
    monkeypatch.setattr(old.endpoint, "answer", lambda body, **how: seen.append(body) or answer(body, **how))
    told = old.send("SubscribeReqSV", with_header(ROUTING + '<x xmlns="urn:other"/>', wrapped(order(old.office, X))))
    assert (told.fields["ResultCode"], b"TraceId" in seen[0], b"urn:other" in seen[0]) == ("0", True, False)


@pytest.mark.parametrize(("guarded", "status"), [(False, 500), (True, 200)])
def test_security_must_be_understood_by_whoever_judges_callers(old, guarded, status):
    """A credential that nobody would look at is refused, as at the contracts; where somebody does, it is handed on."""
    if guarded:
        old.endpoint.app.in_protocol.guard = Understanding()
    block = f'<w:Security xmlns:w="{WSSE}" s:mustUnderstand="1"/>'
    assert old.send("SubscribeReqSV", with_header(block, wrapped(order(old.office, X)))).status == status


class Understanding:
    """Judges nobody, and knows the block."""

    understood = frozenset({f"{{{WSSE}}}Security"})

    def admit(self, *message):
        return None

    judge = admit


def test_sender_is_told_as_it_is(old):
    """Whatever the front knows of the sender reaches the endpoint."""
    handed = {}
    old.endpoint.answer = lambda body, **how: handed.update(how) or SoapAnswer(200, "", b"")
    body = FORMS["wrapped, CDATA"].replace("{}", wrapped(order(old.office, X)))
    message = f'<s:Envelope xmlns:s="{SOAP11}"><s:Body>{body}</s:Body></s:Envelope>'.encode()
    old.services[f"{PREFIX}SubscribeReqSV"].door.answer(message, charset=None, action="", peer="192.0.2.9", certificate=("cn:x",))
    assert (handed["peer"], handed["certificate"]) == ("192.0.2.9", ("cn:x",))
