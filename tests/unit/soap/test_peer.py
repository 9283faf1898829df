"""The calling side: what is sent, and how each kind of answer is judged; the pool is a script, no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from gateway.contract import Codec, EncodeError, load_contract
from gateway.contract.codec import Message
from gateway.errors import NotTried, PartnerError, Permanent, Temporary
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, Exchange, SoapAnswer
from gateway.soap.faults import SOAP11, SOAP12
from gateway.soap.http_client import HttpCallFailed, HttpPool, HttpReply
from gateway.soap.http_client_connection import Reason, SendOutcome
from gateway.soap.peer import Peer

WSDL = contracts_dir()
CODEC = Codec(load_contract(WSDL / "ocs.wsdl"))
NUMBER = "20020261123093001150000101"
FEE = CODEC["feeCheck"](
    StreamingNo=NUMBER, TimeStamp="20261123093001", SystemId="200", ProdSpecCode="003", ProductNo="18907910001", ContentType="2"
)  # fmt: skip
ROUTE = CODEC["RoutingType"](TraceId="T1", OriginSystem="200", OriginProvince="15", HopCount=1)
GOOD = (WSDL / "examples/ocs/feeCheckResponse.xml").read_bytes()
SECRET = "balance of 18907910001 is 5000"


class ScriptedPool:
    """Gives one reply or failure; keeps what was posted."""

    def __init__(self, outcome: HttpReply | HttpCallFailed) -> None:
        self.posted: list[tuple[str, bytes, dict[str, str], float]] = []
        self.renewed: list[str] = []
        self._outcome = outcome

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float) -> Deferred[HttpReply]:
        self.posted.append((url, body, dict(headers), deadline))
        return fail(self._outcome) if isinstance(self._outcome, HttpCallFailed) else succeed(self._outcome)

    def renew(self, url: str) -> None:
        self.renewed.append(url)


def call(
    outcome: HttpReply | HttpCallFailed, routing: Message | None = None
) -> tuple[Message | Exception, ScriptedPool]:
    """Call feeCheck and give the answer, or the error that was raised."""
    pool = ScriptedPool(outcome)
    peer = Peer("ocs", "http://ocs.example/services/ocs", CODEC, cast(HttpPool, pool), 5.0)
    caught: list[Message | Exception] = []

    async def run() -> None:
        try:
            caught.append(await peer.call("feeCheck", FEE, routing))
        except PartnerError as error:
            caught.append(error)

    Deferred.fromCoroutine(run())
    return caught[0], pool


def ok(body: bytes = GOOD, status: int = 200, media_type: str = "text/xml; charset=utf-8", **headers: str) -> HttpReply:
    return HttpReply(status, {"content-type": media_type, **headers}, body)


def fault(code: str, detail: str = "", namespace: str = SOAP11) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Body><s:Fault><faultcode>{code}</faultcode>'
        f"<faultstring>{SECRET}</faultstring>{detail}</s:Fault></s:Body></s:Envelope>"
    ).encode()


# What is sent


def test_request_is_what_the_contract_says() -> None:
    """An endpoint of the same contract reads the message that was sent."""
    _, pool = call(ok())
    seen: list[tuple[Message, Message | None]] = []

    class Ocs:
        async def feeCheck(self, request: Message, exchange: Exchange) -> Message:
            seen.append((request, exchange.routing))
            return CODEC["feeCheckResponse"](StreamingNo=NUMBER, ResultCode="0", ResultDesc="ok")

        productInfoSync = PPOfferInfoSync = feeCheck

    answer = Endpoint(CODEC, Ocs(), reference=str).answer(pool.posted[0][1], charset="utf-8", action="", peer="")
    assert isinstance(answer, SoapAnswer)
    assert (answer.status, seen) == (200, [(FEE, None)])


def test_routing_block_is_sent_where_it_is_given() -> None:
    """As a header block that nobody has to understand."""
    _, pool = call(ok(), ROUTE)
    body = pool.posted[0][1].decode()
    assert f"<s:Header>{CODEC.by_element['{urn:vas:types:v1}Routing'].encode(ROUTE)}</s:Header><s:Body>" in body
    assert "mustUnderstand" not in body


def test_seal_writes_the_whole_message() -> None:
    """A seal gets the start tag, the header blocks and the content; what it makes is sent, and nothing else."""
    pool, parts = ScriptedPool(ok()), []

    def seal(opening: str, blocks: str, content: str) -> str:
        parts.extend((opening, blocks, content))
        return "sealed"

    peer = Peer("ocs", "http://ocs.example/", CODEC, cast(HttpPool, pool), 5.0, seal=seal)
    Deferred.fromCoroutine(peer.call("feeCheck", FEE, ROUTE))
    _, plain = call(ok(), ROUTE)
    opening, blocks, content = parts
    assert pool.posted[0][1] == b"sealed"
    assert f"{opening}<s:Header>{blocks}</s:Header><s:Body>{content}</s:Body></s:Envelope>".encode() == plain.posted[0][1]


def test_head_has_type_and_quoted_action() -> None:
    """WS-I R1109; address and deadline are the peer's."""
    _, pool = call(ok())
    url, _, headers, deadline = pool.posted[0]
    assert headers == {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"urn:vas:ocs:v1/feeCheck"'}
    assert (url, deadline) == ("http://ocs.example/services/ocs", 5.0)


def test_message_that_cannot_be_written_is_not_sent() -> None:
    """An error of ours is raised as such, before anything leaves."""
    pool = ScriptedPool(ok())
    peer = Peer("ocs", "http://ocs.example/", CODEC, cast(HttpPool, pool), 5.0)
    bad = CODEC["feeCheck"](
        StreamingNo=NUMBER, TimeStamp=None, SystemId="200", ProdSpecCode="003", ProductNo="18907910001", ContentType="2"
    )  # fmt: skip
    with pytest.raises(EncodeError):
        peer.call("feeCheck", bad).send(None)
    assert pool.posted == []


# Answers

GOOD_ONES = {
    "usual": ok(),
    "soap-media-type": ok(media_type="application/soap+xml"),
    "utf-16": ok(GOOD.replace(b'encoding="UTF-8"', b'encoding="UTF-16"').decode().encode("utf-16")),
    "gbk-declared": ok(GOOD.replace(b'encoding="UTF-8"', b'encoding="GBK"').decode().encode("gbk")),
    "unknown-header-block": ok(GOOD.replace(b"<soapenv:Body>", b"<soapenv:Header><x/></soapenv:Header><soapenv:Body>")),
    "more-response-headers": ok(server="x"),
}


@pytest.mark.parametrize("case", GOOD_ONES)
def test_good_answer_is_typed(case: str) -> None:
    """Whatever toolkit wrote it."""
    answer, _ = call(GOOD_ONES[case])
    assert isinstance(answer, Message)
    assert (answer.ResultCode, answer.Balance) == ("0", 5000)


def test_refusal_is_an_answer() -> None:
    """A ResultCode is for the caller to judge."""
    answer, _ = call(ok(GOOD.replace(b"ResultCode>0<", b"ResultCode>1<")))
    assert isinstance(answer, Message)
    assert answer.ResultCode == "1"


ANOTHER = (WSDL / "examples/smshall/subResultToUserResponse.xml").read_bytes()
OTHER_NUMBER = GOOD.replace(NUMBER.encode(), b"20020261123093001150000999")
TEMPORARY: dict[str, tuple[HttpReply | HttpCallFailed, str]] = {
    "fault-of-theirs": (ok(fault("s:Server"), 500), "feeCheck: fault Server (no code)"),
    "fault-of-theirs-in-detail": (ok(fault("s:Server.userException"), 500), "feeCheck: fault Server.userException (no code)"),
    "fault-of-their-own": (ok(fault("x:Overload"), 500), "feeCheck: fault Overload (no code)"),
    "fault-that-only-begins-alike": (ok(fault("s:ClientStub"), 500), "feeCheck: fault ClientStub (no code)"),
    "fault-without-code": (ok(fault(""), 500), "feeCheck: fault  (no code)"),
    "version": (ok(fault("s:VersionMismatch"), 500), "feeCheck: fault VersionMismatch (no code)"),
    "must-understand": (ok(fault("s:MustUnderstand"), 500), "feeCheck: fault MustUnderstand (no code)"),
    "fault-with-200": (ok(fault("s:Server")), "feeCheck: fault Server (no code)"),
    "html-with-500": (ok(b"<html>busy</html>", 500, media_type="text/html"), "feeCheck: the answer is not SOAP"),
    "html-called-xml": (ok(b"<html>busy</html>", 500), "feeCheck: the answer is not SOAP"),
    "empty-500": (ok(b"", 500), "feeCheck: the answer is not SOAP"),
    "redirect": (ok(b"", 302, location="http://evil.example/"), "feeCheck: HTTP 302"),
    "accepted": (ok(b"", 202), "feeCheck: HTTP 202"),
    "no-content": (ok(b"", 204), "feeCheck: HTTP 204"),
    "not-found": (ok(b"not found", 404), "feeCheck: HTTP 404"),
    "forbidden": (ok(b"", 403), "feeCheck: HTTP 403"),
    "busy": (ok(b"", 503, retry_after="2"), "feeCheck: HTTP 503"),
    "gateway-timeout": (ok(GOOD, 504), "feeCheck: HTTP 504"),
    "empty-200": (ok(b""), "feeCheck: the answer is not SOAP"),
    "no-media-type": (HttpReply(200, {}, GOOD), "feeCheck: the answer is not SOAP"),
    "json": (ok(b"{}", media_type="application/json"), "feeCheck: the answer is not SOAP"),
    "cut-off": (ok(GOOD[:-20]), "feeCheck: the answer is not SOAP"),
    "document-type": (ok(GOOD.replace(b"<soapenv:Env", b"<!DOCTYPE a><soapenv:Env", 1)), "feeCheck: the answer is not SOAP"),
    "gbk-undeclared": (ok(GOOD.decode().encode("gbk")), "feeCheck: the answer is not SOAP"),
    "header-to-be-understood": (
        ok(GOOD.replace(b"<soapenv:Body>", b'<soapenv:Header><x soapenv:mustUnderstand="1"/></soapenv:Header><soapenv:Body>')),
        "feeCheck: the answer is not SOAP"),
    "other-operation": (ok(ANOTHER), "feeCheck: the answer breaks the contract"),
    "request-sent-back": (ok((WSDL / "examples/ocs/feeCheck.xml").read_bytes()), "feeCheck: the answer breaks the contract"),
    "value-of-wrong-form": (ok(GOOD.replace(b">5000<", b">much<")), "feeCheck: the answer breaks the contract"),
    "field-missing": (ok(GOOD.replace(b"<c:ResultCode>0</c:ResultCode>", b"")), "feeCheck: the answer breaks the contract"),
    "good-with-500": (ok(GOOD, 500), "feeCheck: the answer breaks the contract"),
    "soap-1.2": (ok(GOOD.replace(SOAP11.encode(), SOAP12.encode()), media_type="application/soap+xml"), "feeCheck: the answer is not SOAP"),
    "soap-1.2-fault": (ok(fault("x", namespace=SOAP12), 500), "feeCheck: the answer is not SOAP"),
    "other-streaming-no": (ok(OTHER_NUMBER), "feeCheck: the answer belongs to another request"),
    "not-connected": (HttpCallFailed(SendOutcome.NOT_SENT, Reason.REFUSED), "feeCheck: connection refused"),
    "deadline": (HttpCallFailed(SendOutcome.UNKNOWN, Reason.DEADLINE), "feeCheck: deadline passed"),
    "too-large": (HttpCallFailed(SendOutcome.UNKNOWN, Reason.TOO_LARGE), "feeCheck: answer too large"),
}  # fmt: skip


@pytest.mark.parametrize("case", TEMPORARY)
def test_no_business_answer_is_temporary(case: str) -> None:
    """Outcome unknown, or nothing done: the same request may be sent again; the reason is in our words."""
    outcome, reason = TEMPORARY[case]
    error, _ = call(outcome)
    assert isinstance(error, Temporary)
    assert (error.party, error.reason) == ("ocs", reason)


OURS = "<detail><ContractFault xmlns='urn:vas:types:v1'><Code>1006</Code></ContractFault></detail>"
PERMANENT: dict[str, tuple[HttpReply | HttpCallFailed, str]] = {
    "client": (ok(fault("s:Client"), 500), "feeCheck: fault Client (no code)"),
    "client-with-200": (ok(fault("s:Client")), "feeCheck: fault Client (no code)"),
    "client-in-detail": (ok(fault("s:Client.Validation"), 500), "feeCheck: fault Client.Validation (no code)"),
    "client-with-blanks": (ok(fault("\n s:Client\n"), 500), "feeCheck: fault Client (no code)"),
    "client-without-prefix": (ok(fault("Client"), 500), "feeCheck: fault Client (no code)"),
    "with-our-code": (ok(fault("s:Client", OURS), 500), "feeCheck: fault Client (1006)"),
}


@pytest.mark.parametrize("case", PERMANENT)
def test_fault_about_our_message_is_permanent(case: str) -> None:
    """The partner read it and refused it; sending it again cannot help."""
    outcome, reason = PERMANENT[case]
    error, _ = call(outcome)
    assert isinstance(error, Permanent)
    assert (error.party, error.reason) == ("ocs", reason)


@pytest.mark.parametrize("case", [*TEMPORARY, *PERMANENT])
def test_answer_of_another_request_costs_the_connections(case: str) -> None:
    """It may be one too many: on the connection where it came each later call would get the answer of the one before."""
    _, pool = call({**TEMPORARY, **PERMANENT}[case][0])
    of_another = case in ("other-operation", "other-streaming-no", "request-sent-back")
    assert pool.renewed == ["http://ocs.example/services/ocs"] * of_another


@pytest.mark.parametrize("case", [*TEMPORARY, *PERMANENT])
def test_text_of_a_partner_is_not_repeated(case: str) -> None:
    """Reasons reach logs and people; a faultstring may hold anything."""
    error, _ = call({**TEMPORARY, **PERMANENT}[case][0])
    assert SECRET not in str(error)


def test_long_fault_code_is_cut() -> None:
    """Nor does a partner fill our log."""
    error, _ = call(ok(fault("s:Client" + "x" * 5000), 500))
    assert len(str(error)) < 100


# Deadlines, and what a partner says about when to come back


def test_deadline_of_an_operation() -> None:
    """An operation with a deadline of its own has that one."""
    pool = ScriptedPool(ok())
    peer = Peer("ocs", "http://ocs.example/", CODEC, cast(HttpPool, pool), 5.0, {"feeCheck": 2.5, "productInfoSync": 9.0})
    with pytest.raises(StopIteration):
        peer.call("feeCheck", FEE).send(None)
    assert pool.posted[0][3] == 2.5


DATE = "Mon, 23 Nov 2026 04:00:00 GMT"
WAITS = {
    "seconds": ({"retry-after": "7"}, 7),
    "none": ({}, 0),
    "date, by the partner's clock": ({"retry-after": "Mon, 23 Nov 2026 04:00:30 GMT", "date": DATE}, 30),
    "date that is past": ({"retry-after": "Mon, 23 Nov 2026 03:00:00 GMT", "date": DATE}, 0),
    "date without a Date": ({"retry-after": DATE}, 0),
    "date without a zone": ({"retry-after": "Mon, 23 Nov 2026 04:00:30", "date": DATE}, 0),
    "a year": ({"retry-after": "31536000"}, 3600),
    "more digits than a number has": ({"retry-after": "9" * 500}, 3600),
    "negative": ({"retry-after": "-1"}, 0),
    "nonsense": ({"retry-after": "soon"}, 0),
}


@pytest.mark.parametrize("case", WAITS)
def test_retry_after_is_honoured(case: str) -> None:
    """Seconds or a date; an hour at most, as a partner that names more has an error."""
    headers, seconds = WAITS[case]
    failure, _ = call(HttpReply(503, headers, b""))
    assert isinstance(failure, Temporary)
    assert (failure.retry_after.total_seconds(), failure.reason) == (seconds, "feeCheck: HTTP 503")


@pytest.mark.parametrize(
    ("reason", "kind", "wait"),
    [(Reason.CROWDED, NotTried, 2.5), (Reason.CLOSED, NotTried, 0), (Reason.REFUSED, Temporary, 0), (Reason.DEADLINE, Temporary, 0)],
)
def test_call_that_never_left_by_our_own_doing_is_no_attempt(reason: Reason, kind: type, wait: float) -> None:
    """A full line is asked again when half a deadline has passed; what the partner's side caused is an attempt."""
    failure, _ = call(HttpCallFailed(SendOutcome.NOT_SENT, reason))
    assert isinstance(failure, Temporary)
    assert (type(failure), failure.retry_after.total_seconds()) == (kind, wait)


def test_call_that_was_given_up_when_it_was_out_is_an_attempt() -> None:
    """A gateway that ends does not know what became of it."""
    failure, _ = call(HttpCallFailed(SendOutcome.UNKNOWN, Reason.CLOSED))
    assert type(failure) is Temporary
