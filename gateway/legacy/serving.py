"""An old service as a door to the typed endpoints: what comes in through it goes the same way as any typed message.

The typed message is written anew and handed to the endpoint of its contract, header blocks and all, so that whoever judges callers
there judges these too. Where the outer message is broken the answer is a SOAP fault. Must not know what a flow is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from gateway.contract.document import CONTRACT_FAULT, ROUTING
from gateway.errors import CONTRACT_BROKEN
from gateway.legacy.dialect import Dialect
from gateway.legacy.mapping import Source, check, text_of
from gateway.legacy.multiref import without_references
from gateway.legacy.table import Known, Mapped
from gateway.legacy.wires import Asked, is_fault
from gateway.soap.endpoint import Endpoint, SoapAnswer
from gateway.soap.envelope import Envelope, parse_envelope
from gateway.soap.faults import SOAP12, SoapFault, Version, fault_envelope, http_status
from gateway.soap.peer import ANSWER_LIMITS
from gateway.soap.xml_gate import XmlLimits

UNDERSTOOD = frozenset({ROUTING})
_log = Logger("gateway.soap")


@dataclass(frozen=True, slots=True)
class _Turn:
    """One request under way."""

    asked: Asked
    number: str
    version: Version


class Door:
    """One old service; is asked as an Endpoint is."""

    def __init__(
        self, dialect: Dialect, mapped: Sequence[Mapped], endpoints: Mapping[str, Endpoint], source: Source, reference: Callable[[], str]
    ) -> None:
        """Serve some operations; `endpoints` by contract. Raises ContractError where a table does not fit its contract."""
        self._dialect = dialect
        self._mapped = tuple(mapped)
        self._endpoints = endpoints
        self._source = source
        self._reference = reference
        for one in mapped:
            check(one, endpoints[one.contract].contract)

    def answer(self, body: bytes, *, charset: str | None, action: str, **sender: Any) -> SoapAnswer | Deferred[SoapAnswer]:
        """Answer one message; at once if the endpoint does, else when it has. What is known of the `sender` is handed on as it is."""
        version = Version.V11
        try:
            whole = without_references(body, charset, self._limits)
            envelope = parse_envelope(*whole, self._understood, self._limits, sender.get("spoken"))
            version = envelope.version
            asked = self._dialect.wire.ask(envelope.body, action, self._mapped)
        except SoapFault as fault:
            return self._refuse(fault, self._mapped[0], version)
        turn = _Turn(asked, "", version)
        try:
            old = self._dialect.wire.request(asked)
            turn = _Turn(asked, text_of(old, self._dialect.head.number), version)
            message = self._typed(turn, old, envelope)
        except SoapFault as fault:
            return self._explain(fault, turn)
        given = self._endpoints[asked.mapped.contract].answer(message, charset="utf-8", action="", **sender)
        return self._told(given, turn) if isinstance(given, SoapAnswer) else given.addCallback(self._told, turn)

    @property
    def _limits(self) -> XmlLimits:
        """What the outer message may hold; the document inside has the same limits as a message that nobody has configured."""
        limits: XmlLimits = self._endpoints[self._mapped[0].contract].app.in_protocol.limits
        return limits

    @property
    def _understood(self) -> frozenset[str]:
        """Header blocks that the endpoint behind processes: its own, and those of who judges callers there."""
        guard = getattr(self._endpoints[self._mapped[0].contract].app.in_protocol, "guard", None)
        return UNDERSTOOD if guard is None else frozenset(guard.understood)

    def _typed(self, turn: _Turn, old: etree._Element, envelope: Envelope) -> bytes:
        mapped = turn.asked.mapped
        contract = self._endpoints[mapped.contract].contract
        block = envelope.headers.get(ROUTING)
        order = (text_of(block, "TraceId") if block is not None else "") or turn.number

        def source(known: Known) -> str:
            return order if known is Known.ORDER else self._source(known)

        typed = self._dialect.typed_request(mapped, old, contract, source)
        made = etree.Element(f"{{{envelope.version.namespace}}}Envelope", nsmap={"s": envelope.version.namespace, "m": contract.namespace})
        blocks = [block for name, block in envelope.headers.items() if name in self._understood]
        if blocks:
            etree.SubElement(made, f"{{{envelope.version.namespace}}}Header").extend(blocks)
        etree.SubElement(made, f"{{{envelope.version.namespace}}}Body").append(typed)
        return etree.tostring(made, encoding="utf-8")

    def _told(self, given: SoapAnswer, turn: _Turn) -> SoapAnswer:
        """Put the endpoint's answer into the old form; a fault that says who may come, or that we failed, stays one."""
        if not given.body:  # none is meant: the line is dropped
            return given
        body = parse_envelope(given.body, "utf-8", UNDERSTOOD, ANSWER_LIMITS).body
        mapped = turn.asked.mapped
        if is_fault(body) or body.tag == f"{{{SOAP12}}}Fault":
            detail = next(body.iter(CONTRACT_FAULT), None)
            broken = detail is not None and text_of(detail, "Code") == str(CONTRACT_BROKEN.code)
            if detail is None or not broken or not self._dialect.wire.tells_refusals:
                return given
            desc = f"{text_of(detail, 'MessageZh')} | {text_of(detail, 'MessageEn')}"
            return self._written(self._dialect.refusal(mapped, turn.number, CONTRACT_BROKEN.code, desc), turn)
        return self._written(self._dialect.old_answer(mapped, body), turn)

    def _written(self, old: etree._Element, turn: _Turn) -> SoapAnswer:
        return SoapAnswer(200, turn.version.content_type, self._dialect.wire.write_answer(turn.asked, old, turn.version))

    def _explain(self, fault: SoapFault, turn: _Turn) -> SoapAnswer:
        """Say what is wrong with a request in an answer of its own kind, where the dialect has words for it."""
        mapped = turn.asked.mapped
        if not self._dialect.wire.tells_refusals:
            return self._refuse(fault, mapped, turn.version)
        self._note(fault, mapped)
        number = turn.number or self._dialect.wire.glimpse(turn.asked, self._dialect.head.number)
        desc = f"{fault.text('zh')} | {fault.text('en')}"
        return self._written(self._dialect.refusal(mapped, number, fault.result.code, desc), turn)

    def _refuse(self, fault: SoapFault, mapped: Mapped, version: Version) -> SoapAnswer:
        told = fault_envelope(fault, version, self._endpoints[mapped.contract].codec, self._note(fault, mapped))
        return SoapAnswer(http_status(fault, version), version.content_type, told)

    def _note(self, fault: SoapFault, mapped: Mapped) -> str:
        reference = self._reference()
        _log.info(
            "message.refused {contract} {operation} {code} {reference}",
            contract=mapped.service, operation=mapped.operation, code=fault.result.code, reference=reference,
        )  # fmt: skip
        return reference
