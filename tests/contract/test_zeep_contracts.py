"""Zeep, strict, as the independent judge: it reads every WSDL, writes what we read, reads what we write."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
import zeep.exceptions
import zeep.helpers
import zeep.transports
from examples import CONTRACTS, OPERATIONS, REQUESTS, WSDL, Script, ask, decode, name_of
from lxml import etree

from gateway.contract.codec import Message
from gateway.soap.faults import SOAP11, SOAP12

VERSIONS = {"": SOAP11, ".soap12": SOAP12}
EVERY = [pytest.param(path, kind, id=f"{name_of(path)}{kind}") for path in REQUESTS for kind in VERSIONS]


@cache
def client_of(contract: str, kind: str) -> zeep.Client:
    """Let Zeep read a WSDL once for all tests."""
    return zeep.Client(str(WSDL / f"{contract}{kind}.wsdl"), settings=zeep.Settings(strict=True))  # type: ignore[no-untyped-call]


class Loopback(zeep.transports.Transport):
    """Carries Zeep's messages to an endpoint in this process; keeps what was sent."""

    def __init__(self, contract: str, script: Script) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sent: list[bytes] = []
        self._contract = contract
        self._script = script

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> requests.Response:
        """Answer as the front would."""
        self.sent.append(message)
        answer = ask(self._contract, message, self._script, action=headers.get("SOAPAction", "").strip('"'))
        response = requests.Response()
        response.status_code = answer.status
        response.headers["Content-Type"] = answer.content_type
        response._content = answer.body
        return response


def call(path: Path, kind: str, answer: Message, **changes: Any) -> tuple[Any, list[Message], bytes]:
    """Send an example's content through Zeep; give its result, what the handler saw, and the bytes."""
    contract, request = path.parent.name, plain(decode(path.parent.name, path.read_bytes()))
    script = Script(contract, answer)
    transport = Loopback(contract, script)
    client = client_of(contract, kind)
    client.transport = transport
    result = client.service[path.stem](**{**request, **changes})
    return result, script.asked, transport.sent[0]


def plain(value: Any) -> Any:
    """Turn a message into the dictionaries that Zeep takes and gives."""
    if isinstance(value, Message):
        return {name: plain(getattr(value, name)) for name in value.field_names}
    return [plain(item) for item in value] if isinstance(value, list) else value


def answer_to(path: Path) -> Message:
    """Read the example of an answer."""
    return decode(path.parent.name, path.with_stem(f"{path.stem}Response").read_bytes())


@pytest.mark.parametrize("kind", VERSIONS)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_zeep_finds_every_operation(contract: str, kind: str) -> None:
    """Both documents of a contract have its operations, under one address."""
    (service,) = client_of(contract, kind).wsdl.services.values()
    (port,) = service.ports.values()
    assert sorted(port.binding.all()) == sorted(name for owner, name in OPERATIONS if owner == contract)
    assert port.binding_options["address"].endswith(f"/services/{contract}")


@pytest.mark.parametrize(("path", "kind"), EVERY)
def test_handler_gets_what_zeep_was_given(path: Path, kind: str) -> None:
    """Zeep writes the example's content, our codec reads the example's message."""
    _, asked, sent = call(path, kind, answer_to(path))
    assert asked == [decode(path.parent.name, path.read_bytes())]
    assert etree.fromstring(sent).tag == f"{{{VERSIONS[kind]}}}Envelope"


@pytest.mark.parametrize(("path", "kind"), EVERY)
def test_zeep_reads_our_answer(path: Path, kind: str) -> None:
    """What the handler returned is what Zeep returns, field by field."""
    answer = answer_to(path)
    result, _, _ = call(path, kind, answer)
    assert zeep.helpers.serialize_object(result, dict) == plain(answer)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("kind", VERSIONS)
def test_zeep_writes_the_message_of_the_example(kind: str) -> None:
    """subscribeToVSOP as Zeep writes it is the example's element, byte for byte after canonicalisation."""
    path = WSDL / "examples/vsop/subscribeToVSOP.xml"
    _, _, sent = call(path, kind, answer_to(path))
    assert _canonical(etree.fromstring(sent)) == _canonical(etree.parse(path).getroot())


def _canonical(root: Any) -> list[tuple[str, str]]:
    return [(str(node.tag), (node.text or "").strip()) for node in root[-1].iter(etree.Element)][1:]


@pytest.mark.parametrize("kind", VERSIONS)
def test_zeep_raises_our_fault(kind: str) -> None:
    """A refused message is an exception with our text; the detail is an element of the contract."""
    path = WSDL / "examples/vsop/subscribeToVSOP.xml"
    with pytest.raises(zeep.exceptions.Fault) as caught:
        call(path, kind, answer_to(path), ProductNo="1890791000")
    assert "[1006]" in caught.value.message
    types = client_of("vsop", kind).wsdl.types
    detail = next(iter(caught.value.detail))
    fault = types.get_element(detail.tag).parse(detail, types)  # type: ignore[no-untyped-call]
    assert (fault.Code, fault.Violation[0].Field) == ("1006", "ProductNo")
