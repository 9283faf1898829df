"""The compiled Spyne protocol: versions, dispatch by element, SOAPAction, validation, the routing block."""

from __future__ import annotations

import pytest
from lxml import etree

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.contract.document import CONTRACT_FAULT
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, Exchange, SoapAnswer
from gateway.soap.faults import SOAP11, SOAP12, Version

CODEC = Codec(load_contract(contracts_dir() / "ocs.wsdl"))
NAMESPACE = "urn:vas:ocs:v1"
ACTION = "urn:vas:ocs:v1/feeCheck"
FEE = CODEC["feeCheck"](
    StreamingNo="20020261123093001150000101", TimeStamp="20261123093001", SystemId="200", ProdSpecCode="003",
    ProductNo="18907910001", ContentType="2",
)  # fmt: skip
ROUTE = CODEC["RoutingType"](TraceId="T1", OriginSystem="200", OriginProvince="15", HopCount=1)
BOTH = pytest.mark.parametrize("namespace", [SOAP11, SOAP12], ids=["1.1", "1.2"])


class Ocs:
    """Answers every fee check alike; keeps what it saw."""

    def __init__(self, **answer: object) -> None:
        self.seen: list[tuple[Message, Exchange]] = []
        self._answer = answer

    async def feeCheck(self, request: Message, exchange: Exchange) -> Message:
        self.seen.append((request, exchange))
        fields = {"StreamingNo": request.StreamingNo, "ResultCode": "0", "ResultDesc": "ok", **self._answer}
        return CODEC["feeCheckResponse"](**fields)

    async def productInfoSync(self, request: Message, exchange: Exchange) -> Message:
        raise NotImplementedError

    PPOfferInfoSync = productInfoSync


def message(namespace: str = SOAP11, *, header: str = "", body: str | None = None) -> bytes:
    content = CODEC.by_element[f"{{{NAMESPACE}}}feeCheck"].encode(FEE) if body is None else body
    head = f"<s:Header>{header}</s:Header>" if header else ""
    declarations = CODEC.namespace_declarations()
    return f'<s:Envelope xmlns:s="{namespace}"{declarations}>{head}<s:Body>{content}</s:Body></s:Envelope>'.encode()


def ask(data: bytes, handler: Ocs | None = None, *, action: str = "", check_answers: bool = False) -> SoapAnswer:
    endpoint = Endpoint(CODEC, handler or Ocs(), reference=lambda: "ref", check_answers=check_answers)
    answer = endpoint.answer(data, charset=None, action=action, peer="192.0.2.9")
    assert isinstance(answer, SoapAnswer)
    return answer


def code(answer: SoapAnswer) -> str:
    """Read the code of a fault's detail."""
    detail = next(etree.fromstring(answer.body).iter(CONTRACT_FAULT))
    return str(CODEC.by_element[CONTRACT_FAULT].decode(detail).Code)


@BOTH
def test_answer_is_in_the_version_of_the_request(namespace: str) -> None:
    """Envelope and content type follow."""
    answer = ask(message(namespace))
    types = {SOAP11: "text/xml; charset=utf-8", SOAP12: "application/soap+xml; charset=utf-8"}
    assert etree.fromstring(answer.body).tag == f"{{{namespace}}}Envelope"
    assert (answer.status, answer.content_type) == (200, types[namespace])


@pytest.mark.parametrize(("namespace", "status"), [(SOAP11, 500), (SOAP12, 400)], ids=["1.1", "1.2"])
def test_fault_is_in_the_version_of_the_request(namespace: str, status: int) -> None:
    """A broken contract is the sender's: 400 in SOAP 1.2."""
    answer = ask(message(namespace, body="<m:feeCheck/>"))
    assert etree.fromstring(answer.body).tag == f"{{{namespace}}}Envelope"
    assert (answer.status, code(answer)) == (status, "1006")


def test_what_is_no_envelope_gets_a_soap_1_1_fault() -> None:
    """The version is not known yet; 1.1 is what everybody reads."""
    answer = ask(b"hello")
    assert etree.fromstring(answer.body).tag == f"{{{SOAP11}}}Envelope"
    assert (answer.status, code(answer)) == (500, "1001")


@BOTH
def test_handler_sees_the_typed_message(namespace: str) -> None:
    """The request as a message, and who sent it in which version."""
    handler = Ocs()
    ask(message(namespace), handler, action=ACTION)
    version = next(v for v in Version if v.namespace == namespace)
    exchange = Exchange(peer="192.0.2.9", action=ACTION, version=version, operation="feeCheck")
    assert handler.seen == [(FEE, exchange)]


def test_answer_is_encoded_from_the_message() -> None:
    """What the handler returned stands in the Body, and validates."""
    body = etree.fromstring(ask(message(), Ocs(Balance=-5)).body)[0][0]
    CODEC.contract.validator.assertValid(body)
    assert CODEC.by_element[f"{{{NAMESPACE}}}feeCheckResponse"].decode(body).Balance == -5


ADDRESSINGS = ["http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"]


@pytest.mark.parametrize("namespace", ADDRESSINGS, ids=["1.0", "submission"])
@pytest.mark.parametrize(("action", "found"), [(ACTION, 200), (f" {ACTION}\n", 200), ("urn:other", 500), ("", 500)])
def test_action_of_addressing_may_only_agree(namespace: str, action: str, found: int) -> None:
    """WS-Addressing names the operation once more; where it names another one, one of them lies."""
    answer = ask(message(header=f'<a:Action xmlns:a="{namespace}">{action}</a:Action>'))
    assert answer.status == found
    assert found == 200 or code(answer) == "1007"


@pytest.mark.parametrize("action", ["", ACTION])
def test_action_may_be_missing_or_right(action: str) -> None:
    """The element in the Body decides; SOAPAction may only agree."""
    assert ask(message(), action=action).status == 200


@pytest.mark.parametrize("action", ["feeCheck", "urn:vas:ocs:v1/other", ACTION.upper(), ACTION + " "])
def test_other_action_is_refused(action: str) -> None:
    """Otherwise a filter in front of us could be told another operation than we run."""
    handler = Ocs()
    answer = ask(message(), handler, action=action)
    assert (code(answer), handler.seen) == ("1007", [])


UNKNOWN = {
    "other-name": "<m:feeChek/>",
    "other-namespace": '<feeCheck xmlns="urn:vas:vsop:v1"/>',
    "no-namespace": "<feeCheck/>",
    "the-answer": "<m:feeCheckResponse/>",
    "a-fault": f'<s:Fault xmlns:s="{SOAP11}"/>',
    "the-routing-block": "<t:Routing/>",
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown_operation_is_refused_with_the_names_there_are(case: str) -> None:
    """Name and namespace must both be an operation's."""
    answer = ask(message(body=UNKNOWN[case]))
    assert code(answer) == "1005"
    assert "operations here: feeCheck" in answer.body.decode()


def test_wrong_action_is_told_before_the_contents() -> None:
    """The order of checks: operation, action, contract."""
    assert code(ask(message(body="<m:feeCheck/>"), action="urn:x")) == "1007"


def routing(text: str) -> str:
    return f"<t:Routing>{text}</t:Routing>"


GOOD_ROUTING = CODEC.by_element["{urn:vas:types:v1}Routing"].encode(ROUTE)


@BOTH
@pytest.mark.parametrize("must", ["", ' s:mustUnderstand="1"'], ids=["offered", "demanded"])
def test_routing_block_reaches_the_handler(namespace: str, must: str) -> None:
    """We understand it, also where the sender demands it."""
    handler = Ocs()
    answer = ask(message(namespace, header=GOOD_ROUTING.replace("<t:Routing", f"<t:Routing{must}", 1)), handler)
    assert (answer.status, [exchange.routing for _, exchange in handler.seen]) == (200, [ROUTE])


def test_no_routing_block_is_none() -> None:
    """It is optional."""
    handler = Ocs()
    ask(message(header="<o:other xmlns:o='urn:o'/>"), handler)
    assert handler.seen[0][1].routing is None


@pytest.mark.parametrize(
    "block", [routing(""), GOOD_ROUTING.replace(">1<", ">10<"), GOOD_ROUTING.replace(">15<", ">99<")]
)
def test_broken_routing_block_is_refused(block: str) -> None:
    """A header of the contract keeps the contract too."""
    handler = Ocs()
    answer = ask(message(header=block), handler)
    assert (code(answer), handler.seen) == ("1006", [])
    assert b"<t:Path>Routing" in answer.body


def test_broken_answer_is_kept_back_when_answers_are_checked() -> None:
    """A stub or a test never sends what the contract forbids."""
    answer = ask(message(), Ocs(ResultCode="too long a code"), check_answers=True)
    assert (answer.status, code(answer)) == (500, "9901")


def test_answer_that_cannot_be_written_is_kept_back() -> None:
    """A missing value is found also where answers are not checked."""
    answer = ask(message(), Ocs(ResultDesc=None))
    assert (answer.status, code(answer)) == (500, "9901")


XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="http://www.w3.org/2001/XMLSchema"'
HINT = f'<m:SystemId {XSI} i:type="{{}}">200</m:SystemId>'


def hinted(hint: str, number: str = FEE.ProductNo) -> bytes:
    """A fee check whose SystemId says what type it is."""
    return message().replace(b"<m:SystemId>200</m:SystemId>", HINT.format(hint).encode()).replace(FEE.ProductNo.encode(), number.encode())


@pytest.mark.parametrize("hint", ["x:string", " x:string ", "x:int"])
def test_type_hint_of_old_toolkits_is_no_matter(hint: str) -> None:
    """xsi:type that names a built-in type is what Axis 1.x writes everywhere: the message is judged without it."""
    handler = Ocs()
    assert (ask(hinted(hint), handler).status, handler.seen[0][0]) == (200, FEE)


def test_hinted_message_is_judged_in_full() -> None:
    """A hint saves nothing else: the fault names the field that is wrong, and not the hinted one."""
    answer = ask(hinted("x:string", "999"))
    detail = next(etree.fromstring(answer.body).iter(CONTRACT_FAULT))
    assert [v.Field for v in CODEC.by_element[CONTRACT_FAULT].decode(detail).Violation] == ["ProductNo"]


@pytest.mark.parametrize("hint", ["m:Admin", "nope:string", "string", ""])
def test_other_types_are_refused(hint: str) -> None:
    """xsi:type of a type that is not a built-in breaks the contract."""
    assert code(ask(hinted(hint))) == "1006"
