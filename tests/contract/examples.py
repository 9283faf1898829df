"""The messages of wsdl/examples, and an endpoint of each contract whose handler answers by script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

from lxml import etree

from gateway.contract import Codec, load_contract
from gateway.contract.codec import Message
from gateway.contract.document import CONTRACT_FAULT
from gateway.resources import contracts_dir
from gateway.soap.endpoint import Endpoint, Exchange, SoapAnswer
from gateway.soap.envelope import Envelope, parse_envelope
from gateway.soap.faults import SOAP11, SOAP12

WSDL = contracts_dir()
EXAMPLES = WSDL / "examples"
CONTRACTS = sorted(path.stem for path in WSDL.glob("*.wsdl") if not path.stem.endswith(".soap12"))
REFERENCE = "6f1d2c3b4a59"


@cache
def codec_of(contract: str) -> Codec:
    """Load a contract once for all tests."""
    return Codec(load_contract(WSDL / f"{contract}.wsdl"))


OPERATIONS = [(name, operation) for name in CONTRACTS for operation in codec_of(name).contract.operations]
GOOD = sorted(path for name in CONTRACTS for path in (EXAMPLES / name).glob("*.xml"))
REQUESTS = [EXAMPLES / name / f"{operation}.xml" for name, operation in OPERATIONS]
BAD = sorted((EXAMPLES / "bad").glob("*.xml"))


def name_of(path: Path) -> str:
    """Name a test case by its file."""
    return f"{path.parent.name}/{path.stem}"


def read(data: bytes) -> Envelope:
    """Parse a message of ours."""
    return parse_envelope(data, None, frozenset())


def decode(contract: str, data: bytes) -> Message:
    """Validate and read what stands in the Body."""
    codec, body = codec_of(contract), read(data).body
    codec.contract.validator.assertValid(body)
    return codec.by_element[str(body.tag)].decode(body)


def wrap(contract: str, message: str, namespace: str = SOAP11) -> bytes:
    """Put an encoded message into an envelope."""
    declarations = codec_of(contract).namespace_declarations()
    return f'<s:Envelope xmlns:s="{namespace}"{declarations}><s:Body>{message}</s:Body></s:Envelope>'.encode()


class Script:
    """A handler for all operations of a contract: gives one answer to all, keeps what it was asked."""

    def __init__(self, contract: str, answer: Message | None = None) -> None:
        self.asked: list[Message] = []
        self._codec = codec_of(contract)
        self._answer = answer

    def __getattr__(self, operation: str) -> Callable[[Message, Exchange], Awaitable[Message]]:
        described = self._codec.contract.operations.get(operation)
        if described is None:
            raise AttributeError(operation)
        plain = self._codec.by_element[described.response].type

        async def handle(request: Message, exchange: Exchange) -> Message:
            self.asked.append(request)
            return self._answer or plain(StreamingNo=request.StreamingNo, ResultCode="0", ResultDesc="成功 / success")

        return handle


class _Relay:
    """Stands in an endpoint that all tests share, before the script of the moment."""

    def __init__(self, contract: str) -> None:
        self.script = Script(contract)

    def __getattr__(self, operation: str) -> Callable[[Message, Exchange], Awaitable[Message]]:
        async def handle(request: Message, exchange: Exchange) -> Message:
            answer: Message = await getattr(self.script, operation)(request, exchange)
            return answer

        return handle


@cache
def _served(contract: str) -> tuple[Endpoint, _Relay]:
    relay = _Relay(contract)
    return Endpoint(codec_of(contract), relay, reference=lambda: REFERENCE, check_answers=True), relay


def ask(contract: str, data: bytes, script: Script | None = None, *, action: str = "") -> SoapAnswer:
    """Let an endpoint answer a message; its answers are checked against the contract."""
    endpoint, relay = _served(contract)
    relay.script = script or Script(contract)
    answer = endpoint.answer(data, charset=None, action=action, peer="192.0.2.1")
    assert isinstance(answer, SoapAnswer)
    return answer


def fault_of(contract: str, answer: SoapAnswer) -> Message:
    """Check that an answer is a whole fault of the contract, and read its detail."""
    codec, root = codec_of(contract), etree.fromstring(answer.body)
    fault = root[0][0]
    if root.tag == f"{{{SOAP11}}}Envelope":
        assert [child.tag for child in fault] == ["faultcode", "faultstring", "detail"]
        prefix, _, code = str(fault.findtext("faultcode")).partition(":")
        assert fault.nsmap[prefix] == SOAP11
        assert code in ("Client", "Server", "VersionMismatch", "MustUnderstand")
        assert answer.status == 500
    else:
        assert [child.tag for child in fault] == [f"{{{SOAP12}}}{name}" for name in ("Code", "Reason", "Detail")]
        assert answer.status in (400, 500)
    detail = fault[2][0]
    codec.contract.validator.assertValid(detail)
    return codec.by_element[CONTRACT_FAULT].decode(detail)
