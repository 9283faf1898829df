"""One order in the many shapes that clients of twenty years have given an envelope: each is accepted, and the same order is read.

Clients of no list: Axis 1.x with xsi:type on literal elements, .NET with default namespaces, hand-written text with CDATA and
comments, HTTP/1.0, chunked bodies. What is refused on purpose (DTDs, processing instructions) is tested elsewhere.
"""

from __future__ import annotations

import itertools
import socket
from dataclasses import dataclass
from typing import Any

import pytest
from testlab import get

pytestmark = pytest.mark.interop

TONE = "115000000000000000101"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SERIALS = itertools.count(1)
FIELDS = ("StreamingNo", "TimeStamp", "SystemId", "ActionType", "OrderId", "ProdSpecCode", "ProductNo")


def children(p: str, f: dict, *, attributes: str = "", cdata: bool = False, comment: str = "") -> str:
    """The fields of an order as text; `p` is a prefix with its colon, or nothing."""
    wrap = (lambda text: f"<![CDATA[{text}]]>") if cdata else str
    simple = "".join(f"{comment}<{p}{name}{attributes}>{wrap(f[name])}</{p}{name}>" for name in FIELDS)
    offer = f"<{p}ProductOfferType{attributes}>0</{p}ProductOfferType><{p}ProductOfferID{attributes}>{wrap(TONE)}</{p}ProductOfferID>"
    return f"{simple}{comment}<{p}ProductOfferInfo>{offer}</{p}ProductOfferInfo>{comment}"


def envelope(inner: str, *, soap: str = "soapenv", extra: str = "", header: str = "") -> str:
    """The usual frame."""
    return f'<{soap}:Envelope xmlns:{soap}="{ENVELOPE}"{extra}>{header}<{soap}:Body>{inner}</{soap}:Body></{soap}:Envelope>'


def order(inner: str, *, prefix: str = "v") -> str:
    return f'<{prefix}:subscribeToVSOP xmlns:{prefix}="urn:vas:vsop:v1">{inner}</{prefix}:subscribeToVSOP>'


XSI = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'


def plain(f: dict) -> str:
    return envelope(order(children("v:", f)))


def axis(f: dict) -> str:
    """Axis 1.4 writes xsi:type on elements of literal messages too."""
    return DECLARED + envelope(order(children("v:", f, attributes=' xsi:type="xsd:string"')), extra=XSI)


def axis_header(f: dict) -> str:
    """A WS-Addressing header that nobody must understand, with actor and mustUnderstand written out."""
    block = f'<soapenv:Header><a:To xmlns:a="urn:a" soapenv:actor="{ENVELOPE}actor" soapenv:mustUnderstand="0">x</a:To></soapenv:Header>'
    return envelope(order(children("v:", f)), header=block)


SHAPES = {
    "plain": plain,
    "default-namespace": lambda f: envelope(f'<subscribeToVSOP xmlns="urn:vas:vsop:v1">{children("", f)}</subscribeToVSOP>'),
    "default-namespace-of-soap": lambda f: f'<Envelope xmlns="{ENVELOPE}"><Body>{order(children("v:", f))}</Body></Envelope>',
    "prefix-on-every-child": lambda f: envelope(
        f'<subscribeToVSOP xmlns="urn:vas:vsop:v1">{children("", f)}</subscribeToVSOP>'.replace(
            "<StreamingNo>", '<q:StreamingNo xmlns:q="urn:vas:vsop:v1">'
        ).replace("</StreamingNo>", "</q:StreamingNo>")
    ),
    "upper-case-prefix": lambda f: envelope(order(children("NS1:", f), prefix="NS1"), soap="SOAP-ENV"),
    "prefixes-declared-at-the-envelope": lambda f: envelope(
        f"<v:subscribeToVSOP>{children('v:', f)}</v:subscribeToVSOP>", extra=' xmlns:v="urn:vas:vsop:v1"'
    ),
    "axis-xsi-type": axis,
    "axis-soapenc-type": lambda f: axis(f).replace("xsd:string", "e:string").replace(
        XSI, f'{XSI} xmlns:e="http://schemas.xmlsoap.org/soap/encoding/"'
    ),
    "axis-header": axis_header,
    "encoding-style-of-rpc": lambda f: envelope(
        order(children("v:", f)), extra=f'{XSI} soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
    ),
    "unused-namespaces": lambda f: envelope(order(children("v:", f)), extra=f'{XSI} xmlns:soapenc="urn:x" xmlns:tns="urn:y"'),
    "empty-header": lambda f: envelope(order(children("v:", f)), header="<soapenv:Header/>"),
    "schema-location": lambda f: envelope(
        order(children("v:", f)).replace("<v:subscribeToVSOP ", '<v:subscribeToVSOP xsi:schemaLocation="urn:vas:vsop:v1 vsop.xsd" '),
        extra=XSI,
    ),
    "cdata": lambda f: envelope(order(children("v:", f, cdata=True))),
    "comments": lambda f: f"<!-- a --><!-- b -->{envelope(order(children('v:', f, comment='<!-- c -->')))}<!-- d -->",
    "indented": lambda f: plain(f).replace("><", ">\r\n\t<").replace("<v:StreamingNo>\r\n\t", "<v:StreamingNo>"),
    "character-references": lambda f: plain(f).replace(f["ProductNo"], "".join(f"&#x{ord(digit):x};" for digit in f["ProductNo"])),
    "apostrophes": lambda f: DECLARED.replace('"', "'") + plain(f).replace('"', "'"),
    "blanks-in-tags": lambda f: plain(f).replace("</v:SystemId>", "</v:SystemId  >").replace("<v:SystemId>", "<v:SystemId\n >"),
    "declaration": lambda f: DECLARED + plain(f),
    "declaration-standalone-no": lambda f: '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n' + plain(f),
    "declaration-standalone-yes": lambda f: "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>" + plain(f),
    "declaration-without-encoding": lambda f: '<?xml version="1.0"?>' + plain(f),
    "byte-order-mark": lambda f: "\ufeff" + DECLARED + plain(f),
    "blank-lines-before": lambda f: "\r\n\r\n" + plain(f),
    "blank-lines-after": lambda f: plain(f) + "\r\n\r\n",
    "soap-1.2": lambda f: plain(f).replace(ENVELOPE, "http://www.w3.org/2003/05/soap-envelope"),
}


@dataclass(frozen=True)
class Told:
    """What came back."""

    status: int
    head: str
    body: str


def exchange(port: int, head: str, pieces: list[bytes], *, wait_after_head: bool = False) -> Told:
    """One request on a connection of its own, as bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(head.encode())
        if wait_after_head:
            assert line.recv(1000).startswith(b"HTTP/1.1 100 ")
        for piece in pieces:
            line.sendall(piece)
        data = b""
        while chunk := line.recv(65536):
            data += chunk
    told, _, body = data.decode().partition("\r\n\r\n")
    return Told(int(told.split()[1]), told, body)


def post(port: int, body: bytes, *headers: str, version: str = "1.1", kind: str = "text/xml; charset=utf-8", **more: Any) -> Told:
    """A whole request, closed afterwards."""
    lines = [f"POST /services/vsop HTTP/{version}", "Host: gw", f"Content-Type: {kind}", "Connection: close", *headers]
    if not any(line.startswith(("Content-Length", "Transfer-Encoding")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return exchange(port, "\r\n".join([*lines, "", ""]), more.pop("pieces", [body]), **more)


@pytest.fixture
def fields(lab, fresh_number):
    """Fresh fields of an order."""
    return lab.request(fresh_number(), TONE)


def accepted(lab, told: Told, f: dict) -> tuple:
    """Status, code, and the order as the gateway holds it."""
    held = lab.admin("jiangxi").get(f"orders/{f['OrderId']}")
    return told.status, "ResultCode>0<" in told.body, held is not None and held["number"][-4:]


def expected(f: dict) -> tuple:
    return 200, True, f["ProductNo"][-4:]  # the admin API masks the rest


@pytest.mark.parametrize("shape", SHAPES)
def test_envelope_is_read(lab, fields, shape):
    """Whatever the text looks like, it is the same order."""
    kind = "application/soap+xml; charset=utf-8" if shape == "soap-1.2" else "text/xml; charset=utf-8"
    told = post(lab.ports["jiangxi"], SHAPES[shape](fields).encode(), kind=kind)
    assert accepted(lab, told, fields) == expected(fields), told.body


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "gb2312", "utf-16", "utf-8"])
def test_encoding_is_read(lab, fields, encoding):
    """The encodings of the field, declared in the prolog and in the header."""
    text = DECLARED.replace("UTF-8", encoding) + plain(fields).replace("<v:SystemId>", "<!-- 订购 --><v:SystemId>")
    told = post(lab.ports["jiangxi"], text.encode(encoding), kind=f"text/xml; charset={encoding}")
    assert accepted(lab, told, fields) == expected(fields), told.body


ACTIONS = {
    "right": ['SOAPAction: "urn:vas:vsop:v1/subscribeToVSOP"'],
    "without-quotes": ["SOAPAction: urn:vas:vsop:v1/subscribeToVSOP"],
    "empty": ['SOAPAction: ""'],
    "nothing": ["SOAPAction:"],
    "lower-case-name": ['soapaction: ""'],
    "missing": [],
}


@pytest.mark.parametrize("action", ACTIONS)
def test_soap_action_is_read(lab, fields, action):
    """SOAPAction may be right, empty or missing, with quotes and without."""
    told = post(lab.ports["jiangxi"], plain(fields).encode(), *ACTIONS[action])
    assert accepted(lab, told, fields) == expected(fields), told.body


KINDS = ["text/xml", "text/xml;charset=UTF-8", 'text/xml; charset="utf-8"', "TEXT/XML; Charset=utf-8", "text/xml; charset=utf-8; x=y"]


@pytest.mark.parametrize("kind", KINDS)
def test_content_type_is_read(lab, fields, kind):
    """The media type in the spellings that clients use."""
    told = post(lab.ports["jiangxi"], plain(fields).encode(), kind=kind)
    assert accepted(lab, told, fields) == expected(fields), told.body


def test_http_1_0_is_answered(lab, fields):
    """HTTP/1.0 without keep-alive, as Perl's SOAP::Lite and old load balancers send it."""
    told = post(lab.ports["jiangxi"], plain(fields).encode(), version="1.0")
    assert (accepted(lab, told, fields), "chunked" in told.head.lower()) == (expected(fields), False)


def test_expect_100_continue_is_answered(lab, fields):
    """A client that waits before it sends the body, as .NET and curl do, is told to go on."""
    told = post(lab.ports["jiangxi"], plain(fields).encode(), "Expect: 100-continue", wait_after_head=True)
    assert accepted(lab, told, fields) == expected(fields), told.body


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunked_body_is_read(lab, fields, size):
    """Chunks of any size, with an extension, as Axis2 and Java's HttpURLConnection send them."""
    body = plain(fields).encode()
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    pieces = [b"".join(b"%x;a=b\r\n%s\r\n" % (len(part), part) for part in parts), b"0\r\n\r\n"]
    told = post(lab.ports["jiangxi"], body, "Transfer-Encoding: chunked", pieces=pieces)
    assert accepted(lab, told, fields) == expected(fields), told.body


def test_body_in_pieces_is_read(lab, fields):
    """A body that comes in single bytes is the same body."""
    body = plain(fields).encode()
    told = post(lab.ports["jiangxi"], body, pieces=[body[at : at + 1] for at in range(len(body))])
    assert accepted(lab, told, fields) == expected(fields), told.body


def test_wsdl_is_found_by_any_spelling_of_its_query(lab):
    """?wsdl and ?WSDL are the same document: half of the toolkits write capitals."""
    assert get(f"{lab.url('jiangxi')}?WSDL")[2] == get(f"{lab.url('jiangxi')}?wsdl")[2]
