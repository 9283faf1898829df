"""The Spyne protocol whose reading and writing are compiled from the contract; Spyne's contexts, events and dispatch stay.

It serves SOAP 1.1 and 1.2 with one application: the envelope's namespace picks, and the answer follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from spyne.protocol.soap import Soap11

from gateway.contract import Codec, EncodeError
from gateway.contract.codec import Message
from gateway.contract.document import ROUTING
from gateway.errors import CONTRACT_BROKEN, UNKNOWN_OPERATION, WRONG_ACTION
from gateway.soap.envelope import Envelope, parse_envelope, without_soap
from gateway.soap.faults import Side, SoapFault, Version, Violation
from gateway.soap.guard import Guard
from gateway.soap.violations import violations
from gateway.soap.xml_gate import DEFAULT

UNDERSTOOD = frozenset({ROUTING})
"""Header blocks that every endpoint processes."""
# WS-Addressing names the operation once more: 1.0, and the submission that older stacks speak.
_NAMED_AGAIN = ("{http://www.w3.org/2005/08/addressing}Action", "{http://schemas.xmlsoap.org/ws/2004/08/addressing}Action")
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_BUILT_IN = {"http://www.w3.org/2001/XMLSchema", "http://schemas.xmlsoap.org/soap/encoding/"}


class ContractSoap(Soap11):  # type: ignore[misc]  # Spyne has no types
    """SOAP 1.1 and 1.2 of one contract; `ctx.udc` is the Exchange of the request."""

    def __init__(self, codec: Codec, *, check_answers: bool = False) -> None:
        super().__init__()
        self.codec = codec
        self.check_answers = check_answers
        self.limits = DEFAULT
        self.guard: Guard | None = None
        """Who may call; None lets everybody in."""
        self._by_request = codec.contract.by_request
        opening = f"{codec.namespace_declarations()}><s:Body>"
        self._head = {
            version: f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{version.namespace}"{opening}'
            for version in Version
        }

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Parse the bytes; nothing of the contract is looked at yet."""
        exchange, guard = ctx.udc, self.guard
        understood = UNDERSTOOD if guard is None else guard.understood
        try:
            envelope = parse_envelope(ctx.in_string[0], charset, understood, self.limits, exchange.spoken)
        except SoapFault as fault:
            if fault.side is Side.VERSION:  # told in the version that everybody reads
                exchange.version = Version.V11
            raise
        exchange.version = envelope.version
        ctx.in_document = envelope

    def decompose_incoming_envelope(self, ctx: Any, message: Any = Soap11.REQUEST) -> None:
        """Find the operation by the element in the Body alone; SOAPAction may only agree. Its schema is looked at later."""
        envelope: Envelope = ctx.in_document
        operation = self._by_request.get(str(envelope.body.tag))
        if operation is None:
            names = " ".join(self.codec.contract.operations)
            found = etree.QName(envelope.body).localname[:80]
            line = envelope.body.sourceline or 1
            raise SoapFault(
                UNKNOWN_OPERATION,
                violations=[Violation(found, found, line, f"可用操作: {names}", f"operations here: {names}")],
            )
        action = ctx.udc.action
        if action and action != operation.action:
            raise SoapFault(WRONG_ACTION)
        if envelope.headers:
            self._check_addressed(envelope.headers, operation.action)
        ctx.udc.operation = operation.name
        ctx.in_header_doc = envelope.headers
        ctx.in_body_doc = envelope.body
        ctx.method_request_string = operation.request

    def _check_addressed(self, headers: Mapping[str, etree._Element], action: str) -> None:
        for name in _NAMED_AGAIN:
            block = headers.get(name)
            if block is not None and (block.text or "").strip() != action:
                raise SoapFault(WRONG_ACTION)

    def validate_body(self, ctx: Any) -> None:
        """Judge the element in the Body by the contract's schema."""
        self._validate(ctx.in_body_doc)

    def generate_method_contexts(self, ctx: Any) -> list[Any]:
        """Bind the context to its method; Spyne copies it for auxiliary methods, of which a contract has none."""
        (ctx.descriptor,) = self.get_call_handles(ctx)
        return [ctx]

    def _validate(self, element: etree._Element) -> None:
        _judge(self.codec, element)

    def deserialize(self, ctx: Any, message: Any) -> None:
        """Make the typed message, and the routing block if there is one."""
        ctx.in_object = self.codec.by_element[ctx.method_request_string].decode(ctx.in_body_doc)
        routing = ctx.in_header_doc.get(ROUTING)
        if routing is not None:
            self._validate(without_soap(routing, ctx.udc.version))
            ctx.in_header = ctx.udc.routing = self.codec.by_element[ROUTING].decode(routing)

    def serialize(self, ctx: Any, message: Any) -> None:
        """Write the answer, in the version of the request."""
        operation = self.codec.contract.operations[ctx.udc.operation]
        body = self.codec.by_element[operation.response].encode(ctx.out_object[0])
        ctx.out_document = f"{self._head[ctx.udc.version]}{body}</s:Body></s:Envelope>".encode()
        if self.check_answers:
            self._validate(etree.fromstring(ctx.out_document)[0][0])

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:
        """Hand over the bytes."""
        ctx.out_string = [ctx.out_document]


def judge_written(codec: Codec, element: str, message: Message) -> None:
    """Judge a message of ours as if it had come from outside; raises SoapFault with what breaks the contract."""
    try:
        body = codec.by_element[element].encode(message)
    except EncodeError:
        raise SoapFault(CONTRACT_BROKEN) from None
    _judge(codec, etree.fromstring(f"<m{codec.namespace_declarations()}>{body}</m>".encode())[0])


def _judge(codec: Codec, element: etree._Element) -> None:
    validator = codec.contract.validator
    if validator.validate(element):
        return
    # Only now, when something is wrong: a message that keeps its contract pays nothing.
    if not _drop_type_hints(element) or not validator.validate(element):
        raise SoapFault(CONTRACT_BROKEN, violations=violations(validator.error_log, element))


def _drop_type_hints(element: etree._Element) -> bool:
    """Take away xsi:type where it names a built-in type, such as xsd:string; say whether there was one.

    Toolkits of the Axis 1.x age write it on every literal element. By XML Schema it is wrong on a restricted type, for the built-in
    is not derived from it; yet it says no more than the contract, which judges the element without it in full.
    """
    hinted = [node for node in element.iter(etree.Element) if _is_hint(node)]
    for node in hinted:
        del node.attrib[_XSI_TYPE]
    return bool(hinted)


def _is_hint(node: etree._Element) -> bool:
    prefix, _, _ = str(node.get(_XSI_TYPE, "")).strip().rpartition(":")
    return node.nsmap.get(prefix or None) in _BUILT_IN if _XSI_TYPE in node.attrib else False
