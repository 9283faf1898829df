"""A served contract: start-up, handlers that answer at once or later, and errors that must not leave the house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from twisted.internet.defer import Deferred

from gateway.contract import Codec, ContractError, load_contract
from gateway.contract.codec import Message
from gateway.contract.document import CONTRACT_FAULT
from gateway.errors import BUSY
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, Exchange, SoapAnswer
from gateway.soap.faults import Side, SoapFault

WSDL = contracts_dir()
CODEC = Codec(load_contract(WSDL / "smshall.wsdl"))
REQUEST = (WSDL / "examples/smshall/subResultToUser.xml").read_bytes()
SECRET = "password=hunter2"


def told(request: Message) -> Message:
    return CODEC["Answer"](StreamingNo=request.StreamingNo, ResultCode="0", ResultDesc="ok")


class SmsHall:
    """The operation of the contract that no test here calls."""

    async def sendRQMessage(self, request: Message, exchange: Exchange) -> Message:
        raise NotImplementedError


class AtOnce(SmsHall):
    async def subResultToUser(self, request: Message, exchange: Exchange) -> Message:
        return told(request)


class Later(SmsHall):
    """Waits for `go`."""

    def __init__(self) -> None:
        self.go: Deferred[None] = Deferred()

    async def subResultToUser(self, request: Message, exchange: Exchange) -> Message:
        await self.go
        return told(request)


class Raises(SmsHall):
    def __init__(self, error: Exception) -> None:
        self._error = error

    async def subResultToUser(self, request: Message, exchange: Exchange) -> Message:
        raise self._error


class Returns(SmsHall):
    def __init__(self, value: Any) -> None:
        self._value = value

    async def subResultToUser(self, request: Message, exchange: Exchange) -> Any:
        return self._value


def begin(handler: object) -> SoapAnswer | Deferred[SoapAnswer]:
    endpoint = Endpoint(CODEC, handler, reference=iter(["ref-1"]).__next__)
    return endpoint.answer(REQUEST, charset=None, action="", peer="192.0.2.9")


def answer_of(handler: object) -> SoapAnswer:
    """Give the answer of a handler that does not wait."""
    answer = begin(handler)
    if isinstance(answer, SoapAnswer):
        return answer
    assert isinstance(answer.result, SoapAnswer)
    return answer.result


def detail_of(answer: SoapAnswer) -> Message:
    return CODEC.by_element[CONTRACT_FAULT].decode(next(etree.fromstring(answer.body).iter(CONTRACT_FAULT)))


def test_missing_handler_stops_the_start() -> None:
    """By file, line, operation and class."""
    with pytest.raises(ContractError) as caught:
        Endpoint(CODEC, object(), reference=str)
    path = WSDL / "smshall.wsdl"
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "<wsdl:operation" in text)
    assert str(caught.value) == f"{path}:{line}: operation subResultToUser has no handler in object"


def test_one_of_many_missing_handlers_is_named() -> None:
    """A new operation of a contract breaks every stub at start, by name."""
    with pytest.raises(ContractError, match="operation serverAction has no handler in Stub"):
        Endpoint(Codec(load_contract(WSDL / "xplatform.wsdl")), type("Stub", (), {})(), reference=str)


def test_answer_comes_at_once_if_it_can() -> None:
    """No Deferred for a handler that does not wait."""
    assert isinstance(begin(AtOnce()), SoapAnswer)


def test_answer_comes_later_if_it_must() -> None:
    """It fires when the handler has its answer, and with the same bytes."""
    handler = Later()
    pending = begin(handler)
    assert isinstance(pending, Deferred)
    assert not pending.called
    handler.go.callback(None)
    assert pending.result == answer_of(AtOnce())


def test_error_later_is_a_fault() -> None:
    """Also after a wait the caller gets a SOAP message."""
    handler = Later()
    pending = begin(handler)
    assert isinstance(pending, Deferred)
    handler.go.errback(ValueError(SECRET))
    assert isinstance(pending.result, SoapAnswer)
    assert detail_of(pending.result).Code == "9901"


ERRORS = {
    "value-error": ValueError(SECRET),
    "key-error": KeyError(SECRET),
    "type-error": TypeError(SECRET),
    "os-error": OSError(2, SECRET, "/srv/secret"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_error_of_a_handler_stays_in_the_house(case: str) -> None:
    """The caller learns that it was us and a reference for the log, nothing else."""
    answer = answer_of(Raises(ERRORS[case]))
    assert (answer.status, detail_of(answer).Code, detail_of(answer).Reference) == (500, "9901", "ref-1")
    assert [word for word in ("hunter2", "secret", "Error", "Traceback") if word in answer.body.decode()] == []
    assert b"<faultcode>s:Server</faultcode>" in answer.body


def test_fault_of_a_handler_goes_out_as_it_is() -> None:
    """A handler may refuse a message itself."""
    assert detail_of(answer_of(Raises(SoapFault(BUSY, Side.RECEIVER)))).Code == "9001"


WRONG = {
    "nothing": None,
    "text": "ok",
    "another-message": CODEC["RoutingType"](TraceId="T", OriginSystem="200", OriginProvince="15", HopCount=1),
    "a-missing-value": CODEC["Answer"](StreamingNo="123456", ResultCode="0", ResultDesc=None),
    "a-character-that-xml-has-not": CODEC["Answer"](StreamingNo="123456", ResultCode="0", ResultDesc="\x00"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_answer_is_never_sent(case: str) -> None:
    """What cannot be written is our fault, not half a message."""
    answer = answer_of(Returns(WRONG[case]))
    assert (answer.status, detail_of(answer).Code) == (500, "9901")


def test_reference_is_new_for_every_fault() -> None:
    """It joins a fault to its line in the log."""
    references = iter(["ref-1", "ref-2"])
    endpoint = Endpoint(CODEC, AtOnce(), reference=lambda: next(references))
    answers = [endpoint.answer(b"", charset=None, action="", peer="192.0.2.9") for _ in range(2)]
    assert [detail_of(a).Reference for a in answers if isinstance(a, SoapAnswer)] == ["ref-1", "ref-2"]


def test_requests_do_not_share_state() -> None:
    """A slow message and a quick one, in two versions, each get their own."""
    slow = Later()
    endpoint = Endpoint(CODEC, slow, reference=str)
    quick = REQUEST.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
    quick = quick.replace(b"0106<", b"0199<")
    pending = [endpoint.answer(data, charset=None, action="", peer="192.0.2.9") for data in (REQUEST, quick)]
    slow.go.callback(None)
    bodies = [
        answer.result.body
        for answer in pending
        if isinstance(answer, Deferred) and isinstance(answer.result, SoapAnswer)
    ]
    assert [(b"soap/envelope/" in body, b"0106<" in body, b"0199<" in body) for body in bodies] == [
        (True, True, False),
        (False, False, True),
    ]


def test_charset_is_handed_to_the_parser() -> None:
    """GBK by the header alone, as old platforms of the field send it."""
    text = REQUEST.decode().replace(' encoding="UTF-8"', "").encode("gbk")
    answer = Endpoint(CODEC, AtOnce(), reference=str).answer(text, charset="gbk", action="", peer="192.0.2.9")
    assert isinstance(answer, SoapAnswer)
    assert answer.status == 200


def test_every_shipped_contract_can_be_served(tmp_path: Path) -> None:
    """Spyne takes the models of all of them."""
    for path in WSDL.glob("*.wsdl"):
        if not path.stem.endswith(".soap12"):
            codec = Codec(load_contract(path))
            handler = type("Stub", (), dict.fromkeys(codec.contract.operations, AtOnce.subResultToUser))()
            assert Endpoint(codec, handler, reference=str).contract.name == path.stem
