"""The front: paths, methods, media types, published files, health; what a client may and may not change by its headers."""

from __future__ import annotations

import gzip
import re

import pytest
from lxml import etree
from twisted.internet.defer import Deferred

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, Exchange, SoapAnswer
from gateway.soap.front import Front, Packing, _response
from gateway.soap.http import HttpRequest, HttpResponse

WSDL = contracts_dir()
CODECS = {name: Codec(load_contract(WSDL / f"{name}.wsdl")) for name in ("smshall", "ocs")}
ADDRESS = CODECS["smshall"].contract.address  # as in the file
OWN = ADDRESS.removesuffix("/services/smshall")
PUBLIC = "https://vsop.jx.example:8443"
REQUEST = (WSDL / "examples/smshall/subResultToUser.xml").read_bytes()
XML = "text/xml; charset=utf-8"


class Handler:
    """Answers subResultToUser, at once or when `go` fires; keeps the exchanges."""

    def __init__(self, go: Deferred[None] | None = None) -> None:
        self.exchanges: list[Exchange] = []
        self._go = go

    async def subResultToUser(self, request: Message, exchange: Exchange) -> Message:
        self.exchanges.append(exchange)
        if self._go is not None:
            await self._go
        return CODECS["smshall"]["Answer"](StreamingNo=request.StreamingNo, ResultCode="0", ResultDesc="ok")

    async def sendRQMessage(self, request: Message, exchange: Exchange) -> Message:
        raise NotImplementedError

    feeCheck = productInfoSync = PPOfferInfoSync = sendRQMessage  # no test here calls them


def front(
    public_url: str = PUBLIC, handler: Handler | None = None, *, ready: bool = True, new_work: frozenset[str] = frozenset(),
    packing: Packing | None = None,
) -> Front:
    served = handler or Handler()
    endpoints = [Endpoint(codec, served, reference=lambda: "ref") for codec in CODECS.values()]
    return Front(endpoints, public_url=public_url, ready=lambda: ready, new_work=new_work, packing=packing)


def get(target: str, where: Front | None = None, headers: dict[str, str] | None = None) -> HttpResponse:
    """Ask for a target as the HTTP layer does: the head first."""
    path, _, query = target.partition("?")
    served = where or front()
    lower = headers or {}
    refused = served.check_head("GET", path, lower)
    if refused is not None:
        return refused
    answer = served.handle(HttpRequest("GET", path, query, lower, b"", "192.0.2.9"))
    assert isinstance(answer, HttpResponse)
    return answer


def post(
    data: bytes, content_type: str, where: Front | None = None, headers: dict[str, str] | None = None
) -> HttpResponse:
    served = where or front()
    path, lower = "/services/smshall", {"content-type": content_type, **(headers or {})}
    refused = served.check_head("POST", path, lower)
    if refused is not None:
        return refused
    answer = served.handle(HttpRequest("POST", path, "", lower, data, "192.0.2.9"))
    assert isinstance(answer, HttpResponse)
    return answer


# Heads


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/services"), ("GET", "/services/"), ("GET", "/services/crm"), ("GET", "/services/smshall/"),
     ("GET", "/services/SMSHALL"), ("GET", "/services/../etc/passwd"), ("GET", "/services/xsd/"), ("GET", "/services/xsd/vsop.xsd"),
     ("GET", "/services/%73mshall"), ("POST", "/"), ("POST", "/services/crm"), ("POST", "/healthz"), ("PUT", "/services/crm")],
)  # fmt: skip
def test_unknown_path_is_404(method: str, path: str) -> None:
    """Only what is served exists; other contracts' files do not."""
    refused = front().check_head(method, path, {})
    assert refused is not None
    assert refused.status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "M-POST", "get", "post"])
def test_other_method_is_405(method: str) -> None:
    """With the methods that there are."""
    refused = front().check_head(method, "/services/smshall", {"content-type": "text/xml"})
    assert refused is not None
    assert (refused.status, refused.headers) == (405, (("Allow", "GET, POST"),))


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/related; type=\"text/xml\"",
     "application/xml", "text/xml+x", "text/xml, text/xml", "application/xop+xml"],
)  # fmt: skip
def test_other_media_type_is_415(content_type: str) -> None:
    """A browser's form cannot reach an operation; MTOM is a deliberate limit."""
    assert post(REQUEST, content_type).status == 415


def test_missing_media_type_is_415() -> None:
    """SOAP demands one."""
    refused = front().check_head("POST", "/services/smshall", {})
    assert refused is not None
    assert refused.status == 415


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity"])
def test_compressed_request_is_415(encoding: str) -> None:
    """Before a byte of it is read."""
    head = {"content-type": "text/xml", "content-encoding": encoding}
    refused = front().check_head("POST", "/services/smshall", head)
    assert refused is not None
    assert refused.status == 415


@pytest.mark.parametrize("encoding", ["identity", "Identity"])
def test_identity_is_no_compression(encoding: str) -> None:
    """Old clients say so."""
    head = {"content-type": "text/xml", "content-encoding": encoding}
    assert front().check_head("POST", "/services/smshall", head) is None


@pytest.mark.parametrize(
    "content_type", ["text/xml", "Text/XML; Charset=UTF-8", "application/soap+xml;action=x", " text/xml ;x"]
)
def test_soap_media_type_is_taken(content_type: str) -> None:
    """In any case, with any parameters."""
    assert front().check_head("POST", "/services/smshall", {"content-type": content_type}) is None


# Compression, from those who may send it


def packed(body: bytes, *, peer: str = "192.0.2.9", limit: int = 10_000, encoding: str = "gzip") -> HttpResponse:
    """Give the answer of an endpoint that takes gzip from one address."""
    handler = front(packing=Packing(lambda address: address == "192.0.2.9", None, limit, 50))
    headers = {"content-type": "text/xml; charset=utf-8", "content-encoding": encoding}
    refused = handler.check_head("POST", "/services/smshall", headers)
    answer = refused or handler.handle(HttpRequest("POST", "/services/smshall", "", headers, body, peer))
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_is_unpacked_where_it_is_allowed(encoding: str) -> None:
    """The message within is served as if it had come so."""
    assert packed(gzip.compress(REQUEST), encoding=encoding).status == 200


def test_gzip_from_elsewhere_is_415() -> None:
    """The address of the connection decides."""
    assert packed(gzip.compress(REQUEST), peer="192.0.2.10").status == 415


@pytest.mark.parametrize("encoding", ["deflate", "br", "gzip, gzip"])
def test_other_compression_stays_415(encoding: str) -> None:
    """Gzip alone, and once."""
    assert packed(REQUEST, encoding=encoding).status == 415


def test_gzip_that_grows_too_long_is_413() -> None:
    """The limit is that of a message that comes unpacked."""
    assert [packed(gzip.compress(REQUEST), limit=len(REQUEST) - less).status for less in (0, 1)] == [200, 413]


def test_what_is_no_gzip_is_400() -> None:
    """It is not tried as it is."""
    assert packed(REQUEST).status == 400


WRAPPED = b"--B\r\nContent-Type: %b\r\nContent-ID: <a>\r\n\r\n%b\r\n--B--\r\n"
XOP = b'application/xop+xml; charset=UTF-8; type="text/xml"'
RELATED = 'multipart/related; type="application/xop+xml"; start="<a>"; start-info="text/xml"; boundary=B'


def wrapped(part: bytes = XOP, *, peer: str = "192.0.2.9", allowed: bool = True, body: bytes | None = None) -> HttpResponse:
    """Give the answer of an endpoint that takes multipart from one address."""
    handler = front(packing=Packing(None, (lambda address: address == "192.0.2.9") if allowed else None, 10_000, 50))
    headers = {"content-type": RELATED, "soapaction": f'"{ACTION}"'}
    refused = handler.check_head("POST", "/services/smshall", headers)
    body = WRAPPED % (part, REQUEST) if body is None else body
    answer = refused or handler.handle(HttpRequest("POST", "/services/smshall", "", headers, body, peer))
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize("part", [XOP, b"text/xml; charset=utf-8", b"text/xml"])
def test_message_is_unwrapped_where_that_is_allowed(part: bytes) -> None:
    """MTOM and SOAP with Attachments, as long as nothing is attached."""
    assert wrapped(part).status == 200


def test_multipart_from_elsewhere_is_415() -> None:
    """The address of the connection decides."""
    assert [wrapped(peer="192.0.2.10").status, wrapped(allowed=False).status] == [415, 415]


def test_part_that_is_no_soap_is_415() -> None:
    """The type of the part counts, not only that of the whole."""
    assert wrapped(b"application/json").status == 415


def test_what_is_not_one_part_is_400() -> None:
    """There is nothing that could be attached."""
    two = (WRAPPED % (XOP, REQUEST)).replace(b"--B--", b"--B\r\nContent-ID: <b>\r\n\r\nx\r\n--B--")
    assert wrapped(body=two).status == 400


def test_include_breaks_the_contract() -> None:
    """No reference is followed: it is an element where the contract has text."""
    include = b'<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:b"/>'
    assert b"<t:Code>1006<" in wrapped(body=WRAPPED % (XOP, REQUEST.replace(b"SystemId>200<", b"SystemId>" + include + b"<"))).body


# Messages

REQUEST_12 = REQUEST.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
TYPES = {
    "text/xml": REQUEST,
    "text/xml; charset=utf-8": REQUEST,
    "text/xml;charset=UTF-8": REQUEST,
    'text/xml; charset="utf-8"': REQUEST,
    "text/xml; charset=GBK": REQUEST.replace(b'encoding="UTF-8"', b'encoding="GBK"').decode().encode("gbk"),
    "TEXT/XML; CHARSET=gb18030": REQUEST.replace(b' encoding="UTF-8"', b"").decode().encode("gb18030"),
    "text/xml; charset=utf-16": REQUEST.replace(b' encoding="UTF-8"', b"").decode().encode("utf-16"),
}


@pytest.mark.parametrize("content_type", TYPES)
def test_message_is_answered(content_type: str) -> None:
    """The charset of the head reaches the parser, however it is spelled."""
    answer = post(TYPES[content_type], content_type)
    assert (answer.status, answer.content_type) == (200, XML)
    assert b"<t:ResultCode>0<" in answer.body


@pytest.mark.parametrize("charset", ["utf-7", "iso-8859-1", "x" * 300, "utf-8;", "'utf-8'"])
def test_other_charset_is_a_fault(charset: str) -> None:
    """A SOAP message, because the sender speaks SOAP."""
    answer = post(REQUEST, f'text/xml; charset="{charset}"')
    assert (answer.status, answer.content_type) == (500, XML)
    assert b"<t:Code>1010<" in answer.body


def test_parameter_that_does_not_parse_is_a_fault() -> None:
    """Parameters in parts (RFC 2231) whose numbers do not fit together."""
    answer = post(REQUEST, "text/xml; charset*0=a; charset*=b")
    assert (answer.status, b"<t:Code>1010<" in answer.body) == (500, True)


def test_fault_is_500_with_a_soap_body() -> None:
    """WS-I R1126."""
    answer = post(
        REQUEST.replace(b"<c:SubResult>", b"<c:subresult>").replace(b"</c:SubResult>", b"</c:subresult>"), XML
    )
    assert (answer.status, answer.content_type) == (500, XML)
    assert etree.fromstring(answer.body)[0][0].findtext("faultcode") == "s:Client"


def test_soap_1_2_fault_of_the_sender_is_400() -> None:
    """With the media type of SOAP 1.2."""
    answer = post(REQUEST_12.replace(b"SystemId>200<", b"SystemId>2<"), "application/soap+xml; charset=utf-8")
    assert (answer.status, answer.content_type) == (400, "application/soap+xml; charset=utf-8")


ACTION = "urn:vas:smshall:v1/subResultToUser"
SOAP12 = "application/soap+xml; charset=utf-8"
SOAP12_TYPE = f'application/soap+xml; charset=utf-8; action="{ACTION}"'
ACTIONS = {
    "quoted": ("text/xml", {"soapaction": f'"{ACTION}"'}, ACTION),
    "bare": ("text/xml", {"soapaction": ACTION}, ACTION),
    "blanks": ("text/xml", {"soapaction": f' "{ACTION}" '}, ACTION),
    "empty": ("text/xml", {"soapaction": '""'}, ""),
    "missing": ("text/xml", {}, ""),
    "parameter": (SOAP12_TYPE, {}, ACTION),
    "parameter-before-header": (SOAP12_TYPE, {"soapaction": '"urn:other"'}, ACTION),
    "usual-type": (XML, {"soapaction": f'"{ACTION}"'}, ACTION),
}


@pytest.mark.parametrize("case", ACTIONS)
def test_action_is_read_where_each_version_has_it(case: str) -> None:
    """SOAP 1.1: a header, quoted (WS-I R1109); SOAP 1.2: a parameter of the media type (RFC 3902)."""
    content_type, headers, action = ACTIONS[case]
    handler = Handler()
    request = REQUEST_12 if content_type == SOAP12_TYPE else REQUEST
    assert post(request, content_type, front(handler=handler), headers).status == 200
    assert handler.exchanges[0].action == action


@pytest.mark.parametrize("spoken", ["text/xml", "application/soap+xml; charset=utf-8"])
def test_envelope_and_media_type_must_be_of_one_version(spoken: str) -> None:
    """Where they disagree it is a wrong version, told in SOAP 1.1, which everybody reads."""
    answer = post(REQUEST_12 if spoken == "text/xml" else REQUEST, spoken)
    assert (answer.status, answer.content_type, b"<faultcode>s:VersionMismatch<" in answer.body) == (500, XML, True)


@pytest.mark.parametrize(("spoken", "status", "kind"), [("text/xml", 500, XML), (SOAP12, 400, SOAP12)])
def test_what_is_no_envelope_is_told_in_the_version_of_its_media_type(spoken: str, status: int, kind: str) -> None:
    """The caller's version, as far as it can be known."""
    answer = post(b"hello", spoken)
    assert (answer.status, answer.content_type, b"1001" in answer.body) == (status, kind, True)


@pytest.mark.parametrize("action", ['"urn:other"', "urn:other", "'x'"])
def test_header_of_soap_1_1_is_not_outvoted_by_a_parameter(action: str) -> None:
    """A parameter of text/xml means nothing: the wrong SOAPAction is refused."""
    answer = post(REQUEST, f'text/xml; charset=utf-8; action="{ACTION}"', headers={"soapaction": action})
    assert b"<t:Code>1007<" in answer.body


@pytest.mark.parametrize("headers", [{"soapaction": '"urn:vas:smshall:v1/other"'}, {"soapaction": '"subResultToUser"'}])
def test_other_action_is_a_fault(headers: dict[str, str]) -> None:
    """It names another operation than the Body."""
    assert b"<t:Code>1007<" in post(REQUEST, XML, headers=headers).body


def test_client_address_reaches_the_handler() -> None:
    """The one of the connection, not of a header."""
    handler = Handler()
    post(REQUEST, XML, front(handler=handler), {"x-forwarded-for": "203.0.113.1"})
    assert handler.exchanges[0].peer == "192.0.2.9"


def test_answer_may_come_later() -> None:
    """A handler that waits makes a Deferred of an HTTP answer."""
    go: Deferred[None] = Deferred()
    request = HttpRequest("POST", "/services/smshall", "", {"content-type": XML}, REQUEST, "192.0.2.9")
    pending = front(handler=Handler(go)).handle(request)
    assert isinstance(pending, Deferred)
    go.callback(None)
    assert isinstance(pending.result, HttpResponse)
    assert pending.result.status == 200


# Published files


def test_wsdl_is_the_file_byte_for_byte() -> None:
    """Where the public address is the file's own, nothing is touched."""
    answer = get("/services/smshall?wsdl", front(OWN))
    assert (answer.status, answer.content_type) == (200, XML)
    assert answer.body == (WSDL / "smshall.wsdl").read_bytes()


def test_address_alone_is_replaced() -> None:
    """By the configured one; every other byte is the file's."""
    served = get("/services/smshall?wsdl").body
    assert served == (WSDL / "smshall.wsdl").read_bytes().replace(
        ADDRESS.encode(), f"{PUBLIC}/services/smshall".encode()
    )


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "forwarded", "x-forwarded-proto"])
def test_address_never_comes_from_the_client(name: str) -> None:
    """A forged Host would send all later clients elsewhere."""
    headers = {name: "evil.example:666"}
    assert get("/services/smshall?wsdl", headers=headers).body == get("/services/smshall?wsdl").body


def test_slash_at_the_end_of_the_public_address_does_not_double() -> None:
    """Configuration may end in one."""
    assert get("/services/smshall?wsdl", front(f"{PUBLIC}/")).body == get("/services/smshall?wsdl").body


@pytest.mark.parametrize("query", ["wsdl", "WSDL", "Wsdl", "wsdl&x=1"])
def test_wsdl_is_asked_for_in_any_case(query: str) -> None:
    """Toolkits differ."""
    assert get(f"/services/smshall?{query}").body == get("/services/smshall?wsdl").body


def test_soap_1_2_document_is_the_file_byte_for_byte() -> None:
    """The second document, under the first one's name and under its own."""
    served = front(OWN)
    expected = (WSDL / "smshall.soap12.wsdl").read_bytes()
    assert [
        get(target, served).body for target in ("/services/smshall?wsdl&soap=1.2", "/services/smshall.soap12.wsdl")
    ] == [expected] * 2


def test_soap_1_2_document_has_the_configured_address() -> None:
    """Both documents name one address."""
    assert f'location="{PUBLIC}/services/smshall"'.encode() in get("/services/smshall?wsdl&soap=1.2").body


@pytest.mark.parametrize("name", ["smshall.xsd", "vas-types.xsd"])
def test_schema_is_the_file_byte_for_byte(name: str) -> None:
    """Under its relative path, and by query."""
    expected = (WSDL / "xsd" / name).read_bytes()
    assert [get(target).body for target in (f"/services/xsd/{name}", f"/services/smshall?xsd=xsd/{name}")] == [
        expected
    ] * 2


@pytest.mark.parametrize("contract", CODECS)
def test_every_import_leads_to_a_served_file(contract: str) -> None:
    """A client that follows relative paths from the WSDL's address finds everything."""
    served, seen = front(), set()
    waiting = [f"/services/{contract}.wsdl", f"/services/{contract}.soap12.wsdl"]
    while waiting:
        target = waiting.pop()
        seen.add(target)
        answer = get(target, served)
        assert answer.status == 200, target
        folder = target.rpartition("/")[0]
        found = re.findall(r'(?:schemaLocation|location)="([^"]+\.(?:wsdl|xsd))"', answer.body.decode())
        waiting += [path for path in (f"{folder}/{name}" for name in found) if path not in seen]
    assert len(seen) == 4


@pytest.mark.parametrize(
    "query",
    [
        "",
        "x",
        "wsd",
        "xsd",
        "xsd=",
        "xsd=xsd/vsop.xsd",
        "xsd=../pyproject.toml",
        "xsd=/etc/passwd",
        "xsd=xsd%2Fsmshall.xsd",
    ],
)
def test_get_of_something_else_is_405(query: str) -> None:
    """An operation is never run by GET, a file outside the contract never read."""
    answer = get(f"/services/smshall?{query}")
    assert (answer.status, answer.headers) == (405, (("Allow", "GET, POST"),))


# Health


def test_healthz_says_ok() -> None:
    """The process answers."""
    assert (get("/healthz").status, get("/healthz").body) == (200, b"ok")


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
def test_readyz_says_whether_work_is_taken(ready: bool, status: int) -> None:
    """Asked anew each time."""
    assert get("/readyz", front(ready=ready)).status == status


def test_liveness_does_not_wait_for_readiness() -> None:
    """A gateway that drains is alive."""
    assert get("/healthz", front(ready=False)).status == 200


# What is new work

TO_USER, RQ = "urn:vas:smshall:v1/subResultToUser", "urn:vas:smshall:v1/sendRQMessage"


@pytest.mark.parametrize(
    ("headers", "urgent"),
    [
        ({"soapaction": f'"{TO_USER}"'}, False),
        ({"soapaction": TO_USER}, False),
        ({"soapaction": f'"{RQ}"'}, True),
        ({"soapaction": RQ}, True),
        ({"content-type": f'application/soap+xml; action="{RQ}"'}, True),
        ({"content-type": f'application/soap+xml; action="{TO_USER}"'}, False),
        ({"content-type": f'application/soap+xml; action="{TO_USER}"', "soapaction": f'"{RQ}"'}, False),  # a lie beside the truth
        ({"content-type": f'multipart/related; type="text/xml"; action="{RQ}"'}, False),  # what is inside is not known yet
        ({"content-type": "text/xml"}, False),  # nobody can tell
        ({"content-type": "text/xml", "soapaction": '""'}, False),
        ({"content-type": "text/xml", "soapaction": '"urn:other"'}, False),
    ],
)
def test_what_is_urgent(headers: dict[str, str], urgent: bool) -> None:
    """All operations that begin nothing, told by their action; who names none is taken to begin something."""
    assert front(new_work=frozenset({"smshall/subResultToUser"})).is_urgent(headers) is urgent


@pytest.mark.parametrize(("new_work", "counts"), [({"smshall/subResultToUser"}, [1, 0]), (set(), [0, 0])])
def test_beginning_is_counted(new_work: set[str], counts: list[int]) -> None:
    """New work counts from its request to its answer."""
    go = Deferred[None]()
    served = front(handler=Handler(go), new_work=frozenset(new_work))
    headers = {"content-type": XML, "soapaction": f'"{TO_USER}"'}
    served.handle(HttpRequest("POST", "/services/smshall", "", headers, REQUEST, "192.0.2.9"))
    before = served.beginning
    go.callback(None)
    assert [before, served.beginning] == counts


def test_wait_of_a_refusal_is_told():
    """A fault that says when to come again says it where HTTP clients look."""
    assert _response(SoapAnswer(500, "text/xml", b"<x/>", retry_after=3)).headers == (("Retry-After", "3"),)
